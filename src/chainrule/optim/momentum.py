"""Momentum and Nesterov's momentum: the step remembers where it was going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.graph.tensor import Tensor
from chainrule.optim.checks import fraction, one_of
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Schedule


@dataclass(frozen=True, repr=False)
class Momentum(Optimizer):
    """Momentum: a velocity that adds up gradients and forgets them slowly.

    form "sum" (PyTorch, optax):  v ← βv + dw,            w ← w - αv
    form "average" (Andrew Ng):   v ← βv + (1 - β) dw,    w ← w - αv
    form "velocity" (Keras):      v ← βv - α dw,          w ← w + v

    Args:
        learning_rate: α, > 0, or a schedule.
        momentum: β, at least 0 and below 1.
        form: which of the three. At a constant α, "average" is "sum" with the learning rate α(1 - β), and "velocity"
            is "sum"; under a schedule "velocity" keeps the learning rates that its gradients came with.
        weight_decay, clip_norm: as in GradientDescent.

    Differs: torch.optim.SGD(dampening=β) is "average" but for its first step, where it takes v = dw.
    Source: Polyak 1964, Some methods of speeding up the convergence of iteration methods.

    >>> print(Momentum(0.1).to("text"))
    v ← β v + dw
    w ← w − α v
    """

    learning_rate: float | Schedule = 0.01
    momentum: float = 0.9
    form: str = "sum"

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction("momentum", self.momentum)
        one_of("form of momentum", self.form, ("sum", "average", "velocity"))

    @property
    def slots(self) -> tuple[str, ...]:
        """v, the velocity."""
        return ("v",)

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w and v after one step."""
        beta, v = self.momentum, state["v"]
        if self.form == "velocity":
            v = beta * v - alpha * dw
            w = w + v
            return {"w": w, "v": v}
        v = beta * v + (dw if self.form == "sum" else (1 - beta) * dw)
        w = w - alpha * v
        return {"w": w, "v": v}


@dataclass(frozen=True, repr=False)
class Nesterov(Optimizer):
    """Nesterov's momentum: the gradient of where the momentum is about to lead.

    form "sum" (PyTorch, optax):   v ← βv + dw,     w ← w - α(dw + βv)
    form "velocity" (Keras):       v ← βv - α dw,   w ← w + βv - α dw

    Args:
        learning_rate: α, > 0, or a schedule.
        momentum: β, at least 0 and below 1.
        form: which of the two; they agree at a constant α.
        weight_decay, clip_norm: as in GradientDescent.

    Differs: "sum" is torch.optim.SGD(nesterov=True) and optax.sgd(nesterov=True). Both forms keep w at the point looked
        ahead to, where the gradient is taken; Sutskever's paper writes the point behind it.
    Source: Nesterov 1983; Sutskever, Martens, Dahl and Hinton 2013, On the importance of initialization and momentum.

    >>> print(Nesterov(0.1).to("text"))
    v ← β v + dw
    w ← w − α (dw + β v)
    """

    learning_rate: float | Schedule = 0.01
    momentum: float = 0.9
    form: str = "sum"

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction("momentum", self.momentum)
        one_of("form of Nesterov's momentum", self.form, ("sum", "velocity"))

    @property
    def slots(self) -> tuple[str, ...]:
        """v, the velocity."""
        return ("v",)

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w and v after one step."""
        beta, v = self.momentum, state["v"]
        if self.form == "velocity":
            v = beta * v - alpha * dw
            w = w + beta * v - alpha * dw
            return {"w": w, "v": v}
        v = beta * v + dw
        w = w - alpha * (dw + beta * v)
        return {"w": w, "v": v}
