"""Answers that are picked: options, lines, an order, a shape. Judged against what the question holds."""

from __future__ import annotations

import re

from chainrule.errors import ParseError
from chainrule.practice.questions.answers import normal
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.questions.verdict import Verdict, known, right, wrong


def _listed(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", normal(text)) if word]


def judge_choice(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge a choice of one or several options: their ids, joined by commas."""
    chosen = _listed(text)
    ids = [option.id for option in blank.options]
    strange = next((id for id in chosen if id not in ids), None)
    if strange is not None:
        raise ParseError(f"{strange} is not one of the choices. Choose from: {', '.join(ids)}.")
    if sorted(set(chosen)) == sorted(blank.answer.split(",")):
        return right(blank)
    for mistake in blank.mistakes:
        if mistake.fingerprint in chosen:
            return known(blank, mistake)
    return wrong(blank, "Not this one.")


def judge_line(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge the number of a line."""
    plain = normal(text).lower().removeprefix("line").strip()
    if not re.fullmatch(r"[0-9]{1,4}", plain):
        raise ParseError("Write the number of a line, such as 3.")
    chosen = str(int(plain))
    if chosen == blank.answer:
        return right(blank)
    found = next((m for m in blank.mistakes if m.fingerprint == chosen), None)
    return known(blank, found) if found else wrong(blank, "That line is right.")


def judge_order(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge an order of all lines: any order in which each line comes after those that it reads."""
    order = _listed(text)
    ids = [option.id for option in blank.options]
    if sorted(order) != sorted(ids):
        raise ParseError(f"Put each of these in its place once: {', '.join(ids)}.")
    for before, after in blank.before:
        if order.index(before) > order.index(after):
            return wrong(blank, f"Line {after} reads what line {before} computes, and stands before it.")  # fmt: skip
    return right(blank)


def dims(text: str) -> list[str]:
    """Return the dims of a shape: (n_h, m), 3 x 4, [1,3], (); a trailing comma counts for nothing."""
    plain = normal(text).replace("*", ",").strip().removesuffix(".")
    inner = plain[1:-1] if plain[:1] + plain[-1:] in ("()", "[]") else plain
    if re.fullmatch(r"\s*(scalar)?\s*", inner):
        return []
    words = [w for w in re.split(r"\s*(?:,|(?<=[0-9 ])[xX](?=[0-9 ])|\s)\s*", inner.strip()) if w]
    bad = next((w for w in words if not re.fullmatch(r"[A-Za-z0-9_]{1,12}", w)), None)
    if bad is not None or len(words) > 6:
        raise ParseError("Write a shape as (n_h, m), or () for a scalar.")
    return words


def judge_shape(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge a shape, given by names or by numbers."""
    found, wanted = dims(text), dims(blank.answer)
    sizes = {**blank.sizes}
    if [_size(d, sizes) for d in found] == [_size(d, sizes) for d in wanted]:
        return right(blank)
    for mistake in blank.mistakes:
        if [_size(d, sizes) for d in found] == [_size(d, sizes) for d in dims(mistake.fingerprint)]:
            return known(blank, mistake)
    if len(found) != len(wanted):
        said = f"It has {len(wanted)} axes, and yours has {len(found)}."
        return wrong(blank, said, "shape")
    return wrong(blank, "The axes are not these.", "shape")


def _size(dim: str, sizes: dict[str, int]) -> str:
    return str(sizes.get(dim, dim))
