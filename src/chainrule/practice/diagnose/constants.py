"""Mistakes with a constant of the student's own in them: a learning rate in the gradient, a wrong factor before a term."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Add, Node
from chainrule.practice.diagnose.state import State
from chainrule.practice.diagnose.trying import Owns
from chainrule.practice.grounds.numbers import Array, Point
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import Mutant, mutant


def returned_mutants(state: State, step: Step, owns: Owns) -> Iterator[Mutant]:
    """Yield what may be returned for a gradient: the gradient times the learning rate, or the updated parameter."""
    if not step.parameter:
        return
    for other in state.case.steps:
        if other.parameter and other is not step and _is_swapped(state, step, other):
            said = f"this is the gradient of {other.label}"
            formula = other.routes[0]
            yield mutant("swapped-gradients", formula, said)
    leaf = next(node for node in state.case.graph.inputs if node.name == step.label)
    rule, weight = state.values(step.routes[0])[0], state.env[0][leaf]
    for own, _ in owns:
        if own.arrays[0].shape != rule.array.shape or not np.all(np.isfinite(own.arrays[0])):
            continue
        rate = rate_of(own.arrays[0] - weight.array, rule.array)
        if rate is not None:
            moved = nodes.add([leaf, nodes.scaled(Coefficient(short(rate)), step.routes[0])])
            said = f"what was returned is the parameter updated with the learning rate {-float(rate):.6g}"
            yield mutant("updated-weights-returned", moved, said)
        free = weight.array.size > 1 and leaf not in nodes.inside(step.routes[0])
        rate = rate_of(own.arrays[0] - rule.array, weight.array) if free else None
        if rate is not None and float(rate):
            more = nodes.add([step.routes[0], nodes.scaled(Coefficient(short(rate)), leaf)])
            said = f"{float(rate):.6g} {step.label} was added, and the model has no such penalty"
            yield mutant("extra-term", more, said)
        rate = rate_of(own.arrays[0], rule.array)
        if rate is not None and _is_rate(state, abs(float(rate))):
            scaled = nodes.scaled(Coefficient(short(rate)), step.routes[0])
            said = f"the gradient was multiplied by the learning rate {float(rate):.6g}"
            yield mutant("learning-rate-included", scaled, said)


def _is_swapped(state: State, step: Step, other: Step) -> bool:
    """Tell whether what was returned for another parameter is this one's gradient."""
    own = state.case.returned.get(other.label)
    if own is None:
        return False
    if other.node.shape != step.node.shape:
        # a list in the wrong order: only one of the two need be right
        mine = state.case.returned.get(step.label)
        rule = state.values(other.routes[0])
        return mine is not None and state.case.scales.of(mine, rule, state.case.sizes) is not None
    return state.case.scales.of(own, state.values(step.routes[0]), state.case.sizes) is not None


def _is_rate(state: State, rate: float) -> bool:
    """Tell whether a number is one that the student keeps in a variable."""
    held = [t.own.arrays[0] for t in state.case.variables.tracks]
    return any(a.size == 1 and np.isclose(float(a.reshape(())), rate, rtol=1e-5) for a in held)


def short(number: float | str) -> Fraction:
    """Return a number as people write it: to nine digits."""
    return Fraction(Decimal(f"{float(number):.9g}"))


def rate_of(change: Array, gradient: Array) -> str | None:
    """Return the number that an array is of another, as short text; None where it is none."""
    size = float(np.sum(gradient**2))
    if change.shape != gradient.shape or not size:
        return None
    found = float(np.sum(change * gradient)) / size
    fits = np.allclose(change, found * gradient, rtol=1e-6, atol=1e-9 * abs(found))
    return f"{found:.9g}" if fits else None


def coefficient_mutants(state: State, step: Step, owns: Owns) -> Iterator[Mutant]:
    """Yield a sum with another constant before one of its terms, the constant that fits the first instance."""
    formula = step.routes[0]
    if not isinstance(formula, Add):
        return
    point = Point(state.case.sizes[0], state.env[0])
    for i, term in enumerate(formula.args):
        rest = nodes.add([t for k, t in enumerate(formula.args) if k != i])
        columns = [point.value(n).array.reshape(-1) for n in (rest, term)]
        for own, _ in owns:
            array = own.arrays[0].reshape(-1)
            if array.size != columns[0].size or not np.all(np.isfinite(array)):
                continue
            found, _, rank, _ = np.linalg.lstsq(np.stack(columns, 1), array, rcond=1e-9)
            if rank == 2 and found[0] and found[1]:
                share = short(float(found[1] / found[0]))
                new: list[Node] = [*formula.args]
                new[i] = nodes.scaled(Coefficient(share), term)
                said = f"{{}} is there {float(share):g} times"
                yield mutant("wrong-coefficient", nodes.add(new), said, term, extra=0.4)
