"""Numbers and sizes in front: 2/m, 1/√m, −1/2, and how they join what they multiply."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as Exact

from chainrule.emit.layout import Fenced, Fraction, Layout, Number, Operator, Root, Row, Superscript
from chainrule.emit.notation.pieces import (
    ATOM,
    DOT,
    FRACTION,
    MINUS,
    PRODUCT,
    SUM,
    Piece,
    in_brackets,
    tight,
)
from chainrule.emit.numbers import written
from chainrule.emit.symbols import symbol
from chainrule.graph.coefficient import Coefficient


def coefficient_layout(scale: Coefficient) -> Layout:
    """Return a coefficient's absolute value: 2/m, 1/2, 0.01, 1/√m."""
    above, below = _parts(scale)
    top = tight(above or [Number("1")])
    return Fraction(top, tight(below)) if below else top


def _parts(scale: Coefficient) -> tuple[list[Layout], list[Layout]]:
    """Return what stands above and below the line; nothing stands for 1."""
    number = written(scale.number)
    above: list[Layout] = [] if number.above == "1" else [Number(number.above)]
    below: list[Layout] = [] if number.below == "1" else [Number(number.below)]
    if number.ten:
        above += [Operator(DOT)] if above else []
        above.append(Superscript(Number("10"), number_layout(Exact(number.ten))))
    for dim, power in scale.dims:
        (above if power > 0 else below).append(_dim_power(dim, abs(power)))
    return above, below


def _dim_power(dim: str, power: Exact) -> Layout:
    size = dim_layout(dim)
    if power == 1:
        return size
    return Root(size) if power == Exact(1, 2) else Superscript(size, number_layout(power))


def dim_layout(dim: str) -> Layout:
    """Return a dim as its letter or its number."""
    return Number(dim) if dim.isdigit() else symbol(dim)


def number_layout(number: Exact) -> Layout:
    """Return a plain number, on one line: −1/2."""
    above, below = _parts(Coefficient(abs(number)))
    size = [*(above or [Number("1")]), *([Operator("/"), *below] if below else [])]
    return tight([Operator(MINUS, prefix=True), *size] if number < 0 else size)


def number_piece(scale: Coefficient) -> Piece:
    """Return a coefficient that stands alone."""
    layout = coefficient_layout(scale)
    level = ATOM if isinstance(layout, Number) else PRODUCT
    return Piece(layout, level, scale.number < 0, led=True)


def scaled(scale: Coefficient, body: Piece) -> Piece:
    """Return a coefficient in front of a piece."""
    negative = (scale.number < 0) != body.negative
    if abs(scale.number) == 1 and not scale.dims:
        return body._replace(negative=negative)
    above, below = _parts(scale)
    if isinstance(body.layout, Fraction) and body.layout.top == Number("1"):
        under = _flat([*below, body.layout.bottom])
        return Piece(Fraction(tight(above or [Number("1")]), under), FRACTION, negative)
    if below and body.lead:
        return _taken_up(above, below, body, negative)
    inner = in_brackets(body, body.level == SUM)
    between = (Operator(DOT),) if body.led else ()
    layout = Row((coefficient_layout(scale), *between, inner))
    level = PRODUCT if body.level == SUM else min(body.level, PRODUCT)
    return Piece(layout, level, negative, led=True)


def _taken_up(above: list[Layout], below: list[Layout], body: Piece, negative: bool) -> Piece:
    """Return λ/2 x, not 1/2 λ x."""
    parts = body.layout.parts if isinstance(body.layout, Row) else (body.layout,)
    front = Fraction(tight([*above, *parts[: body.lead]]), tight(below))
    rest = parts[body.lead :]
    if not rest:
        return Piece(front, FRACTION, negative)
    return Piece(Row((front, *rest)), body.level, negative, led=True)


def _flat(parts: Sequence[Layout]) -> Layout:
    """Return a product, brackets around a sum when it has company."""
    if len(parts) == 1:
        return parts[0]
    last = parts[-1]
    wide = isinstance(last, Row) and any(isinstance(x, Operator) for x in last.parts)
    return Row((*parts[:-1], Fenced(last) if wide else last))
