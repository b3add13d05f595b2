"""Sheets: the same bytes for the same seed, every format read again by somebody else, nothing lost on the way."""

import io
import json
import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser
from types import ModuleType

import nbformat
import pypdf
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from pyslet.qtiv1.xml import QTIDocument

import chainrule as cr
from chainrule.errors import DataError, UnknownNameError
from chainrule.practice.questions.bank import FAMILIES
from chainrule.sheets import orders, pictures, stack
from chainrule.sheets.platform import orders as all_orders
from chainrule.sheets.sheet import FORMATS

DAY = "2026-12-01"
QTI = {"q": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"}
EVERY = [made for family in FAMILIES for made in FAMILIES[family][1]]


@pytest.fixture(scope="module")
def every():
    """One question of every kind there is."""
    return cr.sheet(EVERY, questions=len(EVERY), seed=4, day=DAY)


@pytest.fixture(scope="module")
def qti(every):
    with zipfile.ZipFile(io.BytesIO(every.files("qti")[""])) as package:
        return {name: package.read(name) for name in package.namelist()}


# -- dealing
def test_a_sheet_has_every_kind_that_was_asked_for(every):
    assert sorted(q.variant for q in every.questions) == sorted(EVERY)
    assert [q.family for q in every.questions] == sorted(q.family for q in every.questions)


@pytest.mark.parametrize("topic", [t for t, fs in orders.TOPICS.items() if set(fs) & set(FAMILIES)])
def test_every_topic_deals(topic):
    made = cr.sheet(topic, questions=5, seed=1, day=DAY)
    assert len(made.questions) == 5
    assert {q.family for q in made.questions} <= set(orders.TOPICS[topic])


def test_no_number_is_too_small_for_a_platform(every):
    answers = [b.answer for q in every.questions for b in q.blanks if b.kind == "number"]
    assert min(abs(float(x)) for x in answers) >= 1e-3


def test_the_exam_has_twelve_questions_of_many_kinds():
    made = cr.exam(seed=2, day=DAY)
    assert made.title == "Exam practice"
    assert len({q.key for q in made.questions}) == 12
    assert len({q.family for q in made.questions}) >= min(6, len(FAMILIES))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: cr.sheet("backpropp"), UnknownNameError, "Did you mean 'backprop'"),
        (lambda: cr.sheet("exam", questions=0), DataError, "it must be from 1 to 100"),
        (lambda: cr.sheet([]), DataError, "Name at least one of backprop"),
        (lambda: cr.sheet("exam", day="1 May"), DataError, "Write it as 2026-12-01"),
        (lambda: cr.exam(day=DAY).write("x", "docx"), UnknownNameError, "unknown format of a sheet: 'docx'"),
    ],
)  # fmt: skip
def test_refusals(make, error, words):
    with pytest.raises(error, match=words):
        make()


# -- the same bytes
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_seed_and_day_give_the_same_bytes(format):
    def made(seed):
        return cr.sheet("by-hand", questions=2, seed=seed, day=DAY).files(format)

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_files_have_their_names(tmp_path):
    made = cr.sheet("by-hand", questions=1, day=DAY)
    assert [p.name for p in made.to_pdf(tmp_path / "a.pdf")] == ["a.pdf", "a-solutions.pdf"]
    assert [p.name for p in made.to_moodle(tmp_path / "a")] == ["a.xml"]


# -- PDF
def test_the_pdf_holds_every_question_and_its_solution_every_answer(every):
    texts = {
        more: "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        for more, pdf in every.files("pdf").items()
    }
    for question in every.questions:
        assert question.title in texts[""].replace("\n", " ")
    assert "Marking scheme" in texts["-solutions"]
    assert "Marking scheme" not in texts[""]
    number = next(b for q in every.questions for b in q.blanks if b.kind == "number")
    assert number.answer[:4].lstrip("-") in texts["-solutions"]


# -- HTML
class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.names, self.sections = set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.sections += tag == "section"


def test_the_html_has_no_script_and_every_question(every):
    pages = {more: Tags(page.decode()) for more, page in every.files("html").items()}
    assert all("script" not in page.names for page in pages.values())
    assert pages[""].sections == len(every.questions)
    assert pages["-solutions"].sections == len(every.questions) + 1


# -- notebooks
def run(notebook):
    read = nbformat.reads(notebook.decode(), 4)
    nbformat.validate(read)
    NotebookClient(read, timeout=120).execute()


