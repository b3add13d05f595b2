"""A reader of chapter 5: every operation looked at, graphs clicked through and built, the program put together."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser.reader import AXE, number, until

from chainrule.course.notes.boxes import Boxes
from chainrule.course.notes.operations import entries
from chainrule.course.notes.scalar import families
from chainrule.ops.smooth import SIGMOID

PAGE = "5-scalar-operations.html"


@pytest.fixture
def chapter(visit):
    """Return a function that opens the chapter and scrolls to one of its drawings."""

    def opened(name, hash="", **how):
        page = visit(PAGE, hash, **how)
        place = page.locator(f"#{name}")
        place.scroll_into_view_if_needed()
        place.locator(".chainrule").wait_for()
        return page, place

    return opened


def exact(place, name):
    """Return the exact number that stands under a word, from its title."""
    return number(place.locator("dl.numbers div", has_text=name).locator("dd").get_attribute("title"))  # fmt: skip


def test_every_operation_shows_pythons_value_and_slope(chapter):
    _, place = chapter("operations")
    for names in families().values():
        for name in names:
            entry = entries()[name]
            words = name.replace("_", " ")
            place.locator(".grid button").filter(has_text=re.compile(f"^\\s*{words}\\s*$")).click()
            place.locator("h3.chosen", has_text=words).wait_for()
            moved, index = entry.vary[0]
            x = float(np.ravel(entry.start[moved])[index])
            _, slope = entry.at(x)
            # exp and its relatives differ by a unit in the last place between browsers and NumPy
            assert exact(place, "slope, by the rule") == pytest.approx(slope, rel=1e-12, abs=1e-15), name  # fmt: skip
            assert entry.sentence[:40] in place.locator(".words").inner_text()
    assert place.locator(".grid button").count() == len(entries())


def test_the_secant_runs_into_the_tangent_and_the_address_holds_it(chapter, visit):
    page, place = chapter("secant")
    seen = []
    for _ in range(4):
        seen.append(exact(place, "they differ by"))
        place.get_by_role("button", name="shrink h").click()
    assert seen == pytest.approx([1, 0.1, 0.01, 0.001], rel=1e-5)
    until(page, "location.hash.includes('secant~h=')")
    slider = place.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    until(page, "location.hash.includes('v=')")
    shown = place.locator("dl.numbers").inner_text()
    again = visit(PAGE, page.evaluate("location.hash")).locator("#secant")
    again.scroll_into_view_if_needed()
    again.locator("dl.numbers").wait_for()
    assert again.locator("dl.numbers").inner_text() == shown


def test_a_graph_is_clicked_through_forward_and_back(chapter):
    page, place = chapter("stages")
    for _ in range(4):
        place.get_by_role("button", name=re.compile("next box")).click()
    assert place.locator("text.gradient").count() == 1  # the last box's own
    for _ in range(4):
        place.get_by_role("button", name=re.compile("next box")).click()
    a = SIGMOID.value(0.5)
    gradients = [number(t) for t in place.locator("text.gradient title").all_text_contents()]
    assert any(g == pytest.approx(a * (1 - a), rel=1e-12) for g in gradients)
    assert place.get_by_role("button", name=re.compile("next box")).is_disabled()
    place.get_by_role("button", name="a box back").click()
    until(page, "location.hash.includes('stages~at=7')")


def test_in_a_hurry_the_gradient_is_marked_as_wrong(chapter):
    _, place = chapter("hurry")
    place.get_by_role("button", name="all the way").click()
    assert place.locator(".told .warn").count() == 0
    place.get_by_role("checkbox").check()
    place.get_by_role("button", name="all the way").click()
    x = 3
    assert place.locator(".told b.warn").inner_text() == "81"
    assert f"changes {4 * x**3 + 3 * x**2:.2f} times" in place.locator(".told .check").inner_text()


def test_a_graph_of_ones_own_by_keyboard_alone(chapter, visit):
    page, place = chapter("own")
    box = place.get_by_role("button", name="z, add")
    box.focus()
    page.keyboard.press("Enter")
    place.get_by_role("button", name="square", exact=True).focus()
    page.keyboard.press("Enter")
    place.get_by_role("button", name="v1, square").wait_for()
    place.get_by_role("button", name="p, multiply").focus()
    page.keyboard.press("Space")
    place.get_by_role("button", name="multiply", exact=True).press("Enter")
    place.get_by_role("button", name="all the way").press("Enter")
    until(page, "location.hash.includes('own~g=')")
    graph = Boxes.of(
        {"x": 2, "w": -1, "b": 0.5},
        ["p = multiply(w, x)", "z = add(p, b)", "v1 = square(z)", "v2 = multiply(v1, p)"],
    )
    expected = graph.gradients()
    shown = {number(t) for t in place.locator("text.gradient title").all_text_contents()}
    for name in expected:
        assert any(g == pytest.approx(expected[name], rel=1e-12) for g in shown), name
    again = visit(PAGE, page.evaluate("location.hash")).locator("#own")
    again.scroll_into_view_if_needed()
    again.get_by_role("button", name="v2, multiply").wait_for()
    place.get_by_role("button", name="take the last box away").click()
    place.get_by_role("button", name="v2, multiply").wait_for(state="detached")


def test_the_program_is_put_together(chapter):
    page, place = chapter("program")
    assert place.locator(".piece:visible").count() == 1
    while not place.get_by_role("button", name="add the next piece").is_disabled():
        place.get_by_role("button", name="add the next piece").click()
    assert place.locator(".piece:visible").count() == 7
    assert "135.0" in place.locator(".said").inner_text()
    until(page, "location.hash.includes('program~piece=7')")
    place.get_by_role("button", name="2 · Sums and products").click()
    assert place.locator(".piece:visible").count() == 2


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_read_it(chapter, width, dark):
    page, place = chapter("hurry", width=width, dark=dark)
    place.get_by_role("button", name="all the way").click()
    for name in ("secant", "operations", "twice", "own", "program"):
        page.locator(f"#{name}").scroll_into_view_if_needed()
        page.locator(f"#{name} .chainrule").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document.querySelector('main, article, .page') ?? document)")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []  # fmt: skip
