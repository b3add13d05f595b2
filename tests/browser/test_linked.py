"""All views are linked: what is pointed at lights up everywhere, factors lead to their place, a lesson's steps keep what is set."""

from __future__ import annotations

import re

import pytest
from browser.reader import DERIVED, press, ready, slide, step, title, until, whole_run

LINE, BOWL, DEEP, SIGMOID = (
    next(lesson for lesson in DERIVED if lesson.slug.startswith(number)) for number in "1234"
)


def page_of(lesson):
    return f"{lesson.slug}.html"


def test_a_lessons_step_keeps_locks_and_data(visit):
    page = visit(page_of(LINE), "#locks=rate;method&present=1&removed=0,1&code=jax&seed=5")
    ready(page)
    page.locator("a.do").first.click()
    until(page, "location.hash.includes('rate=')")
    hash = page.evaluate("location.hash")
    for part in ("locks=rate;method", "present=1", "removed=0,1", "code=jax", "rate="):
        assert part in hash
    assert "seed=" not in hash
    assert page.get_by_role("slider", name="learning rate").count() == 0
    assert page.locator(".settings select").count() == 2  # batch and speed


@pytest.mark.parametrize("lesson", [BOWL, DEEP], ids=title)
def test_a_lessons_steps_leave_the_picture_that_it_speaks_of(lesson, visit):
    page = visit(page_of(lesson))
    ready(page)
    names = page.locator(".landscape text.name")
    before = names.all_text_contents()
    assert len(set(before)) == 2
    (row,) = page.locator("[data-row] [aria-expanded=true]").all()
    for link in page.locator("a.do").all():
        link.click()
        page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
        assert names.all_text_contents() == before
        assert row.get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize("lesson", [LINE, SIGMOID], ids=title)
def test_a_value_lights_up_in_every_view(lesson, visit):
    page = visit(page_of(lesson), "#step=3")
    ready(page)
    page.locator(".graph .node").first.wait_for()
    page.locator(".landscape text.name.up").hover()
    name = page.locator(".landscape text.name.up").get_attribute("data-node")
    assert name in lesson.case.model.parameters
    assert page.locator(f'.graph .node.lit[data-node="{name}"]').count() == 1
    assert page.locator(".landscape circle.now.lit").count() == 1
    page.locator(".descent circle.now").first.hover()
    assert page.locator('[data-row="L"] .number.lit').count() == 1
    curve = lesson.case.document["prediction"]
    page.locator(f'[data-row="{curve}"] .number').hover()
    assert page.locator(".fit .lit").count() >= (1 if page.locator(".fit .curve").count() else 0)


def test_known_values_lead_to_their_place_by_keyboard(visit):
    page = visit(page_of(SIGMOID), "#step=3&open=dW1")
    ready(page)
    page.locator('[data-row="dW1"]').scroll_into_view_if_needed()
    data = page.locator('[data-row="dW1"] button.read[data-node="X"]')
    data.wait_for()
    data.focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement?.matches('.node[data-node=X]')")
    assert page.locator('.node[data-node="X"].lit').count() == 1
    page.locator('[data-row="Z1"] math [data-node="W1"]').first.click()
    until(page, "document.activeElement?.matches('.node[data-node=W1]')")


def test_sums_checks_and_pictures(visit):
    page = visit(page_of(SIGMOID), "#step=3&open=dZ1;dW1&checks=dW1&cells=dZ1:1")
    ready(page)
    page.locator('[data-row="dZ1"]').scroll_into_view_if_needed()
    row = page.locator('[data-row="dZ1"] .sum')
    row.wait_for()
    assert re.search(r"= dA1\[0, 1\] · A1\[0, 1\] · \(1 − A1\[0, 1\]\)", row.inner_text())
    assert "1.000 ·" not in row.inner_text()
    page.locator('[data-row="dW1"]').get_by_text(re.compile("They agree to")).wait_for()
    press(page, "code, pictures, run")
    dialog = page.get_by_role("dialog")
    listed = dialog.get_by_role("listitem").all_inner_texts()
    assert any(one.startswith("Nudging W1[") for one in listed)
    assert not any(one.strip().startswith(":") for one in listed)


def test_what_is_chosen_is_in_the_link(visit):
    page = visit(page_of(SIGMOID), "#step=3&open=dW1&surface=1")
    ready(page)
    page.locator('[data-row="dW1"]').scroll_into_view_if_needed()
    matrix = page.locator('[data-row="dW1"] .matrix svg')
    matrix.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name=re.compile("check this number")).click()
    page.get_by_label("speed").select_option("40")
    page.locator(".landscape svg").focus()
    page.keyboard.press("ArrowRight")
    until(page, "location.hash.includes('turn=')")
    hash = page.evaluate("location.hash")
    for part in ("cells=dW1:", "checks=dW1", "speed=40", "turn=-0.5,0.62"):
        assert part in hash
    again = visit(page_of(SIGMOID), hash)
    ready(again)
    again.locator('[data-row="dW1"]').scroll_into_view_if_needed()
    again.get_by_text(re.compile("They agree to")).wait_for()
    until(again, "location.hash.includes('turn=-0.5,0.62')")
    chosen = '[data-row="dW1"] .told'
    assert again.locator(chosen).inner_text() == page.locator(chosen).inner_text()


def test_two_runs_are_marked_and_the_step_of_a_method_is_drawn(visit):
    page = visit(page_of(LINE), "#step=4&method=momentum&kept=gradient-descent,0.1,")
    ready(page)
    for view in (".landscape", ".descent"):
        marks = page.locator(f"{view} circle.now")
        assert marks.count() == 2
    titles = page.locator(".landscape path.arrow title").all_text_contents()
    assert titles == ["−α times the gradient", "the next step, by Momentum"]
    before = [page.locator(".landscape circle.now").nth(k).get_attribute("cx") for k in (0, 1)]
    slide(page, "step", 9)
    assert step(page) == 9
    after = [page.locator(".landscape circle.now").nth(k).get_attribute("cx") for k in (0, 1)]
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_more_can_be_taken_away(visit):
    page = visit(page_of(SIGMOID), "#locks=fit;descent;axes;exports;steps;speed;present")
    ready(page)
    assert page.locator(".fit, .descent, .axes").count() == 0
    for name in ("3-D", "code, pictures, run", "large type"):
        assert page.get_by_role("button", name=name, exact=True).count() == 0
    assert page.get_by_label("how many steps").count() == 0
    press(page, "a teacher's link")
    page.get_by_role("dialog").wait_for()
    labels = [one.strip() for one in page.get_by_role("dialog").locator("label").all_inner_texts()]
    for control in ("the descent", "the data and their fit", "other axes and 3-D", "the speed"):
        assert f"without {control}" in labels


def test_a_held_slider_ends_in_a_whole_run(visit):
    page = visit("4-two-layer-sigmoid.html", "#steps=5000&step=7")
    ready(page)
    page.evaluate(
        """() => {
            const slider = document.querySelector('.chainrule .transport .rate input[type=range]');
            for (const share of [0.4, 0.45, 0.5]) {
                slider.value = slider.max * share;
                slider.dispatchEvent(new Event('input', { bubbles: true }));
            }
        }"""
    )
    assert step(page) == 7
    points = "document.querySelector('.descent .ahead').getAttribute('d').split(/[ML]/).length - 2"
    until(page, f"{points} === 5000")
    assert whole_run(page)["steps"] == 5000
