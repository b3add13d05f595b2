"""A data frame's columns as arrays of values, whoever made the frame. Knows no files and no models."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from numbers import Complex
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError, missing_extra
from chainrule.tables.files import is_number

_PROTOCOLS = ("__arrow_c_stream__", "__dataframe__", "__narwhals_dataframe__")
_ONE_COLUMN = ("Series", "ChunkedArray")  # these offer an Arrow stream too
_NOBODY = ("builtins", "__main__")  # modules that say nothing of who made a class
_NUMBERS = (int, float, Decimal, Fraction, np.integer, np.floating, np.bool_)
_KINDS: Sequence[tuple[tuple[type, ...], str, str]] = (
    (
        (datetime.date, np.datetime64),  # a datetime and a pandas Timestamp are dates, too
        "a date, not a number",
        "Use a number instead, such as the days since the first date: "
        "(d[{0!r}] - d[{0!r}].min()).dt.total_seconds() / 86400.",
    ),
    (
        (datetime.timedelta, np.timedelta64),
        "a duration, not a number",
        "Use a number instead, such as its seconds: d[{0!r}].dt.total_seconds().",
    ),
    (
        (datetime.time,),
        "a time of day, not a number",
        "Use a number instead, such as the hours since midnight.",
    ),
    ((Complex,), "complex, not real", "Use its real and its imaginary part as two columns."),
    (
        (list, tuple, np.ndarray, Mapping),
        "several values, not one number",
        "Give each of them a column of its own.",
    ),
)


@dataclass(frozen=True)
class Values:
    """A column of values, as a data frame holds it. Its methods are those of `files.Cells`.

    `array`: numbers, bools, dates or durations; or objects, of which None, NaN, pandas' NA and NaT are missing.
    """

    array: NDArray[Any]
    empty = "make it None"

    @classmethod
    def of(cls, values: Any) -> Values:
        """Return an array or a list as a column, without a copy where its numbers can stay as they are.

        Raises:
            DataError: it has more or fewer than one axis.

        >>> Values.of([1, None, 2.5]).numbers()
        array([1. , nan, 2.5])
        """
        if isinstance(values, Values):
            return values
        if isinstance(values, np.ma.MaskedArray):
            masked = cast("Any", values)
            hidden = np.ma.getmaskarray(masked)  # asarray would show what the mask hides
            values = np.where(hidden, None, masked.data.astype(object))
        array: NDArray[Any]
        if isinstance(values, list | tuple):
            items = cast("Sequence[Any]", values)
            array = np.empty(len(items), dtype=object)
            array[:] = items  # np.array([1, "a"]) would make both text
        else:
            array = np.asarray(values)
        if array.ndim != 1:
            raise DataError(
                f"a column has one value per example, and this array has the shape {array.shape}. "
                "Give each of its columns a name of its own."
            )
        return cls(array if array.dtype.kind in "biufcmMO" else array.astype(object))

    def __len__(self) -> int:
        return len(self.array)

    def keep(self, rows: NDArray[np.intp]) -> Values:
        """Return the values in these rows."""
        return Values(self.array[rows])

    def missing(self) -> NDArray[np.bool_]:
        """Return whether each value is missing."""
        kind = self.array.dtype.kind
        if kind in "biu":
            return np.zeros(len(self), dtype=bool)
        if kind == "O":
            return np.fromiter(map(_is_missing, self.array), dtype=bool, count=len(self))
        return np.isnat(self.array) if kind in "mM" else np.isnan(self.array)

    def not_numbers(self) -> list[int]:
        """Return the rows that hold something else than a number or a missing value."""
        kind = self.array.dtype.kind
        if kind in "biuf":
            return []
        if kind != "O":
            return np.flatnonzero(~self.missing()).tolist()
        rows = enumerate(self.array)
        return [row for row, x in rows if not (isinstance(x, _NUMBERS) or _is_missing(x))]

    def has_numbers(self) -> bool:
        """Return whether any value is a number."""
        return len(self.not_numbers()) < int(np.count_nonzero(~self.missing()))

    def numbers(self) -> NDArray[Any]:
        """Return the numbers, NaN where one is missing, in the frame's own type and memory where it has one."""
        kind = self.array.dtype.kind
        if kind in "biuf":
            return self.array
        if kind != "O":  # dates that are all missing; NumPy would count the days of a missing date
            return np.full(len(self), np.nan)
        return np.fromiter(map(_number, self.array), dtype=np.float64, count=len(self))

    def written(self) -> list[str]:
        """Return the values as text; 1.0 as 1, since whole numbers with gaps are often kept as floats."""
        return [written(value) for value in _each(self.array)]

    def keys(self) -> list[float] | list[str]:
        """Return what tells classes apart and puts them in order: 1 and 1.0 are one class."""
        if self.not_numbers():
            return self.written()
        return self.array.tolist() if self.array.dtype.kind in "biuf" else self.numbers().tolist()

    def shown(self, row: int) -> str:
        """Return a value as a message quotes it."""
        value = self.array[row]
        text = repr(value) if isinstance(value, str | bytes) else written(value)
        return text if len(text) <= 60 else text[:57] + "..."

    def gap(self, row: int) -> str:
        """Return nothing of a missing value: its spelling depends on who made the frame."""
        return "in"

    def fault(self, row: int) -> str:
        """Return what a value is, that is not a number."""
        value = self.array[row]
        text = isinstance(value, str) and is_number(value.strip())
        plain = "text, not a number" if text else "not a number"
        kind = next((name for types, name, _ in _KINDS if isinstance(value, types)), plain)
        return f"{self.shown(row)} is {kind}"

    def remedy(self, wrong: Sequence[int], name: str) -> str:
        """Return how to mend the values that are no numbers; "" where the column should be left out."""
        value = self.array[wrong[0]]
        for types, _, advice in _KINDS:
            if isinstance(value, types):
                return advice.format(name)
        texts = [self.array[row] for row in wrong]
        if all(isinstance(text, str) and is_number(text.strip()) for text in texts):
            return "Make the column one of numbers: .astype(float) in pandas, .cast(pl.Float64) in polars."
        few = len(wrong) < np.count_nonzero(~self.missing()) / 2
        return "Write a number in its place, or None where it is missing." if few else ""


