"""Where a page must hold: without a mouse, on a phone, from a file, in one file, for every eye."""

import pytest
from browser.instrument import Reader, until
from browser.reader import AXE, INSTRUMENTS, title
from browser.reader import until as came

from chainrule.course.site import Course

every_chapter = pytest.mark.parametrize("lesson", INSTRUMENTS, ids=title)


@pytest.fixture(scope="session")
def axe():
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_chapter
def test_axe_finds_nothing(lesson, scheme, visit, axe):
    reader = Reader(visit(f"{lesson.slug}.html", dark=scheme == "dark"))
    for toggle in reader.page.locator(".chainrule .toggle[aria-expanded=false]").all()[:2]:
        toggle.click()
    reader.page.evaluate(axe)
    found = reader.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:4], v["help"]) for v in found] == []


@every_chapter
def test_a_phone_shows_everything(lesson, visit):
    reader = Reader(visit(f"{lesson.slug}.html", width=390, touch=True))
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
    reader = Reader(visit(f"{lesson.slug}.html"))
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
def test_from_a_file(lesson, visit, site):
    reader = Reader(visit(f"{lesson.slug}.html", base=site.as_uri()))
    reader.button("one step").click()
    assert reader.run()["steps"] > 1


def test_all_in_one_file(visit, tmp_path):
    name = f"{INSTRUMENTS[1].slug}.html"
    (tmp_path / name).write_text(Course(single_file=True).html(name), encoding="utf-8")
    reader = Reader(visit(name, base=tmp_path.as_uri()))
    reader.button("one step").click()
    assert reader.run()["steps"] > 1


CUT = """[...document.querySelectorAll('main *')].filter((e) => {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === 'hidden' || e.closest('.unseen, math, svg')) return false;
    return box.right > document.documentElement.clientWidth + 1 || (style.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 2);
}).slice(0, 5).map((e) => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 60))"""


@every_chapter
def test_print(lesson, visit):
    reader = Reader(visit(f"{lesson.slug}.html", width=794))  # A4 at 96 pixels an inch
    reader.page.emulate_media(media="print")
    assert reader.page.evaluate(CUT) == []
    assert not reader.part(".transport").is_visible()
    assert (
        reader.page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
        )
        == "#fff"
    )
    assert reader.page.pdf().startswith(b"%PDF")


def test_an_address_is_followed_while_the_old_one_waits_to_be_written(visit):
    """A change writes the address after a moment; the reader goes elsewhere just when it is due."""
    reader = Reader(visit("1-univariate-regression.html", "#step=3"))
    reader.page.evaluate(
        """async () => {
            document.querySelector('.chainrule [aria-label="one step"]').click();
            await new Promise((go) => setTimeout(go, 20)); // the change is known
            const end = performance.now() + 300;
            while (performance.now() < end); // the page is busy until the address is due
            location.hash = '#step=11';
        }"""
    )
    came(reader.page, "document.querySelector('.chainrule .count b').textContent === '11'")
    assert reader.page.evaluate("location.hash") == "#step=11"


def test_a_page_is_shown_with_its_faces(visit):
    """Nothing is seen in a stand-in face first, so that no line moves when the page's own comes."""
    shift = """(() => { window.shifted = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) =>
        (shifted += one.hadRecentInput ? 0 : one.value))).observe({ type: 'layout-shift', buffered: true }); })()"""
    page = visit("3-two-layer-linear.html", width=390)
    page.evaluate(shift)
    came(page, "'faces' in document.documentElement.dataset")
    waits = "getComputedStyle(document.body).animationName"
    assert page.evaluate(waits) == "none"
    own = "[...document.fonts].filter((face) => !/Waiting/.test(face.family)).map((face) => face.status)"
    assert set(page.evaluate(own)) == {"loaded"}
    page.evaluate("delete document.documentElement.dataset.faces")
    assert page.evaluate(waits) == "wait"  # before them it is hidden, for a moment at most
