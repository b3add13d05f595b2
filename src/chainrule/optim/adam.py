"""Adam and AdamW: momentum and RMSprop together, both corrected for their start at zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chainrule.graph.tensor import Tensor
from chainrule.optim.adaptive import over_root
from chainrule.optim.checks import at_least_zero, fraction
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Schedule


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    """Adam: a running mean of the gradients over the root of a running mean of their squares.

    m ← β₁m + (1 - β₁) dw,   v ← β₂v + (1 - β₂) dw²,   m̂ = m/(1 - β₁ᵗ),   v̂ = v/(1 - β₂ᵗ)
    w ← w - α m̂ / (√v̂ + ε)

    Args:
        learning_rate: α, > 0, or a schedule.
        beta1: β₁, at least 0 and below 1.
        beta2: β₂, at least 0 and below 1.
        epsilon: ε >= 0.
        epsilon_inside: √(v̂ + ε) in place of √v̂ + ε.
        bias_correction: False to take m and v as they are.
        weight_decay, clip_norm: as in GradientDescent: λw is added to the gradient, before m and v.

    Differs: as torch.optim.Adam and optax.adam. Keras adds ε to √v before the correction ("epsilon hat" in the
        paper), which makes its ε grow with the steps.
    Source: Kingma and Ba 2015, Adam: a method for stochastic optimization, algorithm 1.

    >>> print(Adam().to("text"))
    m ← β₁ m + (1 − β₁) dw
    m̂ ← m/(1 − β₁^t)
    v ← β₂ v + (1 − β₂) (dw)²
    v̂ ← v/(1 − β₂^t)
    w ← w − α m̂/(√v̂ + ε)
    """

    learning_rate: float | Schedule = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_inside: bool = False
    bias_correction: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction("beta1", self.beta1)
        fraction("beta2", self.beta2)
        at_least_zero("epsilon", self.epsilon)

    @property
    def slots(self) -> tuple[str, ...]:
        """m, the mean of the gradients, and v, the mean of their squares."""
        return ("m", "v")

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return w, m and v after one step."""
        m = self.beta1 * state["m"] + (1 - self.beta1) * dw
        v = self.beta2 * state["v"] + (1 - self.beta2) * dw**2
        m_hat, v_hat = m, v
        if self.bias_correction:
            m_hat = m / (1 - self.beta1**t)
            v_hat = v / (1 - self.beta2**t)
        if self.decoupled:
            w = w - alpha * self.weight_decay * w
        w = w - alpha * over_root(m_hat, v_hat, self.epsilon, self.epsilon_inside)
        return {"w": w, "m": m, "v": v}


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """AdamW: Adam whose weight decay shrinks the weights themselves, apart from the gradient.

    as Adam, and   w ← w - αλw   beside the step

    Args:
        learning_rate, beta1, beta2, epsilon, epsilon_inside, bias_correction, clip_norm: as in Adam.
        weight_decay: λ >= 0, decoupled.

    Differs: as torch.optim.AdamW, and optax.adamw, whose default λ is 0.0001; both multiply λ by α. In the paper λ is
        multiplied by the schedule alone, not by α.
    Source: Loshchilov and Hutter 2019, Decoupled weight decay regularization, algorithm 2.

    >>> print(AdamW(0.01))
    AdamW(learning_rate=0.01)
    w ← w − α λ w
    m ← β₁ m + (1 − β₁) dw
    m̂ ← m/(1 − β₁^t)
    v ← β₂ v + (1 − β₂) (dw)²
    v̂ ← v/(1 − β₂^t)
    w ← w − α m̂/(√v̂ + ε)
    """

    weight_decay: float = field(default=0.01, kw_only=True)

    @property
    def decoupled(self) -> bool:
        """True: the rule applies the decay."""
        return True
