"""Comparing a student's array with a rule's: equal, equal up to a constant factor such as m or -1, or neither.

A factor left for later (1/m at the end) is no mistake, so every comparison asks for the factor too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient, size_of
from chainrule.graph.nodes import Ein
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.numbers import EPS, Array, Value

ALLOWED = (
    16.0  # times the error bound of the reference; correct solutions of the corpus stay below 0.1
)
MOST_CONSTANT = (
    1e-4  # relative: how far a ratio may be from a factor to be looked at as that factor
)


@dataclass(frozen=True)
class Own:
    """A student's value: one array per instance, and the precision it was computed in."""

    arrays: tuple[Array, ...]
    eps: float = EPS

    def scaled(self, factors: Sequence[float]) -> list[Value]:
        """Return the arrays divided by one factor each, exact up to that division (in units of float64, as all bounds)."""
        found: list[Value] = []
        for array, factor in zip(self.arrays, factors, strict=True):
            found.append(Value(array / factor, 4 * EPS * np.abs(array / factor)))
        return found


def tolerance(rule: Value, eps: float) -> Array:
    """Return how far a correct value may be from the rule's."""
    return ALLOWED * (eps / EPS) * (rule.bound + EPS * np.abs(rule.array))


def same(own: Array, rule: Value, eps: float = EPS, factor: float = 1.0) -> bool:
    """Tell whether an array is a factor times the rule's, within the error bound. NaN is never the same."""
    if own.shape != rule.array.shape:
        return False
    allowed = abs(factor) * tolerance(rule, eps) + ALLOWED * eps * EPS * np.abs(own)
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(own - factor * rule.array) <= allowed))


def ratio(own: Array, rule: Value, eps: float = EPS) -> float | None:
    """Return the constant that an array is of the rule's, None where it is not one."""
    if own.shape != rule.array.shape or not np.all(np.isfinite(own)):
        return None
    size = float(np.sum(rule.array**2))
    if not np.isfinite(size):
        return None
    if not np.any(np.abs(rule.array) > tolerance(rule, eps)):  # the rule gives zero
        return 1.0 if same(own, rule, eps) else None
    found = float(np.sum(own * rule.array)) / size
    wide = Value(rule.array, rule.bound + 16 * EPS * np.abs(rule.array))
    return found if found and same(own, wide, eps, found) else None


class Scales:
    """The factors that a gradient may carry until later: signs, 2 and 1/2, sizes of dims, the loss's own average."""

    def __init__(self, graph: Graph) -> None:
        self.average = loss_average(graph)
        sizes = [ONE]
        for group in dict.fromkeys([tuple(self.average), *((d,) for d in graph.dims)]):
            if group:
                size = size_of(group)
                sizes += [size, size.to_the(Fraction(-1)) or ONE]
        for one, other in ((a, b) for a in graph.dims for b in graph.dims if a != b):
            sizes.append(size_of([one]).times(size_of([other]).to_the(Fraction(-1)) or ONE))
        sizes += _roots(graph)
        numbers = [Fraction(1), Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4)]
        signed = [*numbers, *(-n for n in numbers)]
        self.factors = [Coefficient(n).times(size) for n in signed for size in sizes]

    def of(
        self, own: Own, rule: Sequence[Value], sizes: Sequence[Mapping[str, int]]
    ) -> Coefficient | None:
        """Return the factor that a student's arrays are of the rule's, at every instance; None where there is none."""
        ratios: list[float] = []
        for array, value in zip(own.arrays, rule, strict=True):
            found = ratio(array, value, own.eps)
            if found is None:
                return None
            ratios.append(found)
        factor = self.named(ratios, sizes)
        if factor is None:
            return None
        exact = zip(own.arrays, rule, sizes, strict=True)
        close = all(same(array, value, own.eps, factor.at(s)) for array, value, s in exact)
        return factor if close else None

    def named(
        self, ratios: Sequence[float], sizes: Sequence[Mapping[str, int]]
    ) -> Coefficient | None:
        """Return the simplest factor that has these values at these sizes."""
        for factor in self.factors:
            values = [factor.at(s) for s in sizes]
            if all(
                abs(r - v) <= MOST_CONSTANT * abs(v) for r, v in zip(ratios, values, strict=True)
            ):
                return factor
        return None


def _roots(graph: Graph) -> list[Coefficient]:
    """Return the roots of sizes that the model itself divides by: the 1/sqrt(d_k) of attention, and its inverse."""
    found: dict[Coefficient, None] = {}
    for node in nodes.topological([graph.loss]):
        if isinstance(node, Ein):
            for dim, power in node.coefficient.dims:
                if power.denominator != 1:
                    found[Coefficient(Fraction(1), ((dim, power),))] = None
                    found[Coefficient(Fraction(1), ((dim, -power),))] = None
    return list(found)


def loss_average(graph: Graph) -> list[str]:
    """Return the dims that the loss averages over: m, or t and d_v."""
    found: dict[str, None] = {}
    for node in nodes.inside(graph.loss.inner):
        if isinstance(node, Ein):
            found.update(dict.fromkeys(d for d, power in node.coefficient.dims if power == -1))
    return list(found)


def parts(factor: Coefficient) -> dict[str, Fraction]:
    """Return what a factor is made of: {"sign": -1}, {"two": exponent}, {"m": exponent}.

    >>> from chainrule.graph.coefficient import coefficient
    >>> parts(coefficient(-2, m=-1))
    {'sign': Fraction(-1, 1), 'two': Fraction(1, 1), 'm': Fraction(-1, 1)}
    """
    found: dict[str, Fraction] = {}
    if factor.number < 0:
        found["sign"] = Fraction(-1)
    size = abs(factor.number)
    twos = size.numerator.bit_length() - size.denominator.bit_length()
    if twos:
        found["two"] = Fraction(twos)
    return {**found, **dict(factor.dims)}


def whole(made_of: Mapping[str, Fraction]) -> Coefficient:
    """Return the factor that is made of some parts: the inverse of `parts`."""
    number = Fraction(2) ** int(made_of.get("two", 0))
    number *= made_of.get("sign", 1)
    dims = tuple(sorted((d, p) for d, p in made_of.items() if d not in ("sign", "two")))
    return Coefficient(number, dims)
