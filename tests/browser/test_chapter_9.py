"""A reader of chapter 9: answers, hints, an exam, progress, links; what is marked is what Python would mark."""

from __future__ import annotations

import json
import re

import pytest
from browser.reader import AXE, until

from chainrule.cli import main
from chainrule.course.notes.practice import dealt, practice_page
from chainrule.practice.questions.bank import question
from chainrule.practice.questions.marking import mark

PAGE = "9-exercises.html"
FIRST = {q.variant: q for q in reversed(dealt())}
LOGISTIC = FIRST["logistic-1"]


def go(page, key):
    """Open a question by its link, as a reader does who pastes it, once the page has written its own."""
    until(page, "location.hash === (window.before ?? location.hash)")
    page.evaluate("(key) => (location.hash = window.before = `#exercises~q=${key}`)", key)
    page.locator(f'.ask[data-key="{key}"]').wait_for()
    page.wait_for_timeout(300)  # the address is written a moment after the last change


@pytest.fixture
def asked(visit):
    """Return a function that opens the page at a question."""

    def opened(key=LOGISTIC.key, **how):
        page = visit(PAGE, f"#exercises~q={key}", **how)
        page.locator("#exercises .ask").wait_for()
        return page

    return opened


def field(page, id):
    return page.locator(f'[data-field="{id}"]').first


def remark(page, id):
    return page.locator(f'[data-remark="{id}"]')


def status(page, id):
    return remark(page, id).get_attribute("data-status")


def heard(page):
    return page.locator(".ask > p.unseen[role=status]").text_content()


def answer(page, one, answers):
    """Write answers into a question, each by its kind."""
    for blank in one.blanks:
        text = answers.get(blank.id)
        if text is None or blank.kind == "code":
            continue
        if blank.kind in ("number", "expression", "shape"):
            field(page, blank.id).fill(text)
        elif blank.kind == "order":
            order(page, text.split(","))
        else:
            for id in text.split(","):
                page.locator(f'[data-field="{blank.id}"][value="{id}"]').check()


def order(page, wanted):
    """Put lines in order with the keyboard alone."""
    for place, id in enumerate(wanted):
        lines = page.locator("[data-line]").evaluate_all("all => all.map((x) => x.dataset.line)")
        page.locator(f'[data-line="{id}"]').focus()
        for _ in range(lines.index(id) - place):
            page.keyboard.press("ArrowUp")


def check_all(page):
    page.get_by_role("button", name="check all", exact=True).click()


# -- answers
def test_enter_checks_and_goes_on(asked):
    page = asked()
    field(page, "Z").fill(LOGISTIC.blank("Z").answer)
    page.keyboard.press("Enter")
    assert status(page, "Z") == "right"
    assert "right" in heard(page).lower()
    assert page.evaluate("document.activeElement.dataset.field") == "A"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.field") == "Z"
    page.keyboard.press("ArrowDown")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    assert status(page, "A") == "wrong"
    assert page.evaluate("document.activeElement.dataset.field") == "A"
    page.keyboard.press("Shift+Enter")
    assert "of 7 points" in heard(page)


def test_a_known_mistake_is_named_and_its_hints_open_one_by_one(asked):
    page = asked()
    mistake = LOGISTIC.blank("dZ").mistakes[0]
    right = {b.id: b.answer for b in LOGISTIC.blanks}
    answer(page, LOGISTIC, {**right, "dZ": mistake.fingerprint})
    check_all(page)
    assert status(page, "dZ") == "mistake"
    said = remark(page, "dZ").locator(".message").text_content().strip()
    assert said.rstrip(".").lower() == mistake.message.lower()
    for level in range(4):
        assert remark(page, "dZ").locator("li").count() == level
        remark(page, "dZ").get_by_role("button").click()
    told = remark(page, "dZ").locator("li").all_text_contents()
    for text, hint in zip(told, mistake.hints, strict=True):
        assert hint.rstrip(".").lower() in text.replace("−", "-").lower() or "−" in hint
    assert remark(page, "dZ").get_by_role("button").count() == 0


def test_one_slip_costs_one_step(asked):
    page = asked()
    own = {b.id: b.answer for b in LOGISTIC.blanks}
    own["dZ"] = str(-float(own["dZ"]))
    for id in ("dw_1", "dw_2", "db"):
        own[id] = str(-float(own[id]))
    marking = mark(LOGISTIC, own)
    answer(page, LOGISTIC, own)
    check_all(page)
    assert {v.blank: status(page, v.blank) for v in marking.verdicts} == {
        v.blank: v.status for v in marking.verdicts
    }
    assert f"{marking.points} of {marking.of} points" in page.locator(".score").inner_text()
    assert marking.points == marking.of - 1


