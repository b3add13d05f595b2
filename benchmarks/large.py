"""How long large pages keep a reader waiting: the longest task of the main thread while they load and are handled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chainrule import models
from chainrule.course.own import model_page
from chainrule.course.samples import Sample, made_up
from chainrule.course.site import OWN, Course
from chainrule.models.gallery import deep_mlp

LAYERS, WIDTH, HIDDEN = 50, 8, 8
HANDLED = ("the learning rate dragged", "the slider let go", "one step")

# The longest task so far, and what sets it back.
WATCH = """(() => {
  window.longest = 0;
  new PerformanceObserver((list) =>
    list.getEntries().forEach(({ duration }) => (window.longest = Math.max(window.longest, duration)))
  ).observe({ type: 'longtask', buffered: true });
})();"""
# Moves the learning rate's slider at every other frame.
SLIDE = """(moves) => new Promise((done) => {
  const slider = document.querySelector('.chainrule .transport .rate input[type=range]');
  const next = (k) => {
    if (k === moves) return done(slider.dispatchEvent(new Event('change', { bubbles: true })));
    slider.value = slider.max * (0.35 + (0.2 * (k + 1)) / moves);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(() => requestAnimationFrame(() => next(k + 1)));
  };
  next(0);
})"""
STEP = "document.querySelector('.chainrule .transport [aria-label=\"one step\"]').click()"
DRAWN = ".chainrule[aria-busy=false] .landscape canvas:not(.late)"


def pages(course: Course, examples: int) -> dict[str, str]:
    """Return pages by what they are: a line and a network on many examples, and a deep network."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (2, examples))
    noise = rng.normal(0, 0.3, (1, examples))
    line = Sample({"x": x[:1], "y": 1 + 2 * x[:1] + noise}, name=f"{examples:,} points")
    inside = (np.sum(x**2, axis=0, keepdims=True) + noise < 2).astype(float)
    network = Sample({"X": x, "Y": inside}, name=f"{examples:,} points")
    deep = deep_mlp(LAYERS)
    own = {d: WIDTH for d in deep.dims if d.startswith("n_") and d not in ("n_x", "n_y")}
    many = f"{examples:,} points"
    return {
        f"a line, {many}": model_page(course, models.univariate, line, {}),
        f"a network with {HIDDEN} hidden units, {examples:,} points": model_page(
            course, models.two_layer_sigmoid, network, {"n_h": HIDDEN}
        ),
        f"{LAYERS} layers of {WIDTH} units": model_page(
            course, deep, made_up(deep, n_x=2, n_y=2, **own), own
        ),
    }


def longest(browser: Any, address: str, moves: int) -> dict[str, float]:
    """Return the longest task in seconds by what a reader did, and the seconds until all was drawn at the end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector(".chainrule .transport")
        page.wait_for_timeout(1500)
        found = {"loading": taken(page)}
        page.evaluate(SLIDE, moves)
        found[HANDLED[0]] = taken(page)
        page.wait_for_timeout(1500)
        found[HANDLED[1]] = taken(page)
        page.evaluate(STEP)
        page.wait_for_timeout(800)
        found[HANDLED[2]] = taken(page)
        begun = page.evaluate("performance.now()")
        page.locator(DRAWN).first.wait_for(state="attached")
        found["all drawn"] = (page.evaluate("performance.now()") - begun) / 1000
        taken(page)
        return found
    finally:
        context.close()


def taken(page: Any) -> float:
    """Return the longest task since the last call, in seconds; 0 where none took 50 ms."""
    page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go, 60)))")
    return page.evaluate("[window.longest, (window.longest = 0)][0]") / 1000


def measured(
    browser: Any, address: str, folder: Path, course: Course, examples: int, moves: int
) -> dict[str, dict[str, float]]:
    """Measure every large page."""
    found: dict[str, dict[str, float]] = {}
    for what, html in pages(course, examples).items():
        (folder / OWN).write_text(html, encoding="utf-8")
        found[what] = longest(browser, f"{address}/{OWN}", moves)
    return found
