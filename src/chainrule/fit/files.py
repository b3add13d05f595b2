"""Finding a CSV file or a shipped data set, and reading its rows of text. Knows no numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from chainrule.errors import DataError, UnknownNameError

_DATA = Path(__file__).resolve().parents[1] / "data"

Row = tuple[int, list[str]]  # the line on which it begins, and its cells


def shipped() -> list[str]:
    """Return the names of the data sets that come with chainrule.

    >>> shipped()
    ['diabetes.csv', 'motorcycle.csv', 'old_faithful.csv', 'penguins.csv']
    """
    return sorted(path.name for path in _DATA.glob("*.csv"))


def locate(name_or_path: str | Path) -> Path:
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
        inside = ", ".join(_beside(path)[:5]) or "none"
        raise DataError(f"{name} is a folder. Name a CSV file in it, such as: {inside}.")
    guess = closest(name, [*_beside(path.parent), *shipped()])
    raise UnknownNameError(
        f"there is no file {name!r}, and no shipped data set of that name.{guess} "
        f"Shipped: {', '.join(shipped())}."
    )


def closest(name: str, known: Sequence[str]) -> str:
    """Return " Did you mean ...?" for the closest known name, or nothing where none is close."""
    close = get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


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
    return sorted(map(str, folder.glob("*.csv"))) if folder.is_dir() else []
