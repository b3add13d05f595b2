"""Tensor: what a model's function is called with. Operators make graph; everything else is refused with a way out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

from chainrule.errors import ShapeError, TraceError
from chainrule.graph import arithmetic, nodes, shapes
from chainrule.graph.arithmetic import coefficient_of, stretched
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient, exact, size_of
from chainrule.graph.nodes import Node, Shape
from chainrule.graph.refusals import PASS_ARRAYS, Refusals

if TYPE_CHECKING:
    from chainrule.graph.trace import Trace


class Tensor(Refusals):
    """A traced value: a handle on a graph node.

    Supports + - * / ** @ .T abs() comparison, indexing with integers, and every function of the table.
    `shape` gives symbolic sizes, `dims` their names, `named("Z")` a name of your choice.
    """

    __slots__ = ("node", "trace")

    def __init__(self, node: Node, trace: Trace | None = None) -> None:
        self.node = node
        self.trace = trace

    # -- what it is
    @property
    def dims(self) -> Shape:
        """The names of the dims."""
        return self.node.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.shape)

    @property
    def shape(self) -> tuple[Tensor, ...]:
        """The sizes, as exact symbolic scalars: `X.shape[1] ** -0.5` is m to the power -1/2."""
        return tuple(Tensor(nodes.constant(size_of([dim])), self.trace) for dim in self.node.shape)

    @property
    def T(self) -> Tensor:
        """The transpose: the axes in reverse order."""
        axes = tuple(range(self.ndim))
        return self._new(nodes.ein(ONE, ((self.node, axes),), axes[::-1], self.node.shape[::-1]))

    def named(self, name: str) -> Tensor:
        """Return this value under a name of your choice, which wins over the variable's name."""
        if self.trace is None:
            return self._new(nodes.named(name, self.node))
        return self.trace.name_explicitly(self, name)

    def __repr__(self) -> str:
        label = getattr(self.node, "label", None) or getattr(self.node, "name", None) or "value"
        return f"<traced {label}: {shapes.show(self.node.shape)}>"

    # -- arithmetic
    def __add__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else _sum(self, other, 1, "+")

    def __radd__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else _sum(lift(other, self), self, 1, "+")

    def __sub__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else _sum(self, other, -1, "-")

    def __rsub__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else _sum(lift(other, self), self, -1, "-")

    def __mul__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else product(self, lift(other, self), "*")

    def __rmul__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else product(lift(other, self), self, "*")

    def __truediv__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else product(self, lift(other, self) ** -1, "/")

    def __rtruediv__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else product(lift(other, self), self**-1, "/")

    def __neg__(self) -> Tensor:
        return self._new(nodes.scaled(MINUS_ONE, self.node))

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return self._new(nodes.elementwise("abs", [self.node]))

    def __pow__(self, other: Any) -> Tensor:
        if _foreign(other):
            return NotImplemented
        if isinstance(other, Tensor):
            known = coefficient_of(other.node)
            if known is None or known.dims:
                return elementwise("pow", [self, other])
            return power(self, known.number)
        return power(self, exact(other))

    def __rpow__(self, other: Any) -> Tensor:
        return NotImplemented if _foreign(other) else lift(other, self) ** self

    def __matmul__(self, other: Any) -> Tensor:
        return NotImplemented if not isinstance(other, Tensor) else matmul(self, other)

    def __rmatmul__(self, other: Any) -> NoReturn:
        raise TraceError(
            f"@ needs two traced values, and {type(other).__name__} is not one. {PASS_ARRAYS}"
        )

    def __gt__(self, other: Any) -> Tensor:
        return elementwise("greater", [self, lift(other, self)])

    def __ge__(self, other: Any) -> Tensor:
        return elementwise("greater_equal", [self, lift(other, self)])

    def __lt__(self, other: Any) -> Tensor:
        return elementwise("less", [self, lift(other, self)])

    def __le__(self, other: Any) -> Tensor:
        return elementwise("less_equal", [self, lift(other, self)])

    def __getitem__(self, key: Any) -> Tensor:
        parts: list[Any] = list(key) if isinstance(key, tuple) else [key]  # pyright: ignore[reportUnknownArgumentType]
        node, axis = self.node, 0
        for part in parts:
            if isinstance(part, slice) and part == slice(None):
                axis += 1
            elif isinstance(part, int) and axis < len(node.shape):
                node = nodes.pick(node, axis, _position(part, node.shape[axis]))
            else:
                raise TraceError(
                    f"[{part!r}] cannot index a traced value of shape {shapes.show(self.dims)}: "
                    "write an integer, or a bare : to keep an axis."
                )
        return self._new(node)

    def _new(self, node: Node) -> Tensor:
        return Tensor(node, self.trace)


