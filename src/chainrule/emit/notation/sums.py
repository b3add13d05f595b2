"""Sums: of terms, along axes, and of index formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.emit.layout import (
    BigSum,
    Fenced,
    Layout,
    Number,
    Operator,
    Row,
    Subscript,
    Superscript,
)
from chainrule.emit.notation.applied import applied
from chainrule.emit.notation.coefficients import number_piece
from chainrule.emit.notation.letters import free_letters, letter_dims
from chainrule.emit.notation.pieces import (
    ATOM,
    BIG,
    MINUS,
    PLUS,
    PRODUCT,
    SCRIPT,
    SUM,
    Piece,
    in_brackets,
    indexed,
    script_row,
    whole,
)
from chainrule.emit.notation.products import inner_product, with_ones
from chainrule.emit.notation.written import Written
from chainrule.graph.coefficient import size_of
from chainrule.graph.nodes import Letters, Shape


def sum_of(terms: Sequence[Piece]) -> Piece:
    """Return terms added up, a negative one subtracted."""
    parts: list[Layout] = []
    for term in terms:
        sign = MINUS if term.negative else PLUS
        if parts:
            parts.append(Operator(sign))
        elif term.negative:
            parts.append(Operator(sign, prefix=True))
        inside = term.layout.parts if isinstance(term.layout, Row) and term.level == SUM else ()
        joins = bool(inside) and not term.negative and not (parts and _is_sign(inside[0]))
        parts += inside if joins else [in_brackets(term, term.level == SUM)]
    return Piece(Row(tuple(parts)), SUM)


def _is_sign(layout: Layout) -> bool:
    return isinstance(layout, Operator) and layout.prefix


def sum_over(written: Written, form: forms.SumOver, body: Piece) -> Piece:
    """Return entries added up along axes: as a norm, a product, with ones, or with Σ."""
    shape, long = form.body.shape, forms.long_axes(form.body.shape)
    if not form.axes:
        return body
    constant = forms.filled(form.body)
    if constant:
        return number_piece(constant.coefficient.times(size_of(shape[axis] for axis in form.axes)))
    inner = forms.unshaped(form.body)
    everything = set(long) <= set(form.axes)
    if (
        everything
        and long
        and forms.op_of(inner) == "square"
        and not forms.stretched(forms.below(inner)[0])
    ):
        norm = Fenced(whole(written.as_array(forms.below(inner)[0])).layout, "‖‖")
        return Piece(Superscript(norm, Number("2")), SCRIPT)
    product = inner_product(written, inner) if everything else None
    if product:
        return product
    if len(shape) == 2 and len(form.axes) == 1 and not forms.stretched(inner):
        return with_ones(body, form.axes[0], shape[form.axes[0]])
    return _indexed_sum(written, form, body)


def _indexed_sum(written: Written, form: forms.SumOver, body: Piece) -> Piece:
    """Return a sum over index letters: Σᵢⱼ xᵢⱼ."""
    shape, long = form.body.shape, forms.long_axes(form.body.shape)
    letters = dict(zip(long, free_letters(written.taken | body.bound), strict=False))
    summed = [letters[axis] for axis in form.axes if axis in letters]
    if not summed:
        return body
    source = form.body
    while isinstance(source, forms.Broadcast):  # only the axes that it has carry an index
        source = forms.unshaped(source.body)
    shift = len(shape) - len(source.shape)
    scripts = [letters[axis + shift] for axis in forms.long_axes(source.shape)]
    entry, negative = _entry(written, source, scripts)
    layout, bound = Row((BigSum(script_row(summed)), entry)), frozenset(summed)
    free = [letters[axis] for axis in long if axis not in form.axes]
    if not free:
        return Piece(layout, BIG, negative, bound=bound)
    return Piece(Subscript(Fenced(layout), script_row(free)), SCRIPT, negative, bound=bound)


def _entry(written: Written, form: Form, scripts: Sequence[str]) -> tuple[Layout, bool]:
    """Return one entry of a form, and whether a minus sign goes in front."""
    inner = forms.unshaped(form)
    if not isinstance(inner, forms.Applied):
        piece = written.as_array(form)
        return indexed(piece, scripts), piece.negative
    args = [x for x in forms.below(inner) if x.shape == form.shape and not forms.stretched(x)]
    plain = inner.op == "abs" or all(isinstance(x, forms.Leaf) for x in args)
    if plain and len(args) == len(inner.args):  # |x|ᵢ is |xᵢ|
        below = [whole(written.as_array(x)) for x in args]
        entries = [Piece(indexed(piece, scripts), ATOM) for piece in below]
        return applied(inner, entries).layout, False
    piece = written.as_array(form)
    return indexed(piece, scripts), piece.negative


def einsum(written: Written, form: forms.Einsum, below: Sequence[Piece]) -> Piece:
    """Return an index formula: Σₖ Aᵢₖ Bₖⱼ."""
    names = free_letters(written.taken)
    order = dict(zip(form.out, names, strict=False))
    inner = frozenset[str]().union(*(piece.bound for piece in below))
    rest = [name for name in names[len(order) :] if name not in inner]
    summed = dict.fromkeys(x for letters in form.letters for x in letters if x not in order)
    order.update(zip(summed, rest, strict=False))
    parts = [
        indexed(piece, _names(letters, order, factor.shape))
        for piece, factor, letters in zip(below, form.factors, form.letters, strict=True)
    ]
    negative = sum(piece.negative for piece in below) % 2 == 1
    dims = letter_dims(form)
    shown = [order[x] for x in summed if dims[x] != "1"]
    if not shown:
        return Piece(Row(tuple(parts)), PRODUCT, negative)
    layout = Row((BigSum(script_row(shown)), *parts))
    return Piece(layout, BIG, negative, bound=frozenset(shown))


def _names(letters: Letters, order: Mapping[int, str], shape: Shape) -> list[str]:
    return [order[letter] for letter, dim in zip(letters, shape, strict=True) if dim != "1"]
