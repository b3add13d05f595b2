"""Reading Parquet, whole and in pieces: what comes out, and what is said of a file that cannot be used."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainrule.errors import DataError, MissingExtraError, UnknownNameError
from chainrule.tables import parquet
from chainrule.tables.table import find

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes columns to d.parquet, a few rows to each row group, and gives its path."""

    def written(columns: Any, group: int = 3) -> Path:
        path = tmp_path / "d.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=group)
        return path

    return written


def refused(action: Callable[[], object], kind: type[Exception] = DataError) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value)


# Whole


def test_a_file_becomes_a_table(write: Write):
    path = write({"n": range(7), "k": list("abababa"), "x": [0.5, None, *[1.5] * 5]})
    table = find(path)
    assert (table.name, table.names, table.n_rows) == ("d.parquet", ["n", "k", "x"], 7)
    assert table.numeric(["n"]).tolist() == [[0, 1, 2, 3, 4, 5, 6]]
    assert table.labels("k")[1] == ("a", "b")
    # a file is what the command line is given, so its words are the command's
    assert refused(lambda: table.numeric(["x"])) == (
        "d.parquet has 1 missing value in 1 row; the first is in row 1, column 'x'. "
        "Leave those rows out with --drop-missing, or fill them in."
    )
    assert refused(lambda: table.numeric(["n", "k"])) == (
        "row 0 of d.parquet, column 'k': 'a' is not a number. Leave it out: --features n"
    )
    assert refused(lambda: table.numeric(["m"])) == (
        "d.parquet has no column 'm'. Its columns: n, k, x."
    )


@pytest.mark.parametrize("name", ["d.pq", "D.PARQUET", "d.Pq"])
def test_the_suffix_says_that_it_is_parquet(write: Write, name: str):
    path = write({"x": [1.0]})
    assert find(str(path.rename(path.with_name(name)))).numeric(["x"]).tolist() == [[1.0]]


def test_only_the_file_itself_is_read(tmp_path: Path):
    folder = tmp_path / "year=2020"  # which pyarrow would take for a column
    folder.mkdir()
    pq.write_table(pa.table({"x": [1.0]}), folder / "d.parquet")
    assert find(folder / "d.parquet").names == ["x"]


def test_the_unnamed_index_of_pandas_is_no_column(tmp_path: Path):
    path = tmp_path / "d.parquet"
    pd.DataFrame({"x": [1.0, 2.0, 3.0]}).iloc[[2, 0, 1]].to_parquet(path)
    assert "__index_level_0__" in pq.read_schema(path).names
    assert find(path).names == parquet.names(path) == ["x"]
    assert find(path).numeric(["x"]).tolist() == [[3.0, 1.0, 2.0]]


def test_what_the_footer_says(write: Write):
    path = write({"b": range(10), "a.b": range(10), "a": range(10)})
    assert parquet.n_rows(path) == 10
    assert parquet.names(str(path)) == ["b", "a.b", "a"]


# Finding


def test_no_such_file_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({"x": [1]}), "heights.parquet")
    for action in (find, parquet.n_rows, parquet.names, lambda path: parquet.stream(path, ["x"])):
        message = refused(lambda act=action: act("heigths.parquet"), UnknownNameError)
        assert "there is no file 'heigths.parquet'" in message
        assert " Did you mean 'heights.parquet'?" in message


def test_a_folder_of_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("b.pq", "a.csv", "notes.txt"):
        (Path("data") / name).write_text("")
    inside = f"{Path('data/a.csv')}, {Path('data/b.pq')}."
    message = f"data is a folder. Name a CSV or Parquet file in it, such as: {inside}"
    assert refused(lambda: find("data")) == message


# In pieces


