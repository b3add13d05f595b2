"""Mistakes in counting: m - 1 in place of m, an example left out of a sum, an odd constant that is the same everywhere.

Their constants are values of each instance, so they are put in as symbols with a value at every one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE
from chainrule.graph.nodes import Ein, Input, Letters, Node
from chainrule.practice.diagnose.state import State
from chainrule.practice.diagnose.trying import Owns
from chainrule.practice.grounds.numbers import EPS, Array, Value, exact
from chainrule.practice.grounds.scales import Own, ratio
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import Mutant, mutant
from chainrule.practice.mutants.formulas import exchanged

MARK = "constant "  # what the names of constants begin with
ROUNDING = 16 * EPS  # of a constant that is read off two arrays


def is_constant(node: Node) -> bool:
    """Tell whether a symbol stands for a constant of an instance, not for a value of the student's."""
    return isinstance(node, Input) and node.role == "symbol" and node.name.startswith(MARK)


def count_mutants(state: State, place: Step) -> Iterator[Mutant]:
    """Yield a step's formula with a size one too small or too large, or with an example left out of a sum."""
    route = place.routes[0]
    for dim in state.case.graph.dims:
        for name, by in ((f"{dim} - 1", -1), (f"{dim} + 1", 1)):
            values = [np.asarray(s[dim] / (s[dim] + by)) for s in state.case.sizes]
            said = f"divided by {name}, where {dim} is meant"
            yield mutant("wrong-average", _scaled(state, route, name, values), said, extra=0.4)
    for node in nodes.inside(route):
        if isinstance(node, Ein):
            yield from _left_out(state, route, node)


def _left_out(state: State, route: Node, node: Ein) -> Iterator[Mutant]:
    dims = node.dims
    for letter in (x for x in node.summed if dims[x] in state.case.scales.average):
        dim = dims[letter]
        for which, at in (("last", -1), ("first", 0)):
            masks = [np.ones(s[dim]) for s in state.case.sizes]
            for mask in masks:
                mask[at] = 0.0
            symbol = _symbol(state, f"all but the {which} of {dim}", (dim,), masks)
            factors: list[tuple[Node, Letters]] = [*node.factors, (symbol, (letter,))]
            new = nodes.ein(node.coefficient, factors, node.out, node.shape)
            said = f"the {which} of the {dim} terms is not in the sum"
            yield mutant("missing-example", exchanged(route, {node: new}), said)


def odd_constants(state: State, step: Step, owns: Owns) -> Iterator[Mutant]:
    """Yield a step's formula times a constant that is the same at every instance: the 1/ln 10 of a common logarithm."""
    rules = state.values(step.routes[0])
    for own, _ in owns:
        found = _common_ratio(own, rules)
        if found is not None:
            values = [np.asarray(found)] * len(rules)
            formula = _scaled(state, step.routes[0], f"{found:.12g}", values)
            said = f"it is {found:.6g} times the right value, whatever the sizes"
            yield mutant("wrong-coefficient", formula, said, extra=0.2)


def _common_ratio(own: Own, rules: Sequence[Value]) -> float | None:
    ratios = [ratio(a, v, own.eps) for a, v in zip(own.arrays, rules, strict=True)]
    known = [r for r in ratios if r is not None]
    if len(known) < len(ratios) or (all(v.array.size == 1 for v in rules) and len(known) < 2):
        return None
    same = np.ptp(known) <= 1e-6 * abs(known[0])
    return known[0] if same and abs(known[0] - 1) > 1e-6 else None


def _scaled(state: State, node: Node, name: str, values: Sequence[Array]) -> Node:
    symbol = _symbol(state, name, (), values)
    axes = tuple(range(len(node.shape)))
    return nodes.ein(ONE, [(symbol, ()), (node, axes)], axes, node.shape)


def _symbol(state: State, name: str, shape: tuple[str, ...], values: Sequence[Array]) -> Node:
    symbol = nodes.input_node(f"{MARK}{name}", shape, "symbol")
    for known, array in zip(state.env, values, strict=True):
        value = exact(array)
        known[symbol] = Value(value.array, ROUNDING * np.abs(value.array)) if not shape else value
    return symbol