def is_frame(source: object) -> bool:
    """Return whether this is a data frame, without importing what made it.

    Args:
        source: anything; a frame of pandas, polars, Arrow or narwhals, lazy or not, is one, and so is
            what offers an Arrow stream or the data-frame interchange protocol. A single column is none.

    >>> is_frame([1.0, 2.0])
    False
    """
    kind = type(source)
    if _is_column(kind):
        return False
    return _lazy(kind) != "" or any(hasattr(kind, name) for name in _PROTOCOLS)


def frame_name(source: object) -> str:
    """Return what a message calls a frame, such as "the pandas DataFrame"."""
    kind = type(source)
    if kind.__module__.startswith("narwhals.") and hasattr(source, "to_native"):
        return frame_name(cast("Any", source).to_native())
    maker = kind.__module__.partition(".")[0]
    return f"the {kind.__name__}" if maker in _NOBODY else f"the {maker} {kind.__name__}"


def columns(source: object, name: str = "") -> dict[str, Values]:
    """Return the columns of a data frame by name; a name that is a number becomes text.

    Numbers stay in the frame's own memory where NumPy can read it there.

    Args:
        source: a frame as in `is_frame`.
        name: what messages call it; `frame_name` when not given.

    Raises:
        DataError: it is lazy, a single column, or no table at all; two columns have one name.
        MissingExtraError: it can only be read through Arrow, and pyarrow is not installed.
    """
    import narwhals.stable.v2 as nw

    native: Any = nw.to_native(source, pass_through=True)
    _refuse_others(native)
    if not nw.dependencies.is_into_dataframe(native):
        native = _through_arrow(native)
    names = _names(native, name or frame_name(source))
    wide = (nw.Int128, nw.UInt128)  # NumPy has no such integers
    frame: Any = nw.from_native(native, eager_only=True)
    plain = (nw.Boolean, nw.String, nw.Object, nw.Date, nw.Datetime, nw.Duration)
    found: dict[str, Values] = {}
    for key, column in zip(names, frame.iter_columns(), strict=True):
        kind = column.dtype
        number = kind.is_integer() or kind.is_float()
        # NumPy's view of other kinds can be wrong: a null of an Arrow dictionary becomes its last word
        direct = isinstance(kind, plain) or (number and not isinstance(kind, wide))
        found[key] = Values.of(column.to_numpy() if direct else column.to_list())
    return found


