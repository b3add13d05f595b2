"""The numbers of a chapter's model: every forward value and every gradient at the start, and descents from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.scope import Case
from chainrule.emit import program as programs
from chainrule.errors import DivergenceError
from chainrule.fit.fitting import fit
from chainrule.fit.run import Run
from chainrule.graph import nodes
from chainrule.graph.nodes import Name
from chainrule.graph.trace import Graph

NOTHING = 1e-13  # below, of numbers near 1, there is only rounding


def values(case: Case) -> dict[str, Any]:
    """Return every forward value and every gradient at the start by label: "Z1", "dW1"."""
    graph = case.model.graph
    named = {v.label: v for v in graph.values}
    named.update((g.node.label, g.node) for g in case.model.derivation.backward.gradients.values())
    order = [n for n in nodes.topological(named.values()) if isinstance(n, Name)]
    arguments = {**graph.data, **dict.fromkeys(named, ())}
    told = Graph(graph.name, arguments, graph.parameters, graph.loss)
    program = programs.build("values", told, graph.loss, order, named, [], False)
    with np.errstate(all="ignore"):
        return programs.compiled(program).run({**case.sample.arrays, **case.start})


def descend(case: Case) -> Run:
    """Return the descent that a case sets up; the steps that were made, where it diverges."""
    setting, rate = case.setting, case.rate
    if rate is None:
        methods = case.document["methods"]
        rate = next(m["learningRate"] for m in methods if m["key"] == setting.method)
    optimizer = replace(OPTIMIZERS[setting.method][1], learning_rate=rate)
    try:
        return fit(
            case.model, case.sample.arrays, optimizer=optimizer, steps=setting.steps, batch_size=setting.batch_size,
            seed=setting.seed, params=case.start, engine="numpy",
        )  # fmt: skip
    except DivergenceError as error:
        return error.run


def brief(value: Any) -> str:
    """Return an array in a few words: its numbers where they are few, else from where to where.

    >>> brief([1.0, -0.5]), brief(2.25)
    ('[1, −0.5]', '2.25')
    """
    flat = np.ravel(np.asarray(value, dtype=np.float64))
    if flat.size == 1:
        return said(float(flat[0]))
    if flat.size <= 3:
        return f"[{', '.join(said(float(x), '.3g') for x in flat)}]"
    low, high = said(float(flat.min()), ".3g"), said(float(flat.max()), ".3g")
    return f"{low} … {high}" if low != high else f"all {low}"


def said(x: float, form: str = "") -> str:
    """Return a number in four digits; what is nothing but rounding is 0.

    >>> said(0.25), said(2e-17)
    ('0.25', '0')
    """
    return shown(x, form) if abs(x) > NOTHING else "0"


def entry(value: Any) -> tuple[str, float]:
    """Return the first entry of an array, and where it is: "" for a number, "[0, 0]" for a matrix."""
    array = np.asarray(value, dtype=np.float64)
    place = f"[{', '.join('0' for _ in array.shape)}]" if array.ndim else ""
    return place, float(array.flat[0])


def sizes(case: Case) -> Mapping[str, int]:
    """Return the sizes of the model's dims here."""
    found: Mapping[str, int] = case.names()["sizes"]
    return found


__all__ = ["brief", "descend", "entry", "said", "sizes", "values"]
