"""A collapse written out: how the gradient under a cross-entropy cancels, line by line. Every line is checked against the first.

The sweep announces the pattern and keeps its result; this file knows what a reader would write in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.derive.instances import equal
from chainrule.derive.patterns import Collapse
from chainrule.derive.simplify import split
from chainrule.derive.sweep import Backward, Gradient
from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE
from chainrule.graph.nodes import Input, Name, Node
from chainrule.graph.tensor import Tensor


@dataclass(frozen=True)
class Line:
    """A line: whose gradient it is, the formula, and what was done to the line before."""

    of: str
    formula: Node
    done: str


def cancelling(backward: Backward, collapse: Collapse) -> list[Line]:
    """Return the lines from the loss to the collapsed gradient of a sigmoid under a binary cross-entropy.

        dA = -1/m (Y - 1)/(1 - A) - (1/m Y)/A = ... ;  dZ = dA A (1 - A) = ... = 1/m (A - Y)

    Returns:
        The lines in order; the first two are of the probability, the others of the sigmoid's argument. Empty where the
        pattern is another, or where the probability or the argument has no name.

    Raises:
        AssertionError: a line is not equal to the first of its gradient; that would be a mistake in this file.
    """
    found = _both(backward, collapse)
    if found is None:
        return []
    above, below = found
    lines = [
        Line(above.value_label, above.gradient.raw, "the slope of each term of the loss"),
        Line(above.value_label, above.gradient.formula, _rewrites(above.gradient)),
        Line(below.value_label, below.gradient.raw, "times the slope of the sigmoid"),
        *_cancelled(above.gradient, below, collapse),
    ]
    graph = backward.graph
    formulas = {above.value_label: above.gradient.raw, below.value_label: below.gradient.raw}
    for line in lines:
        assert equal(line.formula, formulas[line.of], graph, trials=1), line.done
    return lines


@dataclass(frozen=True)
class _Named:
    value_label: str
    gradient: Gradient


def _both(backward: Backward, collapse: Collapse) -> tuple[_Named, _Named] | None:
    if not collapse.name.startswith("sigmoid") or not isinstance(collapse.probability, Name):
        return None
    argument = collapse.at.args[0]
    above = collapse.probability.label
    below = argument.label if isinstance(argument, Name) else ""
    below = argument.name if isinstance(argument, Input) else below
    if above not in backward.gradients or below not in backward.gradients:
        return None
    return _Named(above, backward.gradients[above]), _Named(below, backward.gradients[below])


def _rewrites(gradient: Gradient) -> str:
    return f"tidied up: {'; '.join(gradient.rewrites)}" if gradient.rewrites else "as it is"


def _cancelled(above: Gradient, below: _Named, collapse: Collapse) -> list[Line]:
    a, y = Tensor(collapse.probability), Tensor(collapse.label)
    scale = split(collapse.term)[0].times(MINUS_ONE)
    told: Sequence[tuple[Node, str]] = [
        (_put(below.gradient.raw, above.node, above.formula), "what came from above put in"),
        (
            nodes.scaled(scale, ((1 - y) / (1 - a) * a * (1 - a) - y / a * a * (1 - a)).node),
            "the factor goes into both fractions",
        ),
        (
            nodes.scaled(scale, ((1 - y) * a - y * (1 - a)).node),
            "each fraction cancels against one half of the slope",
        ),
        (nodes.scaled(scale, (a - y * a - y + y * a).node), "multiplied out"),
        (below.gradient.formula, "the two equal products cancel"),
    ]
    return [Line(below.value_label, formula, done) for formula, done in told]


def _put(formula: Node, old: Node, new: Node) -> Node:
    done: dict[Node, Node] = {}
    for node in nodes.inside(formula):
        leaf = nodes.is_leaf(node)
        done[node] = new if node is old else node if leaf else node.rebuild([done[x] for x in node.args])  # fmt: skip
    return done[formula]


__all__ = ["Line", "cancelling"]
