"""Formulas as they are set: a tree of symbols, fractions and brackets that all maths tongues print.

`notation` turns a form into that tree and decides precedence and brackets once. It knows no tongue.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction as Exact
from typing import NamedTuple, TypeVar

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.emit.numbers import written
from chainrule.graph.coefficient import Coefficient, size_of
from chainrule.graph.nodes import Input, Letters, Name, Node, Shape
from chainrule.ops.table import ALONG, TABLE

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Layout:
    """A part of a formula; `node` is the label of the node that it shows, `role` that node's role."""

    node: str = field(default="", kw_only=True)
    role: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Symbol(Layout):
    """A letter or an upright word; `prefix` is the upright d of a gradient or a ∂."""

    base: str
    accent: str = ""  # "hat", "bar", "tilde" or "dot"
    subscript: tuple[str, ...] = ()
    prefix: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Number(Layout):
    """Digits, without a sign."""

    digits: str


@dataclass(frozen=True)
class Word(Layout):
    """The symbol of an operation: (tongue, sign) pairs, "text" at least."""

    signs: tuple[tuple[str, str], ...]

    def sign(self, tongue: str) -> str:
        """Return the symbol in a tongue."""
        signs = dict(self.signs)
        return signs.get(tongue, signs["text"])


@dataclass(frozen=True)
class Operator(Layout):
    """A sign between its neighbours, in front of one (`prefix`), a separator, or "ᵀ" as a script."""

    sign: str
    prefix: bool = False


@dataclass(frozen=True)
class Row(Layout):
    """Parts side by side; juxtaposed values are multiplied. `tight` rows are one unit: 2m."""

    parts: tuple[Layout, ...]
    tight: bool = False


@dataclass(frozen=True)
class Call(Layout):
    """A function and its bracketed argument."""

    function: Layout
    argument: Layout


@dataclass(frozen=True)
class Fraction(Layout):
    """One part above another."""

    top: Layout
    bottom: Layout


@dataclass(frozen=True)
class Superscript(Layout):
    """A part with a script above; the body is bracketed where that is needed."""

    body: Layout
    script: Layout


@dataclass(frozen=True)
class Subscript(Layout):
    """A part with a script below."""

    body: Layout
    script: Layout


@dataclass(frozen=True)
class Root(Layout):
    """A square root."""

    body: Layout


@dataclass(frozen=True)
class Fenced(Layout):
    """A part between "()", "[]", "||" or "‖‖"."""

    body: Layout
    fence: str = "()"


@dataclass(frozen=True)
class BigSum(Layout):
    """The sign Σ with its index; what is added up follows it in the row."""

    index: Layout
    upper: Layout | None = None


def bottom_up(root: T, below: Callable[[T], tuple[T, ...]], step: Callable[[T, list[R]], R]) -> R:
    """Return `step(part, results of its parts)` for the root; no recursion, shared parts once."""
    results: dict[int, R] = {}
    stack = [(root, False)]
    while stack:
        part, ready = stack.pop()
        if id(part) in results:
            continue
        if ready:
            results[id(part)] = step(part, [results[id(x)] for x in below(part)])
        else:
            stack.append((part, True))
            stack.extend((x, False) for x in reversed(below(part)))
    return results[id(root)]


def parts_of(layout: Layout) -> tuple[Layout, ...]:
    """Return what a layout is made of, in reading order."""
    match layout:
        case Row():
            return layout.parts
        case Call():
            return (layout.function, layout.argument)
        case Fraction():
            return (layout.top, layout.bottom)
        case Superscript() | Subscript():
            return (layout.body, layout.script)
        case Root() | Fenced():
            return (layout.body,)
        case BigSum():
            return (layout.index,) if layout.upper is None else (layout.index, layout.upper)
        case _:
            return ()


def render_with(layout: Layout, step: Callable[[Layout, list[str]], str]) -> str:
    """Return the text of a layout, put together from the texts of its parts."""
    return bottom_up(layout, parts_of, step)


