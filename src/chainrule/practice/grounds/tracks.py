"""The values that a student's variables held, lined up over all instances, and which value of the model each one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.practice.grounds.numbers import Array, Value
from chainrule.practice.grounds.scales import Own
from chainrule.practice.student.names import Names
from chainrule.practice.student.recording import Recording, Seen

Shapes = Sequence[tuple[int, ...]]


@dataclass(frozen=True)
class Track:
    """One value of one variable, at every instance; `turn` counts the values of that variable."""

    name: str
    turn: int
    line: int
    text: str
    own: Own
    helper: bool = False


def line_up(recordings: Sequence[Recording]) -> list[Track]:
    """Return the values that can be told to be the same variable's same value at every instance, in order of time.

    A loop over the examples runs more often where there are more: then only a variable's first and last values line up,
    and the last one of each line.
    """
    if not recordings:
        return []
    grouped = [_by_name(recording.seen) for recording in recordings]
    found: list[tuple[int, Track]] = []
    for name in grouped[0]:
        if all(name in group for group in grouped):
            for row in _rows([group[name] for group in grouped]):
                numbers = [seen.numbers for _, seen in row]
                own = Own(tuple(n.array for n in numbers), max(n.eps for n in numbers))
                order, first = row[0]
                found.append(
                    (order, Track(name, first.turn, first.line, first.text, own, first.helper))
                )
    return [track for _, track in sorted(found, key=lambda pair: pair[0])]


Placed = tuple[int, Seen]


def _by_name(seen: Iterable[Seen]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = {}
    for order, one in enumerate(seen):
        found.setdefault(one.name, []).append((order, one))
    return found


def _rows(columns: Sequence[list[Placed]]) -> list[tuple[Placed, ...]]:
    if len({len(column) for column in columns}) == 1:
        return list(zip(*columns, strict=True))
    rows = [tuple(column[i] for column in columns) for i in (0, -1)]
    for line in dict.fromkeys(seen.line for _, seen in columns[0]):
        last = [[p for p in column if p[1].line == line][-1:] for column in columns]
        if all(last):
            rows.append(tuple(each[0] for each in last))
    return list({row[0][0]: row for row in rows}.values())


def oriented(own: Own, shapes: Shapes) -> Own | None:
    """Return a student's arrays in the model's layout: as they are, transposed, or with unit axes put back."""
    found: list[Array] = []
    for array, shape in zip(own.arrays, shapes, strict=True):
        if array.shape == shape:
            found.append(array)
        elif array.ndim == 2 and array.shape == shape[::-1]:
            found.append(array.T)
        elif [n for n in array.shape if n != 1] == [n for n in shape if n != 1]:
            found.append(array.reshape(shape))
        else:
            return None
    return Own(tuple(found), own.eps)


class Variables:
    """All that was seen, by the value of the model that it is named after, or that it equals."""

    def __init__(self, tracks: Sequence[Track], names: Names) -> None:
        self.tracks = list(tracks)
        self.names = names
        self.taken: dict[tuple[str, int], tuple[str, bool]] = {}  # recognised by what they hold

    def named(self, label: str, backward: bool, ignored: frozenset[str]) -> list[Track]:
        """Return the values named after a value of the model (or its gradient), the last first."""
        read = self.names.gradient if backward else self.names.value
        own = [t for t in self.tracks if self.taken.get((t.name, t.turn)) == (label, backward)]
        if own:
            return own
        free = (t for t in self.tracks[::-1] if (t.name, t.turn) not in self.taken)
        found = [t for t in free if t.name not in ignored and read(t.name) == label]
        return sorted(found, key=lambda t: t.helper)  # the function's own before its helpers'

    def fitting(self, rule: Sequence[Value]) -> list[tuple[Track, Own]]:
        """Return the values that have the shapes of a rule's, the last first."""
        shapes = [value.array.shape for value in rule]
        if all(np.size(v.array) == 1 for v in rule):
            return []  # a lone number equals too much by accident
        found = [(track, oriented(track.own, shapes)) for track in reversed(self.tracks)]
        return [(track, own) for track, own in found if own is not None]

    def call(self, alias: Mapping[str, str]) -> None:
        """Remember what the student calls values of the model."""
        for name, label in alias.items():
            if name not in self.names.aliases:
                self.names.aliases[name] = label
                self.names.learned.add(name)
