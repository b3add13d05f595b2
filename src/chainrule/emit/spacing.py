"""Where two factors side by side would run into each other, and a thin space has to part them."""

from __future__ import annotations

from chainrule.emit.layout import (
    BigSum,
    Fraction,
    Layout,
    Operator,
    Subscript,
    Superscript,
    Symbol,
)


def runs_into(left: Layout, right: Layout) -> bool:
    """Return whether two neighbours in a row are factors of which one is a fraction, a gradient as dW, or a whole word.

    >>> runs_into(Symbol("s"), Symbol("y", prefix="d")), runs_into(Symbol("w"), Symbol("x"))
    (True, False)
    """
    if any(isinstance(part, Operator | BigSum) for part in (left, right)):
        return False
    return _is_wide(left) or _is_wide(right)


def _is_wide(part: Layout) -> bool:
    body = part.body if isinstance(part, Superscript | Subscript) else part
    if isinstance(body, Symbol):
        return bool(body.prefix) or len(body.base) > 1
    return isinstance(body, Fraction)


__all__ = ["runs_into"]
