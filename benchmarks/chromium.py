"""What a reader waits for, timed in a headless Chromium: the pages are loaded and handled as a reader would."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = 1200  # ms without a long task, after which a page counts as still

# Long tasks (over 50 ms), shifts of the layout, and when the instrument or the first widget stood on the page with the
# main thread free again.
WATCH = """(() => {
  const seen = (window.seen = { shift: 0, busy: 0, drawn: 0, moved: [] });
  const watch = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  watch('longtask', (e) => (seen.busy = Math.max(seen.busy, e.startTime + e.duration)));
  watch('layout-shift', (e) => {
    if (e.hadRecentInput) return;
    seen.shift += e.value;
    for (const { node } of e.sources) seen.moved.push(node?.className || node?.nodeName || 'gone');
  });
  new MutationObserver((_, self) => {
    if (!document.querySelector('.chainrule .transport, [data-widget] svg, [data-widget] canvas')) return;
    self.disconnect();
    requestAnimationFrame(() => setTimeout(() => (seen.drawn = performance.now())));
  }).observe(document, { childList: true, subtree: true });
})();"""

# Moves the learning rate so many times, each at the start of a frame; per move, ms until the main thread has drawn the
# frame that shows the new curve.
SLIDE = """(moves) => new Promise((done) => {
  const slider = document.querySelector('.chainrule .transport .rate input[type=range]');
  if (!slider) throw new Error('there is no slider of the learning rate');
  const look = () => document.querySelector('.chainrule .descent .ahead').getAttribute('d');
  const points = () => look().split(/[ML]/).length - 2;
  const [took, drawn] = [[], []];
  /** Sends an event; calls back with the ms until the main thread has drawn a new curve. */
  const send = (kind, then) => {
    const [before, from] = [look(), performance.now()];
    slider.dispatchEvent(new Event(kind, { bubbles: true }));
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      if (look() === before && performance.now() - from < 5000)
        return requestAnimationFrame(() => port2.postMessage(0));
      then(performance.now() - from);
    };
    port2.postMessage(0);
  };
  const next = () => requestAnimationFrame(() => {
    slider.value = slider.max * (0.35 + (0.2 * (took.length + 1)) / moves);
    send('input', (ms) => {
      took.push(ms);
      drawn.push(points());
      if (took.length < moves) setTimeout(next, 20);
      else if (drawn.at(-1) === Number(location.hash.match(/steps=(\\d+)/)[1])) done([took, drawn, 0]);
      else send('change', (ms) => done([took, drawn, ms]));
    });
  });
  next();
})"""

# Moves the held data point by a little at every frame; frames, ms, and the points of the contours' grid a side.
DRAG = """([x, y, ms]) => new Promise((done) => {
  const plot = document.querySelector('.chainrule figure circle.point').ownerSVGElement;
  const stamps = [];
  const next = (now) => {
    stamps.push(now);
    const clientY = y + 20 * Math.sin(stamps.length / 9);
    plot.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: x, clientY, buttons: 1 }));
    if (now - stamps[0] < ms) return requestAnimationFrame(next);
    const grid = document.querySelector('.chainrule .landscape canvas').dataset.points;
    done([stamps.length - 1, now - stamps[0], Number(grid ?? 0)]);
  };
  requestAnimationFrame(next);
})"""


def find() -> str | None:
    """Return where a Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as a static host would; give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium(executable: str) -> Iterator[Any]:
    """Start a headless Chromium; end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def page_of(browser: Any, address: str, width: int = 1280) -> Iterator[Any]:
    """Open an address with nothing in the cache."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    try:
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()


def settle(page: Any) -> dict[str, Any]:
    """Wait until the page is drawn and has done no long task for a while; return what was seen."""
    for _ in range(60):
        page.wait_for_timeout(200)
        seen = page.evaluate("({...window.seen, now: performance.now()})")
        if seen["drawn"] and seen["now"] - max(seen["busy"], seen["drawn"]) > QUIET:
            return seen
    raise RuntimeError(f"{page.url} does not come to rest: {seen}")


def interactive(browser: Any, address: str) -> float:
    """Return seconds from a cold start until the instrument answers and no long task follows."""
    with page_of(browser, address) as page:
        seen = settle(page)
        return max(seen["drawn"], seen["busy"]) / 1000


def shift(browser: Any, address: str, width: int) -> tuple[float, list[str]]:
    """Return how far the layout shifts from the load until a reader has scrolled to the end, and what moved."""
    with page_of(browser, address, width) as page:
        settle(page)
        page.evaluate(
            """async () => {
                for (let y = 0; y < document.documentElement.scrollHeight; y += 450) {
                  scrollTo(0, y);
                  await new Promise((go) => setTimeout(go, 60));
                }
            }"""
        )
        page.wait_for_timeout(400)
        return page.evaluate("[window.seen.shift, window.seen.moved]")


def slide(browser: Any, address: str, moves: int) -> tuple[list[float], list[int], float]:
    """Move the learning rate's slider.

    Returns:
        For each move the seconds until a new descent is drawn, and how many of its steps are; and the seconds until
        all of them are, once the slider is let go (0 where they are already).
    """
    with page_of(browser, address) as page:
        settle(page)
        took, drawn, whole = page.evaluate(SLIDE, moves)
        return [ms / 1000 for ms in took], drawn, whole / 1000


def drag(browser: Any, address: str, seconds: float) -> tuple[float, int]:
    """Return frames a second while a data point is dragged, and how many points a side the contours then had."""
    with page_of(browser, address) as page:
        settle(page)
        box = page.locator(".chainrule figure circle.point").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        frames, ms, points = page.evaluate(DRAG, [x, y, seconds * 1000])
        page.mouse.up()
        return frames / ms * 1000, points