def _foreign(value: object) -> bool:
    return not isinstance(value, Tensor | Real)


def _position(index: int, dim: str) -> int:
    if dim.isdigit() and not -int(dim) <= index < int(dim):
        raise ShapeError(f"[{index}] is outside an axis of size {dim}.")
    return index % int(dim) if dim.isdigit() else index


def lift(value: Any, like: Tensor | None = None) -> Tensor:
    """Return a traced value as it is, a number as an exact scalar constant."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Real):
        number = Coefficient(
            exact(value if isinstance(value, Fraction | int | float) else float(value))
        )
        return Tensor(nodes.constant(number), like.trace if like is not None else None)
    raise TraceError(f"{type(value).__name__} cannot stand in a model's formula. {PASS_ARRAYS}")


def trace_of(*tensors: Tensor) -> Trace | None:
    """Return the trace that the tensors belong to, if any."""
    return next((t.trace for t in tensors if t.trace is not None), None)


def explain(error: ShapeError, *tensors: Tensor) -> ShapeError:
    """Return the error with all shapes bound so far added to it."""
    trace = trace_of(*tensors)
    return ShapeError(f"{error}\n{trace.bindings()}") if trace else error


def elementwise(op: str, operands: Sequence[Any], parameters: nodes.Parameters = ()) -> Tensor:
    """Return an elementwise operation on operands broadcast to one shape."""
    tensors = [lift(x) for x in operands]
    shape = _common_shape(tensors, op)
    return Tensor(
        nodes.elementwise(op, [stretched(t.node, shape) for t in tensors], parameters),
        trace_of(*tensors),
    )


def _common_shape(tensors: Sequence[Tensor], what: str) -> Shape:
    found = [t.dims for t in tensors]
    if all(shape == found[0] for shape in found):
        return found[0]
    try:
        return shapes.broadcast(found, what)
    except ShapeError as error:
        raise explain(error, *tensors) from None


def _sum(a: Tensor, b: Any, sign: int, what: str) -> Tensor:
    other = lift(b, a)
    shape = _common_shape([a, other], what)
    return Tensor(arithmetic.total(a.node, other.node, sign, shape), trace_of(a, other))


def product(a: Tensor, b: Tensor, what: str = "*") -> Tensor:
    """Return the elementwise product, broadcast; numbers become the coefficient, x * x is x squared."""
    if a.node is b.node and coefficient_of(a.node) is None:
        return power(a, Fraction(2))
    shape = _common_shape([a, b], what)
    return Tensor(arithmetic.product(a.node, b.node, shape), trace_of(a, b))


def power(x: Tensor, exponent: Fraction) -> Tensor:
    """Return x to a fixed power, by the operation that names it best."""
    node = arithmetic.power(x.node, exponent)
    return x if node is x.node else Tensor(node, x.trace)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Return the matrix product as NumPy defines it: 1-D vectors, matrices, stacks of matrices."""
    try:
        arithmetic.check_matmul(a.dims, b.dims)
    except ShapeError as error:
        raise explain(error, a, b) from None
    return Tensor(arithmetic.matmul(a.node, b.node), trace_of(a, b))
