"""A worksheet: the steps of a calculation as blanks with rules and mistakes, made once; numbers come with the seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.practice.questions import answers as language
from chainrule.practice.questions.content import Math, Pieces, sign
from chainrule.practice.questions.content import math as formula_of
from chainrule.practice.questions.entries import entry_name, places
from chainrule.practice.questions.known import Wrong
from chainrule.practice.questions.question import Blank, Mistake, Worked

SMALLEST, LARGEST = 1e-3, 999.0


@dataclass(frozen=True)
class Line:
    """One step: what it computes, the text of its entries, its equation, its rule in words, its known mistakes."""

    label: str
    prefix: str
    shape: tuple[int, ...]
    entries: tuple[str, ...]
    equation: Math
    rule: str
    mistakes: tuple[Wrong, ...]

    @property
    def name(self) -> str:
        """The label with its prefix: dZ1."""
        return f"{self.prefix}{self.label}"

    def ids(self) -> list[str]:
        """Return the ids of the entries' blanks."""
        return [entry_name(self.name, p, self.shape) for p in places(self.shape)]

    def symbol(self, place: Sequence[int]) -> Math:
        """Return an entry's symbol."""
        return sign(self.label, self.prefix, *(p + 1 for p, n in zip(place, self.shape, strict=True) if n > 1))  # fmt: skip


Values = dict[str, float]


def solve(lines: Sequence[Line], given: Mapping[str, float]) -> Values:
    """Return the value of every entry."""
    values = dict(given)
    for line in lines:
        for id, text in zip(line.ids(), line.entries, strict=True):
            values[id] = language.compute(language.postfix(text), values)
    return values


def readable(lines: Sequence[Line], values: Mapping[str, float]) -> bool:
    """Tell whether every answer can be computed and written by hand."""
    return all(SMALLEST <= abs(values[id]) <= LARGEST for line in lines for id in line.ids())


def telling(lines: Sequence[Line], values: Mapping[str, float], tolerance: float) -> bool:
    """Tell whether every known mistake gives another result than the truth, and than the other mistakes of its step."""
    for line in lines:
        right = [values[id] for id in line.ids()]
        columns = [right]
        for wrong in line.mistakes:
            columns.append([_at(e, values) for e in wrong.entries])
        for i, a in enumerate(columns):
            for b in columns[i + 1 :]:
                if not all(map(math.isfinite, b)) or _alike(a, b, 3 * tolerance):
                    return False
    return all(_steady(line, values, tolerance) for line in lines)


def _steady(line: Line, values: Mapping[str, float], tolerance: float) -> bool:
    """Tell whether the mistakes come out alike from values written in four figures: none is what a cancellation leaves."""
    written = {name: float(short(value)) for name, value in values.items()}
    pairs = ((_at(e, values), _at(e, written)) for w in line.mistakes for e in w.entries)
    return all(abs(a - b) <= tolerance * abs(a) for a, b in pairs)


def _alike(a: Sequence[float], b: Sequence[float], tolerance: float) -> bool:
    return all(abs(x - y) <= tolerance * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True))


def _at(text: str, values: Mapping[str, float]) -> float:
    return language.compute(language.postfix(text), values)


def decimal(value: float) -> str:
    """Return a number in twelve digits: the same on every machine, whatever its last bit."""
    return repr(float(f"{value:.12g}"))


def short(value: float) -> str:
    """Return a number in four significant figures."""
    return f"{value:.4g}"


def blanks_of(
    lines: Sequence[Line], values: Mapping[str, float], tolerance: float
) -> tuple[Blank, ...]:
    """Return the blanks of all lines, with the mistakes that show at each."""
    found: list[Blank] = []
    for line in lines:
        for k, (id, place) in enumerate(zip(line.ids(), places(line.shape), strict=True)):
            mistakes = [m for w in line.mistakes if (m := _mistake(line, w, k, values, tolerance))]
            found.append(
                Blank(
                    id, "number", (line.symbol(place),), decimal(values[id]), line.name, line.entries[k],
                    tuple(mistakes),
                    where=f"Look at the step of {line.symbol(place).text}.",
                    how=f"The rule: {line.equation.text}" + (f" ({line.rule})." if line.rule else "."),
                )
            )  # fmt: skip
    return tuple(found)


def _mistake(
    line: Line, wrong: Wrong, k: int, values: Mapping[str, float], tolerance: float
) -> Mistake | None:
    id, value = line.ids()[k], _at(wrong.entries[k], values)
    if abs(value - values[id]) <= 3 * tolerance * abs(values[id]):
        return None  # this entry does not show it; others do
    symbol = line.symbol(places(line.shape)[k]).text
    counter = f"Here {symbol} is {short(values[id])}; when {wrong.message}, it comes out as {short(value)}."  # fmt: skip
    how = f"The rule: {line.equation.text}" + (f" ({line.rule})." if line.rule else ".")
    hints = (f"Look at the step of {symbol}.", how, counter, f"To mend it: {wrong.fix}.")
    return Mistake(wrong.key, wrong.message, decimal(value), hints, wrong.entries[k])


def worked(lines: Sequence[Line], values: Mapping[str, float]) -> tuple[Worked, ...]:
    """Return the worked solution: each step's equation, and its numbers."""
    found: list[Worked] = []
    for line in lines:
        numbers = ", ".join(short(values[id]) for id in line.ids())
        pieces: Pieces = (line.equation, f": {numbers}")
        found.append(Worked(tuple(line.ids()), pieces))
    return tuple(found)


def scheme(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the marking scheme: a point for each number, also where it follows from a wrong one before it."""
    names: dict[int, list[str]] = {}
    for line in lines:
        names.setdefault(len(line.entries), []).append(line.name)
    return tuple(
        f"{n} point{'s' if n > 1 else ''} each, one for {'each' if n > 1 else 'a'} number that follows from what stands before it: {', '.join(some)}."
        for n, some in names.items()
    )


__all__ = ["Line", "blanks_of", "formula_of", "readable", "scheme", "short", "solve", "telling", "worked"]  # fmt: skip
