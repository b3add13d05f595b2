"""The folder: exercises that are there, and new ones beside them. No file of the reader's is ever written over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.errors import DataError
from chainrule.files import write_new
from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal.exercises import Exercise, all_of, chosen
from chainrule.practice.terminal.judged import judge, untouched
from chainrule.practice.terminal.said import Judged
from chainrule.practice.terminal.sheet import Sheet, load
from chainrule.practice.terminal.statement import file_text

MOST = 500  # files that are looked into


@dataclass(frozen=True)
class Entry:
    """An exercise of the folder: its file, or why that cannot be read."""

    path: Path
    sheet: Sheet | None
    problem: str = ""

    def glance(self) -> Judged | None:
        """Return "open" if no answer stands in the file yet; None if it must be marked to know."""
        return untouched(self.sheet) if self.sheet else None

    def judged(self, limits: Limits | None = None) -> Judged:
        """Return the verdict on the file as it is now."""
        if self.sheet is None:
            return Judged("unreadable", self.problem)
        return judge(self.sheet, limits)


def entry(path: Path) -> Entry | None:
    """Return a file as an exercise; None if it is none. One with an exercise's name that cannot be read is one."""
    try:
        sheet = load(path)
    except DataError as error:
        return Entry(path, None, str(error)) if path.name[:2].isdigit() else None
    return None if sheet is None else Entry(path, sheet)


def entries(folder: Path) -> list[Entry]:
    """Return the exercises of a folder in the order of their names.

    Raises:
        DataError: the folder cannot be read.
    """
    try:
        names = sorted(p for p in folder.iterdir() if p.suffix == ".py" and p.name[:1] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}. Name a folder.") from None
    return [one for one in map(entry, names[:MOST]) if one is not None]


def prepare(folder: Path, topics: str | None, seed: int | None) -> list[Path]:
    """Make the exercises that are wanted and not there; none where some are there and nothing else was asked for.

    Returns:
        The files that were made.

    Raises:
        UnknownNameError: there is no such topic.
        DataError: a file cannot be written.
    """
    names = chosen(topics)
    there = entries(folder)
    if there and topics is None and seed is None:
        return []
    known = {(e.sheet.topic, e.sheet.seed) for e in there if e.sheet}
    wanted = [e for e in all_of(names, seed or 0) if (e.topic, e.seed) not in known]
    return [_make(folder, one, n) for n, one in enumerate(wanted, _next(there))]


def _next(there: Sequence[Entry]) -> int:
    digits = (e.path.name.partition("_")[0] for e in there)
    return max((int(d) for d in digits if d.isdigit()), default=0) + 1


def _make(folder: Path, one: Exercise, number: int) -> Path:
    content = file_text(one).encode()
    for extra in ("", *(f"_{n}" for n in range(2, 100))):
        path = folder / f"{number:02}_{one.topic}{extra}.py"
        if write_new(path, content):
            return path
    raise DataError(f"{folder} holds too many files of the name {number:02}_{one.topic}.py. Name another folder.")  # fmt: skip
