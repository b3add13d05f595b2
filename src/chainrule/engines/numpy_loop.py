"""The NumPy engine: the emitted, readable source, executed as it is. No start-up cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.emit import program as programs
from chainrule.engines.work import Array, Position, Stretch, Work


class NumpyEngine:
    """Steps in a Python loop; the update runs once on the vector of all parameters."""

    name = "numpy"
    most = 8192
    rows = 8192

    def __init__(self, work: Work) -> None:
        self.work = work
        self._gradient = programs.compiled(work.program).function
        self._update = programs.compiled(work.update).function
        self._arguments = work.optimizer.arguments
        self._fixed = list(work.data.values())
        self._turned: dict[str, Any] = {}
        if work.batches is not None:
            self._turned = {
                name: np.ascontiguousarray(np.moveaxis(work.data[name], axis, 0))
                for name, axis in work.batches.axes.items()
            }

    def advance(
        self, start: Position, windows: int, length: int, threshold: float | None
    ) -> Stretch:
        """Make windows x length steps; see Engine."""
        vector, state = start.vector, dict(start.state)
        losses: list[float] = []
        rows: list[Array] = []
        norms: list[float] = []
        step, settled = start.step, False
        with np.errstate(all="ignore"):
            for i in range(windows * length):
                if i % length == 0:
                    rows.append(np.concatenate([vector, *state.values()]))
                loss, gradient = self._slope(vector, step)
                losses.append(loss)
                norm = self._norm(gradient) if i % length == 0 or threshold is not None else 0.0
                if i % length == 0:
                    norms.append(norm)
                if threshold is not None and norm <= threshold:
                    settled = True
                    losses.pop()
                    break
                step += 1
                vector, state = self._step(vector, gradient, state, step)
        end = Position(step, vector, state)
        return Stretch(end, np.array(losses), np.array(rows), np.array(norms), settled)

    def _slope(self, vector: Array, step: int) -> tuple[Any, Array]:
        data = self._fixed if self.work.batches is None else self._batch(step)
        loss, gradients = self._gradient(*data, *self.work.flat.split(vector).values())
        return loss, self.work.flat.join(gradients, vector.dtype)

    def _batch(self, step: int) -> list[Any]:
        assert self.work.batches is not None
        chosen = self.work.batches.indices(step)
        return [
            np.moveaxis(self._turned[name][chosen], 0, self.work.batches.axes[name])
            if name in self._turned
            else value
            for name, value in self.work.data.items()
        ]

    def _step(
        self, vector: Array, gradient: Array, state: dict[str, Array], t: int
    ) -> tuple[Array, dict[str, Array]]:
        given: dict[str, Any] = {"w": vector, "dw": gradient, **state}
        if "t" in self._arguments:
            given["t"] = vector.dtype.type(t)
        if "norm" in self._arguments:
            given["norm"] = vector.dtype.type(self._norm(gradient))
        new = self._update(*[given[name] for name in self._arguments])
        return new["w"], {slot: new[slot] for slot in state}

    @staticmethod
    def _norm(gradient: Array) -> float:
        return float(np.sqrt(np.dot(gradient, gradient)))
