"""The exercises by topic: questions to be answered, and backward passes to be written. Touches no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chainrule import models
from chainrule.errors import unknown
from chainrule.practice.questions.bank import FAMILIES, question, variants
from chainrule.practice.questions.question import Question
from chainrule.practice.terminal.starter import starter

BACKWARD = "backward-"
FUNCTION = "code"  # the name of the group of topics whose answer is a function


@dataclass(frozen=True)
class Exercise:
    """A topic at a seed: a question, whose answers are a dictionary; or a model, whose answer is a function `backward`."""

    topic: str
    seed: int
    title: str
    hash: str
    question: Question | None = None
    model: str = ""
    starter: str = ""

    @property
    def points(self) -> int:
        """The points of all blanks; a function has one."""
        return 1 if self.model or self.question is None else self.question.points


@lru_cache
def topics() -> dict[str, str]:
    """Return every topic with its group: the number of its family of questions, or "code"."""
    asked = {topic: str(family) for topic, family in variants().items()}
    written = {BACKWARD + model.name.replace("_", "-"): FUNCTION for model in models.COURSE}
    return {**written, **asked} if set(written) & set(asked) else {**asked, **written}


def groups() -> dict[str, str]:
    """Return what each group of topics is about."""
    return {
        **{str(n): about for n, (about, _) in FAMILIES.items()},
        FUNCTION: "backward passes to be written in NumPy",
    }


def chosen(text: str | None) -> list[str]:
    """Return the topics that a list of names names: topics, numbers of families, "code"; all if there is none.

    Raises:
        UnknownNameError: a name is none of these.

    >>> chosen("logistic-1, code")[:2]
    ['logistic-1', 'backward-univariate']
    """
    known = topics()
    words = [word for word in (text or "all").replace(",", " ").split() if word]
    found: list[str] = []
    for word in words or ["all"]:
        these = [t for t, group in known.items() if word in (t, group, "all")]
        if not these:
            raise unknown("topic", word, [*known, *dict.fromkeys(known.values()), "all"])
        found += these
    return list(dict.fromkeys(found))


@lru_cache(maxsize=512)
def exercise(topic: str, seed: int) -> Exercise:
    """Return the exercise of a topic and a seed; the same one every time.

    Raises:
        UnknownNameError: there is no such topic.
    """
    if topic not in topics():
        raise unknown("topic", topic, topics())
    if topic not in variants():
        return _written(topic)
    asked = question(topic, seed=seed)
    blank = asked.blanks[0]
    if len(asked.blanks) == 1 and blank.kind == "code" and blank.model:
        return Exercise(topic, seed, asked.title, asked.hash, asked, blank.model, blank.starter)
    return Exercise(topic, seed, asked.title, asked.hash, asked)


def _written(topic: str) -> Exercise:
    model = next(m for m in models.COURSE if BACKWARD + m.name.replace("_", "-") == topic)
    title = f"Backward pass of {model.name}"
    return Exercise(topic, 0, title, "", None, model.name, starter(model))  # holds no numbers


def all_of(names: Sequence[str], seed: int) -> list[Exercise]:
    """Return the exercises of some topics for a seed."""
    return [exercise(name, seed) for name in names]
