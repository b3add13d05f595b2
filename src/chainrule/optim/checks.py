"""What the numbers of a method may be, said in the words of whoever passed them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from chainrule.errors import DataError, unknown


def positive(name: str, value: Any) -> None:
    """Refuse a number that is not > 0 and finite."""
    if not _is_number(value) or not 0 < value < math.inf:
        raise DataError(f"{name} is {value!r}: it must be a positive number, such as 0.1.")


def at_least_zero(name: str, value: Any) -> None:
    """Refuse a number that is not >= 0 and finite."""
    if not _is_number(value) or not 0 <= value < math.inf:
        raise DataError(f"{name} is {value!r}: it must be a number of at least 0.")


def fraction(name: str, value: Any) -> None:
    """Refuse a number outside [0, 1)."""
    if not _is_number(value) or not 0 <= value < 1:
        raise DataError(f"{name} is {value!r}: it must be at least 0 and below 1, such as 0.9.")


def one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse a word that is not one of the known ones."""
    if value not in known:
        raise unknown(name, str(value), known)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool)


def count(name: str, value: Any) -> None:
    """Refuse what is not a whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise DataError(f"{name} is {value!r}: it must be a whole number of at least 1.")
