"""`load`: a saved run, back from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from chainrule.engines.work import Position
from chainrule.errors import DataError
from chainrule.fit import store
from chainrule.fit.inputs import Reading
from chainrule.fit.loop import Record
from chainrule.fit.run import Run, Settings
from chainrule.graph.plain import from_plain
from chainrule.model import Model, from_graph
from chainrule.ops.table import ALONG, TABLE, check_operations
from chainrule.optim import names as methods

Array = NDArray[Any]


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
        found.take(data)
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