def _refuse_others(source: object) -> None:
    kind, name = type(source), frame_name(source)
    if _is_column(kind):
        frame = (
            "pyarrow.table({'x': column})"
            if kind.__module__.startswith("pyarrow")
            else ".to_frame()"
        )
        raise DataError(
            f"{name} is a single column; a table has named ones. Make it one with {frame}."
        )
    if _lazy(kind):
        raise DataError(f"{name} is lazy: it has no values yet. Compute them with {_lazy(kind)}.")
    if not is_frame(source):
        raise DataError(
            f"{name} is not a table. Give the name of a CSV or Parquet file, or a data frame of pandas, "
            "polars or Arrow: one row per example, and columns with names."
        )


def _is_column(kind: type) -> bool:
    return any(base.__name__ in _ONE_COLUMN for base in kind.__mro__)


def _lazy(kind: type) -> str:
    """Return the call that makes a lazy frame's values, "" for a frame that has them."""
    if kind.__name__ == "LazyFrame":
        return ".collect()"
    dask = kind.__name__ == "DataFrame" and kind.__module__.startswith("dask")
    return ".compute()" if dask else ""


def arrow(module: str = "pyarrow") -> Any:
    """Return pyarrow, or a module of it, imported on first use.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        raise missing_extra("pyarrow", "parquet") from None


def _through_arrow(source: Any) -> Any:
    pyarrow = arrow()
    try:
        if hasattr(source, "__arrow_c_stream__"):
            return pyarrow.table(source)
        return arrow("pyarrow.interchange").from_dataframe(source)
    except (pyarrow.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        raise DataError(
            f"{frame_name(source)} cannot be read as a table: {error}. Make it a pandas, polars or Arrow one."
        ) from None


def _names(native: Any, frame: str) -> list[str]:
    # asked of the class: a pandas frame may have a column called column_names
    kind = cast("object", type(native))
    found = native.column_names if hasattr(kind, "column_names") else native.columns
    names = [_name(given) for given in found]
    for name, times in Counter(names).items():
        if times > 1:
            raise DataError(
                f"{frame} has {times} columns called {name!r}. Rename all but one of them."
            )
        if not name:
            raise DataError(f"a column of {frame} has no name: its name is ''. Give it one.")
    return names


def _name(given: Any) -> str:
    """Return a column's name as text: 1 as "1", ("a", 1) of pandas' columns of several levels as "a_1"."""
    if isinstance(given, tuple):
        return "_".join(map(written, cast("tuple[Any, ...]", given)))
    return written(given)


def _each(array: NDArray[Any]) -> Sequence[Any]:
    return array.tolist() if array.dtype.kind in "biuO" else list(array)


def written(value: Any) -> str:
    """Return a value as text, a whole number without a point.

    >>> written(2.0), written(np.float32(0.1)), written(True)
    ('2', '0.1', 'True')
    """
    if isinstance(value, np.datetime64):
        return str(cast("Any", np).datetime_as_string(value, unit="auto"))
    text = str(value)
    return text.removesuffix(".0") if isinstance(value, float | np.floating) else text


def _is_missing(value: Any) -> bool:
    if isinstance(value, float | np.floating | Decimal):
        return bool(value != value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _number(value: Any) -> float:
    if _is_missing(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the largest float
        return np.inf if value > 0 else -np.inf
