"""The pages against their budgets: weight, wait, redraw, frame rate, shifts, and `chainrule open`, in a real Chromium.

python benchmarks/pages.py          prints the table
python benchmarks/pages.py --write  also writes it into docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromium
import large
import page

from chainrule.course.site import SCRIPT, STYLE, Assets, Course, find_assets, write_assets

PACKAGES = ["chainrule", "numpy", "playwright"]
WEIGHT, FONTS = 60_000, 250_000  # bytes
FRAMES, INTERACTIVE, FIRST, LATER, ANSWER = 0.0333, 1.0, 2.0, 0.5, 0.2  # seconds
RATE = 60  # frames a second
SLIDER, CONTOUR = "4-two-layer-sigmoid", "1-univariate-regression"
STEPS = 2000


@dataclass(frozen=True)
class Row:
    """One figure; `met` is None where there is no goal."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        verdict = "" if self.met is None else "met" if self.met else "LOSES"
        return [self.what, self.measured, self.goal, verdict]


# -- weight
def zipped(*paths: Path) -> int:
    """Return the bytes that files have on the wire."""
    return sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in paths)


def weights(assets: Assets) -> list[Row]:
    """Weigh what every page loads, its fonts, and what only some pages fetch."""
    own = zipped(assets.folder / SCRIPT, assets.folder / STYLE)
    fonts = sum(p.stat().st_size for p in assets.files if p.suffix == ".woff2")
    rows = [
        Row("script and style of a page", kb(own), f"<= {kb(WEIGHT)}", own <= WEIGHT),
        Row("fonts in all", kb(fonts), f"<= {kb(FONTS)}", fonts <= FONTS),
    ]
    for script in sorted(assets.folder.glob("chainrule-*.js")):
        name = script.stem.removeprefix("chainrule-")
        more = zipped(script, script.with_suffix(".css"))
        when = "fetched when wanted" if name == "extras" else "of a chapter of widgets, beside that"
        rows.append(Row(f"{name}: {when}", kb(more)))
    return rows


def kb(count: int) -> str:
    """Return bytes as kB."""
    return f"{count / 1000:.1f} kB"


# -- a reader's waits
def waits(browser: Any, address: str, names: Sequence[str], runs: int) -> list[Row]:
    """Time every page from a cold start."""
    rows: list[Row] = []
    for name in names:
        waited = [chromium.interactive(browser, f"{address}/{name}") for _ in range(runs)]
        took = statistics.median(waited)
        rows.append(Row(f"{name}: interactive", f"{took:.2f} s", "< 1 s", took < INTERACTIVE))
    return rows


def shifts(browser: Any, address: str, names: Sequence[str], widths: Sequence[int]) -> list[Row]:
    """Add up the shifts of every page's layout."""
    rows: list[Row] = []
    for name in names:
        for width in widths:
            moved, what = chromium.shift(browser, f"{address}/{name}", width)
            says = f" ({', '.join(sorted(set(what))[:3])})" if what else ""
            rows.append(
                Row(f"{name}: layout shift at {width} px", f"{moved:.4f}{says}", "0", moved == 0)
            )
    return rows


def redraws(browser: Any, address: str, moves: int, seconds: float) -> list[Row]:
    """Time a slider over a long run of a small network, and the contours of a line while a point is dragged."""
    took, drawn, whole = chromium.slide(browser, f"{address}/{SLIDER}.html#steps={STEPS}", moves)
    middle, worst = statistics.median(took), max(took)
    rate, points = chromium.drag(browser, f"{address}/{CONTOUR}.html", seconds)
    return [
        Row(f"slider to redraw, {STEPS:,} steps of {SLIDER}: median of {moves}", ms(middle), f"<= {ms(FRAMES)}", middle <= FRAMES),
        Row("the same: slowest", ms(worst)),
        Row("the same: steps drawn while the slider moves, median", f"{statistics.median(drawn):,.0f} of {STEPS:,}"),
        Row("the same: until all steps are drawn, once it is let go", ms(whole)),
        Row(f"contours of {CONTOUR} while a point is dragged, {points} x {points}", f"{rate:.1f} a second", f"{RATE} at 256 x 256",
            rate >= RATE - 1 and points >= 256),
    ]  # fmt: skip


def blocked(browser: Any, address: str, folder: Path, course: Course, quick: bool) -> list[Row]:
    """Find the longest time for which large pages do not answer."""
    found = large.measured(
        browser, address, folder, course, *((1000, 3) if quick else (100_000, 20))
    )
    rows: list[Row] = []
    for what, took in found.items():
        for act in large.HANDLED:
            most = took[act]
            goal = f"<= {ms(ANSWER)}"
            rows.append(Row(f"{what}: longest task, {act}", ms(most), goal, most <= ANSWER))
        rows.append(Row(f"{what}: longest task, loading", ms(took["loading"])))
        rows.append(Row(f"{what}: until all is drawn, after that step", ms(took["all drawn"])))
    return rows


