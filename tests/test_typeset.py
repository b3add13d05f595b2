"""PDF from Typst: tagged, repeatable, and clear about mistakes."""

import io
from datetime import date

import pypdf
import pytest

from chainrule import typeset
from chainrule.errors import DataError

TEXT = '#set document(title: "T")\n= One\n#math.equation(alt: "x squared", $x^2$)'
WHEN = date(2026, 1, 1)


def test_the_same_text_and_date_give_the_same_bytes():
    assert typeset.pdf(TEXT, WHEN) == typeset.pdf(TEXT, WHEN)
    assert typeset.pdf(TEXT, WHEN) != typeset.pdf(TEXT, date(2026, 1, 2))


def test_the_pdf_is_tagged_and_titled():
    read = pypdf.PdfReader(io.BytesIO(typeset.pdf(TEXT, WHEN)))
    assert read.metadata.title == "T"
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"] == pypdf.generic.BooleanObject(True)
    assert "One" in read.pages[0].extract_text()


def test_a_formula_without_alternative_text_is_refused():
    with pytest.raises(DataError, match="the document cannot be set"):
        typeset.pdf('#set document(title: "T")\n$ x^2 $', WHEN)


def test_a_string_is_shown_as_it_is():
    hostile = 'a "quote" \\ #read("/etc/passwd") $x$\nnext'
    source = f'#set document(title: "T")\n#text({typeset.string(hostile)})'
    text = pypdf.PdfReader(io.BytesIO(typeset.pdf(source, WHEN))).pages[0].extract_text()
    assert '#read("/etc/passwd") $x$' in text


def test_the_date_comes_from_source_date_epoch(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert typeset.today() == date(2026, 1, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(DataError, match="SOURCE_DATE_EPOCH is 'soon'"):
        typeset.today()
