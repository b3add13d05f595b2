"""The bank: every family and topic by name, and the question of a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping

from chainrule.errors import DataError, UnknownNameError, unknown
from chainrule.practice.questions import (
    bugs,
    coding,
    estimates,
    handwork,
    mazur,
    paths,
    shapes,
    stepping,
    symbolic,
    updating,
)
from chainrule.practice.questions.question import Question
from chainrule.practice.questions.tasks import TASKS
from chainrule.practice.questions.topics import CODE

Generate = Callable[[str, int], Question]
_KEY = re.compile(r"([0-9]{1,2})/([a-z0-9-]{1,60})/(-?[0-9]{1,18})")


def _of(family: int) -> dict[str, Generate]:
    return {v: handwork.generate for v, task in TASKS.items() if task.family == family}


FAMILIES: Mapping[int, tuple[str, Mapping[str, Generate]]] = {
    1: (
        "forward and backward by hand",
        _of(1) | dict.fromkeys(stepping.METHODS, stepping.generate),
    ),
    2: ("graphs of scalars", _of(2)),
    3: ("formulas", dict.fromkeys(symbolic.TASKS, symbolic.generate)),
    4: (
        "shapes and order",
        dict.fromkeys(shapes.SHAPES, shapes.shapes) | dict.fromkeys(shapes.ORDERS, shapes.order),
    ),
    5: (
        "implement the backward pass and the step",
        dict.fromkeys(coding.VARIANTS, coding.generate)
        | dict.fromkeys(updating.VARIANTS, updating.generate),
    ),
    6: (
        "find the bug",
        {**dict.fromkeys(bugs.VARIANTS, bugs.generate), "published-loss": mazur.generate},
    ),
    7: ("trajectories", dict.fromkeys(paths.VARIANTS, paths.generate)),
    8: ("estimates", estimates.GENERATORS),
}


def unknown_topic(name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a topic that there is not; of one that there was, what asks the same now."""
    if name in paths.FORMER:
        now = ", ".join(paths.VARIANTS)
        return UnknownNameError(f"The topic {name!r} named its own answer, and is gone. Trajectories of all methods are in: {now}.")  # fmt: skip
    return unknown("topic", name, known)


def variants() -> dict[str, int]:
    """Return every variant with its family."""
    return {v: family for family, (_, made) in FAMILIES.items() for v in made}


def named(name: str, seed: int = 0) -> Question | None:
    """Return the question that a command line names: by its key, 5/code-step-adam/3, or its topic; None if neither.

    Raises:
        UnknownNameError: it is a key of no question, or begins like a topic of functions and is none.
        DataError: the key has a seed, and another one is given.
    """
    topics = variants()
    key = _KEY.fullmatch(name)
    if key is None:
        if name not in topics and name.startswith("code-"):
            raise unknown("topic of questions", name, [t for t, f in topics.items() if f == CODE])
        return question(name, seed=seed) if name in topics else None
    if seed:
        raise DataError(f"The key {name} has its seed, and --seed {seed} is another. Leave --seed out.")  # fmt: skip
    made = question(key[2], seed=int(key[3]))
    if made.key != name and key[2] not in paths.FORMER:
        raise unknown("key of a question", name, [made.key])
    return made


def question(family_or_topic: int | str, *, seed: int = 0) -> Question:
    """Return the question of a family or a topic for a seed; the same seed gives the same question everywhere.

    The topics path-adam and the like named their own answer; with a seed they still bring the same question back.

    Args:
        family_or_topic: 1 to 8, or a topic such as "logistic-1" (see `variants`).
        seed: an integer; another one gives other numbers, and within a family another topic.

    Returns:
        A Question.

    Raises:
        UnknownNameError: there is no such family or topic.
        DataError: the seed is not an integer.

    >>> question("logistic-1", seed=1).blanks[0].id
    'Z'
    """
    if type(seed) is not int:
        raise DataError(f"The seed is {seed!r}. Give an integer.")
    topics = variants()
    if isinstance(family_or_topic, int):
        if family_or_topic not in FAMILIES:
            raise unknown("family of questions", str(family_or_topic), map(str, FAMILIES))
        made = FAMILIES[family_or_topic][1]
        family_or_topic = random.Random(f"{family_or_topic}/{seed}").choice(list(made))
    if family_or_topic in paths.FORMER:
        family_or_topic = paths.renamed(family_or_topic, seed)
    if family_or_topic not in topics:
        raise unknown("topic of questions", family_or_topic, topics)
    return FAMILIES[topics[family_or_topic]][1][family_or_topic](family_or_topic, seed)
