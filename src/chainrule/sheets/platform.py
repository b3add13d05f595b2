"""What learning platforms are told of a blank, whatever their format: the range that is right, and those of known mistakes."""

from __future__ import annotations

from chainrule.practice.questions.question import Blank, Question

MOST = 8  # known mistakes of a blank that a platform is told of


def reach(value: float, question: Question) -> float:
    """Return how far from a value an answer may lie."""
    return abs(value) * question.tolerance


def mistakes(blank: Blank, question: Question) -> list[tuple[float, str]]:
    """Return the values that known mistakes give, with what is said of them; those within reach of the truth left out."""
    right = float(blank.answer)
    found: list[tuple[float, str]] = []
    for one in blank.mistakes:
        value = float(one.fingerprint)
        if abs(value - right) > 2 * reach(right, question) and all(
            abs(value - v) > 2 * reach(v, question) for v, _ in found
        ):
            found.append((value, f"{one.message}. {one.hints[1]}"))
    return found[:MOST]


def orders(blank: Blank, most: int = 60) -> list[str]:
    """Return every order that keeps what must come before what, as ids joined by commas; none if they are too many."""
    ids = [option.id for option in blank.options]
    found: list[list[str]] = [[]]
    for _ in ids:
        found = [
            [*done, one]
            for done in found
            for one in ids
            if one not in done and all(a in done for a, b in blank.before if b == one)
        ]
        if len(found) > most:
            return []
    return [",".join(one) for one in found]


__all__ = ["mistakes", "orders", "reach"]
