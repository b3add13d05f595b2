"""What gradient descent is measured against: random search, and the closed form. They are run like optimizers."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.optim.checks import positive


@dataclass(frozen=True)
class RandomSearch:
    """Random search: draw parameters, keep the best. It needs no gradient, and evaluates one loss per step.

    local:      w' = best w + scale · ε,   otherwise   w' = scale · ε,   ε normal; w ← w' if L(w') < L(w)

    Args:
        scale: the standard deviation of what is drawn, > 0.
        local: search around the best parameters so far, not everywhere.

    Source: Karpathy, CS231n, Optimization 1: strategies 1 and 2.

    >>> RandomSearch()
    RandomSearch(scale=1.0, local=False)
    """

    scale: float = 1.0
    local: bool = False

    def __post_init__(self) -> None:
        positive("scale", self.scale)


@dataclass(frozen=True)
class ClosedForm:
    """The closed form: the minimiser itself, by an orthogonal least squares solve, where the loss is a sum of squares
    of values affine in the parameters (linear regression, ridge).

    Differs: not the normal equations XXᵀw = Xy as they are written, which would square the condition number.

    >>> ClosedForm()
    ClosedForm()
    """
