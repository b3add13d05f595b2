"""What can be said of a wrong array without guessing: its shape, a constant ratio, which rows and entries agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.graph.shapes import show
from chainrule.practice.grounds.numbers import Array, Value
from chainrule.practice.grounds.scales import Own, ratio, tolerance


def facts(own: Own, rule: Sequence[Value], dims: Sequence[str]) -> list[str]:
    """Return what is certain about a wrong value, compared with the rule's at every instance."""
    array, value = own.arrays[0], rule[0]
    if any(a.shape != v.array.shape for a, v in zip(own.arrays, rule, strict=True)):
        return [f"its shape is {array.shape}, and {show(dims)} is {value.array.shape} here"]
    if not all(np.all(np.isfinite(a)) for a in own.arrays):
        return ["it holds values that are not finite"]
    if not any(a.any() for a in own.arrays):
        return ["all entries are 0"]
    found: list[str] = []
    ratios = [ratio(a, v, own.eps) for a, v in zip(own.arrays, rule, strict=True)]
    if None not in ratios:
        texts = [f"{r:.6g}" for r in ratios]
        same = len(set(texts)) == 1
        found.append(
            f"it is {texts[0]} times the right value"
            + ("" if same else f" (and {', '.join(texts[1:])} times with other sizes)")
        )
    return found + _agreement(array, value, own.eps)


def _agreement(array: Array, value: Value, eps: float) -> list[str]:
    agree = np.abs(array - value.array) <= tolerance(value, eps)
    found: list[str] = []
    if agree.any():
        found.append(f"{int(agree.sum())} of {agree.size} entries are right")
    for axis, name in ((1, "rows"), (0, "columns")):
        if array.ndim == 2 and min(array.shape) > 1:
            whole = np.flatnonzero(agree.all(axis=axis))
            if 0 < len(whole) < agree.shape[1 - axis]:
                found.append(f"the {name} {', '.join(map(str, whole))} are right")
    signs = np.sign(array) == np.sign(value.array)
    if not agree.any() and signs.all():
        found.append("all signs are right")
    elif not agree.any() and not signs.any():
        found.append("all signs are wrong")
    off = float(
        np.max(np.abs(array - value.array)) / max(float(np.max(np.abs(value.array))), 1e-300)
    )
    if off < 1e-3:
        found.append(f"it is off by {off:.1g} of the largest entry")
    return found
