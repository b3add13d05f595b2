"""Where the page of a run is seen: in the notebook's cell, in a file, or in the browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, cast

from chainrule.course.files import find_assets
from chainrule.course.own import run_page
from chainrule.course.server import Pages, announce, cache_folder, print_at_once, serve, stay
from chainrule.course.site import Course
from chainrule.files import write
from chainrule.fit.run import Run

HEIGHT = 900  # of the frame in a notebook, in px; the page scrolls in it


def show(run: Run, file: str | Path | None = None, browser: bool = True) -> Path | None:
    """Show a run: see `Run.show`."""
    if file is not None:
        return write(Path(file), run_page(Course(single_file=True), run).encode())
    if in_cell := _notebook():
        in_cell(frame(run), repr(run))
        return None
    pages = Pages(find_assets(), *cache_folder())
    served = serve(pages, run_page(pages.course, run))
    if hasattr(sys, "ps1"):  # an interactive session goes on, and its server with it
        announce(served, browser, print_at_once)
        return None
    with served:
        stay(served, browser, print_at_once)
    return None


def frame(run: Run) -> str:
    """Return the page of a run in a frame, whole: it reaches nothing outside, and nothing outside its styles."""
    page = run_page(Course(single_file=True), run)
    return (
        f'<iframe title="The descent of {escape(run.model.name)}" srcdoc="{escape(page)}" '
        f'style="width: 100%; height: {HEIGHT}px; border: 0" allow="clipboard-write"></iframe>'
    )


def _notebook() -> Callable[[str, str], None] | None:
    """Return what shows HTML, or a text where there is none, under the cell that runs; None outside notebooks."""
    ipython, marimo = (cast("Any", sys.modules.get(name)) for name in ("IPython", "marimo"))
    if marimo and marimo.running_in_notebook():
        return lambda html, text: marimo.output.append(marimo.Html(html))
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        return None
    return lambda html, text: ipython.display.display(
        {"text/html": html, "text/plain": text}, raw=True
    )


__all__ = ["frame", "show"]
