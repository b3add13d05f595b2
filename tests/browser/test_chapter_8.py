"""A reader of chapter 8: every drawing can be driven, a link brings the same numbers back, and they are Python's."""

from __future__ import annotations

import re

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


# what of a drawing's lines is painted: a box cut by every frame around it that hides what leaves it
OUTSIDE = """() => [...document.querySelectorAll('[data-widget] svg path, [data-widget] svg circle')].filter((one) => {
    if (one.closest('defs, clipPath, marker')) return false;
    let {left, right, top, bottom} = one.getBoundingClientRect();
    for (let box = one.ownerSVGElement; box instanceof SVGElement; box = box.parentNode) {
        if (!(box instanceof SVGSVGElement) || getComputedStyle(box).overflow === 'visible') continue;
        const matrix = box.getScreenCTM(), {width, height} = box;
        if (box.parentNode instanceof SVGElement) {
            const [w, h] = [width.baseVal.value, height.baseVal.value];
            left = Math.max(left, matrix.e); right = Math.min(right, matrix.e + w * matrix.a);
            top = Math.max(top, matrix.f); bottom = Math.min(bottom, matrix.f + h * matrix.d);
        } else {
            const frame = box.getBoundingClientRect();
            [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
            [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
        }
    }
    if (right <= left && bottom <= top) return false;
    let root = one.ownerSVGElement;
    while (root.ownerSVGElement) root = root.ownerSVGElement;
    const frame = root.getBoundingClientRect(), room = 20;  // names stand a little above their axis
    return right > frame.right + room || left < frame.left - room || top < frame.top - room || bottom > frame.bottom + room;
}).map((one) => `${one.closest('[data-widget]').id}: ${one.outerHTML.slice(0, 300)}`)"""


@pytest.mark.parametrize("pair", [None, "nesterov", "epsilon", "decay"])
def test_no_line_leaves_its_picture(visit, pair):
    page = visit(PAGE, f"#variants~pair={pair}" if pair else "")
    for name in DRAWINGS if pair is None else ("variants",):
        see(page, name)
    assert page.evaluate(OUTSIDE) == []
    # and nothing is drawn where a logarithmic axis has no place
    written = page.eval_on_selector_all(".curves path.curve", "(all) => all.map((one) => one.getAttribute('d'))")  # fmt: skip
    numbers = [float(x) for d in written for x in re.findall(r"-?\d+\.\d", d)]
    assert numbers
    assert max(numbers) < 9_999


def test_a_batch_is_drawn_in_minutes(visit):
    page = visit(PAGE)
    ticks = see(page, "batch").locator("figure svg").first.locator("text").all_text_contents()
    numbers = [float(x.replace("−", "-")) for x in ticks if re.fullmatch(r"[−\d.]+", x)]
    assert min(numbers) >= 1.5  # the shortest eruption
    assert 80 <= max(numbers) <= 100  # the longest wait
