"""The printed notes: all chapters, the engine's equations and numbers, the same bytes for the same date, clear about mistakes."""

import io
import re
import sys
from datetime import date

import numpy as np
import pypdf
import pytest

from chainrule import typeset
from chainrule.cli import main
from chainrule.course.facts import shown
from chainrule.course.lesson import read_lessons
from chainrule.course.notes.entry import maths
from chainrule.course.site import lessons_folder
from chainrule.errors import DataError, MissingExtraError
from chainrule.handout import figures, numbers
from chainrule.handout.chart import Chart, segments, ticks
from chainrule.handout.document import notes, write_notes
from chainrule.handout.exercises import SEED, TOPICS
from chainrule.handout.words import Said, blocks, dims, formula, plainly, small
from chainrule.ops.table import records

WHEN = date(2026, 1, 31)
LESSONS = {lesson.number: lesson for lesson in read_lessons(lessons_folder())}


@pytest.fixture(scope="module")
def source():
    return notes(when=WHEN)


@pytest.fixture(scope="module")
def read(source):
    return pypdf.PdfReader(io.BytesIO(typeset.pdf(source, WHEN)))


def test_every_chapter_is_in_it_with_its_takeaways(source, read):
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read.pages))
    for lesson in LESSONS.values():
        assert lesson.title.split(":")[0][:24] in text
    assert text.count("What to take away") == len(LESSONS)
    assert "31 January 2026" in text
    assert "nan" not in text.split()


def test_every_step_of_every_model_is_in_it(source):
    for lesson in LESSONS.values():
        if lesson.number == 0 or not lesson.case:
            continue
        derivation = lesson.case.model.derivation
        for step in (*derivation.forward, *derivation.steps):
            assert f"alt: {typeset.string(maths(step, 'text'))}" in source


def test_every_operation_of_the_table_is_in_it(source):
    assert [r.name for r in records() if f'name: "{r.name.replace("_", " ")}"' not in source] == []


def test_it_is_tagged_with_a_title_and_alternative_texts(source, read):
    assert read.metadata.title == "Gradient descent, step by step"
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert len(read.outline) > len(LESSONS)
    assert len(re.findall(r'svg: "', source)) == len(
        re.findall(r'svg: "(?:[^"\\]|\\.)*", alt: "[^"]', source)
    )


def test_the_same_date_gives_the_same_bytes(tmp_path):
    a, b = (write_notes(tmp_path / name, [1], WHEN).read_bytes() for name in ("a.pdf", "b.pdf"))
    assert a == b
    assert a != write_notes(tmp_path / "c.pdf", [1], date(2026, 2, 1)).read_bytes()


