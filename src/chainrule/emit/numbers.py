"""How an exact number is written: 3, 0.01, 1/3 or 10⁻⁸. Knows no tongue."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

_LONGEST_WHOLE = 7  # digits; a longer round number prints as a power of ten
_SMALLEST_DECIMAL = Fraction(1, 10_000)


class Written(NamedTuple):
    """Digits above a fraction line and below it ("1" for none), times a power of ten."""

    above: str
    below: str = "1"
    ten: int = 0


def written(number: Fraction) -> Written:
    """Return how the absolute value of a number is written.

    Halves, quarters and thirds stay fractions; other decimals print as they were typed.
    """
    top, bottom = abs(number.numerator), number.denominator
    decimal = _decimal(top, bottom)
    if decimal is None:
        return Written(str(top), str(bottom))
    digits, places = decimal
    text = _with_point(digits, places)
    if bottom > 1 and bottom % 5 and len(text) >= len(f"{top}/{bottom}"):
        return Written(str(top), str(bottom))
    mantissa = digits.rstrip("0") or "0"
    long = (
        len(digits) > _LONGEST_WHOLE and len(mantissa) < 4
        if bottom == 1
        else abs(number) < _SMALLEST_DECIMAL
    )
    if not long:
        return Written(text)
    return Written(_with_point(mantissa, len(mantissa) - 1), ten=len(digits) - 1 - places)


def _decimal(top: int, bottom: int) -> tuple[str, int] | None:
    """Return the digits of top/bottom and how many stand after the point, or None where they never end."""
    places = 0
    rest = bottom
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        places = max(places, power)
    if rest != 1:
        return None
    return str(top * 10**places // bottom), places


def _with_point(digits: str, places: int) -> str:
    if not places:
        return digits
    padded = digits.rjust(places + 1, "0")
    return f"{padded[:-places]}.{padded[-places:]}"
