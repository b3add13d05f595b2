"""Exercises of the printed notes: a short sheet that the engine deals, and the command that makes more."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.handout.words import plainly
from chainrule.sheets import typst
from chainrule.sheets.sheet import sheet
from chainrule.typeset import string

TOPICS = ("univariate-3", "used-twice", "derive-one-unit", "shapes-two-layer-sigmoid", "bug-logistic")  # fmt: skip
SEED = 9


def exercises() -> Iterator[str]:
    """Return the heading, the questions, and how to have their solutions and others, in Typst."""
    made = sheet(TOPICS, questions=len(TOPICS), seed=SEED)
    command = f"chainrule sheet --topics {' '.join(TOPICS)} --questions {len(TOPICS)} --seed {SEED}"
    asked = "".join(f"\n\n{typst.asked(i, one)}" for i, one in enumerate(made.questions, 1))
    told = plainly(
        f"{len(TOPICS)} questions, {made.points} points; four significant figures are enough. This makes them with their solutions and a marking scheme, "
        "and another seed makes others:"
    )
    yield f"#exercises[#par[{told}] #block(raw({string(command)}))\n{asked}]"


__all__ = ["exercises"]