def test_right_answers_are_right_in_every_variant(asked):
    page = asked()
    for one in FIRST.values():
        go(page, one.key)
        right = {b.id: b.answer for b in one.blanks}
        answer(page, one, right)
        marked = [b for b in one.blanks if b.kind != "code"]
        if not marked:
            continue
        check_all(page)
        found = {b.id: status(page, b.id) for b in marked}
        assert found == dict.fromkeys(found, "right"), one.key
        page.get_by_role("button", name="show the solution").click()
        assert page.locator(".solution li").count() == len(one.solution)


@pytest.mark.parametrize("variant", ["code-step-adam", "code-two-layer-sigmoid"])
def test_the_page_tells_how_a_function_is_checked(asked, variant, tmp_path, monkeypatch, capsys):
    one = FIRST[variant]
    page = asked(one.key)
    told = page.get_by_label("in a terminal").inner_text()
    assert told.startswith("chainrule check ")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.py").write_text(one.blanks[0].answer, encoding="utf-8")
    assert main(told.split()[1:]) == 0
    assert capsys.readouterr().out.startswith("Right: ")


def test_places_stand_at_the_boxes_in_the_order_of_the_calculation(asked):
    one = FIRST["sigmoid-in-stages"]
    page = asked(one.key)
    ids = page.locator(".boxes [data-field]").evaluate_all("all => all.map((x) => x.dataset.field)")
    assert ids == [b.id for b in one.blanks]
    field(page, ids[0]).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.field") == ids[1]


def test_lines_are_dragged_too(asked):
    one = FIRST["order-logistic"]
    page = asked(one.key)
    lines = page.locator("[data-line]")
    before = lines.evaluate_all("all => all.map((x) => x.dataset.line)")
    lines.first.scroll_into_view_if_needed()
    start, end = lines.nth(0).bounding_box(), lines.nth(2).bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + end["height"] * 0.9, steps=12)
    page.mouse.up()
    after = lines.evaluate_all("all => all.map((x) => x.dataset.line)")
    assert after == [before[1], before[2], before[0], *before[3:]]


HOSTILE = {
    "9" * 100_000: "The answer has 100000 characters",
    "__import__('os').system('id')": "cannot be read here",
    "0,25.5": "A comma and a point",
    "０．５": "",
    "½": "",
    "1/0": "not a finite number",
    "<img src=x onerror=alert(1)>": "cannot be read",
    "а": "cannot be read here",
    "((((((((1": "not closed",
    "constructor": "is not known here",
}


def test_hostile_answers_are_answered_clearly(asked):
    page = asked()
    for text, said in HOSTILE.items():
        field(page, "Z").fill(text)
        field(page, "Z").press("Enter")
        wanted = mark(LOGISTIC, {"Z": text}).verdicts[0]
        assert status(page, "Z") == wanted.status
        message = remark(page, "Z").locator(".message").text_content()
        assert said in message
        assert len(message) < 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


# -- links, progress, variants
def test_a_link_gives_the_same_question(asked):
    page = asked()
    page.get_by_role("button", name="new variant").click()
    until(page, "location.hash.includes('q=1/logistic-1/2')")
    shown = page.locator(".statement").inner_text()
    again = asked("1/logistic-1/2")
    assert again.locator(".statement").inner_text() == shown
    for row in question("logistic-1", seed=2).statement[4].rows:
        assert row[0].replace("-", "−") in shown


def test_a_link_to_a_question_of_a_former_name_still_gives_it(asked):
    one = question("path-adam", seed=2)
    page = asked("7/path-adam/2")
    assert page.locator(".ask").get_attribute("data-key") == one.key == f"7/{one.variant}/2"
    assert page.locator(".note").count() == 0


def test_a_question_that_the_page_does_not_carry(asked):
    page = asked("1/logistic-1/4711")
    note = page.locator(".note").inner_text()
    assert 'cr.question("logistic-1", seed=4711)' in note


