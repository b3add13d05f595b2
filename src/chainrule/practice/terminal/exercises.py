"""The exercises by topic: questions to be answered, and backward passes to be written. Touches no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from chainrule import models
from chainrule.practice.questions.bank import question, unknown_topic, variants
from chainrule.practice.questions.question import Question
from chainrule.practice.questions.topics import CODE, TOPICS
from chainrule.practice.terminal.starter import starter

BACKWARD = "backward"  # the group, and the beginning of the names, of backward passes with holes


@dataclass(frozen=True)
class Exercise:
    """A topic at a seed: a question, whose answers are a dictionary; or one, or a model, whose answer is a `function`."""

    topic: str
    seed: int
    title: str
    hash: str
    question: Question | None = None
    function: str = ""  # "backward" of a model, or "step" of an optimizer
    model: str = ""
    starter: str = ""

    @property
    def points(self) -> int:
        """The points of all blanks; a function has one."""
        return 1 if self.function or self.question is None else self.question.points


@lru_cache
def topics() -> dict[str, int]:
    """Return every topic with the family of questions that it belongs to."""
    own = {f"{BACKWARD}-{model.name.replace('_', '-')}": CODE for model in models.COURSE}
    return {**own, **variants()}


def groups() -> dict[str, list[str]]:
    """Return the topics that a name stands for: those of sheets, and "backward"."""
    known = topics()
    found = {
        name: [
            t for f in families for t, family in known.items() if family == f and t in variants()
        ]
        for name, families in TOPICS.items()
    }
    return {**found, BACKWARD: [t for t in known if t not in variants()]}


def chosen(text: str | None) -> list[str]:
    """Return the topics that a list of names names: topics, and groups of them; all, in turns, if there is none.

    Raises:
        UnknownNameError: a name is none of these.

    >>> chosen("logistic-1, code")[:2]
    ['logistic-1', 'code-univariate']
    """
    grouped = groups()
    words = [word for word in (text or "all").replace(",", " ").split() if word]
    found: list[str] = []
    for word in words or ["all"]:
        if word in topics():
            found.append(word)
        elif word == "all":
            found += _in_turns()
        elif word in grouped:
            found += grouped[word]
        else:
            raise unknown_topic(word, [*topics(), *grouped, "all"])
    return list(dict.fromkeys(found))


def _in_turns() -> list[str]:
    """Return all topics, one of each family in turn: something of everything comes early."""
    queues: dict[int, list[str]] = {}
    for topic, family in topics().items():
        queues.setdefault(family, []).append(topic)
    rows = zip_longest(*(queues[family] for family in sorted(queues)))
    return [topic for row in rows for topic in row if topic]


@lru_cache(maxsize=512)
def exercise(topic: str, seed: int) -> Exercise:
    """Return the exercise of a topic and a seed; the same one every time.

    Raises:
        UnknownNameError: there is no such topic.
    """
    if topic not in topics():
        raise unknown_topic(topic, topics())
    if topic not in variants():
        return _written(topic)
    asked = question(topic, seed=seed)
    blank = asked.blanks[0]
    if blank.kind == "code":
        program = f"{blank.starter.rstrip()}\n"
        return Exercise(topic, seed, asked.title, asked.hash, asked, blank.id, blank.model, program)
    return Exercise(topic, seed, asked.title, asked.hash, asked)


def _written(topic: str) -> Exercise:
    model = next(m for m in models.COURSE if f"{BACKWARD}-{m.name.replace('_', '-')}" == topic)
    title = f"Backward pass of {model.name}"
    return Exercise(topic, 0, title, "", None, BACKWARD, model.name, starter(model))  # no numbers


def all_of(names: Sequence[str], seed: int) -> list[Exercise]:
    """Return the exercises of some topics for a seed."""
    return [exercise(name, seed) for name in names]
