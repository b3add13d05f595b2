"""Tables from data frames: the same numbers whoever made the frame, and what is said of one that cannot be used."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import narwhals
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from chainrule.errors import DataError, MissingExtraError
from chainrule.tables.frames import frame_name, is_frame
from chainrule.tables.table import Table, find

Make = Callable[[dict[str, Any]], Any]
DAY, LATER = dt.date(2020, 1, 2), dt.datetime(2020, 1, 2, 6, 30)


class Stream:
    """A frame known only by its Arrow stream."""

    def __init__(self, frame: pa.Table):
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Interchange:
    """A frame known only by the data-frame interchange protocol."""

    def __init__(self, frame: pa.Table):
        self.frame = frame

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object:
        return self.frame.__dataframe__(nan_as_null, allow_copy)


MAKERS: dict[str, Make] = {
    "pandas": pd.DataFrame,
    "pandas nullable": lambda columns: pd.DataFrame(columns).convert_dtypes(),
    "pandas of Arrow": lambda columns: pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.DataFrame,
    "Arrow": pa.table,
    "Arrow batch": pa.RecordBatch.from_pydict,
    "Arrow stream": lambda columns: Stream(pa.table(columns)),
    "interchange": lambda columns: Interchange(pa.table(columns)),
    "narwhals": lambda columns: narwhals.from_native(pl.DataFrame(columns)),
    "stable narwhals": lambda columns: nw.from_native(pd.DataFrame(columns)),
}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def refused(action: Callable[[], object], kind: type[Exception] = DataError) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value)


# Reading


@makers
def test_the_same_table_whoever_made_the_frame(make: Make):
    table = find(make({"n": [3, -1, 2], "x": [0.5, 1e300, -0.0], "word": ["b", "a", "b"]}))
    assert (table.names, table.n_rows) == (["n", "x", "word"], 3)
    values = table.numeric(["x", "n"])
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, [[0.5, 1e300, -0.0], [3.0, -1.0, 2.0]])
    assert table.text("word") == ["b", "a", "b"]
    labels, classes = table.labels("word")
    assert (labels.tolist(), classes) == ([1.0, 0.0, 1.0], ("a", "b"))


@makers
def test_nulls_are_missing_whoever_made_the_frame(make: Make):
    table = find(
        make({"n": [1, None, 3, 4], "x": [0.5, 1.5, None, 2.5], "k": ["a", "b", "a", None]})
    )
    assert refused(lambda: table.numeric(["x", "n"])) == (
        f"{table.name} has 2 missing values in 2 rows; the first is in row 1, column 'n'. "
        "Leave those rows out with drop_missing=True, or fill them in."
    )
    assert "1 missing value in 1 row; the first is in row 3, column 'k'" in refused(
        lambda: table.labels("k")
    )
    kept, gone = table.drop_missing(["n", "x"])
    assert (kept.n_rows, gone) == (2, 2)
    assert kept.numeric(["n", "x"]).tolist() == [[1.0, 4.0], [0.5, 2.5]]
    assert "the first is in row 3, column 'k'" in refused(lambda: kept.text("k"))


@makers
def test_nulls_among_bools_and_words_stay_where_they_are(make: Make):
    # NumPy's view of an Arrow dictionary shows the last word in place of a null
    table = find(make({"b": [True, None, False], "k": ["x", None, "y"]}))
    kept, gone = table.drop_missing(["b"])
    assert (gone, kept.numeric(["b"]).tolist(), kept.text("k")) == (1, [[1.0, 0.0]], ["x", "y"])


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"k": pd.Categorical(["x", None, "y"])}),
        pl.DataFrame({"k": ["x", None, "y"]}, schema={"k": pl.Categorical}),
        pl.DataFrame({"k": ["x", None, "y"]}, schema={"k": pl.Enum(["z", "y", "x"])}),
        pa.table({"k": pa.array(["x", None, "y"]).dictionary_encode()}),
    ],
    ids=["pandas", "polars", "polars Enum", "Arrow"],
)
def test_categories_are_labels_and_no_numbers(frame: Any):
    table, gone = find(frame).drop_missing(["k"])
    assert (gone, table.text("k"), table.labels("k")[1]) == (1, ["x", "y"], ("x", "y"))
    assert refused(lambda: table.numeric(["k"])) == (
        f"row 0 of {table.name}, column 'k': 'x' is not a number. "
        "Choose a column of numbers: there is none."
    )


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"c": pd.Categorical([2, 1, 2])}),
        pa.table({"c": pa.array([2, 1, 2]).dictionary_encode()}),
        pd.DataFrame({"c": pd.array([2.0, 1.0, 2.0], dtype=pd.SparseDtype(float, 2.0))}),
        pl.DataFrame({"c": [2, 1, 2]}, schema={"c": pl.Int128}),
        pl.DataFrame({"c": [Decimal(2), Decimal(1), Decimal(2)]}),
        pd.DataFrame({"c": [Decimal(2), 1, np.float32(2.0)]}),
        pd.DataFrame({"c": [Fraction(2), 1, np.int8(2)]}),
        pl.DataFrame({"c": [2, 1, 2]}, schema={"c": pl.UInt8}),
        pa.table({"c": pa.array([2.0, 1.0, 2.0], pa.float16())}),
    ],
    ids=[
        "pandas categories",
        "Arrow dictionary",
        "sparse",
        "Int128",
        "Decimal",
        "mixed",
        "Fraction",
        "UInt8",
        "float16",
    ],
)
def test_numbers_of_every_kind(frame: Any):
    table = find(frame)
    assert table.numeric(["c"]).tolist() == [[2.0, 1.0, 2.0]]
    assert table.labels("c")[0].tolist() == [1.0, 0.0, 1.0]
    assert table.labels("c")[1] == ("1", "2")


def test_a_decimal_becomes_the_nearest_float():
    # float("...") rounds correctly, so equality is exact; Arrow's own cast of a Decimal may be one unit off
    digits = ["0.1", "2.675", "123456789.123456789"]
    frame = pl.DataFrame({"d": [Decimal(text) for text in digits]})
    assert find(frame).numeric(["d"]).tolist() == [[float(text) for text in digits]]


@makers
def test_bools_are_numbers_and_labels(make: Make):
    table = find(make({"b": [True, False, True]}))
    assert table.numeric(["b"]).tolist() == [[1.0, 0.0, 1.0]]
    assert table.labels("b") == (pytest.approx([1, 0, 1], abs=0), ("False", "True"))
    assert table.labels("b", positive=False)[0].tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("one", [1, 1.0, "1", np.int64(1), np.float64(1.0)])
def test_a_positive_class_as_a_value(one: object):
    # with a gap, pandas keeps whole numbers as floats; they are still called 0 and 1
    table, _ = find(pd.DataFrame({"k": [0, 1, None]})).drop_missing(["k"])
    assert table.labels("k", positive=one)[1] == ("0", "1")
    assert refused(lambda: table.labels("k", positive=7)) == (
        "column 'k' of the pandas DataFrame has no class '7'. Its classes: 0 and 1."
    )


def test_whole_numbers_that_no_float_can_tell_apart_are_two_classes():
    table = find(pl.DataFrame({"k": [2**53, 2**53 + 1]}))
    assert table.labels("k")[0].tolist() == [0.0, 1.0]


def test_a_table_is_itself():
    table = find(pl.DataFrame({"x": [1]}))
    assert find(table) is table


# Names


def test_names_that_are_no_text():
    assert find(pd.DataFrame([[1, 2]], columns=[0, 1.5])).names == ["0", "1.5"]
    levels = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    assert find(pd.DataFrame([[1, 2]], columns=levels)).names == ["a_1", "a_2"]
    frame = pd.DataFrame({"column_names": [1], "columns": [2], "shape": [3]})
    assert find(frame).names == ["column_names", "columns", "shape"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            pd.DataFrame([[1, 2, 3]], columns=["x", "y", "x"]),
            "the pandas DataFrame has 2 columns called 'x'. Rename all but one of them.",
        ),
        (
            pd.DataFrame([[1, 2]], columns=[1, "1"]),
            "the pandas DataFrame has 2 columns called '1'. Rename all but one of them.",
        ),
        (
            pa.table([[1], [2], [3]], names=["x", "x", "x"]),
            "the pyarrow Table has 3 columns called 'x'. Rename all but one of them.",
        ),
        (
            pl.DataFrame({"": [1], "x": [2]}),
            "a column of the polars DataFrame has no name: its name is ''. Give it one.",
        ),
        (
            pd.DataFrame(),
            "the pandas DataFrame has no columns. Give one for each feature, and one for the target.",
        ),
        (
            pl.DataFrame({"x": [], "y": []}),
            "the polars DataFrame has no rows. Give one for each example.",
        ),
        (pa.table({"x": []}), "the pyarrow Table has no rows. Give one for each example."),
    ],
)
def test_a_frame_that_is_no_table(frame: Any, message: str):
    assert refused(lambda: find(frame)) == message


def test_a_column_that_is_not_there():
    assert refused(lambda: find(pl.DataFrame({"mass": [1], "age": [2]})).numeric(["mas"])) == (
        "the polars DataFrame has no column 'mas'. Did you mean 'mass'? Its columns: mass, age."
    )


# What is no frame


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            pl.LazyFrame({"x": [1]}),
            "the polars LazyFrame is lazy: it has no values yet. Compute them with .collect().",
        ),
        (
            nw.from_native(pl.LazyFrame({"x": [1]})),
            "the polars LazyFrame is lazy: it has no values yet. Compute them with .collect().",
        ),
        (
            pd.Series([1.0]),
            "the pandas Series is a single column; a table has named ones. Make it one with .to_frame().",
        ),
        (
            pl.Series([1.0]),
            "the polars Series is a single column; a table has named ones. Make it one with .to_frame().",
        ),
        (
            pa.chunked_array([[1.0]]),
            "the pyarrow ChunkedArray is a single column; a table has named ones. "
            "Make it one with pyarrow.table({'x': column}).",
        ),
        (
            np.zeros((2, 2)),
            "the numpy ndarray is not a table. Give the name of a CSV or Parquet file, or a data frame "
            "of pandas, polars or Arrow: one row per example, and columns with names.",
        ),
        (
            {"x": [1.0]},
            "the dict is not a table. Give the name of a CSV or Parquet file, or a data frame "
            "of pandas, polars or Arrow: one row per example, and columns with names.",
        ),
    ],
)
def test_what_is_no_frame(source: object, message: str):
    assert refused(lambda: find(source)) == message


def test_a_stream_of_one_column():
    class Column:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.chunked_array([[1.0]]).__arrow_c_stream__(requested_schema)

    message = refused(lambda: find(Column()))
    assert " Column cannot be read as a table: " in message
    assert message.endswith(". Make it a pandas, polars or Arrow one.")


@makers
def test_frames_are_known(make: Make):
    assert is_frame(make({"x": [1]}))


def test_what_else_is_a_frame_and_what_is_none():
    class DataFrame(pd.DataFrame):  # as geopandas has one
        pass

    assert is_frame(DataFrame({"x": [1]}))
    assert is_frame(pl.LazyFrame({"x": [1]}))
    arrays = [pd.Series([1]), pl.Series([1]), nw.from_native(pl.Series([1]), series_only=True)]
    arrays += [pa.array([1]), pa.chunked_array([[1]]), pd.Index([1]), np.zeros((2, 2))]
    for other in [*arrays, [1], {"x": [1]}, "penguins", None, pd.DataFrame]:
        assert not is_frame(other)


def test_what_messages_call_a_frame():
    assert frame_name(pd.DataFrame()) == "the pandas DataFrame"
    assert frame_name(pl.DataFrame()) == "the polars DataFrame"
    assert frame_name(pa.table({})) == "the pyarrow Table"
    assert frame_name([]) == "the list"
    assert find(nw.from_native(pl.DataFrame({"x": [1]}))).name == "the polars DataFrame"


def test_knowing_a_frame_imports_nothing_heavy():
    code = (
        "import sys; from chainrule.tables.table import find; from chainrule.tables.frames import is_frame;"
        "is_frame([1]); find('diabetes');"
        "print({'narwhals', 'pandas', 'polars', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_arrow_stream_without_pyarrow(monkeypatch: pytest.MonkeyPatch):
    stream = Stream(pa.table({"x": [1]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refused(lambda: find(stream), MissingExtraError) == (
        "pyarrow is not installed. Install it with: pip install 'chainrule[parquet]'"
    )


def test_what_the_interchange_protocol_cannot_say():
    assert refused(lambda: find(Interchange(pa.table({"t": [DAY]})))).endswith(
        "cannot be read as a table: Data type date32[day] not supported by interchange protocol. "
        "Make it a pandas, polars or Arrow one."
    )


# Columns that cannot be used


AS_DAYS = (
    "Use a number instead, such as the days since the first date: "
    "(d['t'] - d['t'].min()).dt.total_seconds() / 86400."
)


@pytest.mark.parametrize(
    ("make", "value"),
    [
        pytest.param(make, value, id=f"{name}, {type(value).__name__}")
        for name, make in MAKERS.items()
        for value in (DAY, LATER)
        if not (name == "interchange" and value is DAY)  # of which the protocol knows nothing
    ],
)
def test_dates(make: Make, value: object):
    table = find(make({"x": [1.0, 2.0], "t": [None, value]}))
    message = refused(lambda: table.numeric(["x", "t"]))
    assert message.startswith(f"row 1 of {table.name}, column 't': 2020-01-02")
    assert message.endswith(f" is a date, not a number. {AS_DAYS}")
    assert table.numeric(["x"]).tolist() == [[1.0, 2.0]]  # a date that is not used does no harm


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"t": pd.to_datetime(["2020-01-05 00:00", "2020-01-02 12:00"])}),
        pl.DataFrame({"t": [dt.datetime(2020, 1, 5), dt.datetime(2020, 1, 2, 12)]}),
    ],
    ids=["pandas", "polars"],
)
def test_the_advice_on_dates_works_as_it_is_written(frame: Any):
    message = refused(lambda: find(frame).numeric(["t"]))
    code = message[message.index("(d[") :].removesuffix(".")
    days = eval(code, {"d": frame})  # the code that the message shows
    assert list(days) == [2.5, 0.0]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"t": pd.to_timedelta(["90s", "60s"])}),
        pl.DataFrame({"t": [dt.timedelta(seconds=90), dt.timedelta(seconds=60)]}),
    ],
    ids=["pandas", "polars"],
)
def test_the_advice_on_durations_works_as_it_is_written(frame: Any):
    message = refused(lambda: find(frame).numeric(["t"]))
    assert " is a duration, not a number. Use a number instead, such as its seconds: " in message
    seconds = eval(message[message.index("d['t']") :].removesuffix("."), {"d": frame})
    assert list(seconds) == [90.0, 60.0]


@makers
def test_dates_that_are_all_missing_are_missing(make: Make):
    table, _ = find(make({"t": [LATER, None, None], "x": [None, 1.0, 2.0]})).drop_missing(["x"])
    assert "has 2 missing values in 2 rows; the first is in row 1" in refused(
        lambda: table.numeric(["x", "t"])
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [dt.time(6, 30), None],
            "06:30:00 is a time of day, not a number. Use a number instead, such as the hours since midnight.",
        ),
        ([1j, 2j], "1j is complex, not real. Use its real and its imaginary part as two columns."),
        (
            [[1, 2], [3, 4]],
            "[1, 2] is several values, not one number. Give each of them a column of its own.",
        ),
        (
            [{"a": 1}, None],
            "{'a': 1} is several values, not one number. Give each of them a column of its own.",
        ),
        (
            ["1.5", "-2"],
            "'1.5' is text, not a number. "
            "Make the column one of numbers: .astype(float) in pandas, .cast(pl.Float64) in polars.",
        ),
        (["red", "blue"], "'red' is not a number. Choose a column of numbers: x."),
        ([b"red", b"blue"], "b'red' is not a number. Choose a column of numbers: x."),
        (["1.5", "red"], "'1.5' is text, not a number. Choose a column of numbers: x."),
    ],
)
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_what_is_no_number(make: Make, values: list[object], message: str):
    if make is pl.DataFrame and isinstance(values[0], complex):
        values = pl.Series(values, dtype=pl.Object)  # type: ignore[assignment]
    table = find(make({"x": [1.0, 2.0], "t": values}))
    assert refused(lambda: table.numeric(["t"])) == f"row 0 of {table.name}, column 't': {message}"


def test_a_long_value_is_shown_in_part():
    message = refused(lambda: find(pd.DataFrame({"t": ["long " * 100]})).numeric(["t"]))
    assert "'long long" in message
    assert "... is not a number" in message
    assert len(message) < 200


def test_a_column_of_words_is_left_out():
    frame = pl.DataFrame({"a": [1, 2], "k": ["red", "blue"], "b": [3, 4], "s": ["x", None]})
    table = find(frame)
    assert refused(lambda: table.numeric(table.names)) == (
        "row 0 of the polars DataFrame, column 'k': 'red' is not a number. "
        "Leave it out: features=['a', 'b']"
    )


def test_one_word_among_numbers_is_corrected():
    frame = pd.DataFrame({"x": [1, 2.5, "none", None, 3]}, dtype=object)
    assert refused(lambda: find(frame).numeric(["x"])) == (
        "row 2 of the pandas DataFrame, column 'x': 'none' is not a number. "
        "Write a number in its place, or None where it is missing."
    )


@pytest.mark.parametrize(
    "gap", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, Decimal("NaN")]
)
def test_every_way_to_write_a_missing_value(gap: object):
    frame = pd.DataFrame({"x": pd.Series([1, gap, "a"], dtype=object)})
    assert "has 1 missing value in 1 row; the first is in row 1" in refused(
        lambda: find(frame).text("x")
    )


@makers
@pytest.mark.parametrize(("value", "shown"), [(np.inf, "inf"), (-np.inf, "-inf")])
def test_an_infinite_value(make: Make, value: float, shown: str):
    table = find(make({"x": [1.0, 2.0], "y": [0.5, value]}))
    assert refused(lambda: table.numeric(["x", "y"])) == (
        f"row 1 of {table.name}, column 'y': {shown} is not finite. "
        "Write a finite number, or make it None."
    )


def test_a_number_beyond_the_largest_float_is_infinite():
    frame = pd.DataFrame({"x": [1, -(10**400)]})
    assert "row 1 of the pandas DataFrame, column 'x': -1000000" in refused(
        lambda: find(frame).numeric(["x"])
    )


@makers
def test_a_constant_column(make: Make):
    table = find(make({"a": [1.0, 2.0], "b": [7.0, 7.0], "c": [1, 0]}))
    assert refused(lambda: table.numeric(["a", "b", "c"], constant_ok=False)) == (
        f"column 'b' of {table.name} is 7 in every row, so it cannot be standardised. "
        "Leave it out: features=['a', 'c']"
    )


def test_the_other_advice_is_in_python_too():
    table = find(pl.DataFrame({"x": [None, 1.0], "y": [1.0, None], "k": ["a", "a"]}))
    assert refused(lambda: table.drop_missing(["x", "y"])).endswith(
        " Choose fewer columns with features=[...]."
    )
    assert refused(lambda: table.labels("k")).endswith(" Choose another target.")


# Size


@makers
def test_numbers_take_no_round_trip_through_text_or_objects(make: Make):
    """A Python float is 24 bytes and a text of it 60 or more, beside the 8 of the result; the numbers of the frame
    may be shared. So 2 x the result leaves room for one more array of floats, and for none of objects.
    """
    values = np.random.default_rng(0).normal(size=(50, 4000))
    frame = make({f"c{i}": row for i, row in enumerate(values)})
    find(frame)  # what is imported here is not counted below
    tracemalloc.start()
    table = find(frame)
    numbers = table.numeric(table.names)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(numbers, values)
    assert peak < 2 * numbers.nbytes + 500_000  # the second: 50 columns' own bookkeeping


# Arrays by name


def test_arrays_and_lists_are_a_table():
    masked = np.ma.MaskedArray([1, 2], mask=[False, True])
    table = Table.of("the arrays", {"x": np.array([1, 2]), "y": [0.5, None], "z": masked})
    assert (table.names, table.n_rows) == (["x", "y", "z"], 2)
    assert table.numeric(["x"]).tolist() == [[1.0, 2.0]]
    assert "1 missing value in 1 row; the first is in row 1, column 'y'" in refused(
        lambda: table.numeric(["y"])
    )
    assert "1 missing value in 1 row; the first is in row 1, column 'z'" in refused(
        lambda: table.numeric(["z"])
    )


def test_numbers_and_words_in_a_list_stay_what_they_are():
    table = Table.of("the arrays", {"x": [1, "a", 3]})
    assert refused(lambda: table.numeric(["x"])) == (
        "row 1 of the arrays, column 'x': 'a' is not a number. "
        "Write a number in its place, or None where it is missing."
    )


def test_arrays_of_unequal_lengths():
    assert refused(lambda: Table.of("the arrays", {"x": [1, 2], "y": [1, 2, 3], "z": [1]})) == (
        "column 'y' of the arrays has 3 values, and 'x' has 2. Give one value per example in every column."
    )


def test_an_array_that_is_several_columns():
    assert refused(lambda: Table.of("the arrays", {"x": np.zeros((3, 2))})) == (
        "a column has one value per example, and this array has the shape (3, 2). "
        "Give each of its columns a name of its own."
    )


def test_numeric_does_not_change_with_the_frame():
    values = np.array([1.0, 2.0])
    numbers = Table.of("the arrays", {"x": values}).numeric(["x"])
    values[0] = 9.0
    assert numbers.tolist() == [[1.0, 2.0]]