def test_the_environment_tells_the_date(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert "1 January 1970" in notes([5])


# -- numbers
def test_numbers_at_the_start_are_the_models():
    case = LESSONS[4].case
    found = numbers.values(case)
    loss, gradients = case.model.value_and_grad(case.sample.arrays, case.start)
    assert float(found["L"]) == pytest.approx(float(loss), rel=1e-14)
    for name, gradient in gradients.items():
        assert found[f"d{name}"] == pytest.approx(np.asarray(gradient), rel=1e-12, abs=1e-15)


def test_the_first_step_by_hand_is_the_descents(source):
    case = LESSONS[1].case
    run = numbers.descend(case)
    for name in ("w", "b"):
        assert f"= {shown(float(run.at(1)[name]))}" in source


def test_arrays_in_a_few_words():
    assert numbers.brief(np.arange(12.0)) == "0 … 11"
    assert numbers.brief([[1.5]]) == "1.5"
    assert numbers.brief(np.zeros(9)) == "all 0"
    assert numbers.brief(1e-16) == "0"
    assert numbers.entry(np.ones((2, 3)) * 4) == ("[0, 0]", 4.0)


# -- words
def test_a_lessons_sentence_in_typst():
    said = Said(LESSONS[1], {"dw": ("upright(d)w = 1", "dw = 1")})
    assert said.inline("a *b* `c` {{m}} {{eq.dw}}") == (
        '#"a "#emph[#"b"]#" "#raw("c")#" "#"272"#" "#math.equation(alt: "dw = 1", $upright(d)w = 1$)'
    )
    assert said.takeaways
    assert len(blocks(LESSONS[1], "question")) == 3


def test_small_formulas_are_set_whatever_they_hold():
    for text in ("W1 X + b1", "w <- w - alpha dw", "x^2", "A (1 - A)", "w2 w1 = c", "2 / lambda_max", "W1 W1^T - w2^T w2"):  # fmt: skip
        assert typeset.pdf(
            f'#set document(title: "T")\n= T\n{formula(small(text), text)}', WHEN
        ).startswith(b"%PDF")
    assert small("dw X^T") == "upright(d) w X^top"
    assert dims("(n_h, m)") == "(nₕ, m)"


def test_words_have_true_minus_signs_and_apostrophes():
    assert plainly("a(1 - a), -inf, -2 and R's two-layer x-1") == (
        '#"a(1 − a), −inf, −2 and R’s two-layer x-1"'
    )


def test_chapter_9_is_a_sheet_and_names_the_command_that_makes_it(source):
    said = source[source.index("#chapter(9,") :]
    assert f"--topics {' '.join(TOPICS)} --questions {len(TOPICS)} --seed {SEED}" in said
    assert said.count("#heading(level: 2)") == len(TOPICS)
    assert "#blank(" in said


# -- pictures
def test_level_lines_lie_on_their_level():
    xs, ys = np.linspace(-2, 2, 41), np.linspace(-1, 3, 51)
    values = xs[None, :] ** 2 + (ys[:, None] - 1) ** 2
    found = segments(xs, ys, values, 1.0)
    radii = [np.hypot(x, y - 1) for piece in found for x, y in piece]
    assert len(found) > 60
    assert radii == pytest.approx(np.ones(len(radii)), abs=4e-3)  # linear between points 0.1 apart
    assert sum(np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in found) == pytest.approx(2 * np.pi, rel=0.01)  # fmt: skip


def test_ticks_are_round_and_inside():
    for low, high in ((0, 1), (-3.3, 7.1), (1e-3, 2e-3), (5, 5000)):
        found = ticks(low, high)
        assert 2 <= len(found) <= 8
        assert all(low - 1e-9 <= t <= high + 1e-9 for t in found)
    assert ticks(1e-6, 1, log=True)[-1] == 1
    assert len(ticks(0.9, 6, log=True)) >= 2


def test_lines_break_where_there_is_no_number():
    chart = Chart(100, 80, (0, 3), (0, 1))
    chart.line([0, 1, 2, 3], [0.5, float("nan"), 0.5, 0.6])
    assert chart.parts[-1].count("M") == 2


def test_losses_that_say_nothing_are_not_drawn():
    assert figures.losses({}) is None
    run = {"losses": [1.0, 1.0], "rate": 0.1, "setting": {"method": "adam"}}
    assert figures.losses({"a": run}) is None


# -- the command
def test_the_command_writes_a_pdf_or_its_source(tmp_path, capsys):
    out = tmp_path / "one.typ"
    assert main(["notes", "--chapters", "1", "--out", str(out), "--date", "2026-01-31"]) == 0
    assert capsys.readouterr().out == f"{out} written\n"
    assert out.read_text() == notes([1], WHEN)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "notes.doc"], "--out is 'notes.doc': the notes are a .pdf, or a .typ for their source. Write --out notes.pdf."),
        (["--chapters", "1;2"], "--chapters is '1;2': write numbers with commas, as in --chapters 1,4."),
        (["--chapters", ","], "--chapters is ',': write numbers with commas, as in --chapters 1,4."),
        (["--date", "today"], "--date is 'today': write it as in --date 2026-01-31."),
    ],
)  # fmt: skip
def test_the_command_says_what_to_write(arguments, message, capsys):
    assert main(["notes", *arguments]) == 1
    assert capsys.readouterr().err == f"chainrule: {message}\n"


def test_an_unknown_chapter_is_told():
    with pytest.raises(DataError, match=r"there is no chapter 77\. Chapters: 0, 1, 2"):
        notes([77], WHEN)


def test_without_typst_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"chainrule\[pdf\]"):
        write_notes(tmp_path / "x.pdf", [1], WHEN)
