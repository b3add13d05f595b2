"""Watching: a file that is saved is marked and shown; the next exercise comes when it is right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal import screen
from chainrule.practice.terminal.folder import Entry, entry
from chainrule.practice.terminal.pen import Line, line, put
from chainrule.practice.terminal.said import Judged
from chainrule.practice.terminal.sheet import Sheet
from chainrule.practice.terminal.statement import header

if TYPE_CHECKING:
    from rich.console import Console

POLL = 0.25  # seconds between two looks at the files
_SETTLE = 0.05  # an editor may write in several pieces
Stamp = tuple[int, int, int] | None


class Reader(Protocol):
    """Where keys come from."""

    interactive: bool

    def read(self, seconds: float) -> str:
        """Wait so long at most; return a key, or ""."""
        ...


class Watch:
    """The exercises, the verdict on each, and which is shown."""

    def __init__(
        self, console: Console, entries: Sequence[Entry], keys: Reader, hints: int, limits: Limits
    ) -> None:
        self.console, self.keys, self.limits = console, keys, limits
        self.entries = [*entries]
        self.stamps = [stamp(e.path) for e in entries]
        glances = [e.glance() for e in entries]
        self.verdicts = [
            g or _mark(console, e, limits) for e, g in zip(entries, glances, strict=True)
        ]
        self.glanced = {
            i for i, glance in enumerate(glances) if glance
        }  # marked when they are shown
        self.hints = self.level = hints
        self.place = 0
        self.listing = False  # shown in place of the exercise

    @property
    def states(self) -> list[str]:
        """The state of each exercise."""
        return [v.state for v in self.verdicts]

    def run(self) -> bool:
        """Watch until all exercises are right (True), or the reader leaves (False)."""
        self.place = self._unsolved(0)
        self.show()
        while not self.finished():
            key = self.keys.read(POLL)
            if key == "q":
                return False
            if key:
                self._press(key)
            for i in self._changed():
                self._saved(i)
        return True

    def finished(self) -> bool:
        """Tell whether every exercise is right."""
        return set(self.states) == {"right"}

    def _press(self, key: str) -> None:
        if self.listing:
            self.show()  # any key goes back
            return
        if key == "h":
            self.level = min(self.level + 1, screen.MOST_LEVEL)
        elif key in "np":
            self._go((self.place + (1 if key == "n" else -1)) % len(self.entries))
        elif key == "l":
            self._clear()
            self.listing = True
            back = line("Any key goes back to the exercise.", "dim")
            lines = screen.listing(self.entries, self.verdicts)
            room = max(self.console.height - 4, 5) if self.keys.interactive else len(lines)
            first = max(0, min(self.place - room // 2, len(lines) - room))  # this one in the middle
            put(self.console, [*lines[first : first + room], Line(), back])
            return
        self.show()

    def _go(self, place: int) -> None:
        self.place, self.level = place, self.hints

    def _changed(self) -> list[int]:
        """Return the exercises whose files have changed, when they have settled."""
        found = [i for i, e in enumerate(self.entries) if stamp(e.path) != self.stamps[i]]
        for i in found:
            now = None
            for _ in range(20):
                before, now = now, stamp(self.entries[i].path)
                if now is not None and now == before:
                    break
                time.sleep(_SETTLE)
            self.stamps[i] = now
        return found

    def _saved(self, i: int) -> None:
        self.glanced.discard(i)
        before = self.verdicts[i]
        self.entries[i], problem = again(self.entries[i])
        self.verdicts[i] = now = problem or _mark(self.console, self.entries[i], self.limits)
        if i != self.place or _first(before) != _first(now):
            self._go(i)
        if now.state != "right":
            self.show()
            return
        name = self.entries[i].path.name
        self._clear()
        told = line(f"✓ {screen.shown(name, 80)} is right.", "bold green")
        put(self.console, [told, Line()])
        if not self.finished():
            self._go(self._unsolved(i + 1))
            self.show(clear=False)

    def _unsolved(self, start: int) -> int:
        """Return the first exercise from a place on, round to it, that is not right."""
        count = len(self.entries)
        order = [(start + k) % count for k in range(count)]
        return next((i for i in order if self.verdicts[i].state != "right"), 0)

    def show(self, clear: bool = True) -> None:
        """Show the exercise and its verdict."""
        if clear:
            self._clear()
        self.listing = False
        if self.place in self.glanced:
            self.glanced.discard(self.place)
            self.verdicts[self.place] = _mark(self.console, self.entries[self.place], self.limits)
        judged = self.verdicts[self.place]
        lines = screen.heading(self.entries[self.place], self.states, self.console.width)
        if judged.state == "open" and not any(r.status == "right" for r in judged.remarks):
            said = "Open this file in your editor, fill in what is missing, and save."
            lines += [line(said), Line()]
        lines += screen.verdict(judged, self.level)
        put(
            self.console, lines + (screen.keys(judged, self.level) if self.keys.interactive else [])
        )

    def _clear(self) -> None:
        if self.keys.interactive:
            self.console.clear()
        else:
            self.console.print()


def _mark(console: Console, one: Entry, limits: Limits) -> Judged:
    if not console.is_terminal:
        return one.judged(limits)
    with console.status(f"marking {screen.shown(one.path.name, 60)} …"):
        return one.judged(limits)


def _first(judged: Judged) -> tuple[str, str]:
    """Return what hints were opened for."""
    focus = judged.focus
    return (focus.blank, focus.message) if focus else ("", judged.message)


def stamp(path: Path) -> Stamp:
    """Return what changes when a file is saved; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def again(before: Entry) -> tuple[Entry, Judged | None]:
    """Return an exercise's file as it is now, and what is wrong with it if it is no exercise any more."""
    now = entry(before.path)
    if now is not None and now.sheet is not None:
        return now, None
    sheet = before.sheet
    if now is not None:
        gone = sheet is not None and stamp(before.path) is None
        return before, Judged("unreadable", now.problem + (_anew(sheet) if gone and sheet else ""))
    said = "Its first line is gone."
    if sheet is not None:
        said += f" Put it back: {header(sheet.topic, sheet.seed, sheet.hash)}"
    return before, Judged("unreadable", said)


def _anew(sheet: Sheet) -> str:
    """Return how to bring a file back that is gone."""
    wanted = f"{sheet.path.parent} --topics {sheet.topic} --seed {sheet.seed}"
    return f" Put it back, or go on with another; chainrule practice {wanted} makes it anew."
