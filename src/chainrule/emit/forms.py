"""Forms: how a formula of the graph is written with matrices. Every tongue prints the same forms.

Form   Leaf        an input or a named value
       Filled      a constant array (a number when its shape is ())
       Scaled      a coefficient in front
       Sum         terms added (NumPy broadcasting among them)
       Transposed  a matrix turned
       MatMul      a matrix product
       Hadamard    factors multiplied entry by entry (NumPy broadcasting among them)
       SumOver     entries added up along axes
       Einsum      a contraction that is no matrix product; letters as in the graph
       Reshaped    the same entries in another shape; invisible in mathematics
       Broadcast   stretched to a shape
       Applied     an elementwise operation of the table
       AlongAxes   an operation of the table along axes
       Picked, Placed  one position of an axis, and back
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.emit.walk import bottom_up
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Letters, Node, Parameters, Shape


@dataclass(frozen=True)
class Form:
    """A way to write a value: the array shape that it has when computed as written."""

    shape: Shape


@dataclass(frozen=True)
class Leaf(Form):
    """An input or a named value."""

    node: Node


@dataclass(frozen=True)
class Filled(Form):
    """An array of one number."""

    coefficient: Coefficient


@dataclass(frozen=True)
class Scaled(Form):
    """A coefficient (never 1) times a form."""

    coefficient: Coefficient
    body: Form


@dataclass(frozen=True)
class Sum(Form):
    """Terms added up; a term that is Scaled by a negative number prints as subtracted."""

    terms: tuple[Form, ...]


@dataclass(frozen=True)
class Transposed(Form):
    """A matrix with its two axes exchanged."""

    body: Form


@dataclass(frozen=True)
class MatMul(Form):
    """A matrix product of two forms (2-D, or 1-D as NumPy allows)."""

    left: Form
    right: Form


@dataclass(frozen=True)
class Hadamard(Form):
    """Factors multiplied entry by entry; an Applied reciprocal among them prints as a division."""

    factors: tuple[Form, ...]


@dataclass(frozen=True)
class SumOver(Form):
    """Entries added up along axes."""

    body: Form
    axes: tuple[int, ...]
    keepdims: bool


@dataclass(frozen=True)
class Einsum(Form):
    """A contraction written with letters; every letter of `out` stands in some factor."""

    factors: tuple[Form, ...]
    letters: tuple[Letters, ...]
    out: Letters


@dataclass(frozen=True)
class Reshaped(Form):
    """The same entries in the same order, unit axes added or dropped."""

    body: Form


@dataclass(frozen=True)
class Broadcast(Form):
    """A form stretched to a shape by NumPy's rule."""

    body: Form


@dataclass(frozen=True)
class Applied(Form):
    """An elementwise operation of the table."""

    op: str
    args: tuple[Form, ...]
    parameters: Parameters


@dataclass(frozen=True)
class AlongAxes(Form):
    """An operation of the table along axes."""

    op: str
    body: Form
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Picked(Form):
    """One position of an axis."""

    body: Form
    axis: int
    index: int


@dataclass(frozen=True)
class Placed(Form):
    """A form at one position of a new axis, zeros elsewhere."""

    body: Form
    axis: int
    index: int


def below(form: Form) -> tuple[Form, ...]:
    """Return the forms that a form is made of, in reading order."""
    match form:
        case MatMul():
            return (form.left, form.right)
        case Hadamard() | Einsum():
            return form.factors
        case Sum():
            return form.terms
        case Applied():
            return form.args
        case Leaf() | Filled():
            return ()
        case (
            Scaled() | Transposed() | SumOver() | Reshaped()
            | Broadcast() | AlongAxes() | Picked() | Placed()
        ):  # fmt: skip
            return (form.body,)
        case _:
            raise TypeError(f"{type(form).__name__} is no form that prints")


def long_axes(shape: Shape) -> list[int]:
    """Return the axes that are no unit axes."""
    return [axis for axis, dim in enumerate(shape) if dim != "1"]


def unshaped(form: Form) -> Form:
    """Return what stands below reshapes."""
    while isinstance(form, Reshaped):
        form = form.body
    return form


def stretched(form: Form) -> bool:
    """Tell whether a form is broadcast."""
    return isinstance(unshaped(form), Broadcast)


def op_of(form: Form) -> str:
    """Return the elementwise operation that a form applies, or nothing."""
    return form.op if isinstance(form, Applied) else ""


def inside(root: Form) -> list[Form]:
    """Return a form and everything below it, arguments first."""
    found: dict[int, Form] = {}

    def keep(form: Form, _: list[None]) -> None:
        found[id(form)] = form

    bottom_up(root, below, keep)
    return list(found.values())


def bare(form: Form) -> Form:
    """Return what stands below reshapes and broadcasts, which mathematics does not show."""
    while isinstance(form, Reshaped | Broadcast):
        form = form.body
    return form


def filled(form: Form) -> Filled | None:
    """Return the constant array that a form is, or nothing."""
    inner = bare(form)
    return inner if isinstance(inner, Filled) else None
