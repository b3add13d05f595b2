"""The multilinear functions: sums, means, products, norms squared. All of them are one node, Ein."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from chainrule.errors import ShapeError
from chainrule.graph import nodes, shapes
from chainrule.graph.arithmetic import stretched
from chainrule.graph.coefficient import ONE, Coefficient, size_of
from chainrule.graph.nodes import Letters
from chainrule.graph.tensor import Tensor, explain, lift, product, trace_of
from chainrule.graph.tensor import matmul as _matmul

Axes = int | str | Sequence[int | str] | None


def reduced(x: Tensor, axis: Axes, keepdims: bool, what: str, scale: Coefficient = ONE) -> Tensor:
    """Return scale times the sum of x along axes."""
    gone = axes_of(x, axis, what)
    letters = tuple(range(x.ndim))
    out: list[int] = []
    shape: list[str] = []
    for i, dim in enumerate(x.dims):
        if i not in gone:
            out.append(i)
            shape.append(dim)
        elif keepdims:
            out.append(100 + i)  # a fresh letter: the unit axis that is kept
            shape.append("1")
    return Tensor(nodes.ein(scale, ((x.node, letters),), tuple(out), tuple(shape)), x.trace)


def axes_of(x: Tensor, axis: Axes, what: str) -> tuple[int, ...]:
    """Return axis positions, with the shapes bound so far in any error."""
    try:
        return shapes.resolve_axes(axis, x.dims, what)
    except ShapeError as error:
        raise explain(error, x) from None


def sum(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Add up entries: s = Σ x, along an axis (dim name or integer), several, or all."""
    return reduced(lift(x), axis, keepdims, "sum")


def mean(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Average entries: (1/n) Σ x, along an axis (dim name or integer), several, or all."""
    x = lift(x)
    size = size_of(x.dims[i] for i in axes_of(x, axis, "mean"))
    inverse = size.to_the(Fraction(-1))
    assert inverse is not None
    return reduced(x, axis, keepdims, "mean", inverse)


def spread_sum(x: Tensor, axis: tuple[int, ...], unit: bool = False) -> Tensor:
    """Return the sum along axes, spread back over them (or left as unit axes)."""
    total = reduced(x, axis, True, "sum")
    return total if unit else Tensor(stretched(total.node, x.dims), x.trace)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Multiply matrices: c_ij = Σ_k a_ik b_kj, as @ does."""
    return _matmul(lift(a), lift(b))


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Add up the products of corresponding entries: Σ a b, a scalar."""
    return sum(product(lift(a), lift(b), "dot"))


def outer(a: Tensor, b: Tensor) -> Tensor:
    """Multiply every entry of one vector with every entry of another: c_ij = a_i b_j."""
    a, b = lift(a), lift(b)
    if a.ndim != 1 or b.ndim != 1:
        raise explain(
            ShapeError(
                f"outer takes two vectors, not {shapes.show(a.dims)} and {shapes.show(b.dims)}. Write a @ b.T for matrices."
            ),
            a,
            b,
        )
    return Tensor(
        nodes.ein(ONE, ((a.node, (0,)), (b.node, (1,))), (0, 1), a.dims + b.dims), trace_of(a, b)
    )


def einsum(pattern: str, *operands: Tensor) -> Tensor:
    """Contract by Einstein's convention: einsum("ij,jk->ik", A, B). One letter per axis; no repeated letter in an operand."""
    tensors = [lift(x) for x in operands]
    left, arrow, right = pattern.replace(" ", "").partition("->")
    parts = left.split(",")
    if not arrow or len(parts) != len(tensors) or "." in pattern:
        raise ShapeError(
            f"einsum pattern {pattern!r} does not fit {len(tensors)} operands. Write all letters and the arrow, as in 'ij,jk->ik'."
        )
    dims: dict[str, str] = {}
    for part, t in zip(parts, tensors, strict=True):
        _bind(part, t, dims, pattern)
    if len(set(right)) < len(right) or not set(right) <= set(dims):
        raise ShapeError(
            f"einsum pattern {pattern!r}: the output {right!r} repeats a letter or has one that no operand has."
        )
    code = {letter: i for i, letter in enumerate(dims)}
    factors: list[tuple[nodes.Node, Letters]] = [
        (t.node, tuple(code[x] for x in part)) for part, t in zip(parts, tensors, strict=True)
    ]
    return Tensor(
        nodes.ein(ONE, factors, tuple(code[x] for x in right), tuple(dims[x] for x in right)),
        trace_of(*tensors),
    )


def _bind(part: str, t: Tensor, dims: dict[str, str], pattern: str) -> None:
    if len(part) != t.ndim or len(set(part)) < len(part):
        raise ShapeError(
            f"einsum pattern {pattern!r}: {part!r} must have {t.ndim} different letters for {shapes.show(t.dims)}."
        )
    for letter, dim in zip(part, t.dims, strict=True):
        if dims.setdefault(letter, dim) != dim:
            raise explain(
                ShapeError(
                    f"einsum pattern {pattern!r}: the letter {letter} is {dims[letter]} in one operand and {dim} in another."
                ),
                t,
            )
