"""The verdict on a file: each blank or step, what is said, hints in levels. All judging is done elsewhere."""

from __future__ import annotations

from chainrule.errors import ChainRuleError, ParseError
from chainrule.practice.questions.marking import mark
from chainrule.practice.questions.verdict import Verdict
from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal.exercises import Exercise, exercise
from chainrule.practice.terminal.programs import function_judged, step_judged
from chainrule.practice.terminal.said import Judged, Remark
from chainrule.practice.terminal.sheet import Sheet, answers_of


def judge(sheet: Sheet, limits: Limits | None = None) -> Judged:
    """Mark a file: its answers by `mark`, its function apart, in a process with limits."""
    try:
        one = exercise(sheet.topic, sheet.seed)
        if one.hash != sheet.hash:
            return Judged("unreadable", _other(sheet))
        if not one.function:
            return _answers(sheet, one)
        judged = function_judged if one.model else step_judged
        return judged(sheet, one, limits or Limits())
    except ChainRuleError as error:
        said = str(error).replace(str(sheet.path.resolve()), sheet.path.name)
        return Judged("unreadable", said.replace(str(sheet.path), sheet.path.name))


def untouched(sheet: Sheet) -> Judged | None:
    """Return the verdict on a file in which no answer stands yet, without making its question; None if one may."""
    try:
        given = answers_of(sheet.text)
    except ParseError:
        return None
    if not given or any(text.strip() for text in given.values()):
        return None
    return Judged("open", "", tuple(Remark(id, "empty", "", "Not answered.") for id in given))


def _other(sheet: Sheet) -> str:
    return (
        "This file's first line tells of another question than this version of chainrule makes. Move the file away, and "
        f"make it anew: chainrule practice {sheet.path.parent} --topics {sheet.topic} --seed {sheet.seed}"
    )


def _answers(sheet: Sheet, one: Exercise) -> Judged:
    assert one.question is not None
    given = answers_of(sheet.text)
    marking = mark(one.question, given)
    remarks = tuple(
        Remark(v.blank, v.status, given.get(v.blank, ""), v.message, v.hints or _way(one, v))
        for v in marking.verdicts
    )
    wrong = any(r.status not in ("right", "empty") for r in remarks)
    state = "right" if marking.ok else "wrong" if wrong else "open"
    return Judged(state, "", remarks, marking.points, marking.of)


def _way(one: Exercise, verdict: Verdict) -> tuple[str, ...]:
    """Return what helps with a blank that is not answered."""
    if one.question is None or verdict.status != "empty":
        return ()
    blank = one.question.blank(verdict.blank)
    return tuple(hint for hint in (blank.where, blank.how) if hint)
