"""A CSV file as a table: columns of text, made numbers or labels on request. Knows no models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.fit.files import Row, closest, locate, rows, shipped

__all__ = ["MISSING", "Table", "find", "shipped"]

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null"})
_NUMBER = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Table:
    """Columns of text, one row per example.

    `name` is the file's, for messages. `columns`: the cells by column name. `lines`: the line of the file on which
    each row begins, the first line being 1.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    @property
    def names(self) -> list[str]:
        """The column names, in the file's order."""
        return list(self.columns)

    @property
    def n_rows(self) -> int:
        """The number of rows below the header."""
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
        gone = {row for row, _ in self._missing(columns)}
        kept = [row for row in range(self.n_rows) if row not in gone]
        if not kept:
            raise DataError(
                f"no row of {self.name} is complete in {', '.join(columns)}. "
                "Choose fewer columns with --features."
            )
        cells = {name: [column[row] for row in kept] for name, column in self.columns.items()}
        return replace(self, columns=cells, lines=[self.lines[row] for row in kept]), len(gone)

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
        self._refuse_missing(columns)
        values = np.array([[float(x) for x in self.columns[c]] for c in columns])
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
        return list(self.columns[column])

    def labels(
        self, column: str, positive: str | None = None
    ) -> tuple[NDArray[np.float64], tuple[str, str]]:
        """Return a column of two classes as 0 and 1.

        Args:
            column: its name. Classes are words or numbers (1 and 1.0 are one class).
            positive: the class that counts as 1; when not given, the later in the order of the alphabet or of numbers.

        Returns:
            The labels, shape (rows,), and the classes: that of 0, that of 1.

        Raises:
            DataError: no such column, a missing value, more or fewer than two classes, no class called `positive`.

        >>> labels, classes = find("penguins").drop_missing(["sex"])[0].labels("sex")
        >>> labels[:3], classes
        (array([1., 0., 0.]), ('female', 'male'))
        """
        cells = self.text(column)
        numbers = all(map(_is_number, cells))
        keys = [float(cell) if numbers else cell for cell in cells]
        written = dict(zip(reversed(keys), reversed(cells), strict=True))  # as first written
        order = sorted(written, key=lambda key: (key, ""))
        if len(order) != 2:
            raise self._not_two(column, [written[key] for key in order])
        if positive is not None and positive not in (written[key] for key in order):
            classes = [written[key] for key in order]
            raise DataError(
                f"column {column!r} of {self.name} has no class {positive!r}."
                f"{closest(positive, classes)} Its classes: {' and '.join(classes)}."
            )
        if written[order[0]] == positive:
            order.reverse()
        labels = np.array([float(key == order[1]) for key in keys])
        return labels, (written[order[0]], written[order[1]])

    def _not_two(self, column: str, classes: Sequence[str]) -> DataError:
        shown = ", ".join(classes[:5]) + ", ..." * (len(classes) > 5)
        few = len(classes) < 2
        return DataError(
            f"column {column!r} of {self.name} has {len(classes)} class{'' if few else 'es'} ({shown}), "
            "and labels of 0 and 1 need two. "
            + ("Choose another --target." if few else "Keep the rows of two of them.")
        )

    def _missing(self, columns: Sequence[str]) -> list[tuple[int, str]]:
        rows = range(self.n_rows)
        return [(row, c) for row in rows for c in columns if self.columns[c][row] in MISSING]

    def _refuse_missing(self, columns: Sequence[str]) -> None:
        missing = self._missing(columns)
        if not missing:
            return
        row, column = missing[0]
        gone = len({row for row, _ in missing})
        raise DataError(
            f"{self.name} has {_count(len(missing), 'missing value')} in {_count(gone, 'row')}; the first is "
            f"{self.columns[column][row] or 'an empty cell'!r} in line {self.lines[row]}, column {column!r}. "
            "Leave those rows out with --drop-missing, or fill them in."
        )

    def _refuse_text(self, column: str, chosen: Sequence[str]) -> None:
        cells = self.columns[column]
        texts = [row for row, x in enumerate(cells) if not (x in MISSING or _is_number(x))]
        if not texts:
            return
        what = f"{self._place(texts[0], column)} is not a number. "
        if len(texts) < len(cells) / 2:
            raise DataError(
                what + "Write it in digits with a decimal point, as in 1234.5, or leave it empty."
            )
        words = [c for c in chosen if not any(map(_is_number, self.columns[c]))]
        raise DataError(what + self._instead_of([column, *words], chosen))

    def _refuse_infinite(self, columns: Sequence[str], values: NDArray[np.float64]) -> None:
        wrong = np.argwhere(~np.isfinite(values.T))
        if wrong.size:
            row, column = (int(index) for index in wrong[0])
            raise DataError(
                f"{self._place(row, columns[column])} is not finite. "
                "Write a finite number, or leave it empty."
            )

    def _refuse_constant(self, columns: Sequence[str], values: NDArray[np.float64]) -> None:
        flat = [c for c, row in zip(columns, values, strict=True) if row.min() == row.max()]
        if flat:
            raise DataError(
                f"column {flat[0]!r} of {self.name} is {self.columns[flat[0]][0]} in every row, "
                f"so it cannot be standardised. {self._instead_of(flat, columns)}"
            )

    def _place(self, row: int, column: str) -> str:
        return f"line {self.lines[row]} of {self.name}, column {column!r}: {self.columns[column][row]!r}"

    def _instead_of(self, wrong: Sequence[str], chosen: Sequence[str]) -> str:
        rest = [name for name in chosen if name not in wrong]
        if rest:
            return f"Leave it out: --features {','.join(rest)}"
        others = [c for c in self.names if any(map(_is_number, self.columns[c])) and c not in wrong]
        return f"Choose a column of numbers: {', '.join(others) or 'there is none'}."


def find(name_or_path: str | Path) -> Table:
    """Read a CSV file, or a shipped data set by its name.

    Raises:
        UnknownNameError: there is no such file or data set.
        DataError: it cannot be read as a table.

    >>> find("motorcycle.csv").names
    ['time_ms', 'acceleration_g']
    """
    path = locate(name_or_path)
    found = rows(path)
    if not found:
        raise DataError(
            f"{path.name} is empty. Write the column names in line 1, an example in each further line."
        )
    (_, names), *examples = found
    _check_header(path.name, names)
    if not examples:
        raise DataError(
            f"{path.name} has a header and no rows. Write an example in each line below it."
        )
    _check_widths(path.name, names, examples)
    cells = [list(column) for column in zip(*(row for _, row in examples), strict=True)]
    return Table(path.name, dict(zip(names, cells, strict=True)), [line for line, _ in examples])


def _check_header(file: str, names: Sequence[str]) -> None:
    if all(map(_is_number, names)):
        raise DataError(
            f"the header of {file} holds numbers: {', '.join(names)}. Write the column names in line 1, above the numbers."
        )
    for i, name in enumerate(names):
        if not name:
            raise DataError(f"column {i + 1} of {file} has no name. Write one in the header.")
        if name in names[:i]:
            first = names.index(name) + 1
            raise DataError(
                f"columns {first} and {i + 1} of {file} are both called {name!r}. Rename one of them in the header."
            )


def _check_widths(file: str, names: Sequence[str], examples: Sequence[Row]) -> None:
    for line, cells in examples:
        if len(cells) != len(names):
            raise DataError(
                f"line {line} of {file} has {_count(len(cells), 'value')}, and the header names "
                f"{_count(len(names), 'column')}. Write one value per column; put a value that holds the "
                "separator in quotation marks."
            )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
