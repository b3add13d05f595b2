"""A walk over anything made of parts: no recursion, so that depth costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def bottom_up(root: T, below: Callable[[T], tuple[T, ...]], step: Callable[[T, list[R]], R]) -> R:
    """Return `step(part, results of its parts)` for the root; no recursion, shared parts once."""
    results: dict[int, R] = {}
    stack = [(root, False)]
    while stack:
        part, ready = stack.pop()
        if id(part) in results:
            continue
        if ready:
            results[id(part)] = step(part, [results[id(x)] for x in below(part)])
        else:
            stack.append((part, True))
            stack.extend((x, False) for x in reversed(below(part)))
    return results[id(root)]