@pytest.mark.filterwarnings("ignore")  # of the kernel's own libraries
def test_the_students_notebook_fails_and_the_solution_passes(every):
    made = every.files("ipynb")
    run(made["-solutions"])
    with pytest.raises(CellExecutionError, match="points"):
        run(made[""])


def test_notebooks_carry_the_metadata_of_nbgrader_and_otter(every):
    notebook = json.loads(every.files("ipynb")[""])
    tests = [c["metadata"]["nbgrader"] for c in notebook["cells"] if "nbgrader" in c["metadata"]]
    graded = [t for t in tests if t["grade"]]
    assert sum(t["points"] for t in graded) == every.points
    assert len({t["grade_id"] for t in tests}) == len(tests) == 2 * len(every.questions)
    assert set(notebook["metadata"]["otter"]["tests"]) == {f"q{i}" for i in range(1, len(every.questions) + 1)}  # fmt: skip


# -- platforms
def test_the_qti_package_says_what_it_holds(qti):
    manifest = ET.fromstring(qti["imsmanifest.xml"])
    files = [e.get("href") for e in manifest.iter() if e.tag.endswith("}file")]
    assert set(files) | {"imsmanifest.xml"} == set(qti)


def test_qti_numbers_are_judged_as_we_judge_them(every, qti):
    test = ET.fromstring(next(v for k, v in qti.items() if k != "imsmanifest.xml"))
    items = {item.get("ident"): item for item in test.iterfind(".//q:item", QTI)}
    checked = 0
    for question in every.questions:
        assert question.hash in items
        for k, blank in enumerate(question.blanks, 1):
            item = items[f"{question.hash}_{k}"]
            if blank.kind == "number":
                checked += 1
                right, value = score_of(item), float(blank.answer)
                assert right(value) == 100
                assert right(value * (1 + 0.9 * question.tolerance)) == 100
                assert right(value * 1.01) != 100
                assert right(-value) != 100
                for one in blank.mistakes:
                    assert right(float(one.fingerprint)) != 100
    assert checked > 10


def score_of(item):
    """Return a judge after the item's own response processing, as a platform reads it."""

    def judged(value):
        for condition in item.iterfind(".//q:respcondition", QTI):
            low = [float(e.text) for e in condition.iterfind(".//q:vargte", QTI)]
            high = [float(e.text) for e in condition.iterfind(".//q:varlte", QTI)]
            if low and low[0] <= value <= high[0]:
                return float(condition.find("q:setvar", QTI).text)
        return None

    return judged


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyslet's, of its own names
def test_an_independent_reader_of_qti_finds_the_same_answers(every, qti):
    document = QTIDocument()
    document.read(src=io.BytesIO(next(v for k, v in qti.items() if k != "imsmanifest.xml")))
    assessment = next(iter(document.root.get_children()))
    items = {item.ident: item for item in assessment.SectionMixin[0].SectionItemMixin}
    assert len(items) == sum(1 + len(q.blanks) for q in every.questions)
    for question in every.questions:
        for k, blank in enumerate(question.blanks, 1):
            if blank.kind != "number":
                continue
            right = items[f"{question.hash}_{k}"].ResProcessing[0].ConditionMixin[0]
            assert right.SetVar[0].get_value() == "100"
            either = right.ConditionVar.ExtendableExpressionMixin[0]
            assert float(either.ExpressionMixin[0].get_value()) == float(blank.answer)


def test_moodle_has_an_item_for_every_blank_and_the_right_answer_first(every):
    root = ET.fromstring(every.files("moodle")[""])
    kinds = [q.get("type") for q in root]
    assert kinds[0] == "category"
    assert kinds.count("description") == len(every.questions)
    assert len(kinds) == 1 + sum(1 + len(q.blanks) for q in every.questions)
    numbers = [(q, b) for q in every.questions for b in q.blanks if b.kind == "number"]
    found = [q for q in root if q.get("type") == "numerical"]
    assert len(numbers) == len(found)
    for (question, blank), item in zip(numbers, found, strict=True):
        first, *others = item.findall("answer")
        assert float(first.findtext("text")) == float(blank.answer)
        assert first.get("fraction") == "100"
        reach = float(first.findtext("tolerance"))
        assert reach == pytest.approx(abs(float(blank.answer)) * question.tolerance)
        assert all(o.get("fraction") == "0" for o in others)
        assert all(abs(float(o.findtext("text")) - float(blank.answer)) > 2 * reach for o in others)


