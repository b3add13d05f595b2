"""From a formula of the graph to the way it is written: where a product is a matrix product, what is turned, what is summed.

Transposes do not exist in the graph; they are chosen here. A form may be smaller than the value it stands for where
NumPy's broadcasting stretches it; `plan` makes the whole exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.emit import forms
from chainrule.emit.forms import Form
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient, size_of
from chainrule.graph.nodes import Add, Along, Ein, Map, Node, Pick, Put, Shape

Axes = tuple[int | None, ...]  # the letter that each axis of a form carries; None for a unit axis


def plan(node: Node) -> Form:
    """Return the form of a definition's formula, of exactly the node's shape; a leaf is a Leaf."""
    return exact(nodes.fold(node, _form, nodes.is_leaf), node.shape)


def exact(form: Form, shape: Shape) -> Form:
    """Return the form stretched or reshaped to a shape, if it does not have it already."""
    if form.shape == shape:
        return form
    if isinstance(form, forms.Filled):
        return forms.Filled(shape, form.coefficient)
    if _long(form.shape) == _long(shape):
        return forms.Reshaped(shape, form)
    return forms.Broadcast(shape, form)


def _long(shape: Shape) -> tuple[str, ...]:
    return tuple(dim for dim in shape if dim != "1")


def broadcast_shape(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of an elementwise operation, by NumPy's rule."""
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [("1",) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(next((d for d in dims if d != "1"), "1") for dims in zip(*padded, strict=True))


def _form(node: Node, args: list[Form]) -> Form:
    if nodes.is_leaf(node):
        return forms.Leaf(node.shape, node)
    if isinstance(node, Ein):
        return _Contraction(node, args).form()
    if isinstance(node, Add):
        return forms.Sum(broadcast_shape([a.shape for a in args]), tuple(args))
    if isinstance(node, Map):
        return forms.Applied(
            broadcast_shape([a.shape for a in args]), node.op, tuple(args), node.parameters
        )
    body = exact(args[0], node.args[0].shape)
    if isinstance(node, Along):
        return forms.AlongAxes(node.shape, node.op, body, node.axes)
    if isinstance(node, Pick):
        return forms.Picked(node.shape, body, node.axis, node.index)
    assert isinstance(node, Put)
    return forms.Placed(node.shape, body, node.axis, node.index)


@dataclass(frozen=True)
class _Factor:
    """A factor's form, and the letter of each of its axes."""

    form: Form
    axes: Axes

    @property
    def letters(self) -> frozenset[int]:
        return frozenset(x for x in self.axes if x is not None)


def hadamard(parts: Sequence[Form]) -> Form:
    """Return the elementwise product of forms; one form is itself."""
    if len(parts) == 1:
        return parts[0]
    return forms.Hadamard(broadcast_shape([p.shape for p in parts]), tuple(parts))


def _scaled(scale: Coefficient, form: Form) -> Form:
    return form if scale == ONE else forms.Scaled(form.shape, scale, form)


class _Contraction:
    """The form of one Ein node."""

    def __init__(self, node: Ein, args: Sequence[Form]) -> None:
        self.dims = node.dims
        self.scale = node.coefficient
        self.out: Axes = tuple(None if self.dims[x] == "1" else x for x in node.out)
        self.factors: list[_Factor] = []
        for form, arg, letters in zip(args, node.args, node.letters, strict=True):
            if isinstance(form, forms.Filled):
                self.scale = self.scale.times(form.coefficient)
            else:
                self.factors.append(_Factor(form, _carried(form, arg.shape, letters)))
        held = {x for f in self.factors for x in f.axes if x is not None}
        self.summed = [x for x in node.summed if x in held]
        lost = [self.dims[x] for x in node.summed if x not in held]
        self.scale = self.scale.times(size_of(lost))  # the sum of a constant is its size
        self.kept = [x for x in self.out if x is not None and x in held]

    def form(self) -> Form:
        if not self.factors:
            return forms.Filled((), self.scale)
        body = self._summed() if self.summed else self._product()
        return _scaled(self.scale, body)

    # -- nothing summed
    def _product(self) -> Form:
        if len(self.factors) == 1:
            return self._placed(self.factors[0], self.out)
        return self._rank_one() or hadamard([self._placed(f, self.out) for f in self.factors])

    def _rank_one(self) -> Form | None:
        if (
            len(self.out) != 2
            or len(self.kept) != 2
            or any(len(f.letters) != 1 or len(f.axes) != 2 for f in self.factors)
        ):
            return None
        i, j = self.kept
        left = [f for f in self.factors if i in f.letters]
        right = [f for f in self.factors if j in f.letters]
        if not left or not right:
            return None
        return self._matmul(self._group(left, (i, None)), self._group(right, (None, j)))

    # -- something summed
    def _summed(self) -> Form:
        return self._matrix_product() or self._plain_sum() or self._einsum()

    def _matrix_product(self) -> Form | None:
        if (
            len(self.summed) != 1
            or len(self.kept) > 2
            or any(len(f.letters) > 2 for f in self.factors)
        ):
            return None
        k = self.summed[0]
        if len(self.kept) == 2:
            i, j = self.kept
            left = [f for f in self.factors if f.letters <= {i, k}]
            right = [f for f in self.factors if f.letters <= {j, k} and f not in left]
            if len(left) + len(right) < len(self.factors) or not (
                _hold(left, i, k) and _hold(right, j, k)
            ):
                return None
            body = self._matmul(self._group(left, (i, k)), self._group(right, (k, j)))
            return self._placed(_Factor(body, (i, j)), self.out)
        return self._matrix_vector(k) if self.kept else None

    def _matrix_vector(self, k: int) -> Form | None:
        i = self.kept[0]
        matrix = [f for f in self.factors if i in f.letters]
        vector = [f for f in self.factors if i not in f.letters]
        if not _hold(matrix, i, k) or not vector:
            return None
        if self.out == (None, i):
            return self._matmul(self._group(vector, (None, k)), self._group(matrix, (k, i)))
        if len(self.out) == 1:
            flat = forms.MatMul(
                (self.dims[i],), self._group(matrix, (i, k)), self._group(vector, (k,))
            )
            return self._placed(_Factor(flat, (i,)), self.out)
        body = self._matmul(self._group(matrix, (i, k)), self._group(vector, (k, None)))
        return self._placed(_Factor(body, (i, None)), self.out)

    def _plain_sum(self) -> Form | None:
        letters = [*self.kept, *self.summed]
        base = max(self.factors, key=lambda f: len(f.letters))
        if len(letters) > 2 and base.letters != frozenset(letters):
            return None
        axes = base.axes if base.letters == frozenset(letters) else tuple(letters)
        body = hadamard([self._placed(f, axes) for f in self.factors])
        body = exact(body, self._shape(axes))
        gone = tuple(i for i, x in enumerate(axes) if x in self.summed)
        kept_axes = tuple(None if i in gone else x for i, x in enumerate(axes))
        short = tuple(x for i, x in enumerate(axes) if i not in gone)
        if kept_axes == self.out:
            return forms.SumOver(self._shape(kept_axes), body, gone, True)
        if all(x is None for x in short) and not self.kept:  # everything goes: the unit axes too
            total = forms.SumOver((), body, tuple(range(len(axes))), False)
            return self._placed(_Factor(total, ()), self.out)
        return self._placed(
            _Factor(forms.SumOver(self._shape(short), body, gone, False), short), self.out
        )

    def _einsum(self) -> Form:
        fresh = max(self.dims, default=0) + 1
        spelled: list[tuple[int, ...]] = []
        for factor in self.factors:
            word: list[int] = []
            for x in factor.axes:
                word.append(fresh if x is None else x)
                fresh += x is None
            spelled.append(tuple(word))
        out = tuple(self.kept)
        body = forms.Einsum(
            self._shape(out), tuple(f.form for f in self.factors), tuple(spelled), out
        )
        return self._placed(_Factor(body, out), self.out)

    # -- arranging
    def _shape(self, axes: Axes) -> Shape:
        return tuple("1" if x is None else self.dims[x] for x in axes)

    def _matmul(self, left: Form, right: Form) -> Form:
        return forms.MatMul((left.shape[0], right.shape[1]), left, right)

    def _group(self, factors: Sequence[_Factor], axes: Axes) -> Form:
        return exact(hadamard([self._placed(f, axes) for f in factors]), self._shape(axes))

    def _placed(self, factor: _Factor, axes: Axes) -> Form:
        """Return the factor's form with its axes where `axes` wants them, ready for NumPy's broadcasting."""
        order = [x for x in axes if x in factor.letters]
        form, own = factor.form, factor.axes
        if [x for x in own if x is not None] != order:
            if len(own) == 2:
                form, own = forms.Transposed(form.shape[::-1], form), own[::-1]
            else:
                form, own = self._permuted(factor, order), tuple(order)
        wanted: Axes = tuple(x if x in factor.letters else None for x in axes)
        if own == wanted or (
            own == wanted[len(wanted) - len(own) :]
            and all(x is None for x in wanted[: len(wanted) - len(own)])
        ):
            return form
        if len(own) == 2 and own[::-1] == wanted:
            return forms.Transposed(form.shape[::-1], form)
        return forms.Reshaped(self._shape(wanted), form)

    def _permuted(self, factor: _Factor, order: Sequence[int]) -> Form:
        fresh = max(self.dims, default=0) + 1
        word = tuple(fresh + i if x is None else x for i, x in enumerate(factor.axes))
        return forms.Einsum(self._shape(tuple(order)), (factor.form,), (word,), tuple(order))


def _carried(form: Form, shape: Shape, letters: Sequence[int]) -> Axes:
    """Return the letters that a form's axes carry; where broadcasting stretches it, it carries none."""
    offset = len(shape) - len(form.shape)
    return tuple(
        None if dim == "1" else letters[axis + offset] for axis, dim in enumerate(form.shape)
    )


def _hold(factors: Sequence[_Factor], *letters: int) -> bool:
    held = {x for f in factors for x in f.letters}
    return set(letters) <= held
