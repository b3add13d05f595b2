"""Finding a file or a shipped data set, and reading a CSV file's columns of text. Knows no frames and no Parquet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError, UnknownNameError

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null"})
PARQUET = (".parquet", ".pq")
_DATA = Path(__file__).resolve().parents[1] / "data"
_NUMBER = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?", re.ASCII | re.IGNORECASE
)

Row = tuple[int, list[str]]  # the line on which it begins, and its cells


@dataclass(frozen=True)
class Cells:
    """A column of text cells, as a CSV file holds it."""

    cells: Sequence[str]
    empty = "leave it empty"

    def __len__(self) -> int:
        return len(self.cells)

    def keep(self, rows: NDArray[np.intp]) -> Cells:
        """Return the cells in these rows."""
        return Cells([self.cells[int(row)] for row in rows])

    def missing(self) -> NDArray[np.bool_]:
        """Return whether each cell is missing."""
        return np.array([cell in MISSING for cell in self.cells], dtype=bool)

    def not_numbers(self) -> list[int]:
        """Return the rows that hold something else than a number or a missing value."""
        return [i for i, x in enumerate(self.cells) if not (x in MISSING or is_number(x))]

    def has_numbers(self) -> bool:
        """Return whether any cell is a number."""
        return any(map(is_number, self.cells))

    def numbers(self) -> NDArray[np.float64]:
        """Return the numbers, NaN where one is missing."""
        return np.array([np.nan if x in MISSING else float(x) for x in self.cells])

    def written(self) -> list[str]:
        """Return the cells as they are written."""
        return list(self.cells)

    def keys(self) -> list[float] | list[str]:
        """Return what tells classes apart and puts them in order: 1 and 1.0 are one class."""
        if all(map(is_number, self.cells)):
            return [float(cell) for cell in self.cells]
        return list(self.cells)

    def shown(self, row: int) -> str:
        """Return a cell as a message quotes it."""
        return repr(self.cells[row])

    def gap(self, row: int) -> str:
        """Return how a missing cell is written."""
        return f"{self.cells[row] or 'an empty cell'!r} in"

    def fault(self, row: int) -> str:
        """Return what a cell is, that is not a number."""
        return f"{self.shown(row)} is not a number"

    def remedy(self, wrong: Sequence[int], name: str) -> str:
        """Return how to mend the cells that are no numbers; "" where the column should be left out."""
        few = len(wrong) < len(self.cells) / 2
        mend = "Write it in digits with a decimal point, as in 1234.5, or leave it empty."
        return mend if few else ""


def shipped() -> list[str]:
    """Return the names of the data sets that come with chainrule.

    >>> shipped()
    ['diabetes.csv', 'motorcycle.csv', 'old_faithful.csv', 'penguins.csv']
    """
    return sorted(path.name for path in _DATA.glob("*.csv"))


def locate(name_or_path: str | PathLike[str]) -> Path:
    """Return the path of a file, or of a shipped data set, with or without its .csv.

    A file of that name comes before a shipped data set.

    Raises:
        UnknownNameError: neither; names the closest of both, and the shipped ones.
        DataError: it is a folder.
    """
    path, name = Path(name_or_path), str(name_or_path)
    if path.is_file():
        return path
    for known in shipped():
        if name in (known, known.removesuffix(".csv")):
            return _DATA / known
    if path.is_dir():
        inside = _beside(path)
        kinds = "CSV or Parquet" if any(file.endswith(PARQUET) for file in inside) else "CSV"
        raise DataError(
            f"{name} is a folder. Name a {kinds} file in it, such as: {', '.join(inside[:5]) or 'none'}."
        )
    guess = closest(name, [*_beside(path.parent), *shipped()])
    raise UnknownNameError(
        f"there is no file {name!r}, and no shipped data set of that name.{guess} "
        f"Shipped: {', '.join(shipped())}."
    )


def closest(name: str, known: Sequence[str]) -> str:
    """Return " Did you mean ...?" for the closest known name, or nothing where none is close."""
    close = get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def read(path: Path) -> tuple[dict[str, Cells], list[int]]:
    """Return the columns of a CSV file by name, and the line on which each row begins.

    Raises:
        DataError: it is not UTF-8 text, has no header or no rows, or rows of different lengths.
    """
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
    columns = zip(*(cells for _, cells in examples), strict=True)
    cells = {name: Cells(column) for name, column in zip(names, columns, strict=True)}
    return cells, [line for line, _ in examples]


def rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file, its header first; lines without any value are left out.

    Commas, semicolons or tabs separate the cells, whichever divides the header into most.

    Raises:
        DataError: it is not UTF-8 text, or a quotation mark is not closed.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: list[Row] = []
    before = 0
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                found.append((before + 1, [cell.strip() for cell in cells]))
            before = reader.line_num
    except csv.Error as error:
        raise DataError(
            f"line {before + 1} of {path.name} cannot be read: {error}. "
            'Write a quotation mark inside a quoted cell twice, as in "6"" pipe".'
        ) from None
    return found


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=lambda mark: len(next(csv.reader([header], delimiter=mark))))


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise _not_text(path, error.object, error.start) from None
    if "\0" in text:
        raise _not_text(path, raw, raw.index(b"\0"))
    return text


def _not_text(path: Path, raw: bytes, at: int) -> DataError:
    line = raw.count(b"\n", 0, at) + 1
    return DataError(
        f"{path.name} is not UTF-8 text: byte 0x{raw[at]:02x} in line {line}. "
        "Save it as CSV in the encoding UTF-8."
    )


def _beside(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(str(file) for file in folder.glob("*") if file.suffix in (".csv", *PARQUET))


def _check_header(file: str, names: Sequence[str]) -> None:
    if all(map(is_number, names)):
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
                f"line {line} of {file} has {count(len(cells), 'value')}, and the header names "
                f"{count(len(names), 'column')}. Write one value per column; put a value that holds the "
                "separator in quotation marks."
            )


def is_number(cell: str) -> bool:
    """Return whether text is a number, in digits with a decimal point; underscores and commas are not.

    >>> is_number("-1.5e3"), is_number("1,5"), is_number("1_000")
    (True, False, False)
    """
    return _NUMBER.fullmatch(cell) is not None


def count(number: int, what: str) -> str:
    """Return a number and a noun.

    >>> count(1, "row"), count(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {what}{'s' * (number != 1)}"
