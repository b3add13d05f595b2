"""Tables larger than memory: read once, in pieces, and kept as a few examples with the same mean second moments.

For a loss that is the mean squared error of predictions linear in the data these few are as good as all: the loss, its
gradient and its curvature are the same at every point. Ordinary examples, constant column and all, so nothing else
needs to know: the triangular factor of (1, x, y) is turned by an orthogonal matrix whose first column is constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.engines.moments import recognised, triangle
from chainrule.errors import DataError
from chainrule.fit.arrange import Encoding, placed, roles
from chainrule.fit.inputs import Inputs, Reading, chosen_features
from chainrule.fit.scale import Standardisation
from chainrule.model import Model
from chainrule.tables import parquet
from chainrule.tables.files import PARQUET

Array = NDArray[np.float64]
LIMIT = 2**30  # bytes as float64; a larger table is streamed without being asked


def wanted(data: object, stream: bool | None) -> bool:
    """Tell whether data are a Parquet file that is to be streamed: asked for, or larger than the limit."""
    if stream is False or not isinstance(data, str | Path):
        return False
    path = Path(data)
    if path.suffix.lower() not in PARQUET or not path.is_file():
        if stream:
            raise DataError(
                f"stream=True reads Parquet files, and {path.name} is none. Leave stream out."
            )
        return False
    return bool(stream) or parquet.n_rows(path) * len(parquet.names(path)) * 8 > LIMIT


def streamed(
    model: Model,
    path: Path,
    targets: list[str],
    features: str | list[str] | None,
    standardise: bool,
    sizes: Mapping[str, Any],
) -> Inputs:
    """Return a Parquet file as a few examples that stand for all of them.

    Raises:
        DataError: the model's loss is not the mean squared error of predictions linear in the data.
    """
    names = parquet.names(path)
    chosen = chosen_features(names, features, targets, "features=[...]")
    m = parquet.n_rows(path)
    X, Y, examples = roles(model)
    _require_linear(model, m, path)
    pieces = parquet.stream(path, [*chosen, *targets])
    means, centred = _centred(np.vstack([np.ones(piece.shape[1]), piece]).T for piece in pieces)
    deviations = np.linalg.norm(centred, axis=0) / np.sqrt(m)
    scaling, notes = (
        None,
        [f"{m:,} examples streamed, and kept as {len(centred) + 1} with the same second moments"],
    )
    if standardise:
        scaling = _scaling(chosen, targets, means, deviations, path)
        notes += [
            "standardised (mean, standard deviation):",
            *(f"  {line}" for line in scaling.lines()),
        ]
        means, centred = np.zeros_like(means), centred / deviations
    rows = _examples(means, centred, m)
    n = len(chosen)
    arrays = {
        X: placed(rows[:n], X, model, examples, chosen, "features"),
        Y: placed(rows[n:], Y, model, examples, targets, "target"),
    }
    _require_mean(model, arrays, examples, sizes)
    reading = Reading(tuple(chosen), tuple(targets), Encoding(), scaling, m)
    return Inputs(arrays, reading, tuple(notes))


def _centred(blocks: Iterable[Array]) -> tuple[Array, Array]:
    """Return the means of the columns after the first, and the triangular factor of what is left without them."""
    r = triangle(blocks)
    d = r.shape[1] - 1
    r = np.vstack([r, np.zeros((max(0, d + 1 - len(r)), d + 1))])
    return r[0, 1:] / r[0, 0], r[1:, 1:]


def _scaling(
    features: list[str], targets: list[str], means: Array, deviations: Array, path: Path
) -> Standardisation:
    n = len(features)
    for name, mean, deviation in zip([*features, *targets], means, deviations, strict=True):
        if deviation <= 1e-13 * abs(mean) or deviation == 0:
            raise DataError(
                f"column {name!r} of {path.name} is {mean:.7g} in every row, so it cannot be standardised. Leave it out of features."
            )
    a, b = means.tolist(), deviations.tolist()
    return Standardisation(
        tuple(features), tuple(targets), tuple(a[:n]), tuple(b[:n]), tuple(a[n:]), tuple(b[n:])
    )


def _examples(means: Array, centred: Array, m: int) -> Array:
    """Return d + 1 examples, shape (columns, examples), whose mean second moments with a constant 1 are those of m."""
    k = len(centred) + 1
    turn = np.linalg.qr(np.column_stack([np.ones(k), np.eye(k)[:, : k - 1]]))[0]
    turn *= np.sign(turn[0, 0])
    return means[:, None] + np.sqrt(k / m) * (turn[:, 1:] @ centred).T


def _require_linear(model: Model, m: int, path: Path) -> None:
    found = recognised(model.graph, m)
    if isinstance(found, str):
        raise DataError(
            f"{path.name} is too large to be loaded whole, and only models that are linear in the data can be streamed: {found}. "
            "Use fewer columns or rows, or stream=False to load it all the same."
        )


def _require_mean(
    model: Model, arrays: dict[str, Array], examples: str, sizes: Mapping[str, Any]
) -> None:
    """Refuse a loss that is a sum over the examples: twice the data must give the same loss."""
    axes = {
        name: shape.index(examples)
        for name, shape in model.data.items()
        if isinstance(shape, tuple)
    }
    params = model.init(arrays, seed=1, **sizes)
    twice = {name: np.concatenate([x, x], axis=axes[name]) for name, x in arrays.items()}
    once, again = model.loss(arrays, params), model.loss(twice, params)
    if abs(once - again) > 1e-9 * max(abs(once), abs(again)):
        raise DataError(
            f"{model.name} adds up its loss over the examples, and only a mean can be streamed. Write cr.mean in place of cr.sum."
        )
