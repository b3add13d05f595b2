"""Where a page must hold: without a mouse, on a phone, from a file, in one file, for every eye."""

import pytest
from browser.instrument import Reader, until
from browser.reader import AXE, DERIVED, INSTRUMENTS, title
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


OVERLAPS = """[...document.querySelectorAll('.derivation .row')].flatMap((row) => {
    const box = (element) => {
        const text = document.createRange();
        text.selectNodeContents(element);
        return text.getBoundingClientRect();
    };
    const texts = [...row.querySelectorAll('.shapes > span, .number, code')].map((one) => [one, box(one)]);
    texts.push([row.querySelector('.formula'), row.querySelector('.formula').getBoundingClientRect()]);
    return texts.flatMap(([one, a], i) => texts.slice(i + 1).filter(([other, b]) => one.parentElement !== other.parentElement || !one.closest('.shapes'))
        .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
        .map(([other]) => `${innerWidth}: ${one.textContent.trim()} / ${other.textContent.trim()}`));
})"""
WIDTHS = (1024, 1280, 1440)


DIVERGED = "#rate=3&step=40&steps=2000"
# The pictures of the graph: texts that meet another text or a box, or that leave the drawing.
MEETS = """(() => {
    const svg = document.querySelector('.graph svg'), all = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('.node > rect, text')].filter((one) => one.matches('rect') || one.textContent.trim())
        .map((one) => [one, one.getBoundingClientRect()]);
    const name = (one) => one.matches('rect') ? one.parentElement.dataset.node : one.firstChild.data.trim();
    const texts = boxes.filter(([one]) => one.matches('text'));
    const out = texts.filter(([, b]) => b.right > all.right || b.left < all.left || b.top < all.top - 3 || b.bottom > all.bottom);
    const meet = texts.flatMap(([one, a]) => boxes.filter(([other, b]) => other !== one
        && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3.5)
        .map(([other]) => `${one.textContent} / ${name(other)}`));
    return [...out.map(([one]) => `${one.textContent} is outside`), ...meet];
})()"""


def crowded(reader, widths=WIDTHS):
    """What overlaps in the derivation and in the graph."""
    reader.part(".model").scroll_into_view_if_needed()
    reader.part(".graph svg").wait_for()
    found = []
    for width in widths:
        reader.page.set_viewport_size({"width": width, "height": 900})
        found += reader.page.evaluate(OVERLAPS) + reader.page.evaluate(MEETS)
    return found


@pytest.mark.parametrize("step", [0, 300, 600])
@pytest.mark.parametrize("lesson", DERIVED, ids=title)
def test_texts_of_the_derivation_and_of_the_graph_keep_apart(lesson, step, visit):
    reader = Reader(visit(f"{lesson.slug}.html", f"#steps=600&step={step}"))
    until(lambda: reader.step, step)
    assert crowded(reader) == []


@pytest.mark.parametrize("step", [40, 111])
def test_also_when_they_have_blown_up(step, visit):
    hash = DIVERGED.replace("40", str(step))
    reader = Reader(visit("1-univariate-regression.html", hash))
    assert crowded(reader, (390, *WIDTHS, 2560)) == []


def test_a_loss_off_the_scale_says_so_inside_its_picture(visit):
    reader = Reader(visit("1-univariate-regression.html", DIVERGED))
    figure = reader.figure("Descent")
    top = figure.locator("svg").evaluate("(e) => e.getBoundingClientRect().top")
    label = figure.locator("text.value").evaluate("(e) => e.getBoundingClientRect().top")
    assert label >= top
    assert "off the scale" in figure.inner_text()
    assert "smaller learning rate" in figure.inner_text()


INK = """(canvas) => {
    const { width, height } = canvas, copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (let i = 0; i < width * height; i++) if (data[4 * i + 3]) {
        const [x, y] = [i % width, Math.floor(i / width)];
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
    return [left, width - 1 - right, top, height - 1 - bottom];
}"""


@pytest.mark.parametrize("turn", ["-0.6,0.62", "0.7854,1.4"])
def test_the_surface_has_a_margin_at_any_turn(turn, visit):
    reader = Reader(visit("1-univariate-regression.html", f"#surface=1&turn={turn}"))
    canvas = reader.part(".landscape canvas[data-points]")
    canvas.wait_for(state="attached")
    until(lambda: canvas.evaluate(INK)[0] < canvas.evaluate("(e) => e.width") / 2)
    assert min(canvas.evaluate(INK)) >= 5
