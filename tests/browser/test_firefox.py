"""Every page in a real Firefox: nothing in the console, no policy report, and Python's numbers after a reader's step."""

from __future__ import annotations

import json
import socket

import numpy as np
import pytest
from browser.firefox import opened
from browser.reader import DERIVED, INSTRUMENTS, LESSONS, number, python_run, title

from chainrule.course.site import Course

PAGES = ["index.html", *(f"{lesson.slug}.html" for lesson in LESSONS)]
STEP, SCRUB = ".chainrule [aria-label='one step']", ".chainrule input.scrub"
each = pytest.mark.parametrize("lesson", INSTRUMENTS, ids=title)
each_derived = pytest.mark.parametrize("lesson", DERIVED, ids=title)


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    """One Firefox for all these tests: they fail without it, because pages that nobody opened are not tested."""
    with opened(tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


@pytest.fixture
def firefox(tab):
    """The tab; a test fails by anything that went wrong in it."""
    tab.wrong.clear()
    yield tab
    tab.read("new Promise((done) => setTimeout(done, 50))")  # what is on its way comes
    assert tab.wrong == []


def see(firefox, address: str, width: int = 1280) -> None:
    """Open an address with an instrument, or a widget, and wait for it."""
    firefox.visit("about:blank")  # another hash alone would open nothing
    firefox.visit(address, width)
    firefox.until("document.querySelector('.chainrule')")


def at(firefox) -> int:
    return int(firefox.read(f"document.querySelector({json.dumps(SCRUB)}).value"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_fits(name, width, firefox, address):
    firefox.visit(f"{address}/{name}", width)
    if name != "index.html":
        firefox.until("document.querySelector('.chainrule')")
    assert firefox.read("document.scrollingElement.scrollWidth - innerWidth") <= 0
    loaded = (
        "[...document.fonts].filter((face) => face.status === 'error').map((face) => face.family)"
    )
    assert firefox.read(loaded) == []


@each_derived
def test_a_step_gives_pythons_numbers(lesson, firefox, address):
    see(firefox, f"{address}/{lesson.slug}.html#step=0&batch=all&open=")
    firefox.click(STEP)
    firefox.until(f"document.querySelector({json.dumps(SCRUB)}).value === '1'")
    shown = dict(
        firefox.read(
            "[...document.querySelectorAll('[data-row]')].map((row) => [row.dataset.row, row.querySelector('.number').title])"
        )
    )
    loss, gradients = lesson.case.model.value_and_grad(
        lesson.case.sample.arrays, python_run(lesson).at(1)
    )
    expected = {"L": loss, **{f"d{name}": value for name, value in gradients.items()}}
    scalars = {
        name: np.asarray(value).item() for name, value in expected.items() if np.size(value) == 1
    }
    for name, value in scalars.items():
        assert abs(number(shown[name]) - value) <= 1e-11 * max(abs(value), 1e-3 * loss), name


@each
def test_back_a_click_and_a_link(lesson, firefox, address):
    page = f"{address}/{lesson.slug}.html"
    said = "document.querySelector('.chainrule > p.unseen').textContent"
    see(firefox, f"{page}#step=5")
    before = firefox.read(said)
    firefox.click(STEP)
    firefox.until(f"{said} !== {json.dumps(before)}")
    firefox.click(".chainrule [aria-label='one step back']")
    firefox.until(f"{said} === {json.dumps(before)}")
    firefox.click(".chainrule .landscape svg", 0.7, 0.3)
    firefox.until("location.hash.includes('start=')")
    assert at(firefox) == 0
    firefox.read(f"document.querySelector({json.dumps(SCRUB)}).focus()")
    firefox.press("\ue014", "\ue014")  # the arrow to the right
    firefox.until("location.hash.includes('step=2')")
    moved, link = firefox.read(said), firefox.read("location.hash")
    see(firefox, page + link)
    assert (at(firefox), firefox.read(said)) == (2, moved)


def test_a_point_is_dragged(firefox, address):
    see(firefox, f"{address}/{INSTRUMENTS[1].slug}.html#step=5")
    firefox.drag(".chainrule circle.point", by=(4, 40))
    firefox.until("location.hash.includes('moved=')")


def test_a_gradient_is_set_without_a_gap(firefox, address):
    """Firefox sets a space after an upright identifier; the d of dw is none, so w stands beside it."""
    see(firefox, f"{address}/{DERIVED[0].slug}.html")
    gap = """[...document.querySelectorAll('math [data-role=gradient]')].filter((m) => m.children[1]?.tagName === 'mi' && m.getBoundingClientRect().width).map((m) =>
        m.children[1].getBoundingClientRect().left - m.children[0].getBoundingClientRect().right)"""
    gaps = firefox.read(gap)
    assert gaps
    assert max(gaps) < 1  # pixels; the space would be a sixth of the type size, about three


def test_all_in_one_file(firefox, tmp_path):
    name = f"{INSTRUMENTS[1].slug}.html"
    (tmp_path / name).write_text(Course(single_file=True).html(name), encoding="utf-8")
    see(firefox, (tmp_path / name).as_uri())
    firefox.click(STEP)
    firefox.until(f"document.querySelector({json.dumps(SCRUB)}).value > 0")


def test_what_goes_wrong_is_heard(tab, address, tmp_path):
    """The tests above would see a message, an error, a policy report and a missing file."""
    tab.wrong.clear()
    with socket.socket() as silent:  # a port that is taken and where nobody answers
        silent.bind(("127.0.0.1", 0))
        (tmp_path / "bad.html").write_text(
            f"""<!doctype html><meta http-equiv="Content-Security-Policy" content="img-src 'none'">
            <script>console.warn("a message"); missing()</script><img src="data:image/png;base64,AA">
            <script src="http://127.0.0.1:{silent.getsockname()[1]}/nobody.js"></script>"""
        )
        tab.visit((tmp_path / "bad.html").as_uri())
    tab.visit(f"{address}/nowhere.html")
    heard = "\n".join(tab.wrong)
    parts = [
        "a message",
        "missing is not defined",
        "policy: img-src",
        "nobody.js",
        "nowhere.html 404",
    ]
    assert [part for part in parts if part not in heard] == [], heard
