"""Chapter 5: every operation of the table, every number the engine's, the program that is shown the program that runs."""

import ast
import json
import math
import runpy

import numpy as np
import pytest

import chainrule as cr
from chainrule.course.lesson import read_lesson
from chainrule.course.notes import sixty
from chainrule.course.notes.boxes import Boxes
from chainrule.course.notes.entry import Entry, maths
from chainrule.course.notes.operations import entries
from chainrule.course.notes.scalar import SHARED, document, families
from chainrule.course.rendering import Renderer
from chainrule.course.site import lessons_folder
from chainrule.errors import DataError, ParseError, UnknownNameError
from chainrule.ops.record import Composite, Elementwise
from chainrule.ops.smooth import SIGMOID
from chainrule.ops.table import records

FOLDER = next(lessons_folder().glob("5-*"))
ENTRIES = entries()


@pytest.fixture(scope="module")
def page():
    return Renderer(read_lesson(FOLDER)).render()


def test_no_operation_of_the_table_is_missing(page):
    shown = page.documents[SHARED]["operations"]
    assert [r.name for r in records() if r.name not in shown] == []
    chosen = [n for g in page.documents["operations-data"]["groups"] for n in g["names"]]
    assert sorted(chosen) == sorted(shown)
    assert len(chosen) == len(set(chosen)) == len(records()) + 5  # and the signs of arithmetic
    for record in records():
        assert f'<th scope="row">{record.name}</th>' in page.body


def test_what_is_shown_is_what_the_record_says(page):
    for record in records():
        found = page.documents[SHARED]["operations"][record.name]
        assert found["words"].lower().startswith(record.sentence.lower()[:20])
        assert found["source"] == record.source
        assert found["kink"].lower().replace("≥", ">=").replace("≤", "<=").startswith(record.kink.lower())  # fmt: skip
        if isinstance(record, Elementwise):
            assert len(found["inputs"]) == record.arity


@pytest.mark.parametrize("name", ENTRIES)
def test_value_and_slope_agree_with_a_difference(name):
    entry = ENTRIES[name]
    h = 1e-6
    for which in range(len(entry.vary)):
        for x in (0.61, 0.37, 1.83):  # no corner of any operation
            if not entry.window[0] < x < entry.window[1]:
                continue
            value, slope = entry.at(x, which)
            differs = (entry.at(x + h, which)[0] - entry.at(x - h, which)[0]) / (2 * h)
            assert math.isfinite(value)
            # h² of a third derivative and rounding over h: both far below
            assert slope == pytest.approx(differs, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if isinstance(e.record, Elementwise)])  # fmt: skip
def test_values_are_the_records(name):
    entry = ENTRIES[name]
    numbers = {k: float(eval(v)) for k, v in entry.record.parameters.items()}
    args = [float(entry.start[x]) for x in entry.inputs]
    assert entry.at(args[list(entry.inputs).index(entry.vary[0][0])])[0] == pytest.approx(
        entry.record.value(*args, **numbers), rel=1e-14
    )


@pytest.mark.parametrize("name", ENTRIES)
def test_reuse_is_read_off_the_derivation(name):
    entry = ENTRIES[name]
    if isinstance(entry.record, Elementwise):
        said = {"output": entry.output in entry.reads, "input": bool(set(entry.inputs) & set(entry.reads)), "nothing": not entry.reads}  # fmt: skip
        assert said[entry.record.reuses]
    assert entry.reuse.endswith("kept.") or entry.reuse.startswith("Nothing")


def test_a_new_composite_is_shown_from_its_example():
    from chainrule.course.notes.operations import _entry
    from chainrule.ops.multilinear import sum as total

    record = Composite(
        "twice", "twice(x)", total, "2x", "2", "twice", "L = sum(2 * A)", {"A": "n m"}, lambda A: 0.0, "none", "none",
    )  # fmt: skip
    entry = _entry(record)
    assert isinstance(entry, Entry)
    assert entry.at(0.5)[1] == 2
    assert document(entry)["vary"] == [["A", 0], ["A", 1], ["A", 2], ["A", 3]]


def test_a_tape_names_what_the_browser_asks_for():
    for entry in ENTRIES.values():
        found = document(entry)
        tape = found["tape"]
        assert {one["name"] for one in tape["inputs"]} == {i["name"] for i in found["inputs"]} | ({"g"} if found["upstream"] else set())  # fmt: skip
        assert set(tape["gradients"]) == {i["name"] for i in found["inputs"] if i["moves"]}
        assert json.dumps(found, allow_nan=False)


def test_equal_sides_of_an_equation_are_written_once():
    step = ENTRIES["floor"].steps[0]
    assert maths(step, "text") == "dx = 0"


def test_families_hold_everything_once():
    names = [n for group in families().values() for n in group]
    assert names == list(dict.fromkeys(names))
    assert set(names) == set(ENTRIES)