@pytest.mark.parametrize("rows", [1, 3, 4, 10, 65536])
@pytest.mark.parametrize("group", [1, 3, 10])
def test_the_pieces_together_are_the_columns(write: Write, rows: int, group: int):
    x = np.random.default_rng(0).normal(size=10)
    path = write({"n": range(10), "word": ["w"] * 10, "x": x, "b": [True, False] * 5}, group)
    pieces = list(parquet.stream(path, ["x", "b", "n", "x"], rows))
    sizes = [rows] * (10 // rows) + [10 % rows] * (10 % rows > 0)
    assert [piece.shape for piece in pieces] == [(4, size) for size in sizes]
    assert all(piece.dtype == np.float64 for piece in pieces)
    np.testing.assert_array_equal(np.hstack(pieces), [x, [1.0, 0.0] * 5, np.arange(10.0), x])


def test_a_piece_is_what_the_table_would_give(write: Write):
    columns = {
        "small": pa.array([1, 2, 3, 4], pa.int8()),
        "decimal": pa.array([1, 2, 3, 4]).cast(pa.decimal128(21, 2)),
        "category": pa.array([5, 6, 5, 6]).dictionary_encode(),
        "half": pa.array([0.5, 1.5, 2.5, 3.5], pa.float16()),
    }
    path = write(columns)
    whole = np.hstack(list(parquet.stream(path, list(columns), rows=3)))
    np.testing.assert_array_equal(whole, find(path).numeric(list(columns)))


def test_names_with_points_are_names(write: Write):
    path = write({"a": [1.0], "a.b": [2.0], "a.b.c": [3.0]})
    for name, value in (("a", 1.0), ("a.b", 2.0), ("a.b.c", 3.0)):
        assert [piece.tolist() for piece in parquet.stream(path, [name])] == [[[value]]]


def test_memory_does_not_grow_with_the_file(write: Write):
    """A row group of 2 x 400,000 doubles that do not compress is 6.4 MB, one of four times as many 25.6 MB."""
    peaks: list[int] = []
    for n in (400_000, 1_600_000):
        a, b = np.random.default_rng(0).normal(size=(2, n))
        path = write({"a": a, "b": b}, group=n)
        assert path.stat().st_size > 8 * 2 * n
        before, most, last = pa.total_allocated_bytes(), 0, np.empty(0)
        for piece in parquet.stream(path, ["a", "b"], rows=4096):
            most, last = max(most, pa.total_allocated_bytes() - before), piece[:, -1]
        np.testing.assert_array_equal(last, [a[-1], b[-1]])
        peaks.append(most)
    # pages and buffers are a little larger or smaller from file to file; a column read whole would be 2 x 12.8 MB
    assert peaks[1] < 1.2 * peaks[0] < 10e6


def test_stopping_early_closes_the_file(write: Write):
    path = write({"x": np.arange(10.0)})
    pieces = parquet.stream(path, ["x"], rows=2)
    assert next(pieces).tolist() == [[0.0, 1.0]]
    pieces.close()
    with pytest.raises(StopIteration):
        next(pieces)
    path.unlink()  # where an open file cannot be removed, this says so


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            None,
            "row 5 of d.parquet, column 'x': the value is missing. "
            "Fill it in, or write the file without such rows.",
        ),
        (
            float("nan"),
            "row 5 of d.parquet, column 'x': the value is missing. "
            "Fill it in, or write the file without such rows.",
        ),
        (
            -np.inf,
            "row 5 of d.parquet, column 'x': -inf is not finite. Write a finite number.",
        ),
    ],
)
def test_errors_on_the_way_name_the_row_of_the_file(write: Write, value: Any, message: str):
    path = write({"n": range(8), "x": [0.0, 1.0, 2.0, 3.0, 4.0, value, 6.0, value]})
    pieces = parquet.stream(path, ["n", "x"], rows=2)
    assert next(pieces).tolist() == [[0.0, 1.0], [0.0, 1.0]]
    assert next(pieces).tolist() == [[2.0, 3.0], [2.0, 3.0]]
    assert refused(lambda: next(pieces)) == message
    assert next(parquet.stream(path, ["n"], rows=8)).shape == (1, 8)  # x alone is at fault


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["red", None], "'red' is not a number. Choose columns of numbers."),
        (
            ["1.5", "2"],
            "'1.5' is text, not a number. "
            "Make the column one of numbers: .astype(float) in pandas, .cast(pl.Float64) in polars.",
        ),
        (
            [dt.date(2020, 1, 2), None],
            "2020-01-02 is a date, not a number. Use a number instead, such as the days since the first "
            "date: (d['t'] - d['t'].min()).dt.total_seconds() / 86400.",
        ),
    ],
)
def test_what_is_no_number(write: Write, values: list[Any], message: str):
    path = write({"x": [1.0] * 4, "t": [None, None, *values]})
    table = find(path)
    assert refused(lambda: table.numeric(["t"])).startswith("row 2 of d.parquet, column 't': ")
    path = write({"x": [1.0] * 4, "t": [*values, None, None]})
    assert refused(lambda: list(parquet.stream(path, ["x", "t"]))) == (
        f"row 0 of d.parquet, column 't': {message}"
    )


