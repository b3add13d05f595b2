"""What a reader does on a page with an instrument, and what they read there."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from browser.instrument import DRAWN
from browser.instrument import until as come

from chainrule.course.lesson import Lesson, read_lessons
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.site import lessons_folder
from chainrule.errors import DivergenceError
from chainrule.fit.fitting import fit

LESSONS = read_lessons(lessons_folder())
INSTRUMENTS = [
    lesson for lesson in LESSONS if "```instrument" in lesson.text and lesson.case is not None
]
DERIVED = [lesson for lesson in INSTRUMENTS if "views = " not in lesson.text]  # with a derivation
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def title(lesson: Lesson) -> str:
    """Return a lesson's name in a test's id."""
    return lesson.slug


def ready(page):
    """Wait until the instrument is drawn; return it."""
    instrument = page.locator("[data-instrument] .chainrule").first
    instrument.wait_for()
    return instrument


def until(page, expression: str, arg=None, seconds: float = 20) -> None:
    """Wait until a JavaScript expression is true. (Playwright's own wait evaluates text, which the pages forbid.)"""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"not within {seconds} s: {expression}"
        page.wait_for_timeout(25)


def step(page) -> int:
    """Return the step that is shown."""
    return int(page.get_by_role("slider", name="step", exact=True).first.input_value())


def said(page) -> str:
    """Return what the live region says."""
    return page.locator(".chainrule > p.unseen").first.text_content()


def press(page, name: str) -> None:
    """Press the button of a name, once nothing above it moves any more."""
    button = page.get_by_role("button", name=name, exact=True).first
    button.scroll_into_view_if_needed()
    come(lambda: page.evaluate(DRAWN))
    button.click()


def choose(page, label: str, value: str) -> None:
    """Choose an option of a list."""
    page.get_by_label(label).first.select_option(value)


def slide(page, label: str, value) -> None:
    """Move a slider, as a pointer or a key does."""
    page.get_by_role("slider", name=label, exact=True).first.evaluate(
        "(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true}));"
        " element.dispatchEvent(new Event('change', {bubbles: true})); }",
        str(value),
    )


def whole_run(page) -> dict:
    """Return the run as the page hands it out: every step as JSON."""
    press(page, "code, pictures, run")
    with page.expect_download() as download:
        press(page, "every step as JSON")
    run = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    return run


def rows(page) -> dict[str, str]:
    """Return the exact number, or the range, of every row of the derivation, by its target."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('[data-row]')].map((row) => {
            const number = row.querySelector('.number');
            return [row.dataset.row, number.title || number.textContent];
        }))"""
    )


def number(text: str) -> float:
    """Return a number as pages write it: with a real minus sign."""
    return float(text.replace("−", "-"))


def close(a, b, relative=1e-12) -> bool:
    """Tell whether two arrays agree, relative to the largest entry."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return a.shape == b.shape and np.max(np.abs(a - b)) <= relative * max(np.max(np.abs(b)), 1e-300)


def python_run(lesson, batch_size=None):
    """Return the run that a lesson's instrument opens with, as Python makes it."""
    case = lesson.case
    start = lesson.case.document["start"]
    method = start["method"]
    rate = next(m["learningRate"] for m in case.document["methods"] if m["key"] == method)
    optimizer = replace(OPTIMIZERS[method][1], learning_rate=rate)
    try:
        return fit(
            case.model, case.sample.arrays, optimizer=optimizer, steps=start["steps"], params=case.start,
            batch_size=batch_size, seed=start["seed"], engine="numpy",
        )  # fmt: skip
    except DivergenceError as error:
        return error.run
