"""Writes contract/bank.json, questions of every family, and contract/marking.json, answers to them with their verdicts.

`make contract`. Both test suites read them: Python checks that they are up to date, the browser marks every case.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chainrule.practice.questions.bank import question, variants
from chainrule.practice.questions.marking import mark
from chainrule.practice.questions.question import Blank, Question

HERE = Path(__file__).parent
UNREAD = ("mathml", "typst", "latex", "solution", "scheme")
LONG = "1" * 100_000
HOSTILE = (
    LONG, "__import__('os')", "().__class__", "1/0", "9^9^9^9", "nan", "inf", "(" * 400 + "1" + ")" * 400, "1,234.5", "1,2,3",
    "а", "٣", "−1", "１／２", "1e400", "(-8)^(1/3)", "2 3", "", "   ", "exec(1)", "constructor", "toString(1)", "<b>1</b>", "1\n2", "½", "3²",
    "()", "1)", "(1", "1+", "*2", ",",
)  # fmt: skip


def bank() -> list[Question]:
    """Return a question of every topic, with another seed for each."""
    return [question(topic, seed=seed) for seed, topic in enumerate(variants())]


def trials(one: Question) -> Iterator[dict[str, str]]:
    """Yield answers: right, rounded, each known mistake, a slip carried on, ratios, wrong, and what should never be written."""
    right = {b.id: b.answer for b in one.blanks if b.kind != "code"}
    numbers = [b for b in one.blanks if b.kind == "number"]
    yield right
    yield {**right, **{b.id: f"{float(b.answer):.4g}".replace(".", ",") for b in numbers}}
    for blank in one.blanks:
        for mistake in blank.mistakes[:3]:
            if blank.kind != "code":
                yield {**right, blank.id: mistake.fingerprint}
    for blank in numbers[:2]:
        for factor in (-1, 2, 0.5, 3, 1 / 3, 1.37, -0.83):
            yield {**right, blank.id: repr(factor * float(blank.answer))}
    for blank in numbers[:1]:
        for first, second in itertools.combinations(blank.mistakes[:3], 2):
            a, b, right_one = (
                float(first.fingerprint),
                float(second.fingerprint),
                float(blank.answer),
            )
            yield {**right, blank.id: repr(a * b / right_one)}
            yield {**right, blank.id: repr(a + b - right_one)}
    yield {b.id: f"2*({b.answer})" for b in one.blanks if b.kind in ("number", "expression")}
    for blank in one.blanks:
        for text in others(blank):
            yield {blank.id: text}


def others(blank: Blank) -> Iterator[str]:
    """Yield answers that are wrong in ways of their kind: a right line, an order turned round, another shape, what is not finite."""
    if blank.kind == "line":
        yield from ("1", "line 2")
    if blank.kind == "order":
        yield ",".join(reversed(blank.answer.split(",")))
    if blank.kind == "expression":
        name = next(iter(blank.names))
        yield f"log({name} - {name})"
        yield "1" if blank.shape else " + ".join(blank.names)


def hostile(one: Question) -> Iterator[dict[str, str]]:
    """Yield what should never be written, in the first blank of every kind."""
    firsts = {b.kind: b for b in reversed(one.blanks) if b.kind != "code"}
    for blank in firsts.values():
        for text in HOSTILE:
            yield {blank.id: text}


def cases(questions: list[Question]) -> list[dict[str, Any]]:
    """Return answers with the verdicts of Python: status, points, mistake, message."""
    found: list[dict[str, Any]] = []
    kinds: set[str] = set()
    for number, one in enumerate(questions):
        tried = [*trials(one)]
        if not {b.kind for b in one.blanks} <= kinds:
            tried += hostile(one)
        kinds |= {b.kind for b in one.blanks}
        for answers in tried:
            found.append(
                {"question": number, "answers": _short(answers), **_verdicts(one, answers)}
            )
    return found


def _short(answers: dict[str, str]) -> dict[str, str]:
    return {id: "LONG" if text == LONG else text for id, text in answers.items()}


def _verdicts(one: Question, answers: dict[str, str]) -> dict[str, Any]:
    marking = mark(one, answers)
    told = [v for v in marking.verdicts if v.status != "empty"]
    expressions = {b.id for b in one.blanks if b.kind == "expression"}
    return {
        "points": marking.points,
        "verdicts": {
            v.blank: [v.status, v.mistake]
            if v.status == "unreadable" and v.blank in expressions  # each reader says it in its own words
            else [v.status, v.mistake, v.message]
            for v in told
            if v.status != "right"
        },
    }  # fmt: skip


def _read(value: Any) -> Any:
    """Return what marking reads of a question: not its formulas in other tongues, nor its solution; of hints, their first words."""
    if isinstance(value, dict):
        return {k: [hint[:24] for hint in x] if k == "hints" else _read(x) for k, x in value.items() if k not in UNREAD}  # fmt: skip
    return [_read(one) for one in value] if isinstance(value, list) else value


def texts() -> dict[str, str]:
    """Return the text of each file."""
    questions = bank()
    files = {"bank.json": [_read(q.to_json()) for q in questions], "marking.json": cases(questions)}
    return {k: json.dumps(v, ensure_ascii=False) + "\n" for k, v in files.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (HERE / name).write_text(text, encoding="utf-8")
