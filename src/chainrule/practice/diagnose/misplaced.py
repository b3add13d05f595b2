"""Entries in the wrong places: a reshape where a transpose is meant, so that the shape fits and the entries do not.

No formula says so; the arrays are put in as symbols with a value at every instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.graph import nodes
from chainrule.graph.nodes import Node
from chainrule.practice.diagnose.counts import MARK
from chainrule.practice.diagnose.state import State
from chainrule.practice.grounds.numbers import Array, Value
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import Mutant, mutant, text
from chainrule.practice.mutants.formulas import exchanged

MISTAKE = "reshaped-for-transposed"


def misplaced_mutants(state: State, place: Step) -> Iterator[Mutant]:
    """Yield a step's formula with its result, or a matrix in it, reshaped and not transposed."""
    route = place.routes[0]
    if not place.backward:
        return
    for node in dict.fromkeys([route, *(n for n in nodes.inside(route) if nodes.is_leaf(n))]):
        if not _is_matrix(node):
            continue
        values = state.values(node)
        for turned in (_after, _before):
            symbol = _symbol(state, node, values, turned)
            what = "the result" if node is route else text(node)
            said = f"{what} was reshaped where it is to be transposed: the entries are in the wrong places"
            extra = 0.0 if node is route else 0.2
            yield mutant(MISTAKE, exchanged(route, {node: symbol}), said, extra=extra)


def _is_matrix(node: Node) -> bool:
    shape = node.shape
    return len(shape) == 2 and "1" not in shape and shape[0] != shape[1]


def _after(array: Array) -> Array:
    """Return what comes of B.reshape(A's shape) for B = Aᵀ."""
    return array.T.reshape(array.shape)


def _before(array: Array) -> Array:
    """Return the A that a product sees if A.reshape(n, m) stands where Aᵀ is meant."""
    return array.reshape(array.shape[::-1]).T


def _symbol(state: State, node: Node, values: Sequence[Value], turned: object) -> Node:
    name = "after" if turned is _after else "before"
    symbol = nodes.input_node(f"{MARK}reshaped {name} {text(node)}", node.shape, "symbol")
    for known, value in zip(state.env, values, strict=True):
        known[symbol] = Value(_turned(value.array, turned), _turned(value.bound, turned))
    return symbol


def _turned(array: Array, turned: object) -> Array:
    return _after(array) if turned is _after else _before(array)
