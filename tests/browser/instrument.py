"""An instrument as a reader handles it, by the names that it gives to its own parts."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

# Whether all views that are fetched when a reader comes near them are drawn, as far as they can be seen.
DRAWN = """() => [...document.querySelectorAll('.chainrule .island')].every((place) => {
    const { top, bottom } = place.getBoundingClientRect();
    return place.childElementCount > 0 || bottom <= 0 || top > innerHeight;
})"""
PATIENCE = 60  # seconds that anything may take on a loaded machine; nothing is asserted of it


def until(what: Any, wanted: Any = True) -> Any:
    """Call until the answer is the wanted one; fail with the last answer when patience ends."""
    end = time.monotonic() + PATIENCE
    while (got := what()) != wanted and time.monotonic() < end:
        time.sleep(0.03)
    assert got == wanted, f"{got!r}, not {wanted!r}"
    return got


class Reader:
    """The first instrument of a page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE * 1000)
        self.part(".transport").wait_for(state="attached")

    def part(self, selector: str) -> Any:
        return self.page.locator(f".chainrule {selector}").first

    def figure(self, title: str) -> Any:
        return self.page.locator(f".chainrule figure:has(h2:text-is('{title}'))").first

    def button(self, name: str) -> Any:
        return self.page.locator(".chainrule").first.get_by_role("button", name=name, exact=True)

    def control(self, name: str) -> Any:
        """Return a field by the label beside it or the one that is only said."""
        root = self.page.locator(".chainrule").first
        beside = root.locator("label").filter(has_text=re.compile(rf"^\s*{name}\b"))
        return root.locator(f'[aria-label="{name}"]').or_(beside.locator("select, input"))

    def drive(self, name: str, value: object) -> None:
        """Move a slider, as a drag does."""
        self.control(name).fill(str(value))

    @property
    def step(self) -> int:
        return int(self.part(".count b").inner_text())

    def more(self, name: str) -> Any:
        """Open one of the dialogs under the instrument, once nothing there moves any more."""
        self.button(name).scroll_into_view_if_needed()
        until(lambda: self.page.evaluate(DRAWN))
        self.button(name).click()
        dialog = self.page.locator("dialog[open]")
        dialog.wait_for()
        return dialog

    def run(self) -> dict[str, Any]:
        """Download the whole run."""
        dialog = self.more("code, pictures, run")
        with self.page.expect_download() as got:
            dialog.get_by_role("button", name="every step as JSON").click()
        run = json.loads(Path(got.value.path()).read_text())
        dialog.get_by_role("button", name="close").click()
        return run
