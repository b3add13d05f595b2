"""A quadratic loss under a linear update: after any number of steps the parameters follow from one eigendecomposition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule.emit import program as programs
from chainrule.engines.curvature import LARGEST_HESSIAN, Curvature
from chainrule.engines.work import Position
from chainrule.graph.nodes import Add, Ein, Input, Name, topological
from chainrule.optim.optimizer import Optimizer

Array = NDArray[np.float64]


def is_linear(optimizer: Optimizer) -> bool:
    """Tell whether an update is linear in dw and the state, with numbers that no step changes, and leaves w alone without them."""
    if set(optimizer.arguments) != {"w", "dw", *optimizer.slots}:
        return False
    linear = all(
        isinstance(n, Input | Name | Add) or (isinstance(n, Ein) and len(n.args) == 1)
        for n in topological(optimizer.traced.results.values())
    )
    return linear and _response(optimizer, "w") == [1.0, *(0.0 for _ in optimizer.slots)]


class QuadraticPath:
    """The whole path of a descent on a quadratic loss, full batch: `at(t)` for any t, 10⁹ too.

    In the eigenvectors of the Hessian each coordinate goes its own way: (w - w*, state) is multiplied by the same small
    matrix M(λ) at every step. Powers are taken of I - M, which keeps all digits of slow directions.
    """

    def __init__(self, curvature: Curvature, optimizer: Optimizer, start: Position) -> None:
        flat = curvature.flat
        params = flat.split(start.vector)
        self.start, self.optimizer = start, optimizer
        self.eigenvalues, self._vectors = np.linalg.eigh(curvature.hessian(params))
        arrays = {**curvature.data, **params}
        slope = flat.join(curvature.gradient.run(arrays)[1])
        along = self._vectors.T @ slope
        steep = np.abs(self.eigenvalues) > 1e-13 * np.abs(self.eigenvalues).max(initial=0.0)
        safe = np.where(steep, self.eigenvalues, 1.0)
        # a flat direction of a loss with a minimum has no slope: what is left there is rounding
        self._error = np.where(steep, along / safe, 0.0)
        self._state = [self._vectors.T @ start.state[slot] for slot in optimizer.slots]
        self._step = _complements(optimizer, np.where(steep, self.eigenvalues, 0.0))

    @staticmethod
    def fits(curvature: Curvature, optimizer: Optimizer) -> bool:
        """Tell whether loss and optimizer allow it."""
        return (
            curvature.quadratic and curvature.flat.size <= LARGEST_HESSIAN and is_linear(optimizer)
        )

    def at(self, step: int) -> Position:
        """Return the position after `step` updates, counted from the beginning."""
        before = np.stack([self._error, *self._state], axis=-1)[..., None]
        change = -(_complement_power(self._step, step - self.start.step) @ before)[..., 0]
        moved = self.start.vector + self._vectors @ change[:, 0]
        slots = self.optimizer.slots
        state = {
            slot: self._vectors @ (self._state[i] + change[:, i + 1])
            for i, slot in enumerate(slots)
        }
        return Position(step, moved, state)


def _response(optimizer: Optimizer, name: str) -> list[float]:
    """Return what one update makes of (w, state) where `name` is 1 and everything else 0."""
    names = ("w", *optimizer.slots)
    found = programs.compiled(optimizer.program()).run(
        {n: float(n == name) for n in (*names, "dw")}
    )
    return [float(found[n]) for n in names]


def _complements(optimizer: Optimizer, eigenvalues: Array) -> Array:
    """Return I - M(λ) for every eigenvalue, M(λ) being what one update makes of (w, state) where the gradient is λw."""
    names = ("w", *optimizer.slots)
    unit = np.eye(len(names))
    found = np.empty((len(eigenvalues), len(names), len(names)))
    for k, name in enumerate(names):
        found[:, :, k] = unit[k] - _response(optimizer, name)
    found[:, :, 0] -= eigenvalues[:, None] * np.array(_response(optimizer, "dw"))
    return found


def _complement_power(n: Array, power: int) -> Array:
    """Return I - (I - N)^power for a stack of matrices, by squaring: I - (I - A)(I - B) = A + B - AB."""
    result = np.zeros_like(n)
    with np.errstate(all="ignore"):  # a divergent path overflows, and says so with inf
        while power:
            if power & 1:
                result = result + n - result @ n
            n = 2 * n - n @ n
            power >>= 1
    return result
