"""From a table (examples are rows) to a model's own arrays (examples where its shapes say), turned once, here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from chainrule.derive.instances import implied_domains
from chainrule.derive.prediction import target_of
from chainrule.errors import DataError
from chainrule.graph.shapes import show
from chainrule.model import Model
from chainrule.tables.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chainrule.graph.nodes import Shape


def roles(model: Model) -> tuple[str, str, str]:
    """Return the names of the features' and the target's argument, and the dim of the examples."""
    names = list(model.data)
    if len(names) != 2 or any(isinstance(shape, list) for shape in model.data.values()):
        raise DataError(
            f"{model.name} takes {len(names)} data arrays ({', '.join(names)}); a table can fill features and a target, two in all."
        )
    target = target_of(model.graph)
    names.sort(key=lambda name: name == target)  # the target last
    first, last = (cast("Shape", model.data[name]) for name in names)
    shared = [dim for dim in last if dim in first and not dim.isdigit()]
    if len(shared) != 1:
        raise DataError(
            f"{model.name}: {names[0]} {show(tuple(first))} and {names[1]} {show(tuple(last))} must share one dim, that of the examples."
        )
    return names[0], names[1], shared[0]


def placed(
    rows: NDArray[np.float64],
    name: str,
    model: Model,
    examples: str,
    columns: list[str],
    option: str,
) -> Any:
    """Return columns of a table, given as (columns, examples), in the shape that the model declares."""
    shape = cast("Shape", model.data[name])
    wide = next((dim for dim in shape if dim != examples), "1")
    if wide.isdigit() and int(str(wide)) != len(columns):
        raise DataError(
            f"{model.name} takes {wide} column{'s' if wide != '1' else ''} for {name} {show(tuple(map(str, shape)))}, and {len(columns)} were chosen: "
            f"{', '.join(columns)}. Choose with {option}."
        )
    if len(shape) == 1:
        return rows[0]
    return rows if shape[-1] == examples else rows.T


@dataclass(frozen=True)
class Encoding:
    """How a target became numbers: "number", "count", "label" (0 and 1) or "one-hot"; `classes` in their order."""

    kind: str = "number"
    classes: tuple[str, ...] = ()

    def said(self, columns: list[str]) -> str:
        """Return a word on it, "" for plain numbers."""
        names = ", ".join(columns)
        if self.kind == "label":
            return f"{names}: {self.classes[1]} counts as 1, {self.classes[0]} as 0"
        if self.kind == "one-hot":
            return f"{names}: one-hot over {', '.join(self.classes)}"
        return f"{names}: counts, not scaled" if self.kind == "count" else ""

    def named(self, values: NDArray[np.float64]) -> Any:
        """Return the classes that predictions (targets, rows) stand for."""
        import numpy as np

        if self.kind == "label":
            chosen = (values[0] > 0.5).astype(int)
        else:
            chosen = np.argmax(values, axis=0)
        return np.array(self.classes, dtype=object)[chosen]


def target_rows(
    table: Table, model: Model, name: str, columns: list[str], positive: object
) -> tuple[Any, Encoding]:
    """Return the target as (rows, examples), and how it was encoded."""
    import numpy as np

    domain = implied_domains(model.graph).get(name, "real")
    if domain == "label" and len(columns) == 1:
        values, classes = table.labels(columns[0], positive)
        return np.asarray(values, dtype=np.float64)[None, :], Encoding("label", tuple(classes))
    if domain == "one-hot" and len(columns) == 1:
        found = table.text(columns[0])
        classes = tuple(sorted(set(found)))
        rows = np.array([[1.0 if value == c else 0.0 for value in found] for c in classes])
        return rows, Encoding("one-hot", classes)
    values = table.numeric(columns)
    if domain == "count":
        if np.any(values < 0) or np.any(values != np.round(values)):
            raise DataError(
                f"{', '.join(columns)} must hold counts, 0, 1, 2, ..., for {model.name}, and it holds {values[(values < 0) | (values != np.round(values))][0]:g}."
            )
        return values, Encoding("count")
    return values, Encoding()
