"""Formulas as answers: read by the safe reader of model text, judged at random points. Never by a computer algebra system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ChainRuleError, ParseError
from chainrule.graph.nodes import Input, Node
from chainrule.graph.shapes import show
from chainrule.graph.text import read_formula
from chainrule.practice.grounds.numbers import Point, exact
from chainrule.practice.questions.answers import normal
from chainrule.practice.questions.question import Blank, Question, Sample
from chainrule.practice.questions.verdict import Verdict, known, right, wrong

CLOSE = (
    1e-9  # relative to the largest entry: far above rounding at these sizes, far below any mistake
)


def judge_expression(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge a formula: its shape first, then its values at every sample."""
    node = formula(text, blank.names)
    shape, wanted = tuple(node.shape), tuple(blank.shape)
    if shape != wanted:
        said = f"The shape comes out as {show(shape)}, and it must be {show(wanted)}."
        return wrong(blank, said, "shape")
    values = [_value(node, sample, blank.sizes) for sample in blank.samples]
    if not all(np.all(np.isfinite(v)) for v in values):
        raise ParseError("The formula does not give finite numbers.")
    right_ones = [np.asarray(sample.answer, dtype=float) for sample in blank.samples]
    if _agree(values, right_ones):
        return right(blank)
    for mistake in blank.mistakes:
        other = formula(mistake.fingerprint, blank.names)
        if other.shape == shape and _agree(values, [_value(other, s, blank.sizes) for s in blank.samples]):  # fmt: skip
            return known(blank, mistake)
    for name, factor in _factors(question):
        if _agree(values, [factor * r for r in right_ones]):
            return wrong(blank, f"It is {name} times the right formula.", "ratio")
    return wrong(blank, "At the points where it was tried, it gives other values.")


def _factors(question: Question) -> list[tuple[str, float]]:
    found = [("-1", -1.0), ("2", 2.0), ("1/2", 0.5)]
    for name, n in question.factors.items():
        found += [(name, float(n)), (f"1/{name}", 1 / n)]
    return found


def formula(text: str, names: Mapping[str, tuple[str, ...]]) -> Node:
    """Return the graph of a formula over named arrays.

    Raises:
        ParseError: it cannot be read, or its shapes do not fit.
    """
    plain = normal(text).replace("^T", ".T").replace("^", "**")
    try:
        return read_formula(plain, names, ops.FUNCTIONS)
    except ParseError as error:
        raise ParseError(f"The formula cannot be read: {error}") from None
    except ChainRuleError as error:
        raise ParseError(f"The formula does not fit together: {error}") from None


def _value(node: Node, sample: Sample, sizes: Mapping[str, int]) -> Any:
    given: dict[Node, Any] = {}
    for name, shape in _leaves(node).items():
        given[shape] = exact(sample.values[name])
    return Point(sizes, given).value(node).array


def _leaves(node: Node) -> dict[str, Input]:
    from chainrule.graph.nodes import topological

    return {n.name: n for n in topological([node]) if isinstance(n, Input)}


def _agree(values: list[Any], others: list[Any]) -> bool:
    for a, b in zip(values, others, strict=True):
        if not np.all(np.isfinite(a)) or float(np.max(np.abs(a - b))) > CLOSE * max(float(np.max(np.abs(b))), 1e-3):  # fmt: skip
            return False
    return True
