"""Plain gradient descent on the emitted NumPy program: w <- w - learning_rate * dw, until it stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chainrule.errors import DataError, DivergenceError
from chainrule.fit.curvature import join
from chainrule.model import Model


@dataclass(frozen=True)
class Descent:
    """What a descent did: the parameters it reached, the loss at every step, and why it stopped."""

    params: dict[str, Any]
    losses: list[float]
    learning_rate: float
    settled: bool

    @property
    def steps(self) -> int:
        """The number of updates made."""
        return len(self.losses) - 1


def descend(
    model: Model,
    data: Mapping[str, Any],
    params: Mapping[str, Any],
    learning_rate: float,
    steps: int = 10_000,
    tolerance: float = 1e-10,
    largest_curvature: float | None = None,
    on_step: Callable[[int, float], None] | None = None,
) -> Descent:
    """Run gradient descent.

    Args:
        learning_rate: > 0.
        steps: the most updates to make, >= 1.
        tolerance: stop when the gradient's norm falls below this times its norm at the start (or times 1, if larger).
        largest_curvature: λmax at the start, if known, to explain a divergence.
        on_step: called with (step, loss).

    Raises:
        DataError: a learning rate or a number of steps that makes no sense.
        DivergenceError: the loss stopped being finite, or grew a billionfold.
    """
    import numpy as np

    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise DataError(
            f"the learning rate is {learning_rate}: it must be a positive number, such as 0.1."
        )
    if steps < 1:
        raise DataError(f"the number of steps is {steps}: it must be at least 1.")
    current = dict(params)
    slope = model.slope_at(data, current)
    losses: list[float] = []
    first_norm = 0.0
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            loss, gradients = slope(current)
            losses.append(loss)
            if not np.isfinite(loss) or abs(loss) > 1e9 * max(abs(losses[0]), 1.0):
                raise DivergenceError(_diverged(step, loss, learning_rate, largest_curvature))
            norm = float(np.linalg.norm(join(model, gradients)))
            first_norm = first_norm or max(norm, 1.0)
            if on_step:
                on_step(step, loss)
            if norm <= tolerance * first_norm:
                return Descent(current, losses, learning_rate, True)
            if step < steps:
                current = {
                    name: _moved(value, gradients[name], learning_rate)
                    for name, value in current.items()
                }
    return Descent(current, losses, learning_rate, False)


def _moved(value: Any, gradient: Any, learning_rate: float) -> Any:
    if isinstance(value, list):
        return [
            v - learning_rate * g for v, g in zip(cast("list[Any]", value), gradient, strict=True)
        ]
    return value - learning_rate * gradient


def _diverged(step: int, loss: float, learning_rate: float, curvature: float | None) -> str:
    text = f"the descent diverged: after {step} steps the loss is {loss:.4g}. The learning rate {learning_rate:g} is too large"
    if curvature and learning_rate > 2 / curvature:
        return f"{text}: it is above 2/λmax = {2 / curvature:.4g}, where every step overshoots more than it gains. Try {1 / curvature:.3g}."
    return f"{text}. Try a tenth of it, {learning_rate / 10:g}."
