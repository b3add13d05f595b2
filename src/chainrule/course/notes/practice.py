"""Chapter 9: exercises on the page, from a bank of questions that Python deals; and a page with certain questions alone.

A page is a static file, so it carries its questions: `SEEDS` of every variant. Python has as many as there are integers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any

from chainrule.course.notes.packing import packed
from chainrule.course.notes.widget import Place, Widget, fact, widget
from chainrule.errors import DataError
from chainrule.practice.questions.bank import FAMILIES, question
from chainrule.practice.questions.content import text_of
from chainrule.practice.questions.paths import FORMER, renamed
from chainrule.practice.questions.question import Question

SEEDS = (1, 2, 3, 4)
HEAVIEST = 560_000  # characters of the bank: about 135 kB on the wire
BANK = "practice-bank"


@lru_cache(maxsize=1)
def dealt() -> tuple[Question, ...]:
    """Return every question that the page carries: as many seeds of each variant as it can bear."""
    for many in range(len(SEEDS), 1, -1):
        found = _deal(SEEDS[:many])
        if len(json.dumps(_packed(found), ensure_ascii=False, separators=(",", ":"))) <= HEAVIEST:
            return found
    return _deal(SEEDS[:1])


def _deal(seeds: Sequence[int]) -> tuple[Question, ...]:
    variants = [variant for _, made in FAMILIES.values() for variant in made]
    return tuple(_question(variant, seed) for variant in variants for seed in seeds)


@cache
def _question(variant: str, seed: int) -> Question:
    return question(variant, seed=seed)


def _packed(questions: Sequence[Question]) -> dict[str, Any]:
    return packed(one.to_json() for one in questions)


@lru_cache(maxsize=1)
def _bank() -> Mapping[str, Any]:
    return _packed(dealt())


def _variants() -> list[dict[str, Any]]:
    """Return the topics: variants of one title stand together, mixed, so that the number of one does not tell its answer."""
    found: dict[tuple[int, str], list[Question]] = {}
    for one in dealt():
        found.setdefault((one.family, one.title), []).append(one)
    topics: list[dict[str, Any]] = []
    for (family, title), same in found.items():
        if len({one.variant for one in same}) > 1:
            same.sort(key=lambda one: one.hash)
        kinds = {blank.kind for one in same for blank in one.blanks}
        kind = kinds.pop() if len(kinds) == 1 else "mixed"
        keys = [one.key for one in same]
        topics.append({"family": family, "title": title, "kind": kind, "keys": keys})
    return topics


def _families() -> list[dict[str, Any]]:
    return [{"family": number, "title": title} for number, (title, _) in FAMILIES.items()]


def _renamed() -> dict[str, str]:
    """Return the keys that questions had, for links and for what a browser has kept."""
    held = {one.key for one in dealt()}
    pairs = ((former, seed, renamed(former, seed)) for former in FORMER for seed in SEEDS)
    found = {f"7/{former}/{seed}": f"7/{now}/{seed}" for former, seed, now in pairs}
    return {old: new for old, new in found.items() if new in held}


@widget("practice/exercises")
def exercises(block: Mapping[str, Any], place: Place) -> Widget:
    """Build the exercises: families and variants; the questions themselves stand on the page once, packed."""
    document = {"families": _families(), "variants": _variants(), "renamed": _renamed()}
    return Widget(document, _without_scripts(), (558, 1082), {BANK: _bank()}, wide=True)


def _without_scripts() -> str:
    """Return one question of every variant to read, for who has no scripts: answers stand on a sheet."""
    titles = "".join(f"<li>{escape(one['title'])}</li>" for one in _variants())
    return f"<p>Exercises need scripts to be marked. These are asked:</p><ul>{titles}</ul>"


@fact("practice")
def numbers() -> dict[str, Any]:
    """Return what the text of the chapter tells: how many families, variants, questions; one question, looked into."""
    one = next(q for q in dealt() if q.variant == "logistic-1")
    slip = one.blank("dZ").mistakes[0]
    return {
        "families": len(FAMILIES),
        "variants": len({one.variant for one in dealt()}),
        "seeds": len({one.seed for one in dealt()}),
        "questions": len(dealt()),
        "mistakes": sum(len(b.mistakes) for q in dealt() for b in q.blanks if q.seed == SEEDS[0]),
        "first": {
            "key": one.key,
            "A": float(one.blank("A").answer),
            "Y": one.values["Y"],
            "dZ": float(one.blank("dZ").answer),
            "slip": slip.message,
        },
    }


def practice_page(questions: Sequence[Question], title: str, minutes: int = 0, scorm: bool = True) -> bytes:  # fmt: skip
    """Return a page of its own, one file, with exactly these questions: answered, handed in, marked with a report.

    With `scorm` it tells its score to a learning management system of the SCORM 1.2 kind, where one shows it.

    Args:
        questions: what is asked, in this order.
        title: the heading of the page.
        minutes: after how many it is handed in by itself; 0 for no limit.
        scorm: whether to look for such a system.

    Returns:
        The page as bytes of UTF-8. The same questions give the same bytes.

    Raises:
        DataError: there are no questions, or two are the same.
        MissingAssetsError: the script and the style of the pages are not built.
    """
    from chainrule.course.site import Course

    keys = [one.key for one in questions]
    if not keys or len(set(keys)) < len(keys):
        raise DataError(
            "a page of exercises needs at least one question, and each only once. Give different questions."
        )
    bank = _packed(questions)
    document = {"minutes": minutes, "scorm": scorm, "bank": bank}
    made = Widget(document, _printed(questions), (700, 1100), wide=True)
    return Course(single_file=True, lessons=()).leaf(title, "practice/sheet", made).encode()


def _printed(questions: Sequence[Question]) -> str:
    """Return the titles and what is asked, for who has no scripts."""
    items = "".join(
        f"<li>{escape(one.title)}: {escape(', '.join(text_of(b.prompt) or b.id for b in one.blanks))}</li>"
        for one in questions
    )
    return f"<ol>{items}</ol>"


__all__ = ["BANK", "SEEDS", "dealt", "exercises", "practice_page"]
