"""Question: what is asked, what is right, and what is known to go wrong. Plain frozen data; JSON; one hash for every format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chainrule.practice.questions.content import Block, Pieces, plain

VERSION = 1
KINDS = ("number", "expression", "shape", "choice", "order", "line", "code")


@dataclass(frozen=True)
class Mistake:
    """A known mistake on one blank.

    `key` is of `mutants.catalogue.KINDS`; `formula` gives what comes out, in the blank's own names; `fingerprint` is what
    is written by who makes it (and nothing else) in this question; `hints` go where -> rule -> counterexample -> fix.
    """

    key: str
    message: str
    fingerprint: str
    hints: tuple[str, str, str, str]
    formula: str = ""


@dataclass(frozen=True)
class Option:
    """A choice, or a line to be put in order."""

    id: str
    pieces: Pieces


@dataclass(frozen=True)
class Sample:
    """A point at which a formula is judged: arrays by name (nested lists), and the right value."""

    values: Mapping[str, Any]
    answer: Any


@dataclass(frozen=True)
class Blank:
    """A place for an answer.

    kind "number": `answer` is its decimal text; `rule` gives it from the values of other blanks and of what is given.
    "expression": a formula of `names` (shapes by name) with the dims `shape`; judged at `samples`. "shape": `answer` is "(n_h, m)".
    "choice": ids of `options`, several joined by commas. "line": the number of a line. "order": ids of all `options`, such
    that each pair of `before` is kept. "code": a function; `model` and `target` say what it is checked against.
    """

    id: str
    kind: str
    prompt: Pieces
    answer: str
    step: str = ""
    rule: str = ""
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[Option, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    shape: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    model: str = ""
    starter: str = ""
    where: str = ""
    how: str = ""
    points: int = 1


@dataclass(frozen=True)
class Worked:
    """A step of the worked solution: the blanks that it fills, pieces of text and mathematics."""

    blanks: tuple[str, ...]
    pieces: Pieces


@dataclass(frozen=True)
class Question:
    """A question. `values` are the numbers that are given, by the names that rules use; `factors` the sizes (m = 3)."""

    family: int
    topic: str
    variant: str
    seed: int
    title: str
    statement: tuple[Block, ...]
    blanks: tuple[Blank, ...]
    solution: tuple[Worked, ...]
    scheme: tuple[str, ...]
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    factors: Mapping[str, int] = field(default_factory=dict[str, int])
    digits: int = 4
    tolerance: float = 1e-3

    @property
    def points(self) -> int:
        """The points of all blanks."""
        return sum(blank.points for blank in self.blanks)

    @property
    def key(self) -> str:
        """What brings this question back: family/variant/seed."""
        return f"{self.family}/{self.variant}/{self.seed}"

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits of the content, the same in every format that carries the question."""
        text = json.dumps(self._content(), sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the question as data for JSON, with `version`, `hash`, `key` and `points`."""
        return {
            "version": VERSION,
            "hash": self.hash,
            "key": self.key,
            "points": self.points,
            **self._content(),
        }

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = plain(self)
        return content

    def blank(self, id: str) -> Blank:
        """Return a blank by its id."""
        return next(blank for blank in self.blanks if blank.id == id)
