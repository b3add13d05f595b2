"""A table, one example per row: its columns, made numbers or labels on request. Knows no models and no file formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.tables import files, frames, parquet
from chainrule.tables.files import MISSING, Cells, closest, count, locate, shipped
from chainrule.tables.frames import Values

__all__ = ["COMMAND", "MISSING", "PYTHON", "Column", "Table", "Words", "find", "shipped"]

Column = Cells | Values  # of text, from a CSV file; of values, from everything else


class Words(NamedTuple):
    """How a message tells its reader to choose features, to drop rows and to choose a target."""

    features: str
    chosen: str  # the same with names to be filled in, joined by `between`
    between: str
    drop: str
    target: str

    def only(self, names: Sequence[str]) -> str:
        """Return how to choose these features.

        >>> COMMAND.only(["a", "b"]), PYTHON.only(["a", "b"])
        ('--features a,b', "features=['a', 'b']")
        """
        return self.chosen.format(self.between.join(names))


COMMAND = Words("--features", "--features {}", ",", "--drop-missing", "--target")
PYTHON = Words("features=[...]", "features=['{}']", "', '", "drop_missing=True", "target")


@dataclass(frozen=True)
class Table:
    """Columns, one row per example.

    `name` is what messages call it. `columns`: by name. `lines`: where each row stands in its source, which is a
    line of the file (`place` "line", the first being 1) or a row of the frame (`place` "row", the first being 0).
    `words`: how its reader gives options.
    """

    name: str
    columns: Mapping[str, Column]
    lines: Sequence[int]
    place: str = "line"
    words: Words = COMMAND

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Any], words: Words = PYTHON) -> Table:
        """Return arrays or lists, one per column, as a table.

        Args:
            name: what messages call it.
            columns: arrays or lists of numbers, bools, text or None, all of one length, by name.
            words: how its reader gives options.

        Raises:
            DataError: no column, no row, or columns of different lengths.

        >>> Table.of("the arrays", {"x": np.array([1, 2]), "y": ["a", None]}).numeric(["x"])
        array([[1., 2.]])
        """
        values = {key: Values.of(column) for key, column in columns.items()}
        rows = _common_length(name, {key: len(column) for key, column in values.items()})
        return cls(name, values, range(rows), "row", words)

    @property
    def names(self) -> list[str]:
        """The column names, in the source's order."""
        return list(self.columns)

    @property
    def n_rows(self) -> int:
        """The number of rows, a header not counted."""
        return len(self.lines)

    def require(self, names: Sequence[str]) -> None:
        """Check that columns of these names exist.

        Raises:
            DataError: one does not; names the closest one, and all there are.
        """
        for name in names:
            if name not in self.columns:
                raise DataError(
                    f"{self.name} has no column {name!r}.{closest(name, self.names)} "
                    f"Its columns: {', '.join(self.names)}."
                )

    def drop_missing(self, columns: Sequence[str]) -> tuple[Table, int]:
        """Leave out the rows with a missing value in any of the columns.

        Args:
            columns: the names of the columns to look at.

        Returns:
            The table of the other rows, and how many rows went.

        Raises:
            DataError: no such column, or no row is left.

        >>> table, gone = find("penguins").drop_missing(["body_mass_g", "sex"])
        >>> table.n_rows, gone
        (333, 11)
        """
        self.require(columns)
        gone = np.logical_or.reduce(self._missing(columns), axis=0, initial=False)
        kept = np.flatnonzero(~gone)
        if not kept.size:
            raise DataError(
                f"no row of {self.name} is complete in {', '.join(columns)}. "
                f"Choose fewer columns with {self.words.features}."
            )
        cells = {name: column.keep(kept) for name, column in self.columns.items()}
        lines = [self.lines[row] for row in kept.tolist()]
        return replace(self, columns=cells, lines=lines), self.n_rows - len(lines)

    def only(self, column: str, values: Sequence[str]) -> Table:
        """Return the rows in which a column has one of some values.

        Args:
            column: its name.
            values: as they are written.

        Raises:
            DataError: no such column, or none of its rows has such a value.

        >>> find("penguins").only("species", ["Adelie", "Chinstrap"]).n_rows
        220
        """
        self.require([column])
        written = self.columns[column].written()
        kept = np.flatnonzero([cell in values for cell in written])
        if not kept.size:
            known = sorted(set(written))
            raise DataError(
                f"no row of {self.name} has {' or '.join(map(repr, values))} in column {column!r}."
                f"{closest(values[0] if values else '', known)}"
            )
        cells = {name: held.keep(kept) for name, held in self.columns.items()}
        return replace(self, columns=cells, lines=[self.lines[row] for row in kept.tolist()])

    def numeric(self, columns: Sequence[str], constant_ok: bool = True) -> NDArray[np.float64]:
        """Return columns as numbers.

        Args:
            columns: their names.
            constant_ok: False to refuse a column that is the same in every row and so cannot be standardised.

        Returns:
            Shape (columns, rows).

        Raises:
            DataError: no such column; text, a missing or an infinite value; a constant column.

        >>> find("old_faithful").numeric(["waiting_min", "eruption_min"])[:, :2]
        array([[79. , 54. ],
               [ 3.6,  1.8]])
        """
        self.require(columns)
        for column in columns:
            self._refuse_text(column, columns)
        values = np.empty((len(columns), self.n_rows))
        for row, column in zip(values, columns, strict=True):
            row[:] = self.columns[column].numbers()
        if not np.isfinite(values).all():
            self._refuse_missing(columns)
            self._refuse_infinite(columns, values)
        if not constant_ok:
            self._refuse_constant(columns, values)
        return values

    def text(self, column: str) -> list[str]:
        """Return a column as it is written.

        Raises:
            DataError: no such column, or a missing value.
        """
        self.require([column])
        self._refuse_missing([column])
        return self.columns[column].written()

    def labels(
        self, column: str, positive: object = None
    ) -> tuple[NDArray[np.float64], tuple[str, str]]:
        """Return a column of two classes as 0 and 1.

        Args:
            column: its name. Classes are words, numbers (1 and 1.0 are one class) or bools.
            positive: the class that counts as 1, as it is written or as a value; when not given, the later in the order of the alphabet or of numbers.

        Returns:
            The labels, shape (rows,), and the classes: that of 0, that of 1.

        Raises:
            DataError: no such column, a missing value, more or fewer than two classes, no class called `positive`.

        >>> labels, classes = find("penguins").drop_missing(["sex"])[0].labels("sex")
        >>> labels[:3], classes
        (array([1., 0., 0.]), ('female', 'male'))
        """
        cells = self.text(column)
        keys: list[Any] = list(self.columns[column].keys())
        written = dict(zip(reversed(keys), reversed(cells), strict=True))  # as first written
        order = sorted(written)
        if len(order) != 2:
            raise self._not_two(column, [written[key] for key in order])
        wanted = None if positive is None else frames.written(positive)
        classes = [written[key] for key in order]
        if wanted is not None and wanted not in classes:
            raise DataError(
                f"column {column!r} of {self.name} has no class {wanted!r}."
                f"{closest(wanted, classes)} Its classes: {' and '.join(classes)}."
            )
        if classes[0] == wanted:
            order.reverse()
        labels = np.array([float(key == order[1]) for key in keys])
        return labels, (written[order[0]], written[order[1]])

    def _not_two(self, column: str, classes: Sequence[str]) -> DataError:
        shown = ", ".join(classes[:5]) + ", ..." * (len(classes) > 5)
        few = len(classes) < 2
        return DataError(
            f"column {column!r} of {self.name} has {len(classes)} class{'' if few else 'es'} ({shown}), "
            "and labels of 0 and 1 need two. "
            + (f"Choose another {self.words.target}." if few else "Keep the rows of two of them.")
        )

    def _missing(self, columns: Sequence[str]) -> NDArray[np.bool_]:
        missing = [self.columns[c].missing() for c in columns]
        return np.array(missing, dtype=bool).reshape(len(columns), self.n_rows)

    def _refuse_missing(self, columns: Sequence[str]) -> None:
        missing = self._missing(columns)
        if not missing.any():
            return
        row, first = (int(index) for index in np.argwhere(missing.T)[0])
        column = columns[first]
        gone = int(missing.any(axis=0).sum())
        raise DataError(
            f"{self.name} has {count(int(missing.sum()), 'missing value')} in {count(gone, 'row')}; the first is "
            f"{self.columns[column].gap(row)} {self.place} {self.lines[row]}, column {column!r}. "
            f"Leave those rows out with {self.words.drop}, or fill them in."
        )

    def _refuse_text(self, name: str, chosen: Sequence[str]) -> None:
        column = self.columns[name]
        wrong = column.not_numbers()
        if not wrong:
            return
        what = f"{self._place(wrong[0], name)}: {column.fault(wrong[0])}. "
        remedy = column.remedy(wrong, name)
        if remedy:
            raise DataError(what + remedy)
        words = [c for c in chosen if not self.columns[c].has_numbers()]
        raise DataError(what + self._instead_of([name, *words], chosen))

    def _refuse_infinite(self, columns: Sequence[str], values: NDArray[np.float64]) -> None:
        wrong = np.argwhere(~np.isfinite(values.T))
        if wrong.size:
            row, first = (int(index) for index in wrong[0])
            column = self.columns[columns[first]]
            raise DataError(
                f"{self._place(row, columns[first])}: {column.shown(row)} is not finite. "
                f"Write a finite number, or {column.empty}."
            )

    def _refuse_constant(self, columns: Sequence[str], values: NDArray[np.float64]) -> None:
        flat = [c for c, row in zip(columns, values, strict=True) if row.min() == row.max()]
        if flat:
            raise DataError(
                f"column {flat[0]!r} of {self.name} is {self.columns[flat[0]].written()[0]} in every row, "
                f"so it cannot be standardised. {self._instead_of(flat, columns)}"
            )

    def _place(self, row: int, column: str) -> str:
        return f"{self.place} {self.lines[row]} of {self.name}, column {column!r}"

    def _instead_of(self, wrong: Sequence[str], chosen: Sequence[str]) -> str:
        rest = [name for name in chosen if name not in wrong]
        if rest:
            return f"Leave it out: {self.words.only(rest)}"
        others = [c for c in self.names if self.columns[c].has_numbers() and c not in wrong]
        return f"Choose a column of numbers: {', '.join(others) or 'there is none'}."


