"""Packing: many questions in few bytes. Whatever occurs again is held once; numbers stand apart from the text around them.

    pool     entries: a text, in which each U+0001 stands for a number to come; [k, i, j, ...]: the object with the keys
             `shapes[k]` and the entries i, j, ... as values; [-1, i, j, ...]: a list; {"n": x}: a number; {"n": null}: one to come
             in the hints of a mistake, U+0002 stands for its message
    shapes   the keys of objects
    numbers  for each question, the numbers to come, in the order in which they are met

Two seeds of a variant differ in their numbers and in little else, so the second costs little. web/src/notes/practice/bank.ts
unpacks. Two tongues that no browser reads (Typst, LaTeX) are left out, and so is what the marker computes itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[+-]?\d+)?(?!\w|\.\d)")
HOLE, SAID = "\x01", "\x02"
_UNREAD = ("typst", "latex", "scheme")
_DATA = (
    "names",
    "sizes",
    "samples",
    "values",
    "factors",
)  # by names of the question's own: nothing is left out


class Packer:
    """Packs questions one after another; `document` is what the page carries."""

    def __init__(self) -> None:
        self._pool: dict[str, int] = {}
        self._shapes: dict[tuple[str, ...], int] = {}
        self._questions: list[dict[str, Any]] = []

    def add(self, question: Mapping[str, Any]) -> None:
        """Pack a question, as `Question.to_json` gives it."""
        numbers: list[str] = []
        root = self._node(_read(question), numbers)
        self._questions.append({"key": question["key"], "root": root, "numbers": " ".join(numbers)})

    def document(self) -> dict[str, Any]:
        """Return everything packed so far, as data for JSON."""
        return {
            "pool": [json.loads(entry) for entry in self._pool],
            "shapes": [list(keys) for keys in self._shapes],
            "questions": self._questions,
        }

    def _node(self, value: Any, numbers: list[str]) -> int:
        if isinstance(value, str):
            numbers.extend(_NUMBER.findall(value))
            return self._entry(_NUMBER.sub(HOLE, value))
        if isinstance(value, Mapping):
            items = cast("Mapping[str, Any]", value)
            shape = self._shapes.setdefault(tuple(items), len(self._shapes))
            return self._entry([shape, *(self._node(one, numbers) for one in items.values())])
        if isinstance(value, list):
            return self._entry([-1, *(self._node(x, numbers) for x in cast("list[Any]", value))])
        if isinstance(value, float):
            numbers.append(repr(value))
            return self._entry({"n": None})
        return self._entry({"n": value})

    def _entry(self, value: Any) -> int:
        return self._pool.setdefault(json.dumps(value, ensure_ascii=False), len(self._pool))


def _read(value: Any) -> Any:
    """Return what the browser reads of a question: without other tongues, empty fields, and results that it computes."""
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value)
        filled = {k: x for k, x in items.items() if k not in _UNREAD and x not in ("", [], {})}
        kept = {k: x if k in _DATA else _read(x) for k, x in filled.items()}
        if kept.get("kind") == "number":
            for mistake in kept.get("mistakes", ()):
                mistake.pop("fingerprint")  # the marker works it out from the formula
        if "message" in kept and "hints" in kept:
            kept["hints"] = [hint.replace(kept["message"], SAID) for hint in kept["hints"]]
        return kept
    if isinstance(value, list):
        return [_read(one) for one in cast("list[Any]", value)]
    return value


def packed(questions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return questions packed."""
    packer = Packer()
    for one in questions:
        packer.add(one)
    return packer.document()


__all__ = ["HOLE", "SAID", "Packer", "packed"]
