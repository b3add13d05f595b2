"""Entries in the wrong places: a reshape where a transpose is meant, so that the shape fits and the entries do not.

No formula says so; the arrays are put in as symbols with a value at every instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

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
    yield from _neighbours(state, route)
    if place.parameter:
        yield from _left_empty(state, route)
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


def _neighbours(state: State, route: Node) -> Iterator[Mutant]:
    """Yield a formula in which one value is read one place too early: index i - 1, which is the last one at 0."""
    for leaf in (n for n in nodes.inside(route) if nodes.is_leaf(n)):
        axes = [i for i, d in enumerate(leaf.shape) if d in state.case.scales.average]
        for axis in axes:
            values = state.values(leaf)
            arrays = [(np.roll(v.array, 1, axis), np.roll(v.bound, 1, axis)) for v in values]
            symbol = _given(state, leaf, f"of the one before along {axis}", arrays)
            said = (
                f"{text(leaf)} is read one place too early along {leaf.shape[axis]} (index i - 1)"
            )
            yield mutant("wrong-value", exchanged(route, {leaf: symbol}), said, extra=0.3)


def _left_empty(state: State, route: Node) -> Iterator[Mutant]:
    """Yield a result whose first or last entries along an axis are 0: a loop ran over too few."""
    for axis, dim in enumerate(route.shape):
        for which, at in (("last", -1), ("first", 0)):
            if dim == "1":
                continue
            arrays: list[tuple[Array, Array]] = []
            for value in state.values(route):
                pair = (value.array.copy(), value.bound.copy())
                for array in pair:
                    np.moveaxis(array, axis, 0)[at] = 0.0
                arrays.append(pair)
            symbol = _given(state, route, f"all but the {which} of axis {axis}", arrays)
            said = f"the {which} of the {dim} entries is 0: it was left out"
            yield mutant("missing-entry", symbol, said)


def _given(state: State, node: Node, name: str, arrays: Sequence[tuple[Array, Array]]) -> Node:
    symbol = nodes.input_node(f"{MARK}{text(node)} {name}", node.shape, "symbol")
    for known, (array, bound) in zip(state.env, arrays, strict=True):
        known[symbol] = Value(array, bound)
    return symbol


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
    arrays = [(_turned(v.array, turned), _turned(v.bound, turned)) for v in values]
    return _given(state, node, f"reshaped {name}", arrays)


def _turned(array: Array, turned: object) -> Array:
    return _after(array) if turned is _after else _before(array)