@pytest.mark.filterwarnings("ignore")  # of the reader's own libraries
def test_an_independent_reader_of_moodle_finds_the_same_answers(every, tmp_path, monkeypatch):
    """amc2moodle turns Moodle XML into LaTeX. It wants ImageMagick for pictures; there are none here."""
    pictures_of = ModuleType("wand.image")
    pictures_of.Image = object
    monkeypatch.setitem(sys.modules, "wand", ModuleType("wand"))
    monkeypatch.setitem(sys.modules, "wand.image", pictures_of)
    from amc2moodle.moodle2amc import Quiz

    Quiz(io.BytesIO(every.files("moodle")[""])).convert(str(tmp_path / "quiz.tex"))
    text = (tmp_path / "quiz.tex").read_text(encoding="utf-8")
    read = [float(x) for x in re.findall(r"\\AMCnumericChoices{(.+?)}{exact", text)]
    blanks = [b for q in every.questions for b in q.blanks]
    assert read == [float(b.answer) for b in blanks if b.kind == "number"]
    choices = [b for b in blanks if b.kind == "choice"]
    assert len(re.findall(r"\\correctchoice{", text)) == sum(
        len(b.answer.split(",")) for b in choices
    )


def test_moodles_choices_have_one_whole_answer(every):
    root = ET.fromstring(every.files("moodle")[""])
    for item in root.iterfind("question[@type='multichoice']"):
        fractions = [float(a.get("fraction")) for a in item.findall("answer")]
        assert sum(f for f in fractions if f > 0) == pytest.approx(100, abs=0.1)


def test_formulas_of_scalars_become_maximas():
    assert stack._maxima("2*x**2 + sigmoid(w*(x+1))") == "2*x^2 + (1/(1+exp(-(w*(x+1)))))"
    assert stack._maxima("sigmoid(sigmoid(x))") == "(1/(1+exp(-((1/(1+exp(-(x))))))))"
    assert stack._maxima("dZ @ X.T") is None
    assert stack._maxima("relu(x)") is None


def test_orders_keep_what_must_come_before():
    option = type("Option", (), {})
    a, b, c = option(), option(), option()
    a.id, b.id, c.id = "a", "b", "c"
    blank = type("Blank", (), {"options": (a, b, c), "before": (("a", "c"),)})()
    assert all_orders(blank) == ["a,b,c", "a,c,b", "b,a,c"]
    assert all_orders(blank, most=1) == []


def test_the_scorm_package_starts_the_page_it_holds():
    made = cr.sheet("by-hand", questions=3, seed=1, day=DAY)
    with zipfile.ZipFile(io.BytesIO(made.files("scorm")[""])) as package:
        manifest = ET.fromstring(package.read("imsmanifest.xml"))
        resource = next(e for e in manifest.iter() if e.tag.endswith("}resource"))
        item = next(e for e in manifest.iter() if e.tag.endswith("}item"))
        assert item.get("identifierref") == resource.get("identifier")
        assert resource.get("{http://www.adlnet.org/xsd/adlcp_rootv1p2}scormtype") == "sco"
        page = package.read(resource.get("href")).decode()
        assert sorted(package.namelist()) == ["imsmanifest.xml", resource.get("href")]
    assert all(question.hash in page for question in made.questions)
    assert not re.search(r'(src|href)="https?:', page)


# -- pictures
def test_pictures_are_svg():
    from chainrule.practice.questions.content import Box, Curve, Graph, sign

    boxes = (Box("x", sign("x"), "", ()), Box("y", sign("y"), "square", ("x",)))
    for svg in (
        pictures.graph(Graph(boxes)),
        pictures.curve(Curve(((0.0, 1.0), (1.0, 0.5)), "step", "w")),
        pictures.curve(Curve(((0.0, 1.0), (1.0, 1.0)), "step", "w")),
    ):
        assert ET.fromstring(svg).tag.endswith("svg")
        assert "nan" not in svg
    assert pictures.described(Graph(boxes)) == "x is given. y is square of x."


# -- the command
def test_the_command(tmp_path, monkeypatch, capsys):
    from chainrule.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["sheet", "--topics", "by-hand", "--questions", "2", "--date", DAY]) == 0
    assert "2 questions" in capsys.readouterr().out
    assert (tmp_path / "sheet.pdf").is_file()
    assert (tmp_path / "sheet-solutions.pdf").is_file()
    assert main(["sheet", "--list"]) == 0
    assert "by-hand" in capsys.readouterr().out
    assert main(["sheet", "--format", "docx"]) == 1
    assert "unknown format of a sheet" in capsys.readouterr().err
