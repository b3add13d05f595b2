"""Verdict: what is said about one blank."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.practice.questions.question import Blank, Mistake

STATUSES = ("right", "carried", "mistake", "two", "ratio", "shape", "wrong", "unreadable", "empty", "elsewhere")  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What is said about one blank.

    status: "right", "carried" (right method on the student's own wrong input; full points), "mistake" (a known one,
    `mistake` its key), "two" (two known ones, or one and a factor), "ratio", "shape", "wrong", "unreadable", "empty", or "elsewhere"
    (it cannot be judged here). `hints` are opened one by one.
    """

    blank: str
    status: str
    points: int
    mistake: str
    message: str
    hints: tuple[str, ...]


def right(blank: Blank) -> Verdict:
    """Return the verdict on a right answer."""
    return Verdict(blank.id, "right", blank.points, "", "Right.", ())


def known(blank: Blank, mistake: Mistake) -> Verdict:
    """Return the verdict on a known mistake."""
    return Verdict(blank.id, "mistake", 0, mistake.key, mistake.message, mistake.hints)


def wrong(blank: Blank, message: str, status: str = "wrong") -> Verdict:
    """Return the verdict on a wrong answer that no known mistake explains."""
    return Verdict(
        blank.id, status, 0, "", message, tuple(h for h in (blank.where, blank.how) if h)
    )
