"""Gradient descent: the plain step against the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.graph.tensor import Tensor
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Schedule


@dataclass(frozen=True, repr=False)
class GradientDescent(Optimizer):
    """Gradient descent: a step against the gradient, as long as the gradient is steep.

    w ← w - α dw

    Args:
        learning_rate: α, > 0, or a schedule.
        weight_decay: λ >= 0, added to the gradient as λw.
        clip_norm: c > 0, or None: the gradient of all parameters is scaled by min(1, c/‖g‖).

    Differs: torch.optim.SGD without momentum does the same; optax.sgd too.
    Source: Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations simultanées.

    >>> print(GradientDescent(0.1))
    GradientDescent(learning_rate=0.1)
    w ← w − α dw
    """

    learning_rate: float | Schedule = 0.01

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w - α dw."""
        w = w - alpha * dw
        return {"w": w}