def test_progress_is_kept_here_and_can_be_forgotten(asked):
    page = asked()
    answer(page, LOGISTIC, {b.id: b.answer for b in LOGISTIC.blanks})
    check_all(page)
    assert page.locator(".kept").inner_text().startswith(f"1 of {len(dealt())} solved")
    page.reload()
    page.locator(".ask").wait_for()
    assert page.locator(".kept").inner_text().startswith("1 of")
    assert "solved" in page.get_by_role("button", name="variant 1").get_attribute("aria-label")
    page.get_by_role("button", name="forget it").click()
    page.get_by_role("button", name="yes, forget it").click()
    assert page.locator(".kept").inner_text().startswith("0 of")
    assert page.evaluate("localStorage.length") == 0


def test_what_was_looked_up_does_not_count(asked):
    page = asked()
    page.get_by_role("button", name="show the solution").click()
    answer(page, LOGISTIC, {b.id: b.answer for b in LOGISTIC.blanks})
    check_all(page)
    assert page.locator(".kept").inner_text().startswith("0 of")


# -- the exam
SEEDED = "(seed) => (Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647)"


@pytest.mark.parametrize("seed", [1, 2])
def test_an_exam_to_its_report(asked, seed):
    page = asked()
    page.evaluate(SEEDED, seed)  # the exam's draw, the same in every run
    page.get_by_role("button", name="exam", exact=True).click()
    page.get_by_role("spinbutton", name="questions").fill("3")
    page.get_by_role("spinbutton", name="minutes").fill("20")
    page.get_by_role("button", name="begin").click()
    assert re.match(r"(20:00|19:5\d)", page.get_by_role("timer").inner_text())
    points, total = 0, 0
    by_key = {q.key: q for q in dealt()}
    for number in range(3):
        page.get_by_role("button", name=f"question {number + 1}").click()
        one = by_key[page.locator(".ask").get_attribute("data-key")]
        total += one.points
        if number < 2:
            answer(page, one, {b.id: b.answer for b in one.blanks})
            points += one.points
        assert page.locator("[data-remark]").count() == 0
    page.reload()
    page.get_by_role("button", name="go on with it").click()
    page.get_by_role("button", name="hand in", exact=True).click()
    assert "1 of 3 questions" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="yes, hand in").click()
    assert page.locator(".result h2").inner_text() == f"{points} of {total} points"
    assert page.locator(".result tbody tr").count() == 3
    frozen = "all => all.map((x) => x.readOnly || x.disabled)"
    assert set(page.locator(".ask [data-field]").evaluate_all(frozen)) == {True}
    page.get_by_role("button", name="show the solution").click()
    assert page.locator(".solution").is_visible()
    page.get_by_role("button", name="back to practice").click()
    assert page.locator(".kept").inner_text().startswith("2 of")


def test_an_exam_ends_when_its_time_is_over(asked):
    page = asked()
    key = LOGISTIC.key
    page.evaluate(
        """(key) => localStorage.setItem('chainrule-practice-exam', JSON.stringify(
            {keys: [key], answers: {}, began: Date.now() - 58000, minutes: 1, ended: 0}))""",
        key,
    )
    page.reload()
    page.get_by_role("button", name="go on with it").click()
    page.locator(".result").wait_for()
    assert page.locator(".result h2").inner_text() == "0 of 7 points"


# -- a page of its own
FAKE = """window.said = %s; window.API = {
    LMSInitialize: () => 'true', LMSGetValue: (name) => said[name] ?? '', LMSCommit: () => 'true',
    LMSFinish: () => { said.finished = true; return 'true'; },
    LMSSetValue: (name, value) => {
        if (String(value).length > 4096 || /[^ -~]/.test(value)) throw new Error(`${name} is refused`);
        said[name] = value; return 'true';
    },
};"""


@pytest.fixture
def shown_by_a_platform(browser, tmp_path):
    """Return a function that opens a page as a learning platform does, with what that has kept."""
    pages, wrong = [], []

    def shown(dealt, said, **how):
        file = tmp_path / "quiz.html"
        file.write_bytes(practice_page(dealt, "Quiz", **how))
        page = browser.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.add_init_script(FAKE % json.dumps(said))
        page.goto(file.as_uri())
        page.locator("#sheet .chainrule, .chainrule").first.wait_for()
        pages.append(page)
        return page

    yield shown
    for page in pages:
        page.close()
    assert wrong == []


def hand_in(page):
    page.get_by_role("button", name="hand in", exact=True).click()
    page.get_by_role("button", name="yes, hand in").click()
    page.locator(".result").wait_for()


