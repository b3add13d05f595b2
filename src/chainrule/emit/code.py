"""Pieces of code and how tightly they hold together; numbers as code: 2 / m, 0.5, m ** -0.5."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.graph.coefficient import Coefficient

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression holds together


@dataclass(frozen=True)
class Code:
    """A piece of code and how tightly it holds together; `matmul` marks a bare matrix product."""

    text: str
    level: int
    matmul: bool = False

    def at(self, level: int) -> str:
        """Return the text, in brackets where it holds less tightly than `level`; a matrix product only stands alone."""
        return (
            f"({self.text})" if self.level < level or (self.matmul and level > SUM) else self.text
        )


def exact_text(number: Fraction, infix: bool = True) -> str:
    """Return an exact number as code: 2, 0.01, or (1 / 3)."""
    if number.denominator == 1:
        return str(number.numerator) if abs(number.numerator) < 2**53 else repr(float(number))
    decimal = repr(float(number))
    if Fraction(decimal) == number:
        return decimal
    return f"({number.numerator} / {number.denominator})"


def number_code(scale: Coefficient) -> Code:
    """Return a coefficient as code: 2 / m, 0.5, m ** -0.5."""
    top, bottom = quotient(scale)
    if bottom:
        return Code(f"{top} / {bottom}", PRODUCT)
    return Code(top, SIGN if top.startswith("-") else ATOM if "*" not in top else PRODUCT)


def quotient(scale: Coefficient) -> tuple[str, str]:
    """Return numerator and denominator of a coefficient as code ("" for no denominator)."""
    number = scale.number
    below = [(dim, -power) for dim, power in scale.dims if power < 0]
    above = [(dim, power) for dim, power in scale.dims if power > 0]
    whole = bool(below) and number.denominator < 1000 and abs(number.numerator) < 1000
    tops = [str(number.numerator) if whole else exact_text(number)]
    bottoms = [str(number.denominator)] if whole and number.denominator != 1 else []
    tops = [t for t in tops if t != "1" or not above]
    top = " * ".join([*tops, *(_power(d, p) for d, p in above)])
    parts = [*bottoms, *(_power(d, p) for d, p in below)]
    bottom = f"({' * '.join(parts)})" if len(parts) > 1 else (parts[0] if parts else "")
    return top, bottom


def _power(dim: str, power: Fraction) -> str:
    return dim if power == 1 else f"{dim} ** {exact_text(power)}"
