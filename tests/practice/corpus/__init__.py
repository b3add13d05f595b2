"""Backward passes as students write them: `WRONG`, with what is wrong about each, and `RIGHT`."""

from practice.corpus import (
    again,
    blind,
    classifiers,
    correct,
    modern,
    networks,
    one,
    regression,
    rewritten,
    second,
    third,
    two,
)
from practice.corpus.entry import RIGHT, WRONG, Entry

__all__ = [
    "RIGHT",
    "WRONG",
    "Entry",
    "again",
    "blind",
    "classifiers",
    "correct",
    "modern",
    "networks",
    "one",
    "regression",
    "rewritten",
    "second",
    "third",
    "two",
]
