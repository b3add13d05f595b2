"""A reader of chapters 6 and 7: what the drawings show is what Python computes, and every link of the lesson sets one up."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser.reader import LESSONS, close, number, until

import chainrule as cr
from chainrule.course.notes import classify, classify_layers
from chainrule.engines.flat import Flat
from chainrule.fit.fitting import fit
from chainrule.optim.adam import Adam

SIX, SEVEN = (next(x for x in LESSONS if x.number == n) for n in (6, 7))


def drawing(page, name):
    """Return a drawing, once it is there."""
    place = page.locator(f"#{name}")
    place.scroll_into_view_if_needed()
    place.locator(".room").wait_for()
    return place


def exact(place, selector):
    """Return the exact number that an element carries in its title."""
    return number(place.locator(selector).first.get_attribute("title"))


@pytest.mark.parametrize("lesson", [SIX, SEVEN], ids=["6", "7"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_drawing_is_drawn_and_fits(lesson, width, visit):
    page = visit(f"{lesson.slug}.html", width=width, dark=width == 390)
    for place in page.locator("[data-widget]").all():
        room = drawing(page, place.get_attribute("id")).locator(".room")
        until(page, "(id) => document.getElementById(id).dataset.drawn === 'yes'", place.get_attribute("id"))  # fmt: skip
        box = room.bounding_box()
        assert box["height"] > 150
        assert box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("lesson", [SIX, SEVEN], ids=["6", "7"])
def test_every_link_of_the_lesson_changes_its_drawing(lesson, visit):
    page = visit(f"{lesson.slug}.html")
    for link in page.locator("a.do").all():
        found = re.match(r"#(\w+)~", link.get_attribute("href"))
        if not found:
            continue
        place = drawing(page, found[1])
        before = place.inner_html()
        link.click()
        if found[1] != "nodes":  # that link shows the state in which the drawing opens
            until(page, "([id, html]) => document.getElementById(id).innerHTML !== html", [found[1], before])  # fmt: skip


def test_a_node_has_the_value_and_the_gradient_of_one_penguin(visit):
    page = visit(f"{SIX.slug}.html", "#nodes~example=160&nodes~step=20")
    place = drawing(page, "nodes")
    case = SIX.case
    run = fit(case.model, case.sample.arrays, params=case.start, optimizer=cr.GradientDescent(2.0), steps=20, engine="numpy")  # fmt: skip
    one = {name: array[:, 160:161] for name, array in case.sample.arrays.items()}
    loss, gradients = case.model.value_and_grad(one, run.params)
    assert close(exact(place, '[data-node="L"] .number'), loss, 1e-11)
    assert close(exact(place, '[data-node="b"] .gradient'), gradients["b"], 1e-11)
    A = float(case.model.predict(one, run.params)[0, 0])
    assert close(exact(place, '[data-node="A"] .number.value'), A, 1e-11)
    assert close(exact(place, '[data-node="Z"] .gradient'), A - one["Y"][0, 0], 1e-11)


def test_the_fused_form_survives_a_score_of_a_thousand(visit):
    page = visit(f"{SIX.slug}.html", "#overflow~z=1000&overflow~y=0")
    place = drawing(page, "overflow")
    columns = place.locator(".pair > div")
    shown = [number(x.get_attribute("title")) for x in columns.nth(1).locator(".number").all()]
    assert shown == [1000.0, 1.0]
    broken = [x.inner_text() for x in columns.nth(0).locator(".number.nan").all()]
    assert len(broken) >= 3
    assert "not a number" in broken


def test_the_cells_of_a_matrix_product_are_python_s(visit):
    page = visit(f"{SIX.slug}.html", "#cells~way=backward")
    place = drawing(page, "cells")
    chosen = [0, 1, 151, 152, 153]
    few = {name: array[:, chosen] for name, array in classify.penguins().items()}
    at = {"w": np.array([[1.2, -0.7]]), "b": -0.5}
    gradients = cr.models.logistic.value_and_grad(few, at)[1]
    shown = [number(x.get_attribute("title")) for x in place.locator("button[aria-pressed][title]").all()]  # fmt: skip
    assert close(shown, gradients["w"][0])


def test_the_gradient_check_shows_python_s_gradient_and_finds_a_mistake(visit):
    page = visit(f"{SEVEN.slug}.html")
    place = drawing(page, "check")
    case = SEVEN.case
    model, arrays = case.model, case.sample.arrays
    start = model.init({**arrays, "n_h": 4}, seed=0)
    run = fit(model, arrays, params=start, optimizer=Adam(0.05), steps=20, engine="numpy")
    expected = Flat(start).join(model.value_and_grad(arrays, run.params)[1])
    shown = [number(x.get_attribute("title")) for x in place.locator("td.back").all()]
    assert close(shown, expected, 1e-9)  # twenty steps of Adam come before it
    place.get_by_label("mistake").select_option("slope")
    place.locator("tr.off").first.wait_for()
    names = [row.locator("th").inner_text() for row in place.locator("tr.off").all()]
    assert {name[:2] for name in names} == {"W1", "b1"}


def test_dead_units_are_counted_by_keyboard_too(visit):
    page = visit(f"{SEVEN.slug}.html")
    place = drawing(page, "dead")
    slider = place.get_by_role("slider", name="biases start at")
    slider.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    until(page, "() => document.querySelector('#dead .say').textContent.includes('6 of 6 units dead')")  # fmt: skip


def test_overfitting_ends_where_python_says(visit):
    page = visit(f"{SEVEN.slug}.html", "#overfit~penalty=2")
    said = drawing(page, "overfit").locator(".say b").all_inner_texts()
    found = classify_layers.overfitting()["at2"]
    assert [float(x) for x in said] == pytest.approx([found["train"], found["valid"]], rel=3e-3)
