"""The lessons: every number computed, every link a state, every question with one right answer."""

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from chainrule import models
from chainrule.course import race
from chainrule.course.facts import evaluate, shown
from chainrule.course.lesson import read_lesson, read_lessons
from chainrule.course.notes.widget import WIDGETS, Widget
from chainrule.course.rendering import Renderer
from chainrule.course.scope import Case, Setting
from chainrule.course.site import lessons_folder
from chainrule.errors import ParseError, UnknownNameError

LESSONS = read_lessons(lessons_folder())
NAMES = [lesson.slug for lesson in LESSONS]


@pytest.fixture(scope="module")
def rendered():
    return {lesson.slug: (lesson, Renderer(lesson).render()) for lesson in LESSONS}


class Tags(HTMLParser):
    """Raises where tags do not close as they open."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.found = [], []
        self.feed(text)
        assert not self.stack, f"not closed: {self.stack}"

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("input", "meta", "link", "br", "hr", "img"):
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, f"</{tag}> closes something else"


def test_chapters_are_there_without_a_gap():
    assert [lesson.number for lesson in LESSONS] == list(range(len(LESSONS)))
    assert len(LESSONS) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_clean_html(name, rendered):
    lesson, page = rendered[name]
    tags = Tags(page.lead + page.body).found
    text = html.unescape(re.sub(r"<[^>]+>", " ", page.lead + page.body))
    assert "{{" not in text
    assert "\ue000" not in text
    assert "nan" not in text.split()
    assert "∞" not in text
    places = [a for tag, a in tags if "data-instrument" in a]
    assert len(places) == 1 or lesson.number > 4
    assert not [a for _, a in tags if any(key.startswith("on") or key == "style" for key in a)]
    questions = [a for tag, a in tags if tag == "fieldset"]
    most = 3 if lesson.number < 5 else 6  # notes are longer
    assert 1 <= len(questions) <= most, f"{lesson.slug} has {len(questions)} questions"
    assert any(a.get("class") == "takeaway" for _, a in tags)
    assert any(a.get("class") == "try" for _, a in tags)


@pytest.mark.parametrize("name", NAMES)
def test_links_into_the_instrument_are_states(name, rendered):
    lesson, page = rendered[name]
    tags = [attributes for _, attributes in Tags(page.body).found]
    for attributes in tags:
        if attributes.get("class") != "do":
            continue
        if "~" in attributes["href"]:  # of a widget
            names = {x.partition("~")[0] for x in attributes["href"].removeprefix("#").split("&")}
            assert names <= {a["id"] for a in tags if "data-widget" in a}
            continue
        size = sum(1 for _ in flat(lesson.case.document["start"]["params"]))
        state = dict(part.split("=", 1) for part in attributes["href"].removeprefix("#").split("&"))
        assert set(state) <= {
            "rate",
            "step",
            "steps",
            "start",
            "method",
            "seed",
            "batch",
            "axes",
            "open",
        }
        assert float(state.get("rate", 1)) > 0
        if "start" in state:
            assert len(state["start"].split(",")) == size
        if "method" in state:
            assert state["method"] in [m["key"] for m in lesson.case.document["methods"]]


def flat(params):
    for value in params.values():
        stack = [value]
        while stack:
            x = stack.pop()
            if isinstance(x, list):
                stack += x
            else:
                yield x


@pytest.mark.parametrize("name", NAMES)
def test_no_decimal_number_is_typed_by_hand(name):
    lesson = next(x for x in LESSONS if x.slug == name)
    prose = re.sub(r"\{\{.+?\}\}|\$[^$]+\$", "", lesson.text)
    prose = "\n".join(
        line
        for line in prose.split("\n")
        if not re.match(r"(do|when|answer|tolerance|state|inputs) = ", line)
    )
    assert not re.findall(r"\d+\.\d+", prose)


def test_the_race_that_is_kept_is_the_race():
    kept = json.loads((lessons_folder() / NAMES[0] / "race.json").read_text())
    now = race.race()
    assert [lane["n"] for lane in kept["lanes"]] == [lane["n"] for lane in now["lanes"]]
    for before, after in zip(kept["lanes"], now["lanes"], strict=True):
        for racer in ("anywhere", "nearby", "descent"):
            arrived = after[racer]["arrived"]
            assert before[racer]["arrived"] == (arrived and pytest.approx(arrived, rel=1e-9))
            if racer != "descent":  # there the last losses are rounding errors alone
                assert before[racer]["loss"] == pytest.approx(after[racer]["loss"], rel=1e-4)


def test_random_search_collapses_and_the_gradient_does_not():
    lanes = {
        lane["n"]: lane
        for lane in json.loads((lessons_folder() / NAMES[0] / "race.json").read_text())["lanes"]
    }
    assert lanes[1]["anywhere"]["arrived"] is not None
    assert lanes[50]["anywhere"]["arrived"] is lanes[50]["nearby"]["arrived"] is None
    assert lanes[50]["descent"]["arrived"] < 100


def test_the_price_of_a_gradient_is_counted():
    n, m = 7, 11
    racer = race.model()
    from chainrule.emit import program as programs

    assert isinstance(racer.derivation.program(), programs.Program)
    assert 1.5 < race.price(racer, {"n": n, "m": m}) < 4
    prices = [race.price(racer, {"n": n, "m": race.EXAMPLES}) for n in (1, 50, 10**6)]
    assert prices == sorted(prices)
    assert prices[-1] < 2  # what the lesson says


# -- the little language
def test_expressions():
    names = {"a": {"b": [1.0, 4.0]}, "f": lambda: 3.0}
    assert evaluate("a.b[-1] / f + max(a.b) ** 2", names) == pytest.approx(4 / 3 + 16)
    assert evaluate("not a.b[0] > 2", names) is True


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.__class__", "[x for x in a]", "a.b.c.d", "1 +"]
)
def test_expressions_do_nothing_else(text):
    with pytest.raises((ParseError, UnknownNameError)):
        evaluate(text, {"a": {"b": 1.0}})


def test_numbers_as_prose_shows_them():
    assert [shown(x) for x in (0.5, -2, 1e-7, 12345.678)] == ["0.5", "−2", "10⁻⁷", "1.235 × 10⁴"]
    assert shown(1083, ",") == "1,083"
    assert shown(0.1234, ".1%") == "12.3%"


# -- mistakes in a lesson
def lesson_of(tmp_path, text, front='title = "T"\nmodel = "univariate"\ntarget = "waiting_min"\n'):
    folder = tmp_path / "1-x"
    folder.mkdir()
    (folder / "page.md").write_text(f"+++\n{front}+++\n{text}")
    return read_lesson(folder)


def test_a_wrong_name_is_told(tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'optimum'"):
        Renderer(lesson_of(tmp_path, "{{optimun.loss}}")).render()


def test_raw_html_is_not_let_through(tmp_path):
    page = Renderer(
        lesson_of(tmp_path, 'Hello <script>alert("1")</script> <b onclick="x">b</b>')
    ).render()
    assert "<script" not in page.body
    assert "<b " not in page.body


def test_a_question_needs_exactly_one_right_answer(tmp_path):
    text = '```question\nask = "?"\n[[options]]\nsay = "a"\nwhen = "1 > 2"\nwhy = "x"\n```\n'
    with pytest.raises(ParseError, match="0 of its options are true"):
        Renderer(lesson_of(tmp_path, text)).render()


def test_front_matter_is_needed(tmp_path):
    (tmp_path / "page.md").write_text("no front matter")
    with pytest.raises(ParseError, match="has no front matter"):
        read_lesson(tmp_path)
    with pytest.raises(ParseError, match="has no title"):
        lesson_of(tmp_path, "", front="")


def test_a_block_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ParseError, match="a block try of 1-x cannot be read"):
        Renderer(lesson_of(tmp_path, "```try\nsay =\n```\n")).render()


# -- widgets
def test_a_widget_gets_its_document_once_and_its_place(tmp_path, monkeypatch):
    def count(block, place):
        return Widget(
            {"twice": 2 * place.value(block["of"])},
            "<p>no script</p>",
            (100, 200),
            {"all": {"m": 3}},
        )

    monkeypatch.setitem(WIDGETS, "room/count", count)
    block = '```widget\nname = "room/count"\nof = "m"\n```\n'
    page = Renderer(lesson_of(tmp_path, block + block)).render()
    assert page.documents["widget-1-data"] == page.documents["widget-2-data"] == {"twice": 544}
    assert page.documents["all"] == {"m": 3}
    assert page.rooms == ("room",)
    assert (
        page.body.count(
            'data-widget="room/count" data-state="" data-shared="all" data-wide="100" data-narrow="200"'
        )
        == 2
    )
    assert page.body.count("<p>no script</p>") == 2


def test_a_block_may_say_what_room_its_widget_takes(tmp_path, monkeypatch):
    monkeypatch.setitem(WIDGETS, "room/count", lambda block, place: Widget({}, "", (100, 200)))
    block = '```widget\nname = "room/count"\nheight = [30, 40]\n```\n'
    page = Renderer(lesson_of(tmp_path, block)).render()
    assert 'data-wide="30" data-narrow="40"' in page.body


def test_a_lesson_without_a_model_has_no_instrument(tmp_path):
    lesson = lesson_of(tmp_path, "$x^2$\n\n```instrument\n```\n", front='title = "T"\n')
    with pytest.raises(ParseError, match="its front matter names no model"):
        Renderer(lesson).render()


def test_an_unknown_widget_is_told(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown widget: 'scalar/nothing'"):
        Renderer(lesson_of(tmp_path, '```widget\nname = "scalar/nothing"\n```\n')).render()


# -- what prose claims
def test_the_saddle_of_chapter_3_is_one_in_the_plane_that_is_drawn():
    case = Case(
        Setting(
            model="two_layer_linear", data="diabetes", target="progression", features=("bmi",),
            sizes={"n_h": 1}, start="zeros",
        )
    )  # fmt: skip
    low, high = case.plane
    assert high == pytest.approx(-low)
    assert high > 1
    # the mean of x y, twice, is what joins both weights at zero
    x, y = case.sample.arrays["X"], case.sample.arrays["Y"]
    assert high == pytest.approx(abs(2 * float(np.mean(x * y))))


def test_the_balance_of_two_layers_is_kept_with_the_bias_counted():
    model, rng = models.two_layer_linear, np.random.default_rng(0)
    params = {
        "W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=(3, 1)),
        "w2": rng.normal(size=(1, 3)), "b2": 0.4,
    }  # fmt: skip
    data = {"X": rng.normal(size=(4, 9)), "Y": rng.normal(size=(1, 9))}
    _, slopes = model.value_and_grad(data, params)

    def change(name, turned=False):  # of W Wᵀ, to first order
        W, dW = (x[name].T if turned else x[name] for x in (params, slopes))
        return dW @ W.T + W @ dW.T

    without = change("W1") - change("w2", turned=True)
    np.testing.assert_allclose(without + change("b1"), 0, atol=1e-12)
    assert np.abs(without).max() > 0.1