def find(source: str | PathLike[str] | Table | object) -> Table:
    """Return a table from wherever it is.

    Args:
        source: the name of a CSV or Parquet file (.parquet or .pq) or of a shipped data set; a data frame of pandas,
            polars, Arrow or another that narwhals or Arrow can read; or a table.

    Raises:
        UnknownNameError: there is no such file or data set.
        DataError: it cannot be read as a table.
        MissingExtraError: pyarrow is not installed, and it is a Parquet file.

    >>> find("motorcycle.csv").names
    ['time_ms', 'acceleration_g']
    """
    if isinstance(source, Table):
        return source
    if not isinstance(source, str | PathLike):
        return Table.of(frames.frame_name(source), frames.columns(source))
    path = locate(cast("str | PathLike[str]", source))
    if path.suffix.lower() in files.PARQUET:
        return Table.of(path.name, parquet.read(path), COMMAND)
    cells, lines = files.read(path)
    return Table(path.name, cells, lines)


def _common_length(name: str, lengths: Mapping[str, int]) -> int:
    if not lengths:
        raise DataError(
            f"{name} has no columns. Give one for each feature, and one for the target."
        )
    first, *others = lengths
    for other in others:
        if lengths[other] != lengths[first]:
            raise DataError(
                f"column {other!r} of {name} has {count(lengths[other], 'value')}, and {first!r} has "
                f"{lengths[first]}. Give one value per example in every column."
            )
    if not lengths[first]:
        raise DataError(f"{name} has no rows. Give one for each example.")
    return lengths[first]
