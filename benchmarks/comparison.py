"""Comparison: what the sides of one piece of work took, as a table with goals. Knows nothing of what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import page
from measure import Lap


@dataclass(frozen=True)
class Line:
    """A side's row in a table; `met` is None where there is no goal."""

    side: str
    measured: str
    ratio: str = ""
    goal: str = ""
    met: bool | None = None
    first: str = ""

    @property
    def cells(self) -> list[str]:
        """The row."""
        verdict = "" if self.met is None else "met" if self.met else "LOSES"
        return [self.side, self.measured, self.ratio, self.goal, verdict, self.first]


@dataclass(frozen=True)
class Comparison:
    """A table: what was done, what one time is the time of, and a row for each side."""

    work: str
    unit: str
    lines: Sequence[Line]

    def unjudged(self) -> Comparison:
        """Return the comparison without verdicts."""
        return replace(self, lines=[replace(line, met=None) for line in self.lines])

    def __str__(self) -> str:
        head = ["", self.unit, "times chainrule's", "goal", "", "first call"]
        return f"### {self.work}\n\n{page.table(head, [line.cells for line in self.lines])}\n"


def lines(laps: Sequence[Lap], goals: Mapping[str, float]) -> list[Line]:
    """Return the rows of a race; a goal holds for all sides whose names begin like it."""
    found: list[Line] = []
    for i, lap in enumerate(laps):
        if lap.why_not:
            found.append(Line(lap.side, f"not measured: {lap.why_not}"))
            continue
        goal = next((g for name, g in goals.items() if lap.side.startswith(name)), None)
        found.append(line(lap.side, lap.seconds, lap.ratio if i else None, goal, lap.first))
    return found


def line(
    side: str, seconds: float, ratio: float | None, goal: float | None, first: float = 0.0
) -> Line:
    """Return a side's row; without a ratio nothing is judged."""
    return Line(
        side,
        shown(seconds),
        "" if ratio is None else f"{ratio:,.2f}" if ratio < 10 else f"{ratio:,.0f}",
        "" if goal is None else f">= {goal:,g}",
        None if goal is None or ratio is None else ratio >= goal,
        shown(first) if first else "",
    )


def shown(seconds: float) -> str:
    """Return a time in a fitting unit."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.2f} us"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"