def ms(seconds: float) -> str:
    """Return seconds as ms."""
    return f"{seconds * 1000:.0f} ms"


# -- the command
def opening(runs: int) -> list[Row]:
    """Time `chainrule open` from its start to the first page, with an empty cache and with a filled one."""
    first: list[float] = []
    later: list[float] = []
    with tempfile.TemporaryDirectory() as compiled:
        start(compiled, compiled)  # an installation has its modules compiled
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as cache:
                first.append(start(cache, compiled, rest=True))
                later += [start(cache, compiled) for _ in range(min(runs, 3))]
    one, other = statistics.median(first), statistics.median(later)
    return [
        Row("chainrule open, the first time", f"{one:.2f} s", f"< {FIRST:g} s", one < FIRST),
        Row("chainrule open, later", f"{other:.2f} s", f"< {LATER:g} s", other < LATER),
    ]


def start(cache: str, compiled: str, rest: bool = False) -> float:
    """Start the command, ask for the first page, end it; return the seconds until the page was there."""
    where = dict.fromkeys(("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"), cache)
    others = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment = {**others, **where, "PYTHONPYCACHEPREFIX": compiled, "PYTHONUNBUFFERED": "1"}
    code = "import sys; from chainrule.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "open", "--no-browser", "--port", str(free_port())]
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = address_in(process)
            with urllib.request.urlopen(address) as answer:
                assert b"</html>" in answer.read()
            took = time.perf_counter() - begun
            if rest:
                fill(address)
        finally:
            process.terminate()
    return took


def address_in(process: subprocess.Popen[str]) -> str:
    """Return the address that the command prints."""
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise RuntimeError("chainrule open printed no address")


def fill(address: str) -> None:
    """Ask for every page, so that the cache has them all."""
    with urllib.request.urlopen(address) as answer:
        names = set(re.findall(r'href="([\w-]+\.html)"', answer.read().decode()))
    for name in sorted(names):
        with urllib.request.urlopen(address + name) as answer:
            answer.read()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- the report
def measured(quick: bool, runs: int) -> list[Row]:
    """Measure everything, or a little of everything."""
    rows = weights(find_assets())
    executable = chromium.find()
    if executable is None:
        return [*rows, Row("in a browser", "not measured: no Chromium on PATH")]
    with tempfile.TemporaryDirectory() as folder:
        course = Course()
        write_assets(course.assets, Path(folder))
        names = [f"{CONTOUR}.html", f"{SLIDER}.html"] if quick else course.pages
        for name in names:
            (Path(folder) / name).write_text(course.html(name), encoding="utf-8")
        chosen, widths = (names[:1], [1280]) if quick else (names, [1280, 390])
        with chromium.served(Path(folder)) as address, chromium.chromium(executable) as browser:
            parts: list[Callable[[], list[Row]]] = [
                lambda: waits(browser, address, chosen, runs),
                lambda: redraws(browser, address, 2 if quick else 25, 0.3 if quick else 4),
                lambda: shifts(browser, address, chosen, widths),
                lambda: blocked(browser, address, Path(folder), course, quick),
            ]
            for part in parts:
                rows += part()
    return rows + opening(1 if quick else runs)


def section(rows: Sequence[Row], load: str) -> str:
    """The section of docs/benchmarks.md."""
    missed = sum(row.met is False for row in rows)
    word = f"{missed} goal{'s' * (missed != 1)} LOST" if missed else "all goals met"
    return f"""`python benchmarks/pages.py --write`, {page.today()}: {word}.

Machine: {page.machine(PACKAGES)}; load average at the start {load}.

{page.table(["", "measured", "goal", ""], [row.cells for row in rows])}

- Weight: gzip -9, in kB of 1,000 bytes. Fonts are compressed already.
- Interactive: from the start of the navigation, with an empty cache, until the first instrument or widget stands on the
  page and no task longer than 50 ms follows; headless Chromium without a GPU.
- Slider to redraw: from the slider's event until the main thread has drawn the frame with the new curve. While the
  slider moves, a run is recorded as far as there is time for between two frames; the rest when it is let go.
- Contours while a point is dragged: shaded on so many points; their lines are drawn from 128 x 128 until it is let go.
- Longest task: of the main thread, by Chromium's own measure, which starts at 50 ms (0 ms: none was longer); while the
  learning rate's slider moves, in the 1.5 s after it is let go, and after a step forward.
- Layout shift: Chromium's own measure, from the load until a reader has scrolled to the end.
- `chainrule open`: from the start of the process until the first page has arrived.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page if asked; return 0, whether the goals are met or not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one page and little: does it run?")
    parser.add_argument("--runs", type=int, help="runs per median (default 5; 1 with --quick)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{page.PAGE.name}")
    options = parser.parse_args(arguments)
    runs = options.runs or (1 if options.quick else 5)
    if runs < 1:
        parser.error("--runs must be at least 1")
    if options.write and options.quick:
        parser.error("--quick measures too little to be written down")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    found = section(measured(options.quick, runs), load)
    print(found)
    if options.write:
        page.write("Pages", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
