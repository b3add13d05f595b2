"""Products: of matrices, with arrays of ones, entry by entry, of two vectors."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.emit.layout import (
    Fraction,
    Layout,
    Number,
    Operator,
    Row,
    Subscript,
    Superscript,
    Symbol,
)
from chainrule.emit.notation.coefficients import dim_layout, scaled
from chainrule.emit.notation.pieces import (
    ATOM,
    BIG,
    CIRCLE,
    DOT,
    ENTRYWISE,
    FRACTION,
    MATMUL,
    PRODUCT,
    SCRIPT,
    Piece,
    in_brackets,
    listed,
    tight,
)
from chainrule.emit.notation.written import Written
from chainrule.graph.nodes import Shape

TRANSPOSE = Operator("ᵀ")


def matmul(form: forms.MatMul, below: Sequence[Piece]) -> Piece:
    """Return a matrix product; constant arrays in it become arrays of ones with a number in front."""
    left, right = below
    left_ones, right_ones = (forms.filled(x) for x in (form.left, form.right))
    flat = len(form.left.shape) == 1
    if left_ones:
        left = scaled(left_ones.coefficient, ones(form.left.shape, turned=flat))
    elif flat:
        left = transposed(left)
    if right_ones:
        right = scaled(right_ones.coefficient, ones(form.right.shape))
    return juxtaposed(left, right)


def transposed(piece: Piece) -> Piece:
    """Return a piece turned: Xᵀ."""
    body = in_brackets(piece, piece.level < ATOM)
    return Piece(Superscript(body, TRANSPOSE), SCRIPT, piece.negative, bound=piece.bound)


def juxtaposed(left: Piece, right: Piece) -> Piece:
    """Return two pieces side by side, multiplied as matrices."""
    first = in_brackets(left, left.level < MATMUL or left.level == FRACTION)
    second = in_brackets(right, right.level < MATMUL or right.level == FRACTION or right.led)
    bound = left.bound | right.bound
    return Piece(
        Row((first, second)), MATMUL, left.negative != right.negative, left.led, bound=bound
    )


def ones(shape: Shape, turned: bool = False) -> Piece:
    """Return the array of ones: 1ₘ for a column, 1ₙᵀ for a row."""
    long = [shape[axis] for axis in forms.long_axes(shape)] or ["1"]
    column = Subscript(
        Symbol("1", bold=True), tight(listed([dim_layout(dim) for dim in long], "×"))
    )
    row = turned or (len(shape) == 2 and shape[0] == "1")
    return Piece(Superscript(column, TRANSPOSE) if row else column, SCRIPT)


def with_ones(body: Piece, axis: int, dim: str) -> Piece:
    """Return the sum of a matrix along an axis: A 1ₘ, or 1ₙᵀ A."""
    column = ones((dim, "1"))
    if axis == 1:
        return juxtaposed(body, column)
    return juxtaposed(Piece(Superscript(column.layout, TRANSPOSE), SCRIPT), body)


def product(factors: Sequence[tuple[Form, Piece]]) -> Piece:
    """Return factors multiplied entry by entry, scalars in front; signs are left to the caller."""
    if len(factors) == 1:
        return factors[0][1]._replace(negative=False)
    numbers = [piece for form, piece in factors if forms.filled(form)]
    scalars = [p for f, p in factors if not forms.filled(f) and not forms.long_axes(f.shape)]
    arrays = [p for f, p in factors if not forms.filled(f) and forms.long_axes(f.shape)]
    led = bool(numbers) or (scalars or arrays)[0].led
    lead = 0 if numbers else next((i for i, p in enumerate(scalars) if not p.lead), len(scalars))
    open_ended = bool(scalars) and not arrays and scalars[-1].level == BIG
    front = _front(numbers, scalars, open_ended)
    if not arrays:
        return Piece(Row(tuple(front)), BIG if open_ended else PRODUCT, led=led, lead=lead)
    layout = Row((*front, *_listed_arrays(arrays, bool(front))))
    level = ENTRYWISE if len(arrays) > 1 else min(PRODUCT, max(arrays[0].level, ENTRYWISE))
    return Piece(layout, level, led=led, lead=lead)


def _front(numbers: Sequence[Piece], scalars: Sequence[Piece], open_ended: bool) -> list[Layout]:
    """Return what stands in front; `open_ended`: nothing follows a sum at the end, λ Σᵢ xᵢ."""
    front: list[Layout] = listed([piece.layout for piece in numbers], DOT)
    for i, piece in enumerate(scalars):
        loose = piece.level < PRODUCT or (bool(front) and (piece.led or piece.level == FRACTION))
        last = open_ended and i == len(scalars) - 1
        front.append(in_brackets(piece, loose and not last))
    return front


def _listed_arrays(arrays: Sequence[Piece], after_scalars: bool) -> list[Layout]:
    """Return arrays with circles between them, brackets around those that would be misread."""
    least = ENTRYWISE if len(arrays) == 1 else PRODUCT
    shown: list[Layout] = []
    for i, piece in enumerate(arrays):
        nested = piece.level == ENTRYWISE or piece.level >= least
        shown.append(in_brackets(piece, not nested or (piece.led and (i > 0 or after_scalars))))
    return listed(shown, CIRCLE)


def hadamard(written: Written, form: forms.Hadamard) -> Piece:
    """Return factors entry by entry: scalars in front, what divides below a fraction line."""
    above: list[tuple[Form, Piece]] = []
    under: list[tuple[Form, Piece]] = []
    for factor in form.factors:
        inner = forms.bare(factor)
        if isinstance(inner, forms.Applied) and inner.op == "reciprocal":
            under.append((inner.args[0], written.as_array(inner.args[0])))
        else:
            above.append((factor, written.as_array(factor)))
    negative = sum(piece.negative for _, piece in (*above, *under)) % 2 == 1
    top = product(above) if above else Piece(Number("1"), ATOM)
    if not under:
        return top._replace(negative=negative)
    return Piece(Fraction(top.layout, product(under).layout), FRACTION, negative)


def inner_product(written: Written, body: Form) -> Piece | None:
    """Return products of two vectors that lie the same way, added up: a bᵀ for rows, aᵀ b for columns."""
    if not isinstance(body, forms.Hadamard) or len(body.factors) != 2:
        return None
    first, second = body.factors
    if first.shape != second.shape or len(forms.long_axes(body.shape)) != 1:
        return None
    if any(
        forms.stretched(x) or forms.filled(x) or forms.op_of(forms.unshaped(x)) == "reciprocal"
        for x in body.factors
    ):
        return None
    left, right = written.as_array(first), written.as_array(second)
    if len(body.shape) == 2 and body.shape[0] == "1":
        return juxtaposed(left, transposed(right))
    return juxtaposed(transposed(left), right)
