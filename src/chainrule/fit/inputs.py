"""What a fit is given: arrays in the model's own layout, or a table with examples as rows, turned and scaled once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.fit.arrange import Encoding, placed, roles, target_rows
from chainrule.fit.scale import Standardisation
from chainrule.model import Model
from chainrule.tables.table import PYTHON, Table, find

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """How a table was read: which columns, how the target was encoded, how columns were scaled (None: not)."""

    features: tuple[str, ...]
    targets: tuple[str, ...]
    encoding: Encoding
    scaling: Standardisation | None
    streamed: int = (
        0  # the examples that were read and kept as a few with the same second moments; 0 for none
    )

    def features_of(self, model: Model, table: Table) -> dict[str, Any]:
        """Return the features of another table, read the same way, as the model's own array."""
        X, _, examples = roles(model)
        rows = table.numeric(list(self.features))
        if self.scaling is not None:
            rows = self.scaling.apply_features(rows)
        return {X: placed(rows, X, model, examples, list(self.features), "features")}

    def predicted(self, model: Model, values: Array, probabilities: bool) -> Any:
        """Return predictions in the units of the data: (rows,) or (rows, targets), or the classes."""
        Y, examples = roles(model)[1:]
        shape = cast("tuple[str, ...]", model.data[Y])
        rows = np.atleast_2d(values if shape[-1] == examples else np.transpose(values))
        if self.scaling is not None:
            rows = self.scaling.undo_targets(rows)
        if self.encoding.classes and not probabilities:
            return self.encoding.named(rows)
        return rows[0] if len(rows) == 1 else rows.T

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data, for a file."""
        return asdict(self)

    @classmethod
    def from_plain(cls, document: Mapping[str, Any]) -> Reading:
        """Return what `to_plain` wrote."""
        scaling = document["scaling"]
        encoding = document["encoding"]
        return cls(
            tuple(document["features"]),
            tuple(document["targets"]),
            Encoding(encoding["kind"], tuple(encoding["classes"])),
            None
            if scaling is None
            else Standardisation(**{k: tuple(v) for k, v in scaling.items()}),
            document["streamed"],
        )


@dataclass(frozen=True)
class Inputs:
    """Arrays in the model's layout; how the table was read, where there was one; what to tell the reader."""

    arrays: dict[str, Any]
    reading: Reading | None = None
    notes: tuple[str, ...] = ()


def read(
    model: Model,
    data: Any,
    target: str | list[str] | None = None,
    features: str | list[str] | None = None,
    positive: object = None,
    drop_missing: bool = False,
    standardise: bool = True,
) -> Inputs:
    """Return what a model is fitted to; see `fit` for the arguments."""
    if isinstance(data, Mapping):
        if target is not None or features is not None:
            raise DataError(
                "target and features choose columns of a table, and a mapping of arrays was given. "
                "Leave them out, or pass a data frame or the path of a file."
            )
        return Inputs(dict(cast("Mapping[str, Any]", data)))
    table = data if isinstance(data, Table) else replace(find(data), words=PYTHON)
    if target is None:
        raise DataError(
            f"{table.name} is a table: name the column to predict, as in target={table.names[-1]!r}. "
            f"Its columns: {', '.join(table.names)}."
        )
    return from_table(model, table, _names(target), features, positive, drop_missing, standardise)


def from_table(
    model: Model,
    table: Table,
    targets: list[str],
    features: str | list[str] | None,
    positive: object,
    drop_missing: bool,
    standardise: bool,
) -> Inputs:
    """Return a table's columns as the model's arrays."""
    table.require(targets)
    chosen = chosen_features(table.names, features, targets, table.words.features)
    table.require(chosen)
    notes: list[str] = []
    if drop_missing:
        table, gone = table.drop_missing([*chosen, *targets])
        notes.append(
            f"dropped {gone} rows with missing values" if gone else "no row has missing values"
        )
    X, Y, examples = roles(model)
    inputs = table.numeric(chosen, constant_ok=not standardise)
    outputs, encoding = target_rows(table, model, Y, targets, positive)
    plain = encoding.kind == "number"
    if not plain:
        notes.append(encoding.said(targets))
    scaling = None
    if standardise:
        scaling = Standardisation.of(inputs, chosen, outputs if plain else None, targets)
        inputs, outputs = scaling.apply(inputs, outputs)
        notes += [
            "standardised (mean, standard deviation):",
            *(f"  {line}" for line in scaling.lines()),
        ]
    columns = (
        targets
        if not encoding.classes
        else [f"class {c}" for c in encoding.classes[-len(outputs) :]]
    )
    arrays = {
        X: placed(inputs, X, model, examples, chosen, table.words.features),
        Y: placed(outputs, Y, model, examples, columns, table.words.target),
    }
    reading = Reading(tuple(chosen), tuple(targets), encoding, scaling)
    return Inputs(arrays, reading, tuple(notes))


def _names(chosen: str | list[str]) -> list[str]:
    return [chosen] if isinstance(chosen, str) else list(chosen)


def chosen_features(
    columns: list[str], chosen: str | list[str] | None, targets: list[str], option: str
) -> list[str]:
    """Return the columns to predict from: those chosen, or all that are no targets."""
    if chosen is None:
        rest = [name for name in columns if name not in targets]
        if not rest:
            raise DataError("no column is left to predict from: every column is a target.")
        return rest
    names = [name.strip() for name in _names(chosen)]
    both = [name for name in names if name in targets]
    if both:
        raise DataError(
            f"the column {both[0]!r} is both a feature and the target. Take it out of {option}."
        )
    return names