# Names

_GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
]  # fmt: skip
_SMALL = dict(zip(_GREEK, "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
GREEK: Mapping[str, str] = {
    **_SMALL,
    **{word.capitalize(): letter.upper() for word, letter in _SMALL.items()},
    "lam": "λ",
    "eps": "ε",
}
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot"}
_TRAILING_DIGITS = re.compile(r"([^\W\d_]+)(\d+)")


def symbol(label: str, role: str = "", *, node: str = "") -> Symbol:
    """Return a variable's name as a symbol: W1 -> W₁, Y_hat -> Ŷ, A[1] -> A₁, n_x -> nₓ, mu -> μ.

    >>> symbol("Y_hat").accent, symbol("W12").subscript
    ('hat', ('12',))
    """
    stem, *places = label.replace("]", "").split("[")
    words = [word for word in stem.split("_") if word]
    if not words:
        return Symbol(label, node=node, role=role)
    base, *rest = words
    split = _TRAILING_DIGITS.fullmatch(base)
    if split:
        base, rest = split[1], [split[2], *rest]
    accent = next((word for word in rest if word in _ACCENTS.values()), "")
    if accent:
        rest.remove(accent)
    plain = unicodedata.normalize("NFD", base)
    if not accent and len(plain) == 2 and plain[1] in _ACCENTS:
        base, accent = plain[0], _ACCENTS[plain[1]]
    below = tuple(GREEK.get(word, word) for word in (*rest, *places))
    return Symbol(GREEK.get(base, base), accent, below, node=node, role=role)


def symbol_of(node: Node, gradients: str = "d", loss: str = "L") -> Layout:
    """Return how an input or a named value is shown; a gradient as dW₁ or, with "partial", ∂L/∂W₁."""
    if isinstance(node, Input):
        return symbol(node.name, "value" if node.role == "symbol" else node.role, node=node.name)
    assert isinstance(node, Name)
    if node.role == "tangent":
        moving = symbol(node.of, "gradient", node=node.label)
        return replace(moving, accent="dot") if not moving.accent else replace(moving, prefix="d")
    if node.role != "gradient":
        return symbol(node.label, "value", node=node.label)
    if gradients == "d":
        return replace(symbol(node.of, "gradient", node=node.label), prefix="d")
    top, bottom = (replace(symbol(label), prefix="∂") for label in (loss, node.of))
    return Fraction(top, bottom, node=node.label, role="gradient")


# Forms

_SUM, _BIG, _ENTRYWISE, _MATMUL, _PRODUCT, _FRACTION, _SCRIPT, _ATOM = range(8)
_INDICES = "ijklpqrstuvabcdefgh"
_MINUS, _PLUS, _DOT, _CIRCLE = "−", "+", "·", "∘"
_TRANSPOSE = Operator("ᵀ")


class _Piece(NamedTuple):
    """A layout, how tightly it binds, and what the parts around it must know.

    `negative`: a minus sign is still to be printed. `led`: a number stands in front. `lead`: how many
    plain scalars stand in front, so that a fraction can take them up (λ/2). `bound`: index letters inside.
    """

    layout: Layout
    level: int
    negative: bool = False
    led: bool = False
    lead: int = 0
    bound: frozenset[str] = frozenset()


def notation(form: Form, gradients: str = "d", loss: str = "L") -> Layout:
    """Return a form as mathematics; gradients as dW ("d") or as ∂L/∂W ("partial")."""
    writer = _Writer(form, gradients, loss)
    return _whole(writer.pieces[id(form)]).layout


def indices_of(form: Form) -> tuple[str, ...]:
    """Return the indices that the left side of an equation needs: those of an index formula, or none."""
    formula = _index_formula(form)
    return tuple(_out_indices(formula, _taken(_inside(form)))) if formula else ()


def _index_formula(form: Form) -> forms.Einsum | None:
    while isinstance(form, forms.Reshaped | forms.Scaled):
        form = form.body
    return form if isinstance(form, forms.Einsum) and form.out else None


def _out_indices(form: forms.Einsum, taken: set[str]) -> list[str]:
    dims = _letter_dims(form)
    return [name for name, x in zip(_free_letters(taken), form.out, strict=False) if dims[x] != "1"]


def _letter_dims(form: forms.Einsum) -> dict[int, str]:
    dims: dict[int, str] = {}
    for factor, letters in zip(form.factors, form.letters, strict=True):
        dims.update(zip(letters, factor.shape, strict=True))
    return dims


def coefficient_layout(scale: Coefficient) -> Layout:
    """Return a coefficient's absolute value: 2/m, 1/2, 0.01, 1/√m."""
    above, below = _coefficient_parts(scale)
    top = _tight(above or [Number("1")])
    return Fraction(top, _tight(below)) if below else top


def _coefficient_parts(scale: Coefficient) -> tuple[list[Layout], list[Layout]]:
    number = written(scale.number)
    above: list[Layout] = [] if number.above == "1" else [Number(number.above)]
    below: list[Layout] = [] if number.below == "1" else [Number(number.below)]
    if number.ten:
        above += [Operator(_DOT)] if above else []
        above.append(Superscript(Number("10"), _signed(Exact(number.ten))))
    for dim, power in scale.dims:
        (above if power > 0 else below).append(_dim_power(dim, abs(power)))
    return above, below


def _dim_power(dim: str, power: Exact) -> Layout:
    base = _dim(dim)
    if power == 1:
        return base
    return Root(base) if power == Exact(1, 2) else Superscript(base, _signed(power))


def _dim(dim: str) -> Layout:
    return Number(dim) if dim.isdigit() else symbol(dim)


def _signed(number: Exact) -> Layout:
    """Return a plain number, on one line: −1/2."""
    above, below = _coefficient_parts(Coefficient(abs(number)))
    size = [*(above or [Number("1")]), *([Operator("/"), *below] if below else [])]
    return _tight([Operator(_MINUS, prefix=True), *size] if number < 0 else size)


def _tight(parts: Sequence[Layout]) -> Layout:
    return parts[0] if len(parts) == 1 else Row(tuple(parts), tight=True)


def _listed(parts: Sequence[Layout], separator: str) -> list[Layout]:
    separated: list[Layout] = []
    for part in parts:
        separated += [Operator(separator), part] if separated else [part]
    return separated


def _script_row(words: Sequence[str]) -> Layout:
    return _tight([Number(word) if word.isdigit() else Symbol(word) for word in words])


def _whole(piece: _Piece) -> _Piece:
    """Return the piece with its minus sign printed."""
    if not piece.negative:
        return piece
    inner = Fenced(piece.layout) if piece.level == _SUM else piece.layout
    return _Piece(Row((Operator(_MINUS, prefix=True), inner)), _SUM, bound=piece.bound)


def _in_brackets(piece: _Piece, when: bool) -> Layout:
    return Fenced(piece.layout) if when else piece.layout


def _base(piece: _Piece) -> Layout:
    """Return what a script can be put on."""
    whole = _whole(piece)
    return _in_brackets(whole, whole.level < _ATOM)


def _below(form: Form) -> tuple[Form, ...]:
    match form:
        case forms.MatMul():
            return (form.left, form.right)
        case forms.Hadamard() | forms.Einsum():
            return form.factors
        case forms.Sum():
            return form.terms
        case forms.Applied():
            return form.args
        case forms.Leaf() | forms.Filled():
            return ()
        case (
            forms.Scaled() | forms.Transposed() | forms.SumOver() | forms.Reshaped()
            | forms.Broadcast() | forms.AlongAxes() | forms.Picked() | forms.Placed()
        ):  # fmt: skip
            return (form.body,)
        case _:
            raise TypeError(f"{type(form).__name__} is no form that prints")


def _long_axes(shape: Shape) -> list[int]:
    return [axis for axis, dim in enumerate(shape) if dim != "1"]


def _unwrapped(form: Form) -> Form:
    while isinstance(form, forms.Reshaped):
        form = form.body
    return form


def _stretched(form: Form) -> bool:
    return isinstance(_unwrapped(form), forms.Broadcast)


def _op(form: Form) -> str:
    return form.op if isinstance(form, forms.Applied) else ""


def _inside(root: Form) -> list[Form]:
    found: dict[int, Form] = {}

    def keep(form: Form, _: list[None]) -> None:
        found[id(form)] = form

    bottom_up(root, _below, keep)
    return list(found.values())


def _taken(some: Sequence[Form]) -> set[str]:
    """Return the letters that inputs, values and dims use already."""
    taken = {dim for form in some for dim in form.shape}
    for form in some:
        if isinstance(form, forms.Leaf):
            shown = symbol_of(form.node)
            taken |= {shown.base} if isinstance(shown, Symbol) else set[str]()
    return taken


def _free_letters(taken: set[str] | frozenset[str]) -> list[str]:
    return [letter for letter in _INDICES if letter not in taken]


class _Writer:
    """Writes every form below a root, arguments first."""

    def __init__(self, root: Form, gradients: str, loss: str) -> None:
        self.gradients, self.loss = gradients, loss
        self.pieces: dict[int, _Piece] = {}
        self.taken = _taken(_inside(root))

        def write(form: Form, below: list[_Piece]) -> _Piece:
            bound = frozenset[str]().union(*(piece.bound for piece in below))
            piece = self.write(form, below)
            self.pieces[id(form)] = piece._replace(bound=piece.bound | bound)
            return self.pieces[id(form)]

        bottom_up(root, _below, write)

    def write(self, form: Form, below: list[_Piece]) -> _Piece:
        if not isinstance(form, forms.Scaled | forms.Reshaped):
            below = [self.as_array(x) for x in _below(form)]
        match form:
            case forms.Leaf():
                return self.leaf(form)
            case forms.Filled():
                return _number(form.coefficient)
            case forms.Scaled():
                return _scaled(form.coefficient, below[0])
            case forms.Sum():
                return _sum(below)
            case forms.Transposed():
                return below[0] if _filled(form.body) else _transposed(below[0])
            case forms.MatMul():
                return _matmul(form, below)
            case forms.Hadamard():
                return self.hadamard(form)
            case forms.SumOver():
                return self.sum_over(form, below[0])
            case forms.Einsum():
                return self.einsum(form, below)
            case forms.Applied():
                return _applied(form, below)
            case forms.AlongAxes():
                return _along(form, below[0])
            case forms.Picked():
                return _picked(form, below[0])
            case forms.Placed():
                put = Subscript(Word((("text", "put"),)), _place(form.axis, form.index))
                return _Piece(Call(put, Fenced(_whole(below[0]).layout)), _ATOM)
            case _:  # Reshaped and Broadcast are invisible
                return below[0]

    def leaf(self, form: forms.Leaf) -> _Piece:
        """An input or a named value."""
        shown = symbol_of(form.node, self.gradients, self.loss)
        if not isinstance(shown, Symbol):
            return _Piece(shown, _SCRIPT)
        return _Piece(shown, _ATOM, lead=0 if shown.prefix or _long_axes(form.shape) else 1)

    def hadamard(self, form: forms.Hadamard) -> _Piece:
        """Factors entry by entry: scalars in front, what divides below a fraction line."""
        above: list[tuple[Form, _Piece]] = []
        under: list[tuple[Form, _Piece]] = []
        for factor in form.factors:
            inner = factor
            while isinstance(inner, forms.Reshaped | forms.Broadcast):
                inner = inner.body
            if isinstance(inner, forms.Applied) and _op(inner) == "reciprocal":
                under.append((inner.args[0], self.as_array(inner.args[0])))
            else:
                above.append((factor, self.as_array(factor)))
        negative = sum(piece.negative for _, piece in (*above, *under)) % 2 == 1
        top = _product(above) if above else _Piece(Number("1"), _ATOM)
        if not under:
            return top._replace(negative=negative)
        return _Piece(Fraction(top.layout, _product(under).layout), _FRACTION, negative)

    def as_array(self, form: Form) -> _Piece:
        """A form as it stands among arrays: an index formula goes in brackets, with its indices."""
        piece, formula = self.pieces[id(form)], _index_formula(form)
        if not formula:
            return piece
        script = _script_row(_out_indices(formula, self.taken))
        return _Piece(Subscript(Fenced(piece.layout), script), _SCRIPT, piece.negative)

    def sum_over(self, form: forms.SumOver, body: _Piece) -> _Piece:
        shape, long = form.body.shape, _long_axes(form.body.shape)
        if not form.axes:
            return body
        constant = _filled(form.body)
        if constant:
            return _number(constant.coefficient.times(size_of(shape[axis] for axis in form.axes)))
        inner = _unwrapped(form.body)
        everything = set(long) <= set(form.axes)
        if everything and long and _op(inner) == "square" and not _stretched(_below(inner)[0]):
            norm = Fenced(_whole(self.as_array(_below(inner)[0])).layout, "‖‖")
            return _Piece(Superscript(norm, Number("2")), _SCRIPT)
        product = self.inner_product(inner) if everything else None
        if product:
            return product
        if len(shape) == 2 and len(form.axes) == 1 and not _stretched(inner):
            return _with_ones(body, form.axes[0], shape[form.axes[0]])
        return self.indexed_sum(form, body)

    def inner_product(self, body: Form) -> _Piece | None:
        """Products of two vectors that lie the same way, added up: a bᵀ for rows, aᵀ b for columns."""
        if not isinstance(body, forms.Hadamard) or len(body.factors) != 2:
            return None
        first, second = body.factors
        if first.shape != second.shape or len(_long_axes(body.shape)) != 1:
            return None
        if any(
            _stretched(x) or _filled(x) or _op(_unwrapped(x)) == "reciprocal" for x in body.factors
        ):
            return None
        left, right = self.as_array(first), self.as_array(second)
        if len(body.shape) == 2 and body.shape[0] == "1":
            return _juxtaposed(left, _transposed(right))
        return _juxtaposed(_transposed(left), right)

    def indexed_sum(self, form: forms.SumOver, body: _Piece) -> _Piece:
        """A sum over index letters: Σᵢⱼ xᵢⱼ."""
        shape, long = form.body.shape, _long_axes(form.body.shape)
        letters = dict(zip(long, _free_letters(self.taken | body.bound), strict=False))
        summed = [letters[axis] for axis in form.axes if axis in letters]
        if not summed:
            return body
        source = form.body
        while isinstance(source, forms.Broadcast):  # only the axes that it has carry an index
            source = _unwrapped(source.body)
        shift = len(shape) - len(source.shape)
        scripts = [letters[axis + shift] for axis in _long_axes(source.shape)]
        indexed, negative = self.entry(source, scripts)
        layout, bound = Row((BigSum(_script_row(summed)), indexed)), frozenset(summed)
        free = [letters[axis] for axis in long if axis not in form.axes]
        if not free:
            return _Piece(layout, _BIG, negative, bound=bound)
        return _Piece(Subscript(Fenced(layout), _script_row(free)), _SCRIPT, negative, bound=bound)

    def entry(self, form: Form, scripts: Sequence[str]) -> tuple[Layout, bool]:
        """Return one entry of a form, and whether a minus sign goes in front."""
        inner = _unwrapped(form)
        if not isinstance(inner, forms.Applied):
            piece = self.as_array(form)
            return _indexed(piece, scripts), piece.negative
        args = [x for x in _below(inner) if x.shape == form.shape and not _stretched(x)]
        plain = inner.op == "abs" or all(isinstance(x, forms.Leaf) for x in args)
        if plain and len(args) == len(inner.args):  # |x|ᵢ is |xᵢ|
            below = [_whole(self.as_array(x)) for x in args]
            entries = [_Piece(_indexed(piece, scripts), _ATOM) for piece in below]
            return _applied(inner, entries).layout, False
        piece = self.as_array(form)
        return _indexed(piece, scripts), piece.negative

    def einsum(self, form: forms.Einsum, below: Sequence[_Piece]) -> _Piece:
        """An index formula: Σₖ Aᵢₖ Bₖⱼ."""
        names = _free_letters(self.taken)
        order = dict(zip(form.out, names, strict=False))
        inner = frozenset[str]().union(*(piece.bound for piece in below))
        rest = [name for name in names[len(order) :] if name not in inner]
        summed = dict.fromkeys(x for letters in form.letters for x in letters if x not in order)
        order.update(zip(summed, rest, strict=False))
        parts = [
            _indexed(piece, _names(letters, order, factor.shape))
            for piece, factor, letters in zip(below, form.factors, form.letters, strict=True)
        ]
        negative = sum(piece.negative for piece in below) % 2 == 1
        dims = _letter_dims(form)
        shown = [order[x] for x in summed if dims[x] != "1"]
        if not shown:
            return _Piece(Row(tuple(parts)), _PRODUCT, negative)
        layout = Row((BigSum(_script_row(shown)), *parts))
        return _Piece(layout, _BIG, negative, bound=frozenset(shown))


def _names(letters: Letters, order: Mapping[int, str], shape: Shape) -> list[str]:
    return [order[letter] for letter, dim in zip(letters, shape, strict=True) if dim != "1"]


def _indexed(piece: _Piece, scripts: Sequence[str]) -> Layout:
    """Return xᵢⱼ, or (x)ᵢⱼ where x is more than a plain letter; the sign is left to the caller."""
    if not scripts:
        return _in_brackets(piece, piece.level < _MATMUL)
    return Subscript(_low_base(piece), _script_row(scripts))


def _low_base(piece: _Piece) -> Layout:
    """Return what an index can be put on."""
    shown = piece.layout
    plain = isinstance(shown, Symbol) and not shown.subscript and shown.prefix in ("", "d")
    return _in_brackets(piece, not plain)


def _number(scale: Coefficient) -> _Piece:
    layout = coefficient_layout(scale)
    level = _ATOM if isinstance(layout, Number) else _PRODUCT
    return _Piece(layout, level, scale.number < 0, led=True)


def _scaled(scale: Coefficient, body: _Piece) -> _Piece:
    negative = (scale.number < 0) != body.negative
    if abs(scale.number) == 1 and not scale.dims:
        return body._replace(negative=negative)
    above, below = _coefficient_parts(scale)
    if isinstance(body.layout, Fraction) and body.layout.top == Number("1"):
        under = _flat([*below, body.layout.bottom])
        return _Piece(Fraction(_tight(above or [Number("1")]), under), _FRACTION, negative)
    if below and body.lead:
        return _taken_up(above, below, body, negative)
    inner = _in_brackets(body, body.level == _SUM)
    between = (Operator(_DOT),) if body.led else ()
    layout = Row((coefficient_layout(scale), *between, inner))
    level = _PRODUCT if body.level == _SUM else min(body.level, _PRODUCT)
    return _Piece(layout, level, negative, led=True)


def _taken_up(above: list[Layout], below: list[Layout], body: _Piece, negative: bool) -> _Piece:
    """Return λ/2 x, not 1/2 λ x."""
    parts = body.layout.parts if isinstance(body.layout, Row) else (body.layout,)
    front = Fraction(_tight([*above, *parts[: body.lead]]), _tight(below))
    rest = parts[body.lead :]
    if not rest:
        return _Piece(front, _FRACTION, negative)
    return _Piece(Row((front, *rest)), body.level, negative, led=True)


def _flat(parts: Sequence[Layout]) -> Layout:
    """Return a product, brackets around a sum when it has company."""
    if len(parts) == 1:
        return parts[0]
    last = parts[-1]
    wide = isinstance(last, Row) and any(isinstance(x, Operator) for x in last.parts)
    return Row((*parts[:-1], Fenced(last) if wide else last))


def _sum(terms: Sequence[_Piece]) -> _Piece:
    parts: list[Layout] = []
    for term in terms:
        sign = _MINUS if term.negative else _PLUS
        if parts:
            parts.append(Operator(sign))
        elif term.negative:
            parts.append(Operator(sign, prefix=True))
        inside = term.layout.parts if isinstance(term.layout, Row) and term.level == _SUM else ()
        joins = bool(inside) and not term.negative and not (parts and _is_sign(inside[0]))
        parts += inside if joins else [_in_brackets(term, term.level == _SUM)]
    return _Piece(Row(tuple(parts)), _SUM)


def _is_sign(layout: Layout) -> bool:
    return isinstance(layout, Operator) and layout.prefix


def _transposed(piece: _Piece) -> _Piece:
    body = _in_brackets(piece, piece.level < _ATOM)
    return _Piece(Superscript(body, _TRANSPOSE), _SCRIPT, piece.negative, bound=piece.bound)


def _matmul(form: forms.MatMul, below: Sequence[_Piece]) -> _Piece:
    left, right = below
    left_ones, right_ones = (_filled(x) for x in (form.left, form.right))
    flat = len(form.left.shape) == 1
    if left_ones:
        left = _scaled(left_ones.coefficient, _ones(form.left.shape, turned=flat))
    elif flat:
        left = _transposed(left)
    if right_ones:
        right = _scaled(right_ones.coefficient, _ones(form.right.shape))
    return _juxtaposed(left, right)


def _filled(form: Form) -> forms.Filled | None:
    while isinstance(form, forms.Reshaped | forms.Broadcast):
        form = form.body
    return form if isinstance(form, forms.Filled) else None


def _ones(shape: Shape, turned: bool = False) -> _Piece:
    """Return the array of ones: 1ₘ for a column, 1ₙᵀ for a row."""
    long = [shape[axis] for axis in _long_axes(shape)] or ["1"]
    ones = Subscript(Symbol("1", bold=True), _tight(_listed([_dim(dim) for dim in long], "×")))
    row = turned or (len(shape) == 2 and shape[0] == "1")
    return _Piece(Superscript(ones, _TRANSPOSE) if row else ones, _SCRIPT)


def _juxtaposed(left: _Piece, right: _Piece) -> _Piece:
    """Return a matrix product."""
    first = _in_brackets(left, left.level < _MATMUL or left.level == _FRACTION)
    second = _in_brackets(right, right.level < _MATMUL or right.level == _FRACTION or right.led)
    bound = left.bound | right.bound
    return _Piece(
        Row((first, second)), _MATMUL, left.negative != right.negative, left.led, bound=bound
    )


def _with_ones(body: _Piece, axis: int, dim: str) -> _Piece:
    ones = _ones((dim, "1"))
    if axis == 1:
        return _juxtaposed(body, ones)
    return _juxtaposed(_Piece(Superscript(ones.layout, _TRANSPOSE), _SCRIPT), body)


def _product(factors: Sequence[tuple[Form, _Piece]]) -> _Piece:
    """Return factors multiplied entry by entry, scalars in front; signs are left to the caller."""
    numbers = [piece for form, piece in factors if _filled(form)]
    scalars = [p for f, p in factors if not _filled(f) and not _long_axes(f.shape)]
    arrays = [p for f, p in factors if not _filled(f) and _long_axes(f.shape)]
    if len(factors) == 1:
        return factors[0][1]._replace(negative=False)
    front: list[Layout] = _listed([piece.layout for piece in numbers], _DOT)
    open_ended = not arrays and scalars and scalars[-1].level == _BIG
    for i, piece in enumerate(scalars):
        loose = piece.level < _PRODUCT or (bool(front) and (piece.led or piece.level == _FRACTION))
        last = open_ended and i == len(scalars) - 1  # λ Σᵢ xᵢ needs no brackets
        front.append(_in_brackets(piece, loose and not last))
    lead = 0 if numbers else next((i for i, p in enumerate(scalars) if not p.lead), len(scalars))
    if not arrays:
        led = bool(numbers) or scalars[0].led
        return _Piece(Row(tuple(front)), _BIG if open_ended else _PRODUCT, led=led, lead=lead)
    least = _ENTRYWISE if len(arrays) == 1 else _PRODUCT
    shown: list[Layout] = []
    for i, piece in enumerate(arrays):
        nested = piece.level == _ENTRYWISE or piece.level >= least
        shown.append(_in_brackets(piece, not nested or (piece.led and bool(i or front))))
    layout = Row((*front, *_listed(shown, _CIRCLE)))
    level = _ENTRYWISE if len(arrays) > 1 else min(_PRODUCT, max(arrays[0].level, _ENTRYWISE))
    return _Piece(layout, level, led=bool(numbers) or (scalars or arrays)[0].led, lead=lead)


def _applied(form: forms.Applied, args: Sequence[_Piece]) -> _Piece:
    written_as = TABLE[form.op].notation
    first = _whole(args[0])
    match written_as.form:
        case "abs":
            return _Piece(Fenced(first.layout, "||"), _ATOM)
        case "root":
            return _Piece(Root(first.layout), _ATOM)
        case "square":
            return _Piece(Superscript(_power_base(args[0]), Number("2")), _SCRIPT)
        case "power":
            exponent = _signed(form.parameters[0][1]) if form.parameters else _whole(args[1]).layout
            return _Piece(Superscript(_power_base(args[0]), exponent), _SCRIPT)
        case "reciprocal":
            return _Piece(Fraction(Number("1"), args[0].layout), _FRACTION, args[0].negative)
        case "indicator":
            sign, *number = written_as.sign("text").split()
            after = [Number(x) for x in number] or [_whole(x).layout for x in args[1:]]
            return _Piece(Fenced(Row((first.layout, Operator(sign), *after)), "[]"), _ATOM)
        case _:
            return _called(form, args)


def _power_base(piece: _Piece) -> Layout:
    if isinstance(piece.layout, Symbol) and piece.layout.prefix:
        return Fenced(_whole(piece).layout)
    return _base(piece)


def _called(form: forms.Applied, args: Sequence[_Piece]) -> _Piece:
    inside = _listed([_whole(piece).layout for piece in args], ",")
    if form.parameters:
        inside += [Operator(";"), *_listed([_signed(number) for _, number in form.parameters], ",")]
    function = Word(tuple(TABLE[form.op].notation.symbol.items()))
    argument = inside[0] if len(inside) == 1 else Row(tuple(inside))
    return _Piece(Call(function, Fenced(argument)), _ATOM)


def _picked(form: forms.Picked, body: _Piece) -> _Piece:
    whole = _whole(body)
    return _Piece(Subscript(_low_base(whole), _place(form.axis, form.index)), _SCRIPT)


def _along(form: forms.AlongAxes, body: _Piece) -> _Piece:
    function: Layout = Word(tuple(ALONG[form.op].notation.symbol.items()))
    if form.axes != (0,):
        dims = [_dim(form.body.shape[axis]) for axis in form.axes]
        function = Subscript(function, _tight(_listed(dims, ",")))
    return _Piece(Call(function, Fenced(_whole(body).layout)), _ATOM)


def _place(axis: int, index: int) -> Layout:
    """Return an index as it was written, a colon for each axis before it."""
    before: list[Layout] = [part for _ in range(axis) for part in (Operator(":"), Operator(","))]
    return _tight([*before, Number(str(index))])
