"""Run: what a fit did, and everything that can be asked of it afterwards."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.quadratic import QuadraticPath
from chainrule.engines.work import Position
from chainrule.errors import DataError
from chainrule.fit import landscape as landscapes
from chainrule.fit import store
from chainrule.fit.inputs import Reading
from chainrule.fit.loop import Record
from chainrule.graph.plain import from_plain, to_plain
from chainrule.model import Model, from_graph
from chainrule.ops.table import ALONG, TABLE, check_operations
from chainrule.optim import names as methods
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
        self.fingerprint = fingerprint(self.data or {})
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
            data: an array for the model's first data argument, or a mapping of arrays, in the model's layout; or a
                table like the one fitted to: then predictions are in its units, one row per example.
            probabilities: for classes in a table: their probabilities, not their names.
        """
        if isinstance(data, Mapping):
            return self.model.predict(cast("Mapping[str, Any]", data), self.params)
        if isinstance(data, np.ndarray | list | tuple | float | int):
            return self.model.predict({next(iter(self.model.data)): data}, self.params)
        if self.reading is None:
            raise DataError(
                f"the run was fitted to arrays. Pass arrays in the model's layout, as in run.predict({{{next(iter(self.model.data))!r}: ...}})."
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
        from chainrule.fit.fitting import go

        if data is not None:
            self._take(data)
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
        from chainrule.fit.plot import figure

        return figure(self, kind, **options)

    # -- files
    def save(self, folder: str | Path) -> Path:
        """Save the run in a folder, without pickle, so that a kill at any moment leaves the earlier or the later one whole."""
        store.write(folder, self._document(), self._arrays())
        return Path(folder)

    def claim(self, folder: str | Path) -> None:
        """Make sure that a run can be saved in a folder, before long work is done."""
        self.save(folder)

    def _document(self) -> dict[str, Any]:
        s = self.settings
        return {
            "model": to_plain(self.model.graph),
            "optimizer": methods.to_plain(s.optimizer),
            "settings": {
                k: getattr(s, k)
                for k in ("steps", "batch_size", "seed", "engine", "dtype", "tolerance", "patience")
            },
            "parameters": {k: _count(v) for k, v in self.start.items()},
            "step": self.steps,
            "loss": self.loss if np.isfinite(self.loss) else None,
            "every": self.record.every,
            "engine": self.engine,
            "why": self.why,
            "stopped": self.stopped,
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            "condition": self.condition,
            "fingerprint": self.fingerprint,
            "reading": None if self.reading is None else self.reading.to_plain(),
            "versions": versions(),
        }

    def _arrays(self) -> dict[str, Array]:
        width = self.flat.size * (1 + len(self.position.state))
        found = {
            f"start/{name}": np.asarray(leaf)
            for name, leaf in zip(
                self.flat.names, self.flat.leaves(self.flat.join(self.start)), strict=True
            )
        }
        return {
            **found,
            "end": self.position.row(),
            "losses": self.losses,
            "record/steps": np.array(self.record.steps, dtype=np.int64),
            "record/rows": np.array(self.record.rows).reshape(len(self.record.rows), width),
            "record/norms": np.array(self.record.norms, dtype=np.float64),
        }

    # -- inner workings
    def attach(self, ready: Prepared) -> None:
        """Keep the engine that ran, for `at`."""
        self._ready = ready

    def _prepared(self) -> Prepared:
        if self._ready is None:
            from chainrule.fit.fitting import prepared

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

    def _take(self, data: Mapping[str, Any]) -> None:
        arrays = {
            name: np.asarray(data[name], dtype=np.float64)
            if not isinstance(data[name], list)
            else data[name]
            for name in data
        }
        arrays = {name: np.asarray(x, dtype=np.float64) for name, x in arrays.items()}
        if fingerprint(arrays) != self.fingerprint:
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


def load(folder: str | Path, *, model: Model | None = None, data: Any = None) -> Run:
    """Return a saved run.

    Args:
        folder: where it was saved.
        model: the model, where it is at hand (it is saved with the run); it must be the same.
        data: the arrays that the run was fitted to, where it is to be carried on: data are not saved.

    Raises:
        DataError: no run there, or a file that is not whole; the data are others.
    """
    document, arrays = store.read(folder)
    try:
        found = _restored(document, arrays, model)
    except DataError:
        raise
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise DataError(
            f"the run in {folder} cannot be read: {error!r} is missing or wrong in run.json."
        ) from None
    if data is not None:
        found._take(data)  # pyright: ignore[reportPrivateUsage]
    return found


def _restored(document: Mapping[str, Any], arrays: Mapping[str, Array], model: Model | None) -> Run:
    graph = from_plain(document["model"], [*TABLE, *ALONG])
    check_operations(graph)
    if model is not None and model.graph.loss is not graph.loss:
        raise DataError(f"the saved run is of another model, {graph.name}. Save in another folder.")
    start: dict[str, Any] = {
        name: arrays[f"start/{name}"]
        if many is None
        else [arrays[f"start/{name}[{i}]"] for i in range(many)]
        for name, many in document["parameters"].items()
    }
    settings = Settings(methods.from_plain(document["optimizer"]), **document["settings"])
    reading = None if document["reading"] is None else Reading.from_plain(document["reading"])
    run = Run(model or from_graph(graph), settings, start, None, reading)
    for name in ("engine", "why", "stopped", "seconds", "evaluations", "condition", "fingerprint"):
        setattr(run, name, document[name])
    if document["loss"] is not None:
        run._loss = (document["step"], document["loss"])  # pyright: ignore[reportPrivateUsage]
    slots = tuple(run.position.state)
    run.position = Position.from_row(document["step"], arrays["end"], slots)
    run.record = Record(
        document["every"],
        arrays["losses"],
        arrays["record/steps"].tolist(),
        list(arrays["record/rows"]),
        arrays["record/norms"].tolist(),
    )
    return run


def _count(value: Any) -> int | None:
    """Return how many arrays a list holds, None for a single array."""
    return len(cast("list[Any]", value)) if isinstance(value, list) else None


def fingerprint(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of arrays: their names, shapes and every bit."""
    digest = hashlib.sha256()
    for name, value in data.items():
        for piece in value if isinstance(value, list) else [value]:  # pyright: ignore[reportUnknownVariableType]
            array = np.ascontiguousarray(np.asarray(piece, dtype=np.float64))
            digest.update(f"{name} {array.shape} ".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of what made the numbers."""
    found = {"python": platform.python_version()}
    for package in ("chainrule", "numpy", "jax", "jaxlib"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
