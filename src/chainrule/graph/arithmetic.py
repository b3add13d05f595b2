"""Arithmetic on nodes: broadcasting, sums, products, powers and matrix products, numbers taken together at once."""

from __future__ import annotations

from fractions import Fraction

from chainrule.errors import ShapeError, TraceError
from chainrule.graph import nodes, shapes
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient
from chainrule.graph.nodes import Ein, Letters, Node, Shape

LARGEST_EXPONENT = 64  # of a constant whose power is not exact
_POWERS = {Fraction(2): "square", Fraction(-1): "reciprocal", Fraction(1, 2): "sqrt"}


def coefficient_of(node: Node) -> Coefficient | None:
    """Return the number that a node stands for, or None."""
    return node.coefficient if isinstance(node, Ein) and not node.args else None


def stretched(node: Node, shape: Shape) -> Node:
    """Return a value broadcast to a shape that it fits (dims matched from the right)."""
    if node.shape == shape:
        return node
    return nodes.ein(
        ONE, [(node, _stretch_letters(node.shape, shape))], tuple(range(len(shape))), shape
    )


def _stretch_letters(shape: Shape, target: Shape) -> Letters:
    offset = len(target) - len(shape)
    return tuple(
        axis + offset if dim == target[axis + offset] else 100 + axis
        for axis, dim in enumerate(shape)
    )  # 100 + axis: a letter of its own, for a unit axis that is stretched


def total(a: Node, b: Node, sign: int, shape: Shape) -> Node:
    """Return a + b, or a - b where the sign is -1, broadcast to a shape."""
    known = coefficient_of(a), coefficient_of(b)
    if known[0] and known[1] and known[0].dims == known[1].dims:
        number = known[0].number + sign * known[1].number
        return nodes.constant(Coefficient(number, known[0].dims), shape)
    second = stretched(b, shape)
    if sign < 0:
        second = nodes.scaled(MINUS_ONE, second)
    return nodes.add([stretched(a, shape), second])


def product(a: Node, b: Node, shape: Shape) -> Node:
    """Return the elementwise product, broadcast to a shape; numbers become the coefficient."""
    scale, factors = ONE, list[tuple[Node, Letters]]()
    for node in (a, b):
        known = coefficient_of(node)
        if known is not None:
            scale = scale.times(known)
        else:
            factors.append((node, _stretch_letters(node.shape, shape)))
    return nodes.ein(scale, factors, tuple(range(len(shape))), shape)


def power(node: Node, exponent: Fraction) -> Node:
    """Return a node to a fixed power, by the operation that names it best.

    Raises:
        TraceError: a power of a constant that is too large to be one.
    """
    known = coefficient_of(node)
    if known is not None and (value := known.to_the(exponent)) is not None:
        return nodes.constant(value, node.shape)
    if known is not None and not known.dims and abs(exponent) > LARGEST_EXPONENT:
        raise TraceError(
            f"{float(known.number):g} ** {float(exponent):g} is too large to be a constant of a model. Write the number itself."
        )
    if exponent == 1:
        return node
    if exponent == 0:
        return nodes.constant(ONE, node.shape)
    op = _POWERS.get(exponent)
    if op:
        return nodes.elementwise(op, [node])
    return nodes.elementwise("power", [node], (("exponent", exponent),))


def check_matmul(a: Shape, b: Shape) -> None:
    """Refuse shapes that have no matrix product.

    Raises:
        ShapeError: a scalar, or inner dims that differ.
    """
    if not (len(a) and len(b)):
        raise ShapeError(
            f"@: a scalar has no rows or columns: {shapes.show(a)} @ {shapes.show(b)}. Write * instead."
        )
    inner = b[-min(2, len(b))]
    if a[-1] != inner:
        fits = len(b) > 1 and b[-1] == a[-1]
        hint = "; turning the second with .T would make them fit" if fits else ""
        raise ShapeError(
            f"@: {shapes.show(a)} @ {shapes.show(b)}: the last dim of the first is {a[-1]}, "
            f"the {'second to last' if len(b) > 2 else 'first'} of the second is {inner}. They must be the same{hint}."
        )


def matmul(a: Node, b: Node) -> Node:
    """Return the matrix product as NumPy defines it: 1-D vectors, matrices, stacks of matrices."""
    row, column, summed = 200, 201, 202
    left: Letters = (summed,) if len(a.shape) == 1 else (row, summed)
    right: Letters = (summed,) if len(b.shape) == 1 else (summed, column)
    stack_a, stack_b = a.shape[: -len(left)], b.shape[: -len(right)]
    stack = shapes.broadcast([stack_a, stack_b], "@") if stack_a or stack_b else ()
    out = (*range(len(stack)), *left[:-1], *right[1:])
    shape = (*stack, *a.shape[len(stack_a) : -1], *(b.shape[-1:] if len(b.shape) > 1 else ()))
    factors = (
        (a, _stretch_letters(stack_a, stack) + left),
        (b, _stretch_letters(stack_b, stack) + right),
    )
    return nodes.ein(ONE, factors, out, shape)
