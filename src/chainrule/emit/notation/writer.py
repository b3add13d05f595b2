"""A form as a layout: `notation` writes every form below a root, arguments first."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.emit.layout import Layout, Symbol
from chainrule.emit.notation.applied import along, applied, picked, placed
from chainrule.emit.notation.coefficients import number_piece, scaled
from chainrule.emit.notation.letters import taken_letters
from chainrule.emit.notation.pieces import ATOM, SCRIPT, Piece, whole
from chainrule.emit.notation.products import hadamard, matmul, transposed
from chainrule.emit.notation.sums import einsum, sum_of, sum_over
from chainrule.emit.notation.written import Written
from chainrule.emit.symbols import symbol_of
from chainrule.emit.walk import bottom_up


def notation(form: Form, gradients: str = "d", loss: str = "L") -> Layout:
    """Return a form as mathematics; gradients as dW ("d") or as ∂L/∂W ("partial")."""
    writer = _Writer(Written(taken_letters(forms.inside(form))), gradients, loss)
    return whole(bottom_up(form, forms.below, writer.keep)).layout


@dataclass(frozen=True)
class _Writer:
    """Writes a form whose arguments are written already."""

    written: Written
    gradients: str
    loss: str

    def keep(self, form: Form, below: list[Piece]) -> Piece:
        """Return the piece of a form, index letters of its arguments included, and keep it."""
        bound = frozenset[str]().union(*(piece.bound for piece in below))
        piece = self.piece(form, below)
        piece = piece._replace(bound=piece.bound | bound)
        self.written.pieces[id(form)] = piece
        return piece

    def piece(self, form: Form, below: list[Piece]) -> Piece:
        """Return the piece of a form; Reshaped and Broadcast are invisible."""
        if isinstance(form, forms.Scaled):
            return scaled(form.coefficient, below[0])
        if isinstance(form, forms.Reshaped):
            return below[0]
        arrays = [self.written.as_array(x) for x in forms.below(form)]
        match form:
            case forms.Leaf():
                return self.leaf(form)
            case forms.Filled():
                return number_piece(form.coefficient)
            case forms.Sum():
                return sum_of(arrays)
            case forms.Transposed():
                return arrays[0] if forms.filled(form.body) else transposed(arrays[0])
            case forms.MatMul():
                return matmul(form, arrays)
            case forms.Hadamard():
                return hadamard(self.written, form)
            case forms.SumOver():
                return sum_over(self.written, form, arrays[0])
            case forms.Einsum():
                return einsum(self.written, form, arrays)
            case forms.Applied():
                return applied(form, arrays)
            case forms.AlongAxes():
                return along(form, arrays[0])
            case forms.Picked():
                return picked(form, arrays[0])
            case forms.Placed():
                return placed(form, arrays[0])
            case _:
                return arrays[0]

    def leaf(self, form: forms.Leaf) -> Piece:
        """Return an input or a named value."""
        shown = symbol_of(form.node, self.gradients, self.loss)
        if not isinstance(shown, Symbol):
            return Piece(shown, SCRIPT)
        return Piece(shown, ATOM, lead=0 if shown.prefix or forms.long_axes(form.shape) else 1)
