"""`chainrule sheet`: what a person typed, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.practice.questions.bank import FAMILIES
from chainrule.sheets.orders import TOPICS
from chainrule.sheets.sheet import FORMATS, sheet


def print_sheet(options: Mapping[str, Any]) -> str:
    """Write the sheet, and return what to tell of it.

    Raises:
        DataError, UnknownNameError, MissingExtraError: as `chainrule.sheet` and `Sheet.write`.
    """
    made = sheet(
        options["topics"],
        seed=options["seed"],
        questions=options["questions"],
        title=options["title"],
        day=options["date"],
    )
    written = made.write(options["out"] or "sheet", options["format"])
    count = len(made.questions)
    names = " and ".join(map(str, written))
    return f"{count} question{'s' * (count != 1)}, {made.points} points: {names}"


def print_topics() -> str:
    """Return the topics, with what each draws from."""
    lines = [
        f"  {name:<14} {', '.join(FAMILIES[f][0] for f in families if f in FAMILIES)}"
        for name, families in TOPICS.items()
        if any(f in FAMILIES for f in families)
    ]
    kinds = [f"  {title}: {', '.join(made)}" for title, made in FAMILIES.values()]
    formats = f"formats: {', '.join(FORMATS)}"
    return "\n".join(
        ["topics", *lines, "", "kinds of question, each a topic too", *kinds, "", formats]
    )


__all__ = ["print_sheet", "print_topics"]
