"""Orders: what a teacher asks for by a topic's name, and which questions are dealt for a seed. Knows no format."""

from __future__ import annotations

import random
from collections.abc import Sequence

from chainrule.errors import DataError
from chainrule.practice.questions.bank import FAMILIES, question, unknown_topic, variants
from chainrule.practice.questions.question import Question
from chainrule.practice.questions.topics import TOPICS

LEAST = 1e-3  # learning platforms compare with a tolerance that is relative or absolute: answers must not be tiny
MOST = 100  # questions on a sheet


def topics() -> list[str]:
    """Return every topic: the named ones, and each variant of a question."""
    return [*TOPICS, *variants()]


def deal(wanted: Sequence[str], seed: int, count: int) -> tuple[Question, ...]:
    """Return questions for topics: the families in turn, their variants in a random order, no question twice.

    Raises:
        UnknownNameError: there is no such topic.
        DataError: the count is out of range.
    """
    if not 1 <= count <= MOST:
        raise DataError(f"questions is {count}: it must be from 1 to {MOST}.")
    rng = random.Random(f"sheet/{','.join(wanted)}/{seed}")
    turns = [_shuffled(names, rng) for names in _pools(wanted)]
    dealt: list[Question] = []
    for i in range(count):
        dealt.append(_next(turns[i % len(turns)], dealt, rng))
    # easiest first, as the families are numbered: a sheet begins where everyone can begin
    return tuple(sorted(dealt, key=lambda one: one.family))


def _next(names: list[str], dealt: Sequence[Question], rng: random.Random) -> Question:
    """Return a question of the next variant, which then goes to the end; one of a title that is not there yet, if any is."""
    titles = {one.title for one in dealt}
    first = _fit(names[0], rng)
    for name in names:
        found = first if name == names[0] else _fit(name, rng)
        if found.title not in titles:
            break
    else:
        found = first
    names.remove(found.variant)
    names.append(found.variant)
    return found


def _pools(wanted: Sequence[str]) -> list[list[str]]:
    """Return the variants to draw from, one list for each family or variant that was asked for."""
    pools: list[list[str]] = []
    for name in wanted:
        if name in TOPICS:
            pools += [list(FAMILIES[f][1]) for f in TOPICS[name] if f in FAMILIES]
        elif name in variants():
            pools.append([name])
        else:
            raise unknown_topic(name, topics())
    if not pools:
        raise DataError(f"no topics. Name at least one of {', '.join(TOPICS)}.")
    return pools


def _shuffled(names: list[str], rng: random.Random) -> list[str]:
    return rng.sample(names, len(names))


def _fit(name: str, rng: random.Random) -> Question:
    """Return a question whose numbers are large enough for every format, so that it is the same in all of them."""
    while True:
        found = question(name, seed=rng.randrange(10**6))
        numbers = [float(b.answer) for b in found.blanks if b.kind == "number"]
        if all(abs(x) >= LEAST for x in numbers):
            return found


__all__ = ["TOPICS", "deal", "topics"]
