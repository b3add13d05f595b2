"""AdaGrad and RMSprop: each weight gets a step of its own, by the size of its past gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.graph.tensor import Tensor
from chainrule.ops.functions import sqrt
from chainrule.optim.checks import at_least_zero, fraction
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Schedule


def over_root(numerator: Any, s: Any, epsilon: Any, inside: bool) -> Any:
    """Return numerator / (√s + ε), or numerator / √(s + ε) with epsilon inside the root."""
    return numerator / (sqrt(s + epsilon) if inside else sqrt(s) + epsilon)


@dataclass(frozen=True, repr=False)
class AdaGrad(Optimizer):
    """AdaGrad: divide each weight's step by the root of the sum of its squared gradients.

    s ← s + dw²,   w ← w - α dw / (√s + ε)

    Args:
        learning_rate: α, > 0, or a schedule.
        epsilon: ε >= 0.
        epsilon_inside: √(s + ε) in place of √s + ε.
        weight_decay, clip_norm: as in GradientDescent.

    Differs: as torch.optim.Adagrad. optax.adagrad starts s at 0.1 and has ε = 1e-7 inside the root;
        Dive into Deep Learning has ε = 1e-6 inside.
    Source: Duchi, Hazan and Singer 2011, Adaptive subgradient methods.

    >>> print(AdaGrad(0.1).to("text"))
    s ← s + (dw)²
    w ← w − α dw/(√s + ε)
    """

    learning_rate: float | Schedule = 0.01
    epsilon: float = 1e-10
    epsilon_inside: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_zero("epsilon", self.epsilon)

    @property
    def slots(self) -> tuple[str, ...]:
        """s, the sum of squared gradients."""
        return ("s",)

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w and s after one step."""
        s = state["s"] + dw**2
        w = w - alpha * over_root(dw, s, self.epsilon, self.epsilon_inside)
        return {"w": w, "s": s}


@dataclass(frozen=True, repr=False)
class RMSprop(Optimizer):
    """RMSprop: divide each weight's step by the root of a running mean of its squared gradients.

    s ← ρs + (1 - ρ) dw²,   w ← w - α dw / (√s + ε)
    centered:       u ← ρu + (1 - ρ) dw, and √(s - u²) in place of √s
    with momentum:  v ← βv + dw / (√s + ε),   w ← w - αv

    Args:
        learning_rate: α, > 0, or a schedule.
        decay: ρ, at least 0 and below 1.
        epsilon: ε >= 0.
        epsilon_inside: √(s + ε) in place of √s + ε.
        momentum: β, at least 0 and below 1; 0 for none.
        centered: divide by the standard deviation of the gradients, not by their root mean square.
        weight_decay, clip_norm: as in GradientDescent.

    Differs: torch.optim.RMSprop has ρ = 0.99 and calls it alpha; Keras and optax have ε inside the root.
    Source: Tieleman and Hinton 2012, Lecture 6.5; centered: Graves 2013, Generating sequences, equations 38 to 41.

    >>> print(RMSprop(0.1).to("text"))
    s ← ρ s + (1 − ρ) (dw)²
    w ← w − α dw/(√s + ε)
    """

    learning_rate: float | Schedule = 0.01
    decay: float = 0.9
    epsilon: float = 1e-8
    epsilon_inside: bool = False
    momentum: float = 0.0
    centered: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction("decay", self.decay)
        fraction("momentum", self.momentum)
        at_least_zero("epsilon", self.epsilon)

    @property
    def slots(self) -> tuple[str, ...]:
        """s, the mean square; u, the mean, when centered; v, the velocity, with momentum."""
        return ("s", *(("u",) if self.centered else ()), *(("v",) if self.momentum else ()))

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w and the state after one step."""
        rho = self.decay
        s = rho * state["s"] + (1 - rho) * dw**2
        spread, new = s, {"s": s}
        if "u" in state:
            u = rho * state["u"] + (1 - rho) * dw
            spread, new["u"] = s - u**2, u
        if "v" not in state:
            w = w - alpha * over_root(dw, spread, self.epsilon, self.epsilon_inside)
            return {"w": w, **new}
        v = self.momentum * state["v"] + over_root(dw, spread, self.epsilon, self.epsilon_inside)
        w = w - alpha * v
        return {"w": w, **new, "v": v}
