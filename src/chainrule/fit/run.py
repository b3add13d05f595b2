"""Run: what a fit did, and everything that can be asked of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.derive.prediction import features_of
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.quadratic import QuadraticPath
from chainrule.engines.work import Position
from chainrule.errors import DataError
from chainrule.fit import landscape as landscapes
from chainrule.fit import saved, store
from chainrule.fit.descent import go, prepared
from chainrule.fit.inputs import Reading
from chainrule.fit.loop import Record
from chainrule.fit.plot import figure
from chainrule.model import Model
from chainrule.optim.names import Method
from chainrule.optim.optimizer import Optimizer
from chainrule.tables.table import find

if TYPE_CHECKING:
    from chainrule.engines.choose import Prepared

Array = NDArray[Any]


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do; see `fit`."""

    optimizer: Method
    steps: int
    batch_size: int | None = None
    seed: int = 0
    engine: str = "auto"
    dtype: str = "float64"
    tolerance: float | None = None
    patience: int | None = None


@dataclass
class Run:
    """A recorded descent.

    `model`, `settings`, `start` (the parameters at the beginning), `data` (None after loading without them), `reading`
    (how a table was read), `engine` and `why`, `stopped`: "steps", "settled", "patience", "callback", "interrupted" or
    "diverged". `evaluations` counts what was computed; `seconds` is how long it took; `condition` is the condition
    number of a closed form.
    """

    model: Model
    settings: Settings
    start: dict[str, Any]
    data: dict[str, Any] | None
    reading: Reading | None = None
    engine: str = ""
    why: str = ""
    stopped: str = ""
    seconds: float = 0.0
    evaluations: dict[str, int] = field(default_factory=dict[str, int])
    condition: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        slots = (
            self.settings.optimizer.slots if isinstance(self.settings.optimizer, Optimizer) else ()
        )
        vector = self.flat.join(self.start, self.settings.dtype)
        self.position = Position(0, vector, {slot: np.zeros_like(vector) for slot in slots})
        self.record = Record(1)
        self.fingerprint = saved.fingerprint(self.data or {})
        self._loss: tuple[int, float] | None = None  # (step, loss)
        self._ready: Prepared | None = None
        self._path: QuadraticPath | None = None

    # -- what came out
    @cached_property
    def flat(self) -> Flat:
        """The layout of all parameters as one vector."""
        return Flat(self.start)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters at the end, by name."""
        return self._shaped(self.position.vector)

    @property
    def steps(self) -> int:
        """The number of updates made."""
        return self.position.step

    @property
    def losses(self) -> Array:
        """The loss that each step saw, before its update: on all examples, or on its batch."""
        return self.record.losses

    @property
    def loss(self) -> float:
        """The loss of all the data at the end."""
        if self._loss is None or self._loss[0] != self.steps:
            self._loss = (self.steps, self.loss_at(self.position.vector))
        return self._loss[1]

    @property
    def gradient_norms(self) -> tuple[Array, Array]:
        """The norm of the gradient, where it was recorded: (steps, norms)."""
        return np.array(self.record.steps[: len(self.record.norms)]), np.array(self.record.norms)

    @property
    def history(self) -> tuple[Array, dict[str, Any]]:
        """The parameters where they were recorded: (steps, {name: array of shape (records, *shape)}).

        Every step up to 1,024 steps and 64 MiB; beyond that every 2nd, 4th, 8th ... step. `at` gives those between.
        """
        rows = np.array([row[: self.flat.size] for row in self.record.rows])
        rows = rows.reshape(len(self.record.rows), self.flat.size)
        leaves = [
            np.array([self.flat.leaves(row)[i] for row in rows])
            for i in range(len(self.flat.names))
        ]
        return np.array(self.record.steps), self.flat.grouped(leaves)

    def batch(self, step: int) -> Array:
        """Return the examples that step 1, 2, ... saw."""
        batches = self._prepared().work.batches
        if batches is None:
            raise DataError("this run has no batches: every step saw all examples.")
        return batches.indices(step - 1)

    def at(self, step: int) -> dict[str, Any]:
        """Return the parameters after a step.

        Args:
            step: 0 (the start) to `steps`; any step at all where the loss is quadratic and the update linear with a
                constant learning rate, full batch: then it follows from one eigendecomposition, 10⁹ as fast as 10.

        Raises:
            DataError: a step that was not made and does not follow; or the data are needed, and were not loaded.
        """
        if isinstance(step, bool) or not hasattr(step, "__index__") or step < 0:
            raise DataError(f"the step is {step!r}: it must be a whole number of at least 0.")
        if step in (0, self.steps):
            return (
                self._shaped(
                    self.record.rows[0][: self.flat.size]
                    if step == 0 and self.record.rows
                    else self.position.vector
                )
                if step
                else dict(self.start)
            )
        if step > self.steps:
            path = self._quadratic()
            if path is None:
                raise DataError(
                    f"step {step} was not made: the run has {self.steps}. Carry it on with run.resume(steps={step}); only a quadratic "
                    "loss under gradient descent or momentum, all examples at once, can be told beforehand."
                )
            return self._shaped(path.at(int(step)).vector)
        if not isinstance(self.settings.optimizer, Optimizer):
            return self._shaped(self.record.rows[step])
        k = int(np.searchsorted(self.record.steps, step, side="right")) - 1
        before = Position.from_row(
            self.record.steps[k], self.record.rows[k], self.settings.optimizer.slots
        )
        engine = self._prepared().engine
        while before.step < step:
            before = engine.advance(before, 1, min(step - before.step, engine.most), None).end
        return self._shaped(before.vector)

    def predict(self, data: Any, probabilities: bool = False) -> Any:
        """Return predictions.

        Args:
            data: an array for the model's features, its first data argument that is not the target, or a mapping of
                arrays, in the model's layout; or a table like the one fitted to: then predictions are in its units, one row per example.
            probabilities: for classes in a table: their probabilities, not their names.
        """
        if isinstance(data, Mapping):
            return self.model.predict(cast("Mapping[str, Any]", data), self.params)
        if isinstance(data, np.ndarray | list | tuple | float | int):
            return self.model.predict({str(features_of(self.model.graph)): data}, self.params)
        if self.reading is None:
            raise DataError(
                f"the run was fitted to arrays. Pass arrays in the model's layout, as in run.predict({{{features_of(self.model.graph)!r}: ...}})."
            )
        arrays = self.reading.features_of(self.model, find(data))
        return self.reading.predicted(
            self.model, self.model.predict(arrays, self.params), probabilities
        )

    def resume(self, steps: int, data: Any = None, **more: Any) -> Run:
        """Carry the run on to a number of steps in all; the result is as if it had never stopped.

        Args:
            steps: the number of steps counted from the beginning.
            data: the arrays, where the run was loaded without them.
            **more: callback, progress, save: as in `fit`.
        """
        if data is not None:
            self.take(data)
        self._needed()
        if steps < self.steps:
            raise DataError(
                f"the run has made {self.steps} steps already. Give more, as in steps={2 * self.steps}."
            )
        self.settings = replace(self.settings, steps=steps)
        return go(self, **more)

    # -- curvature and landscape
    def curvature(self, step: int | None = None) -> tuple[float, float]:
        """Return the smallest and the largest eigenvalue of the Hessian after a step (None: at the end).

        Gradient descent is stable where its learning rate is below 2/λmax.
        """
        params = self.params if step is None else self.at(step)
        return Curvature(self.model.derivation, self._needed(), self.flat).extremes(params)

    def curvature_at_start(self) -> float:
        """Return the largest curvature, in size, at the start; 0 where it is not finite."""
        found = Curvature(self.model.derivation, self._needed(), self.flat).largest(self.start)
        return found if np.isfinite(found) else 0.0

    def landscape(self, p: str, q: str, **options: Any) -> landscapes.Landscape:
        """Return the loss on a grid of two parameters, the others as at the end: see `chainrule.fit.landscape`."""
        return landscapes.landscape(self, p, q, **options)

    def loss_at(self, vector: Array) -> float:
        """Return the loss of all the data at a flat vector of parameters."""
        with np.errstate(all="ignore"):
            arrays = {**self._needed(), **self.flat.split(np.asarray(vector, dtype=np.float64))}
            return float(self.model.loss_program.run(arrays))

    def plot(self, kind: str | None = None, **options: Any) -> Any:
        """Return a matplotlib figure: "loss", "fit" or "path"; None for all that apply. See `chainrule.fit.plot`."""
        return figure(self, kind, **options)

    def show(self, file: str | Path | None = None, browser: bool = True) -> Path | None:
        """Show the run in the instrument of the course: every step of it, its data, its landscape, its derivation.

        In a notebook it stands under the cell; elsewhere it opens in the browser: a script waits there for Ctrl-C,
        an interactive session goes on.

        Args:
            file: write it there instead, as one file that needs no other.
            browser: False only to print the address.

        Returns:
            The file, where one was written.

        Raises:
            DataError: the run was loaded without its data.
            MissingAssetsError: the pages' script and style are not built.
        """
        seat = import_module("chainrule.course.seat")  # by name: pages are a room above this one
        return seat.show(self, file, browser)

    # -- files
    def save(self, folder: str | Path) -> Path:
        """Save the run in a folder, without pickle, so that a kill at any moment leaves the earlier or the later one whole."""
        store.write(folder, saved.document(self), saved.arrays(self))
        return Path(folder)

    def claim(self, folder: str | Path) -> None:
        """Make sure that a run can be saved in a folder, before long work is done."""
        self.save(folder)

    # -- inner workings
    def attach(self, ready: Prepared) -> None:
        """Keep the engine that ran, for `at`."""
        self._ready = ready

    def _prepared(self) -> Prepared:
        if self._ready is None:
            self._needed()
            self._ready = prepared(self, cast("Optimizer", self.settings.optimizer))
        return self._ready

    def _quadratic(self) -> QuadraticPath | None:
        if self._path is None and isinstance(self.settings.optimizer, Optimizer):
            zero = Position(
                0,
                self.flat.join(self.start),
                {s: np.zeros(self.flat.size) for s in self.settings.optimizer.slots},
            )
            self._path = self._prepared().path(zero)
        return self._path

    def _shaped(self, vector: Array) -> dict[str, Any]:
        return self.flat.split(np.array(vector))

    def _needed(self) -> dict[str, Any]:
        if self.data is None:
            raise DataError(
                "the data are not saved with a run, and this needs them. Load it with cr.load(folder, data=...)."
            )
        return self.data

    def take(self, data: Mapping[str, Any]) -> None:
        """Take the data that the run was fitted to, after loading without them.

        Raises:
            DataError: they are others.
        """
        arrays = {name: _floats(value) for name, value in data.items()}
        if saved.fingerprint(arrays) != self.fingerprint:
            raise DataError(
                "these are not the data that the run was fitted to: their fingerprint differs. Give the same data, or save in another folder."
            )
        self.data = arrays

    def __repr__(self) -> str:
        rate = self.losses[0] if len(self.losses) else float("nan")
        known = self.data is not None or self._loss is not None
        end = f" -> {self.loss:.6g}" if known else ""
        return (
            f"<run of {self.model.name}: {self.settings.optimizer!r}, {self.steps} steps on {self.engine or 'no engine'}, "
            f"loss {float(rate):.6g}{end}>"
        )


def _floats(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        return [np.asarray(x, dtype=np.float64) for x in cast("list[Any]", value)]
    return np.asarray(value, dtype=np.float64)
