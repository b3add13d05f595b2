"""A reader of chapter 0: the race in the browser is the race that Python ran, and its slider and its play work."""

from __future__ import annotations

import pytest
from browser.reader import LESSONS, until

from chainrule.course.notes import search
from chainrule.course.scope import race_of
from chainrule.course.site import lessons_folder

PAGE = f"{LESSONS[0].slug}.html"
RACE = race_of(lessons_folder() / LESSONS[0].slug)
ROWS = ("anywhere", "nearby", "central", "forward", "descent", "closed")


def see(page):
    """Scroll to the race, wait for it, return it."""
    found = page.locator("#race")
    found.scroll_into_view_if_needed()
    until(page, "document.getElementById('race').dataset.drawn === 'yes'")
    return found


def arrivals(page):
    """Return after how many losses each racer arrives; None for one that does not."""
    cells = see(page).locator("tbody tr td:last-child")
    told = [cell.get_attribute("title") for cell in cells.all()]
    return dict(zip(ROWS, [float(x) if x else None for x in told], strict=True))


@pytest.mark.parametrize("n", [1, 10, 50])
def test_the_race_is_the_one_that_python_ran(visit, n):
    found = arrivals(visit(PAGE, f"#race~n={n}"))
    lane = RACE[f"n{n}"]
    for racer in ("anywhere", "nearby", "descent"):
        before = lane[racer]["arrived"]
        if before is None:  # Python's race is the shorter one
            assert found[racer] is None or found[racer] > RACE["budget"]
        else:
            assert found[racer] == pytest.approx(before, abs=1e-3)
    # differences follow the same way: only the price of a step is another
    steps = lane["descent"]["arrived"] / search.document()["price"][n - 1]
    assert found["forward"] == pytest.approx(steps * (n + 1), rel=1e-3)
    assert found["central"] == pytest.approx(steps * (2 * n + 1), rel=1e-3)
    assert found["closed"] == search.document()["closed"][n - 1]["cost"]


def test_one_raises_the_number_of_parameters_and_plays(visit):
    page = visit(PAGE, "#race~n=1")
    race = see(page)
    race.get_by_role("slider", name="parameters").press("End")
    assert race.locator("output").first.inner_text() == "50"
    until(page, "location.hash.includes('race~n=50')")
    race.get_by_role("slider", name="losses evaluated").press("Home")
    assert race.locator("tbody .in").count() == 0
    race.get_by_role("button", name="play").click()
    until(page, "document.querySelectorAll('#race tbody .in').length === 4")
    assert arrivals(page)["anywhere"] is None


@pytest.mark.parametrize("width", [1280, 390])
def test_the_race_fits(visit, width):
    page = visit(PAGE, width=width, dark=width == 390)
    box = see(page).locator(".chainrule").bounding_box()
    assert box["height"] > 300
    assert box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
