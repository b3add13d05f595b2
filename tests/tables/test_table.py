"""Reading a CSV file: what comes out, and what is said of a file that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import DataError, UnknownNameError
from chainrule.tables.table import Table, find, shipped

SHIPPED = "Shipped: diabetes.csv, motorcycle.csv, old_faithful.csv, penguins.csv."
Write = Callable[[str | bytes], Table]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes d.csv and reads it back."""

    def written(content: str | bytes) -> Table:
        path = tmp_path / "d.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return find(path)

    return written


def refused(action: Callable[[], object], kind: type[Exception] = DataError) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value)


# Reading


def test_a_file_becomes_columns_of_text(write: Write):
    table = write("x,y\n1,a\n2,b\n")
    assert table.names == ["x", "y"]
    assert table.n_rows == 2
    assert table.text("y") == ["a", "b"]
    np.testing.assert_array_equal(table.numeric(["x"]), [[1.0, 2.0]])


@pytest.mark.parametrize(
    "content",
    [
        b"x,y\n1,2\n3,4\n",
        b"x,y\n1,2\n3,4",
        b"\xef\xbb\xbfx,y\r\n1,2\r\n3,4\r\n",
        b"x,y\r1,2\r3,4\r",
        b"x;y\n1;2\n3;4\n",
        b"x\ty\n1\t2\n3\t4\n",
        b'"x","y"\n"1","2"\n"3","4"\n',
        b" x , y \n 1 , 2 \n\n 3 , 4 \n , \n\n",
    ],
    ids=["plain", "no last newline", "BOM, CRLF", "CR", "semicolons", "tabs", "quotes", "blanks"],
)
def test_the_same_table_however_it_is_written(write: Write, content: bytes):
    table = write(content)
    assert table.names == ["x", "y"]
    np.testing.assert_array_equal(table.numeric(["y", "x"]), [[2.0, 4.0], [1.0, 3.0]])


def test_a_quoted_separator_does_not_decide_the_delimiter(write: Write):
    assert write('"a,b,c,d";e\n1;2\n').names == ["a,b,c,d", "e"]


@pytest.mark.parametrize("cell", ["1e3", "+1000", "1000.", "1E+3", "001000"])
def test_numbers_as_people_write_them(write: Write, cell: str):
    assert write(f"x\n{cell}\n").numeric(["x"])[0, 0] == 1000.0


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1 000", "1,5", "١"])
def test_what_python_or_a_spreadsheet_would_take_for_a_number_is_text(write: Write, cell: str):
    message = f"line 2 of d.csv, column 'x': {cell!r} is not a number. "
    assert refused(lambda: write(f'x\n"{cell}"\n').numeric(["x"])).startswith(message)


# Finding


def test_the_shipped_data_sets_have_the_rows_that_their_sources_say():
    rows = {name: find(name).n_rows for name in shipped()}
    assert rows == {
        "diabetes.csv": 442,
        "motorcycle.csv": 133,
        "old_faithful.csv": 272,
        "penguins.csv": 344,
    }


def test_old_faithful_has_the_moments_that_r_prints():
    # summary(faithful) in R: means 3.488 and 70.9, medians 4 and 76
    values = find("old_faithful").numeric(["eruption_min", "waiting_min"])
    assert values.mean(axis=1).round(3).tolist() == [3.488, 70.897]
    assert np.median(values, axis=1).tolist() == [4.0, 76.0]


def test_a_file_of_ones_own_comes_before_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert find("diabetes.csv").n_rows == 442
    Path("diabetes.csv").write_text("x\n1\n")
    assert find("diabetes.csv").n_rows == 1


def test_no_such_file_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("heights.csv").write_text("x\n1\n")
    start = "there is no file {!r}, and no shipped data set of that name."
    for wrong, guess in (
        ("heigths.csv", " Did you mean 'heights.csv'?"),
        ("old_faithfull.csv", " Did you mean 'old_faithful.csv'?"),
        ("far/away", ""),
    ):
        message = refused(lambda name=wrong: find(name), UnknownNameError)
        assert message == start.format(wrong) + guess + " " + SHIPPED


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    message = "data is a folder. Name a CSV file in it, such as: "
    assert refused(lambda: find("data")) == message + "none."
    Path("data/b.csv").write_text("")
    Path("data/a.csv").write_text("")
    inside = f"{Path('data/a.csv')}, {Path('data/b.csv')}."
    assert refused(lambda: find("data")) == message + inside


# Files that are no tables


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "",
            "d.csv is empty. Write the column names in line 1, an example in each further line.",
        ),
        (
            "\n \n",
            "d.csv is empty. Write the column names in line 1, an example in each further line.",
        ),
        ("x,y\n", "d.csv has a header and no rows. Write an example in each line below it."),
        (
            "x,y,x\n1,2,3\n",
            "columns 1 and 3 of d.csv are both called 'x'. Rename one of them in the header.",
        ),
        ("x,,y\n1,2,3\n", "column 2 of d.csv has no name. Write one in the header."),
        (
            "1,2.5\n3,4\n",
            "the header of d.csv holds numbers: 1, 2.5. "
            "Write the column names in line 1, above the numbers.",
        ),
        (
            "x,y\n1,2\n\n3\n",
            "line 4 of d.csv has 1 value, and the header names 2 columns. Write one value per "
            "column; put a value that holds the separator in quotation marks.",
        ),
        (
            'x,y\n"1\n1",2\n3,4,5\n',
            "line 4 of d.csv has 3 values, and the header names 2 columns. Write one value per "
            "column; put a value that holds the separator in quotation marks.",
        ),
        (
            'x,y\n1,2\n"3,4\n5,6\n',
            "line 3 of d.csv cannot be read: unexpected end of data. "
            'Write a quotation mark inside a quoted cell twice, as in "6"" pipe".',
        ),
        (
            "x,y\n1,é\n".encode("latin-1"),
            "d.csv is not UTF-8 text: byte 0xe9 in line 2. Save it as CSV in the encoding UTF-8.",
        ),
        (
            b"x,y\n1,2\n\0\n",
            "d.csv is not UTF-8 text: byte 0x00 in line 3. Save it as CSV in the encoding UTF-8.",
        ),
    ],
)
def test_a_file_that_is_no_table(write: Write, content: str | bytes, message: str):
    assert refused(lambda: write(content)) == message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "d.csv"
    path.write_text("x\n1\n")

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert refused(lambda: find(path)) == f"{path} cannot be read: Permission denied."


# Columns that cannot be used


def test_a_column_that_is_not_there():
    table = find("old_faithful.csv")
    columns = "Its columns: eruption_min, waiting_min."
    for wrong, guess in (("waiting", " Did you mean 'waiting_min'?"), ("zzz", "")):
        message = f"old_faithful.csv has no column {wrong!r}.{guess} {columns}"
        assert refused(lambda name=wrong: table.require([name])) == message
        assert refused(lambda name=wrong: table.numeric([name])) == message
        assert refused(lambda name=wrong: table.labels(name)) == message
        assert refused(lambda name=wrong: table.drop_missing([name])) == message


def test_a_column_of_text_is_left_out(write: Write):
    table = write("a,colour,b,shape\n1,red,2,\n3,blue,4,round\n")
    assert refused(lambda: table.numeric(table.names)) == (
        "line 2 of d.csv, column 'colour': 'red' is not a number. Leave it out: --features a,b"
    )
    assert refused(lambda: table.numeric(["colour"])) == (
        "line 2 of d.csv, column 'colour': 'red' is not a number. Choose a column of numbers: a, b."
    )


def test_one_word_among_numbers_is_corrected(write: Write):
    assert refused(lambda: write("x\n1\nnone\n3\n").numeric(["x"])) == (
        "line 3 of d.csv, column 'x': 'none' is not a number. "
        "Write it in digits with a decimal point, as in 1234.5, or leave it empty."
    )


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "nan", "null", "NULL", "N/A"])
def test_missing_values_are_counted(write: Write, cell: str):
    table = write(f"x,y,z\n1,2,3\n4,{cell},{cell}\n{cell},5,6\n")
    found = cell or "an empty cell"
    assert refused(lambda: table.numeric(table.names)) == (
        f"d.csv has 3 missing values in 2 rows; the first is {found!r} in line 3, column 'y'. "
        "Leave those rows out with --drop-missing, or fill them in."
    )
    assert refused(lambda: table.numeric(["z"])).startswith("d.csv has 1 missing value in 1 row;")
    assert refused(lambda: table.text("x")).startswith("d.csv has 1 missing value in 1 row;")


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e400"])
def test_an_infinite_value(write: Write, cell: str):
    assert refused(lambda: write(f"x,y\n1,2\n3,{cell}\n").numeric(["x", "y"])) == (
        f"line 3 of d.csv, column 'y': {cell!r} is not finite. "
        "Write a finite number, or leave it empty."
    )