# -- boxes
def test_boxes_are_the_engines_derivation(page):
    found = page.documents["stages-data"]
    graph = Boxes.of(
        {x["name"]: x["value"] for x in found["inputs"]},
        [f"{b['name']} = {b['op']}({', '.join(b['args'])})" for b in found["boxes"]],
    )
    a = SIGMOID.value(0.5)
    assert graph.value() == pytest.approx(a, rel=1e-15)
    assert graph.gradients()["z"] == pytest.approx(a * (1 - a), rel=1e-14)
    assert set(found["equations"]["backward"]) >= {"u", "v", "w", "z"}


def test_boxes_need_what_comes_before():
    with pytest.raises(UnknownNameError, match="unknown value before this box: 'y'"):
        Boxes.of({"x": 1}, ["a = add(x, y)"])
    with pytest.raises(UnknownNameError, match="unknown operation on numbers: 'softmax'"):
        Boxes.of({"x": 1}, ["a = softmax(x)"])
    with pytest.raises(ParseError, match=r'is no box\. Write "a = sigmoid'):
        Boxes.of({"x": 1}, ["x + 1"])


# -- the program
EXPRESSIONS = (
    "1 / (exp(-x) + 1) * w + x",
    "(x * w + x) * (x - w) / (w * w + 1)",
    "log(exp(x) + exp(w)) * relu(x * w + 2) - relu(x - 100)",
    "(x * x + w) ** 3 + x * (x * x + w)",
)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_the_sixty_lines_agree_with_the_engine(text):
    names = runpy.run_path(str(FOLDER / "autodiff.py"))
    x, w = names["Value"](0.7), names["Value"](-1.3)
    loss = eval(text, names | {"x": x, "w": w})
    names["backward"](loss)
    model = cr.parse(f"L = {text}", data={}, parameters={"x": "", "w": ""})
    value, gradients = model.value_and_grad({}, {"x": 0.7, "w": -1.3})
    assert loss.data == pytest.approx(float(value), rel=1e-13)
    assert (x.gradient, w.gradient) == pytest.approx((float(gradients["x"]), float(gradients["w"])), rel=1e-12)  # fmt: skip
    names["backward"](loss)  # a second time changes nothing
    assert x.gradient == pytest.approx(float(gradients["x"]), rel=1e-12)


def test_the_program_goes_through_a_long_chain():
    names = runpy.run_path(str(FOLDER / "autodiff.py"))
    x = y = names["Value"](1.0)
    for _ in range(5000):
        y = y + x
    names["backward"](y)
    assert x.gradient == 5001


def test_in_a_hurry_it_is_wrong_and_in_order_it_is_right(page):
    runs = page.documents["program-data"]["pieces"][-1]["runs"]
    right, wrong = [float(r["shown"]) for r in runs if r["source"] == "x.gradient"]
    x = 3.0
    assert right == 4 * x**3 + 3 * x**2  # of x²(x² + x)
    assert wrong != right


def test_the_program_is_shown_whole(page):
    found = page.documents["program-data"]
    shown = "\n".join([found["head"], *(p["code"] for p in found["pieces"])])
    program = (FOLDER / "autodiff.py").read_text()
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(program))
    assert found["lines"] <= 70
    assert max(len(line) for line in shown.splitlines()) <= 78


def test_pieces_questions_and_words_must_be_as_many(tmp_path):
    (tmp_path / "a.py").write_text("# 1 · One\nx = 1\n# 2 · Two\ny = x\n")
    (tmp_path / "b.py").write_text("# 1 · One\nx\n")
    assert [title for title, _ in sixty.pieces(tmp_path / "a.py")] == ["", "One", "Two"]
    place = type("P", (), {"folder": tmp_path})
    with pytest.raises(DataError, match=r"has 2 pieces, b\.py 1, and the lesson has words for 1"):
        sixty.code({"program": "a.py", "tour": "b.py", "words": ["x"]}, place)


def test_secants_come_to_the_slope():
    from chainrule.course.notes.scalar import facts

    at = facts()["at"]["square"]()
    secants = at["secant"]()
    assert [secants[f"h{k}"] - at["slope"] for k in range(4)] == pytest.approx([1, 0.1, 0.01, 0.001], rel=1e-6)  # fmt: skip
    assert np.isclose(facts()["at"]["sigmoid"]()["slope"], 0.19661193324148185)


def test_a_sigmoid_is_as_many_boxes_as_the_lesson_says():
    program = runpy.run_path(str(FOLDER / "autodiff.py"))
    z = program["Value"](0.5)
    made = program["order"](1 / (program["exp"](-z) + 1))
    assert sum(bool(one.parents) for one in made) == 5
    assert len(made) == 9
    assert "five boxes in a row" in (text := (FOLDER / "page.md").read_text(encoding="utf-8"))
    assert "With the four numbers that go into them it makes nine values" in text