def test_a_half_finished_attempt_is_restored_on_a_learning_platform(shown_by_a_platform):
    first, second = dealt_here = [question("used-twice", seed=11), question("order-logistic", seed=2)]  # fmt: skip
    page = shown_by_a_platform(dealt_here, {})
    page.get_by_role("button", name="begin").click()
    answer(page, first, {"a": "−½", "c": first.blank("c").answer})
    page.get_by_role("button", name="question 2").click()
    page.locator(f'.ask[data-key="{second.key}"]').wait_for()
    lines = page.locator("[data-line]").evaluate_all("all => all.map((x) => x.dataset.line)")
    order(page, [lines[1], lines[0], *lines[2:]])
    page.evaluate("dispatchEvent(new Event('pagehide'))")  # the platform closes it
    said = page.evaluate("said")
    assert said["cmi.core.exit"] == "suspend"
    assert said["cmi.core.lesson_location"] == second.key
    assert said["cmi.core.lesson_status"] == "incomplete"
    assert said.pop("finished")
    page = shown_by_a_platform(dealt_here, said)
    assert page.get_by_text("What you had written is here again.").is_visible()
    assert page.locator(".ask").get_attribute("data-key") == second.key
    again = page.locator("[data-line]").evaluate_all("all => all.map((x) => x.dataset.line)")
    assert again == [lines[1], lines[0], *lines[2:]]
    page.get_by_role("button", name="question 1").click()
    assert field(page, "a").input_value() == "−½"
    answer(page, first, {b.id: b.answer for b in first.blanks})
    hand_in(page)
    said = page.evaluate("said")
    assert said["cmi.core.lesson_status"] == "completed"
    assert said["cmi.suspend_data"] == said["cmi.core.exit"] == ""
    page = shown_by_a_platform(dealt_here, said)  # a new attempt begins anew
    assert page.get_by_role("button", name="begin").is_visible()


def test_what_a_platform_has_kept_of_other_questions_or_not_at_all_is_left_alone(shown_by_a_platform):  # fmt: skip
    one = [question("used-twice", seed=11)]
    for held in ("not ours", '[1,"zzzz",1,0,["7"]]'):
        page = shown_by_a_platform(one, {"cmi.suspend_data": held})
        page.get_by_role("button", name="begin").click()
        assert field(page, "a").input_value() == ""


def test_answers_that_a_platform_has_no_room_for_are_told(shown_by_a_platform):
    one = question("used-twice", seed=11)
    page = shown_by_a_platform([one], {})
    page.get_by_role("button", name="begin").click()
    answer(page, one, {b.id: "9" * 990 for b in one.blanks})
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    told = page.get_by_text("The learning platform has no room for")
    assert "2 of your answers" in " ".join(told.inner_text().split())


def test_a_page_for_a_learning_platform(shown_by_a_platform):
    dealt = [question("used-twice", seed=11), question("logistic-1", seed=12)]
    page = shown_by_a_platform(dealt, {})
    page.get_by_role("button", name="begin").click()
    answer(page, dealt[0], {b.id: b.answer for b in dealt[0].blanks})
    hand_in(page)
    said = page.evaluate("said")
    total = sum(q.points for q in dealt)
    assert float(said["cmi.core.score.raw"]) == pytest.approx(
        100 * dealt[0].points / total, abs=0.1
    )
    assert said["cmi.core.lesson_status"] == "completed"


# -- for everybody
KINDS = ("logistic-1", "sigmoid-in-stages", "order-logistic", "trajectory-1", "initial-loss")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_everybody_can_use_it(asked, width, dark):
    page = asked(width=width, dark=dark, touch=width < 500)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for variant in KINDS:
        one = FIRST[variant]
        go(page, one.key)
        answer(page, one, {b.id: "7" for b in one.blanks if b.kind == "number"})
        check_all(page)
        found = page.evaluate("axe.run(document.querySelector('#exercises'))")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []  # fmt: skip
        assert page.evaluate("document.documentElement.scrollWidth") <= width, variant


def test_it_opens_as_a_file(visit, site):
    page = visit(PAGE, "#exercises~q=2/used-twice/1", base=site.as_uri())
    page.locator('.ask[data-key="2/used-twice/1"]').wait_for()
    field(page, "a").fill("1/2")
    field(page, "a").press("Enter")
    assert remark(page, "a").count() == 1
