"""Index letters: which are taken, which are free, which an index formula needs."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.emit.layout import Symbol
from chainrule.emit.symbols import symbol_of

INDICES = "ijklpqrstuvabcdefgh"


def index_formula(form: Form) -> forms.Einsum | None:
    """Return the index formula that a form is, or nothing."""
    while isinstance(form, forms.Reshaped | forms.Scaled):
        form = form.body
    return form if isinstance(form, forms.Einsum) and form.out else None


def out_indices(form: forms.Einsum, taken: set[str]) -> list[str]:
    """Return the letters of the axes that an index formula has."""
    dims = letter_dims(form)
    return [name for name, x in zip(free_letters(taken), form.out, strict=False) if dims[x] != "1"]


def letter_dims(form: forms.Einsum) -> dict[int, str]:
    """Return the dim of each letter of an index formula."""
    dims: dict[int, str] = {}
    for factor, letters in zip(form.factors, form.letters, strict=True):
        dims.update(zip(letters, factor.shape, strict=True))
    return dims


def taken_letters(some: Sequence[Form]) -> set[str]:
    """Return the letters that inputs, values and dims use already."""
    taken = {dim for form in some for dim in form.shape}
    for form in some:
        if isinstance(form, forms.Leaf):
            shown = symbol_of(form.node)
            taken |= {shown.base} if isinstance(shown, Symbol) else set[str]()
    return taken


def free_letters(taken: set[str] | frozenset[str]) -> list[str]:
    """Return the letters that an index may still have, in order of preference."""
    return [letter for letter in INDICES if letter not in taken]