# What is refused before anything is read


def test_a_stream_is_refused_at_once(write: Write):
    path = write({"mass": [1.0], "age": [2.0]})
    assert refused(lambda: parquet.stream(path, ["mas"])) == (
        "d.parquet has no column 'mas'. Did you mean 'mass'? Its columns: mass, age."
    )
    assert refused(lambda: parquet.stream(path, [])) == (
        "no column of d.parquet was chosen. Its columns: mass, age."
    )
    assert refused(lambda: parquet.stream(path, ["mass"], rows=0)) == (
        "pieces of 0 rows hold nothing. Ask for at least 1, such as rows=65536."
    )


def test_a_file_without_rows(write: Write):
    path = write({"x": pa.array([], pa.float64())})
    message = "d.parquet has no rows. Give one for each example."
    assert parquet.n_rows(path) == 0
    assert refused(lambda: find(path)) == message
    assert refused(lambda: parquet.stream(path, ["x"])) == message


def test_two_columns_of_one_name(tmp_path: Path):
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table([[1.0], [2.0]], names=["x", "x"]), path)
    message = "d.parquet has 2 columns called 'x'. Rename all but one of them."
    assert refused(lambda: find(path)) == message
    assert refused(lambda: list(parquet.stream(path, ["x"]))) == message


# Files that are no Parquet


ADVICE = (
    ". Write it again, as with DataFrame.to_parquet in pandas or DataFrame.write_parquet in polars."
)
READERS: list[Callable[[Path], object]] = [
    find,
    parquet.n_rows,
    parquet.names,
    lambda path: list(parquet.stream(path, ["x"])),
]


@pytest.mark.parametrize("read", READERS, ids=["find", "n_rows", "names", "stream"])
@pytest.mark.parametrize("size", [0, 1, 4, 11, 12, 100, -1, -8, -100])
def test_a_truncated_file(write: Write, read: Callable[[Path], object], size: int):
    path = write({"x": np.arange(1000.0)})
    path.write_bytes(path.read_bytes()[:size])
    message = refused(lambda: read(path))
    assert message.startswith("d.parquet is not a Parquet file, or is damaged: ")
    assert message.endswith(ADVICE)
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"x,y\n1,2\n" * 9, b"PAR1" * 9, bytes(64), b"PK\3\4" * 9])
def test_a_foreign_file(tmp_path: Path, content: bytes):
    path = tmp_path / "d.parquet"
    path.write_bytes(content)
    for read in READERS:
        message = refused(lambda act=read: act(path))
        assert message.startswith("d.parquet is not a Parquet file, or is damaged: ")
        assert message.endswith(ADVICE)


def test_damage_behind_a_sound_footer(tmp_path: Path):
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"x": np.arange(1000.0)}), path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56  # the first page's header
    path.write_bytes(content)
    assert parquet.n_rows(path) == 1000
    for read in (find, lambda path: list(parquet.stream(path, ["x"]))):
        message = refused(lambda act=read: act(path))
        assert message.startswith("d.parquet is not a Parquet file, or is damaged: ")


def test_a_file_that_may_not_be_read(write: Write, monkeypatch: pytest.MonkeyPatch):
    path = write({"x": [1.0]})

    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pq, "ParquetFile", denied)
    assert refused(lambda: find(path)) == f"{path} cannot be read: Permission denied."


def test_memory_that_runs_out_is_not_the_files_fault(write: Write, monkeypatch: pytest.MonkeyPatch):
    path = write({"x": [1.0]})

    def greedy(*_: object, **__: object) -> object:
        raise pa.ArrowMemoryError("malloc of size 123 failed")

    monkeypatch.setattr(pq, "ParquetFile", greedy)
    with pytest.raises(MemoryError):
        find(path)


def test_without_pyarrow(write: Write, monkeypatch: pytest.MonkeyPatch):
    path = write({"x": [1.0]})
    for module in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    for read in READERS:
        assert refused(lambda act=read: act(path), MissingExtraError) == (
            "pyarrow is not installed. Install it with: pip install 'chainrule[parquet]'"
        )