def test_a_constant_column(write: Write):
    table = write("a,b,c\n1,7,2\n2,7.0,2\n")
    assert table.numeric(["b"]).tolist() == [[7.0, 7.0]]
    assert refused(lambda: table.numeric(["a", "b", "c"], constant_ok=False)) == (
        "column 'b' of d.csv is 7 in every row, so it cannot be standardised. "
        "Leave it out: --features a"
    )
    assert refused(lambda: table.numeric(["b"], constant_ok=False)) == (
        "column 'b' of d.csv is 7 in every row, so it cannot be standardised. "
        "Choose a column of numbers: a, c."
    )


# Missing rows


def test_dropping_rows_looks_only_at_the_columns_that_are_used(write: Write):
    table, gone = write("x,y\n1,\n,2\n3,4\n").drop_missing(["x"])
    assert (gone, table.n_rows, table.text("x")) == (1, 2, ["1", "3"])


def test_errors_after_dropping_still_name_the_line_of_the_file(write: Write):
    table, _ = write("x\nNA\n\n1\n2\nred\n").drop_missing(["x"])
    assert refused(lambda: table.numeric(["x"])).startswith("line 6 of d.csv, column 'x': 'red'")


def test_dropping_nothing_and_everything(write: Write):
    assert write("x\n1\n").drop_missing(["x"])[1] == 0
    table, gone = write("x,y\n1,\n2,3\n").drop_missing([])
    assert (table.n_rows, gone) == (2, 0)
    assert refused(lambda: write("x,y\n,1\n2,NA\n").drop_missing(["x", "y"])) == (
        "no row of d.csv is complete in x, y. Choose fewer columns with --features."
    )


# Labels


def test_labels_are_in_order_and_can_be_turned(write: Write):
    table = write("k\nyes\nno\nyes\n")
    labels, classes = table.labels("k")
    assert (labels.tolist(), classes) == ([1.0, 0.0, 1.0], ("no", "yes"))
    labels, classes = table.labels("k", positive="no")
    assert (labels.tolist(), classes) == ([0.0, 1.0, 0.0], ("yes", "no"))
    assert table.labels("k", positive="yes")[1] == ("no", "yes")


@pytest.mark.parametrize("zero", ["0", 0, 0.0])
def test_a_positive_class_as_a_value(write: Write, zero: object):
    labels, classes = write("k\n0\n1\n").labels("k", positive=zero)
    assert (labels.tolist(), classes) == ([1.0, 0.0], ("1", "0"))


def test_labels_that_are_numbers_are_ordered_as_numbers(write: Write):
    labels, classes = write("k\n10\n9\n9.0\n").labels("k")
    assert (labels.tolist(), classes) == ([1.0, 0.0, 0.0], ("9", "10"))


def test_labels_need_two_classes(write: Write):
    assert refused(lambda: write("k\na\nb\nc\nd\ne\nf\n").labels("k")) == (
        "column 'k' of d.csv has 6 classes (a, b, c, d, e, ...), and labels of 0 and 1 need two. "
        "Keep the rows of two of them."
    )
    assert refused(lambda: write("k\na\na\n").labels("k")) == (
        "column 'k' of d.csv has 1 class (a), and labels of 0 and 1 need two. "
        "Choose another --target."
    )


def test_labels_with_a_class_that_is_not_there(write: Write):
    assert refused(lambda: write("k\nmale\nfemale\n").labels("k", positive="Male")) == (
        "column 'k' of d.csv has no class 'Male'. Did you mean 'male'? "
        "Its classes: female and male."
    )


def test_labels_with_missing_values(write: Write):
    assert refused(lambda: write("k\na\nNA\nb\n").labels("k")).startswith(
        "d.csv has 1 missing value in 1 row; the first is 'NA' in line 3, column 'k'."
    )


def test_rows_of_some_classes_are_kept():
    kept = find("penguins").only("species", ["Adelie", "Gentoo"])
    assert kept.labels("species")[1] == ("Adelie", "Gentoo")
    assert kept.n_rows == 152 + 124
    assert kept.lines[0] == 2
    with pytest.raises(DataError) as error:
        find("penguins").only("species", ["Adelia"])
    assert str(error.value) == (
        "no row of penguins.csv has 'Adelia' in column 'species'. Did you mean 'Adelie'?"
    )
