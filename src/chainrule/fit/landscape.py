"""The loss over a grid of two parameters, the others held: what contour plots show."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainrule.emit import program as programs
from chainrule.engines import moments
from chainrule.engines.flat import Flat
from chainrule.errors import DataError, unknown
from chainrule.explain.derivation import derive_graph

if TYPE_CHECKING:
    from chainrule.fit.run import Run

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Landscape:
    """Losses on a grid: `loss[i, j]` at p = `p_values[j]` and q = `q_values[i]`; `path` is the run's own way over it."""

    p: str
    q: str
    p_values: Array
    q_values: Array
    loss: Array
    path: Array


def landscape(
    run: Run,
    p: str,
    q: str,
    *,
    p_range: tuple[float, float] | None = None,
    q_range: tuple[float, float] | None = None,
    points: int = 41,
) -> Landscape:
    """Return the loss over two parameters.

    Args:
        run: a run; the other parameters are as at its end.
        p, q: parameters: "w" where it is one number, else one entry, "W1[0, 1]" or "W[2][0, 1]".
        p_range, q_range: from where to where; None for what the run's path covers, and as much again around it.
        points: the number of grid points along each, >= 2.

    Returns:
        A Landscape; loss has shape (points, points).
    """
    if points < 2:
        raise DataError(f"points is {points}: a grid needs at least 2 along each parameter.")
    places = (place(run.flat, p), place(run.flat, q))
    rows = np.array([*(row[: run.flat.size] for row in run.record.rows), run.position.vector])
    path = rows[:, list(places)].astype(np.float64)
    axes = [
        np.linspace(*(given or _around(path[:, k])), points)
        for k, given in enumerate((p_range, q_range))
    ]
    loss_of = _loss(run)
    vector = np.array(run.position.vector, dtype=np.float64)
    values = np.empty((points, points))
    with np.errstate(all="ignore"):
        for i, second in enumerate(axes[1]):
            for j, first in enumerate(axes[0]):
                vector[places[0]], vector[places[1]] = first, second
                values[i, j] = loss_of(vector)
    return Landscape(p, q, axes[0], axes[1], values, path)


def _loss(run: Run) -> Callable[[Array], float]:
    """Return the loss as a function of a flat vector: over shrunk examples where the model allows it."""
    data = run.data or {}
    graph = run.model.graph
    dims = moments.example_dims(graph)
    counts = [
        int(np.shape(data[name])[shape.index(dims[0])])
        for name, shape in graph.data.items()
        if dims and isinstance(shape, tuple) and dims[0] in shape
    ]
    found = moments.recognised(graph, counts[0]) if counts and counts[0] > 100 else ""
    if isinstance(found, str):
        return run.loss_at
    small = moments.shrink(found, data)
    program = programs.compiled(derive_graph(found.graph, None, None, None, "d").program())

    def loss(vector: Array) -> float:
        return float(program.run({**small, **run.flat.split(vector)})[0])

    return loss


def place(flat: Flat, name: str) -> int:
    """Return where one number lies in the vector of all parameters.

    >>> place(Flat({"W": np.zeros((2, 3)), "b": np.zeros(())}), "W[1, 0]")
    3
    """
    found = re.fullmatch(r"(\w+(?:\[\d+\])?)(?:\[(\d+(?:\s*,\s*\d+)*)\])?", name.strip())
    label, entry = (found[1], found[2]) if found else (name, None)
    if label not in flat.names and found and label.endswith("]"):
        label, _, entry = name.strip().rstrip("]").partition("[")
    if label not in flat.names:
        raise unknown("parameter", name, flat.names)
    at = flat.names.index(label)
    shape = flat.shapes[at]
    before = sum(int(np.prod(s, dtype=np.int64)) for s in flat.shapes[:at])
    size = int(np.prod(shape, dtype=np.int64))
    if entry is None and size == 1:
        return before
    index = tuple(int(i) for i in entry.split(",")) if entry else ()
    if len(index) != len(shape) or any(i >= n for i, n in zip(index, shape, strict=True)):
        example = ", ".join(str(n - 1) for n in shape)
        raise DataError(
            f"{name} is not one number: {label} has shape {shape}. Name an entry, as in {label}[{example}]."
        )
    return before + int(np.ravel_multi_index(index, shape))


def _around(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = max(high - low, 0.1 * max(abs(low), abs(high)), 1e-3) / 2
    return low - margin, high + margin
