"""Reading Parquet: whole, as columns, or in pieces, as numbers in bounded memory. Knows no tables and no models."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.tables import frames
from chainrule.tables.files import closest, locate

_UNNAMED_INDEX = "__index_level_"  # where pandas keeps the numbers of its rows
_BUFFER = (
    1 << 18
)  # bytes of a column read at a time; without it, a row group's column is read whole


def n_rows(path: str | PathLike[str]) -> int:
    """Return the number of rows of a Parquet file, from its footer alone.

    Raises:
        UnknownNameError: there is no such file.
        DataError: it is not a Parquet file, or is cut short.
        MissingExtraError: pyarrow is not installed.
    """
    with _opened(locate(path)) as file:
        return int(file.metadata.num_rows)


def names(path: str | PathLike[str]) -> list[str]:
    """Return the names of a Parquet file's columns, from its footer alone.

    The unnamed index that pandas writes is not among them, as it is none of the frame's columns.

    Raises:
        As `n_rows`.
    """
    with _opened(locate(path)) as file:
        return _names(file)


def read(path: str | PathLike[str]) -> dict[str, frames.Values]:
    """Return the columns of a Parquet file by name, read whole.

    Raises:
        As `n_rows`.
    """
    found = locate(path)
    with _opened(found) as file:
        with _reading(found):
            whole = file.read(columns=_names(file))
        return frames.columns(whole, found.name)


def stream(
    path: str | PathLike[str], columns: Sequence[str], rows: int = 65536
) -> Generator[NDArray[np.float64]]:
    """Return columns of a Parquet file as numbers, piece by piece, in memory that does not grow with the file.

    Args:
        path: the file.
        columns: the names of the columns, in the order wanted.
        rows: the most rows in a piece; every piece but the last has as many.

    Returns:
        Arrays of shape (columns, rows).

    Raises:
        DataError: at once, no such column, no rows, or not a Parquet file; on the way, a value that is missing,
            infinite or not a number.
        UnknownNameError, MissingExtraError: as `n_rows`.
    """
    found = locate(path)
    if rows < 1:
        raise DataError(
            f"pieces of {rows} rows hold nothing. Ask for at least 1, such as rows=65536."
        )
    _require(found, columns)
    return _pieces(found, list(columns), rows)


def _pieces(path: Path, columns: list[str], rows: int) -> Generator[NDArray[np.float64]]:
    start = 0
    with _opened(path) as file:
        for batch in _batches(path, file, columns, rows):
            part = frames.columns(batch, path.name)
            values = np.empty((len(columns), batch.num_rows))
            for row, name in zip(values, columns, strict=True):
                row[:] = _numbers(part[name], name, start, path.name)
            yield values
            start += batch.num_rows


def _batches(path: Path, file: Any, columns: list[str], rows: int) -> Iterator[Any]:
    with _reading(path):
        yield from file.iter_batches(batch_size=rows, columns=list(dict.fromkeys(columns)))


def _numbers(column: frames.Values, name: str, start: int, file: str) -> NDArray[np.float64]:
    def place(row: int) -> str:
        return f"row {start + row} of {file}, column {name!r}"

    wrong = column.not_numbers()
    if wrong:
        advice = column.remedy(wrong, name) or "Choose columns of numbers."
        raise DataError(f"{place(wrong[0])}: {column.fault(wrong[0])}. {advice}")
    values = column.numbers()
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        if np.isnan(values[row]):
            raise DataError(
                f"{place(row)}: the value is missing. Fill it in, or write the file without such rows."
            )
        raise DataError(f"{place(row)}: {column.shown(row)} is not finite. Write a finite number.")
    return values


def _require(path: Path, columns: Sequence[str]) -> None:
    with _opened(path) as file:
        known, total = _names(file), int(file.metadata.num_rows)
    if not columns:
        raise DataError(f"no column of {path.name} was chosen. Its columns: {', '.join(known)}.")
    for name in columns:
        if name not in known:
            raise DataError(
                f"{path.name} has no column {name!r}.{closest(name, known)} Its columns: {', '.join(known)}."
            )
    if not total:
        raise DataError(f"{path.name} has no rows. Give one for each example.")


def _names(file: Any) -> list[str]:
    return [name for name in file.schema_arrow.names if not name.startswith(_UNNAMED_INDEX)]


@contextmanager
def _opened(path: Path) -> Generator[Any]:
    parquet = frames.arrow("pyarrow.parquet")
    with _reading(path):
        # reading ahead (pre_buffer) would hold whole row groups
        file = parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    with file:
        yield file


@contextmanager
def _reading(path: Path) -> Generator[None]:
    pyarrow = frames.arrow()
    try:
        yield
    except MemoryError:  # Arrow's own is an ArrowException too, and says nothing of the file
        raise
    except PermissionError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (pyarrow.ArrowException, OSError) as error:
        why = f"{error}: ".splitlines()[0].rstrip(". :")
        raise DataError(
            f"{path.name} is not a Parquet file, or is damaged: {why}. "
            "Write it again, as with DataFrame.to_parquet in pandas or DataFrame.write_parquet in polars."
        ) from None
