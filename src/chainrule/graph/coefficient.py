"""Exact scalar factors such as 2/m: a fraction times powers of dims. Never a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from chainrule.errors import TraceError

Number = int | float | Fraction


def exact(number: Number) -> Fraction:
    """Return the number as the fraction that its shortest decimal text stands for.

    0.1 becomes 1/10, so formulas print as they were typed; `float()` of the result is the same float.
    """
    if isinstance(number, Fraction | int):
        return Fraction(number)
    if number != number or number in (float("inf"), float("-inf")):
        raise TraceError(f"{number} cannot stand in a model: a constant must be a finite number.")
    return Fraction(Decimal(repr(float(number))))


class Coefficient(NamedTuple):
    """A fraction times powers of dims: `Coefficient(Fraction(2), (("m", Fraction(-1)),))` is 2/m."""

    number: Fraction
    dims: tuple[tuple[str, Fraction], ...] = ()

    def times(self, other: Coefficient) -> Coefficient:
        """Return the product, with the powers of each dim added."""
        number = self.number * other.number
        if not number:
            return ZERO
        if not self.dims or not other.dims:
            return Coefficient(number, self.dims or other.dims)
        powers = dict(self.dims)
        for dim, power in other.dims:
            powers[dim] = powers.get(dim, Fraction(0)) + power
        return Coefficient(number, _tidy(powers.items()))

    def to_the(self, exponent: Fraction) -> Coefficient | None:
        """Return the power, or None where it is not exact (the square root of 2)."""
        number = _exact_power(self.number, exponent)
        if number is None:
            return None
        return Coefficient(number, _tidy((dim, power * exponent) for dim, power in self.dims))

    def at(self, sizes: Mapping[str, int]) -> float:
        """Return the value at given sizes, rounded once or twice."""
        top, bottom = self.number, Fraction(1)
        inexact = 1.0
        for dim, power in self.dims:
            size = int(dim) if dim.isdigit() else sizes[dim]
            if power.denominator == 1:
                if power > 0:
                    top *= size ** int(power)
                else:
                    bottom *= size ** int(-power)
            else:
                inexact *= float(size) ** float(power)
        return float(top / bottom) * inexact


def _tidy(powers: Iterable[tuple[str, Fraction]]) -> tuple[tuple[str, Fraction], ...]:
    return tuple(sorted((dim, power) for dim, power in powers if power))


def _exact_power(number: Fraction, exponent: Fraction) -> Fraction | None:
    if abs(exponent) * max(number.numerator.bit_length(), number.denominator.bit_length()) > 4096:
        return None  # exact, but of no use to anybody: left to floating point
    if exponent.denominator == 1:
        return number ** int(exponent) if number or exponent >= 0 else None
    if exponent.denominator != 2 or number < 0:
        return None
    top, bottom = _root(number.numerator), _root(number.denominator)
    if top is None or bottom is None or (not top and exponent < 0):
        return None
    return Fraction(top, bottom) ** int(exponent * 2)


def _root(number: int) -> int | None:
    from math import isqrt

    root = isqrt(number)
    return root if root * root == number else None


def coefficient(number: Number, **dims: int) -> Coefficient:
    """Return `number` times dims to whole powers: `coefficient(2, m=-1)` is 2/m."""
    return Coefficient(exact(number), _tidy((d, Fraction(p)) for d, p in dims.items()))


def size_of(dims: Iterable[str]) -> Coefficient:
    """Return the product of some dims as a coefficient: `size_of(["m"])` is m."""
    result = ONE
    for dim in dims:
        if dim.isdigit():
            result = result.times(Coefficient(Fraction(int(dim))))
        else:
            result = result.times(Coefficient(Fraction(1), ((dim, Fraction(1)),)))
    return result


ZERO = Coefficient(Fraction(0))
ONE = Coefficient(Fraction(1))
MINUS_ONE = Coefficient(Fraction(-1))
