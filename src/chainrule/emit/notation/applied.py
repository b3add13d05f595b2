"""Operations of the table: √x, |x|, x², [z > 0], σ(z), softmax and one position of an axis."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.emit import forms
from chainrule.emit.layout import (
    Call,
    Fenced,
    Fraction,
    Layout,
    Number,
    Operator,
    Root,
    Row,
    Subscript,
    Superscript,
    Word,
)
from chainrule.emit.notation.coefficients import dim_layout, number_layout
from chainrule.emit.notation.pieces import (
    ATOM,
    FRACTION,
    SCRIPT,
    Piece,
    listed,
    low_base,
    power_base,
    tight,
    whole,
)
from chainrule.ops.table import ALONG, TABLE


def applied(form: forms.Applied, args: Sequence[Piece]) -> Piece:
    """Return an elementwise operation, as its record in the table says that it is written."""
    written_as = TABLE[form.op].notation
    first = whole(args[0])
    match written_as.form:
        case "abs":
            return Piece(Fenced(first.layout, "||"), ATOM)
        case "root":
            return Piece(Root(first.layout), ATOM)
        case "square":
            return Piece(Superscript(power_base(args[0]), Number("2")), SCRIPT)
        case "power":
            exponent = (
                number_layout(form.parameters[0][1]) if form.parameters else whole(args[1]).layout
            )
            return Piece(Superscript(power_base(args[0]), exponent), SCRIPT)
        case "reciprocal":
            return Piece(Fraction(Number("1"), args[0].layout), FRACTION, args[0].negative)
        case "indicator":
            sign, *number = written_as.sign("text").split()
            after = [Number(x) for x in number] or [whole(x).layout for x in args[1:]]
            return Piece(Fenced(Row((first.layout, Operator(sign), *after)), "[]"), ATOM)
        case _:
            return _called(form, args)


def _called(form: forms.Applied, args: Sequence[Piece]) -> Piece:
    inside = listed([whole(piece).layout for piece in args], ",")
    if form.parameters:
        inside += [
            Operator(";"),
            *listed([number_layout(number) for _, number in form.parameters], ","),
        ]
    function = Word(tuple(TABLE[form.op].notation.symbol.items()))
    argument = inside[0] if len(inside) == 1 else Row(tuple(inside))
    return Piece(Call(function, Fenced(argument)), ATOM)


def along(form: forms.AlongAxes, body: Piece) -> Piece:
    """Return an operation along axes; which axes, unless it is the only one that there is."""
    function: Layout = Word(tuple(ALONG[form.op].notation.symbol.items()))
    if form.axes != (0,):
        dims = [dim_layout(form.body.shape[axis]) for axis in form.axes]
        function = Subscript(function, tight(listed(dims, ",")))
    return Piece(Call(function, Fenced(whole(body).layout)), ATOM)


def picked(form: forms.Picked, body: Piece) -> Piece:
    """Return one position of an axis: x₀."""
    return Piece(Subscript(low_base(whole(body)), _place(form.axis, form.index)), SCRIPT)


def placed(form: forms.Placed, body: Piece) -> Piece:
    """Return a piece put at one position of a new axis."""
    put = Subscript(Word((("text", "put"),)), _place(form.axis, form.index))
    return Piece(Call(put, Fenced(whole(body).layout)), ATOM)


def _place(axis: int, index: int) -> Layout:
    """Return an index as it was written, a colon for each axis before it."""
    before: list[Layout] = [part for _ in range(axis) for part in (Operator(":"), Operator(","))]
    return tight([*before, Number(str(index))])
