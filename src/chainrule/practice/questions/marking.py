"""Marking: each blank judged from the student's own values before it, so one slip costs one step.

The order of what is said: cannot be read, shape, a known mistake, two mistakes, right method on a wrong input, a ratio, facts.
web/src/notes/practice/marking.ts marks alike; contract/marking.json holds both to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.errors import DataError, ParseError, unknown
from chainrule.practice.questions import answers as language
from chainrule.practice.questions.choices import judge_choice, judge_line, judge_order, judge_shape
from chainrule.practice.questions.content import plain
from chainrule.practice.questions.formulas import judge_expression
from chainrule.practice.questions.numbers import Numbers
from chainrule.practice.questions.programs import judge_code
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.questions.verdict import Verdict

_JUDGES = {
    "choice": judge_choice,
    "line": judge_line,
    "order": judge_order,
    "shape": judge_shape,
    "expression": judge_expression,
    "code": judge_code,
}


@dataclass(frozen=True)
class Marking:
    """The verdict on each blank, in the question's order."""

    question: str
    verdicts: tuple[Verdict, ...]
    points: int
    of: int

    @property
    def ok(self) -> bool:
        """Whether every blank is right."""
        return all(v.status == "right" for v in self.verdicts)

    def to_json(self) -> dict[str, object]:
        """Return the marking as data for JSON."""
        data: dict[str, object] = plain(self)
        return data


def mark(question: Question, answers: Mapping[str, str]) -> Marking:
    """Mark answers, each a text by its blank's id. Nothing in them is executed but functions of "code" blanks, apart.

    A number is right within a thousandth of the truth; or of what the rule gives for the student's own values before it,
    which earns the points, too. Each other one gets feedback in levels: where, the rule, a counterexample, the fix.

    Args:
        question: what `chainrule.question` returned.
        answers: text by blank id; a missing or empty one counts as not answered.

    Returns:
        A Marking.

    Raises:
        UnknownNameError: there is no such blank.
        DataError: an answer is not text.

    >>> from chainrule.practice.questions.bank import question
    >>> one = question("logistic-1", seed=3)
    >>> mark(one, {blank.id: blank.answer for blank in one.blanks}).ok
    True
    """
    known = {blank.id for blank in question.blanks}
    for id, text in answers.items():
        if id not in known:
            raise unknown("blank", id, known)
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - from users
            raise DataError(f"The answer to {id} is {text!r}. Give answers as text, as in '0.25'.")
    numbers = Numbers(question, answers)
    verdicts = tuple(_verdict(question, numbers, b, answers.get(b.id, "")) for b in question.blanks)
    return Marking(question.hash, verdicts, sum(v.points for v in verdicts), question.points)


def _verdict(question: Question, numbers: Numbers, blank: Blank, text: str) -> Verdict:
    if not text.strip():
        return Verdict(blank.id, "empty", 0, "", "Not answered.", ())
    try:
        if blank.kind == "number":
            return numbers.judge(blank)
        if len(text) > _longest(blank):
            raise ParseError(
                f"The answer has {len(text)} characters; at most {_longest(blank)} are read."
            )
        return _JUDGES[blank.kind](question, blank, text)
    except ParseError as error:
        return Verdict(blank.id, "unreadable", 0, "", str(error), ())


def _longest(blank: Blank) -> int:
    return 20_000 if blank.kind == "code" else language.LONGEST
