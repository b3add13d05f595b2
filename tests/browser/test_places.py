"""Where a page must hold: without a mouse, on a phone, from a file, in one file, for every eye."""

import pytest
from browser.reader import LESSONS, WEB, every_chapter, until

from chainrule.course.site import Course

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def axe():
    return (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_chapter
def test_axe_finds_nothing(lesson, scheme, visit, axe):
    reader = visit(lesson.slug, color_scheme=scheme)
    for toggle in reader.page.locator(".chainrule .toggle[aria-expanded=false]").all()[:2]:
        toggle.click()
    reader.page.evaluate(axe)
    found = reader.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:4], v["help"]) for v in found] == []


@every_chapter
def test_a_phone_shows_everything(lesson, visit):
    reader = visit(lesson.slug, **PHONE)
    wide = reader.page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= 390
    small = """[...document.querySelectorAll('.chainrule button, .chainrule select, .chainrule input')].filter((e) => {
        const box = (e.closest('label') ?? e).getBoundingClientRect();
        return box.width && (box.width < 24 || box.height < 24);
    }).map((e) => (e.ariaLabel || e.textContent.trim()) + ' ' + ['width', 'height'].map((k) => e.getBoundingClientRect()[k]))"""
    assert reader.page.evaluate(small) == []
    reader.button("one step").tap()
    assert reader.step > 0


@every_chapter
def test_keyboard_alone(lesson, visit):
    reader = visit(lesson.slug)
    page = reader.page
    reached = set()
    told = "[document.activeElement.ariaLabel || document.activeElement.textContent.trim(), document.activeElement.matches(':focus-visible')]"
    wanted = {"one step", "step", "play", "learning rate, as a number", "code, pictures, run"}
    for _ in range(400):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(told)
        assert seen, f"{name} has the focus and does not show it"
        reached.add(name)
        if name == "one step":
            before = reader.step
            page.keyboard.press("Enter")
            assert reader.step == before + 1
        if name.startswith("Contours"):
            page.keyboard.press("ArrowLeft")
            page.keyboard.press("Enter")
            assert reader.step == 0
        if wanted <= reached:
            break
    assert wanted <= reached, wanted - reached
    page.keyboard.press("Enter")  # the last one reached is a dialog's
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    until(lambda: page.locator("dialog[open]").count(), 0)
    assert page.evaluate(told)[0] == "code, pictures, run"


@every_chapter
def test_from_a_file(lesson, tab, served):
    served.pages.ensure(f"{lesson.slug}.html")
    reader = tab().open((served.pages.folder / f"{lesson.slug}.html").as_uri())
    reader.button("one step").click()
    assert reader.run()["steps"] > 1


def test_all_in_one_file(tab, tmp_path):
    lesson = LESSONS[1]
    alone = tmp_path / "alone.html"
    alone.write_text(Course(single_file=True).html(f"{lesson.slug}.html"), encoding="utf-8")
    reader = tab().open(alone.as_uri())
    reader.button("one step").click()
    assert reader.run()["steps"] > 1


def test_every_page_loads_without_a_word(served, visit):
    for name in served.pages.course.pages:
        reader = visit(name.removesuffix(".html"))
        for widget in reader.page.locator("[data-widget]").all():
            widget.scroll_into_view_if_needed()
            until(lambda w=widget: w.get_attribute("data-drawn"), "yes")
