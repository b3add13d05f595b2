"""A reader of chapter 8: every drawing can be driven, a link brings the same numbers back, and they are Python's."""

from __future__ import annotations

import pytest
from browser.reader import AXE, until

from chainrule.course.notes import optimizer_facts

PAGE = "8-optimizers.html"
DRAWINGS = ("batch", "inside", "rules", "map", "schedules", "race", "variants")


def see(page, name):
    """Scroll to a drawing, wait for it, return it."""
    found = page.locator(f"#{name}")
    found.scroll_into_view_if_needed()
    until(page, "(id) => document.getElementById(id).dataset.drawn === 'yes'", name)
    return found


def told(page, name):
    """Return what is written in a drawing."""
    return see(page, name).locator(".chainrule").inner_text()


def test_a_link_brings_everything_back(visit):
    page = visit(PAGE)
    batch = see(page, "batch")
    batch.get_by_role("button", name="4", exact=True).click()
    batch.get_by_role("slider", name="step", exact=True).press("End")
    inside = see(page, "inside")
    inside.locator("select").first.select_option("adam")
    inside.locator("select").nth(1).select_option("bend")
    point = see(page, "map").get_by_role("application")
    for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
        point.press(key)
    see(page, "schedules").get_by_role("button", name="4", exact=True).click()
    race = see(page, "race")
    race.locator("select").first.select_option("saddle")
    race.get_by_role("application").press("ArrowUp")
    race.get_by_role("application").press("Enter")
    see(page, "variants").locator("select").select_option("correction")
    until(page, "location.hash.includes('pair=correction')")
    link = page.evaluate("location.hash")
    assert "race~start=" in link
    before = {name: told(page, name) for name in DRAWINGS}
    again = visit(PAGE, link)
    assert {name: told(again, name) for name in DRAWINGS} == before


def test_the_race_is_the_one_that_python_ran(visit):
    page = visit(PAGE, "#race~terrain=ravine&race~racers=gradient-descent,momentum,adam")
    race = see(page, "race")
    ends = [float(x.get_attribute("title")) for x in race.locator(".end b").all()]
    keys = ("gradient-descent", "momentum", "adam")
    for end, key in zip(ends, keys, strict=True):
        assert end == pytest.approx(optimizer_facts.raced("ravine", key)["loss"], rel=1e-9)


def test_the_map_says_what_python_computes(visit):
    page = visit(PAGE, "#map~alpha=0.05&map~beta=0.3")
    shown = see(page, "map").locator(".say b").first.get_attribute("title")
    wanted = optimizer_facts.slowest("momentum", 0.05, 0.3, "ravine")
    assert float(shown) == pytest.approx(wanted, rel=1e-9)


def test_links_of_the_lesson_set_drawings_up(visit):
    page = visit(PAGE)
    links = page.locator("a.do")
    for k in range(links.count()):
        links.nth(k).click()
    until(page, "location.hash.includes('variants~pair=epsilon')")
    assert "race~terrain=saddle" in page.evaluate("location.hash")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_nothing_is_wider_than_the_page(visit, width, dark):
    page = visit(PAGE, width=width, dark=dark)
    for name in DRAWINGS:
        see(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_everybody_can_use_it(visit, width, dark):
    page = visit(PAGE, width=width, dark=dark)
    for name in DRAWINGS:
        see(page, name)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []
