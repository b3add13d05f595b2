"""Tensor: what a model's function is called with. Operators make graph; everything else is refused with a way out."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

from chainrule.errors import MissingAttributeError, ShapeError, TraceError
from chainrule.graph import nodes, shapes
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient, exact, size_of
from chainrule.graph.nodes import Ein, Letters, Node, Shape

if TYPE_CHECKING:
    from chainrule.graph.trace import Trace

Operand = "Tensor | float | Fraction"


class Tensor:
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
            known = _as_coefficient(other)
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
            f"@ needs two traced values, and {type(other).__name__} is not one. {_PASS_ARRAYS}"
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

    # -- what it is not
    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TraceError(
            "a traced value cannot be written in place: it stands for a formula, and formulas do not change. "
            "Give the new value a name of its own, or choose entries with cr.where(condition, a, b)."
        )

    def __bool__(self) -> NoReturn:
        raise TraceError(
            "a traced value has no truth value: `if`, `while`, `and`, `or` and `not` run once, before any number is known. "
            "Write cr.where(condition, a, b) to choose entry by entry."
        )

    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        raise TraceError(
            "== on a traced value is not traced. Write cr.equal(a, b) for a 0/1 value."
        )

    __hash__ = object.__hash__

    def __float__(self) -> NoReturn:
        raise TraceError(
            "a traced value has no number yet: float(), int() and the math module cannot take it. "
            "Use chainrule's function of that name, such as cr.exp(x)."
        )

    __int__ = __index__ = __float__

    def __len__(self) -> int:
        if self.ndim and self.dims[0].isdigit():
            return int(self.dims[0])
        raise TraceError(
            f"the length of {shapes.show(self.dims)} is a dim, not a number. Write x.shape[0] for the symbolic size."
        )

    def __iter__(self) -> Iterator[Tensor]:
        return iter([self[i] for i in range(len(self))])

    def __getattr__(self, name: str) -> Any:
        raise MissingAttributeError(f"a traced value has no .{name}. {self._instead(name)}")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TraceError(
            f"a traced value cannot become a NumPy array: it has no numbers yet. {_PASS_ARRAYS}"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        ours = _OPERATORS.get(ufunc.__name__)
        if method == "__call__" and ours and all(isinstance(x, Tensor | Real) for x in inputs):
            return ours(*inputs)
        if ours:
            raise TraceError(f"a NumPy array cannot be mixed with a traced value. {_PASS_ARRAYS}")
        return self._refuse(f"np.{ufunc.__name__}", ufunc.__name__)

    def __array_function__(self, function: Any, *_: Any) -> NoReturn:
        self._refuse(f"np.{function.__name__}", function.__name__)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> NoReturn:
        me = next(arg for arg in args if isinstance(arg, cls))
        me._refuse(f"torch.{function.__name__}", function.__name__)

    def __jax_array__(self) -> NoReturn:
        raise TraceError(
            "a function of JAX cannot take a traced value. Use chainrule's function of that name, such as cr.exp(x)."
        )

    def _refuse(self, foreign: str, name: str) -> NoReturn:
        raise TraceError(
            f"{foreign} cannot take a traced value: its derivative would be lost. {self._instead(name)}"
        )

    def _instead(self, name: str) -> str:
        names: Mapping[str, object] = self.trace.functions if self.trace else {}
        ours = _SYNONYMS.get(name, name)
        if ours in names:
            return f"Write cr.{ours}(...) instead."
        return f"chainrule has no operation {name!r}; it has: {', '.join(sorted(names))}."

    def _new(self, node: Node) -> Tensor:
        return Tensor(node, self.trace)


_PASS_ARRAYS = "Pass arrays as data or parameters of the model, with their shapes."
_SYNONYMS = {
    "amax": "max", "absolute": "abs", "fabs": "abs", "expit": "sigmoid", "power": "pow", "dot": "matmul", "amin": "min",
    "clip": "clip", "einsum": "einsum", "norm": "l2_norm",
}  # fmt: skip
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "power": operator.pow,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "matmul": operator.matmul,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "negative": operator.neg,
    "absolute": operator.abs,
    "greater": operator.gt,
    "less": operator.lt,
}


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
    raise TraceError(f"{type(value).__name__} cannot stand in a model's formula. {_PASS_ARRAYS}")


def trace_of(*tensors: Tensor) -> Trace | None:
    """Return the trace that the tensors belong to, if any."""
    return next((t.trace for t in tensors if t.trace is not None), None)


def explain(error: ShapeError, *tensors: Tensor) -> ShapeError:
    """Return the error with all shapes bound so far added to it."""
    trace = trace_of(*tensors)
    return ShapeError(f"{error}\n{trace.bindings()}") if trace else error


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
    known = _as_coefficient(a), _as_coefficient(other)
    if known[0] and known[1] and known[0].dims == known[1].dims:
        total = Coefficient(known[0].number + sign * known[1].number, known[0].dims)
        return Tensor(nodes.constant(total, shape), trace_of(a, other))
    second = stretched(other.node, shape)
    if sign < 0:
        second = nodes.scaled(MINUS_ONE, second)
    return Tensor(nodes.add([stretched(a.node, shape), second]), trace_of(a, other))


def product(a: Tensor, b: Tensor, what: str = "*") -> Tensor:
    """Return the elementwise product, broadcast; numbers become the coefficient, x * x is x squared."""
    if a.node is b.node and _as_coefficient(a) is None:
        return power(a, Fraction(2))
    shape = _common_shape([a, b], what)
    scale, factors = ONE, list[tuple[Node, Letters]]()
    for t in (a, b):
        known = _as_coefficient(t)
        if known is not None:
            scale = scale.times(known)
        else:
            factors.append((t.node, _stretch_letters(t.dims, shape)))
    return Tensor(nodes.ein(scale, factors, tuple(range(len(shape))), shape), trace_of(a, b))


def _as_coefficient(t: Tensor) -> Coefficient | None:
    node = t.node
    return node.coefficient if isinstance(node, Ein) and not node.args else None


def power(x: Tensor, exponent: Fraction) -> Tensor:
    """Return x to a fixed power, by the operation that names it best."""
    known = _as_coefficient(x)
    if known is not None and (value := known.to_the(exponent)) is not None:
        return Tensor(nodes.constant(value, x.dims), x.trace)
    if known is not None and not known.dims and abs(exponent) > LARGEST_EXPONENT:
        raise TraceError(
            f"{float(known.number):g} ** {float(exponent):g} is too large to be a constant of a model. Write the number itself."
        )
    if exponent == 1:
        return x
    if exponent == 0:
        return Tensor(nodes.constant(ONE, x.dims), x.trace)
    op = _POWERS.get(exponent)
    if op:
        return Tensor(nodes.elementwise(op, [x.node]), x.trace)
    return Tensor(nodes.elementwise("power", [x.node], (("exponent", exponent),)), x.trace)


LARGEST_EXPONENT = 64  # of a constant whose power is not exact
_POWERS = {Fraction(2): "square", Fraction(-1): "reciprocal", Fraction(1, 2): "sqrt"}


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Return the matrix product as NumPy defines it: 1-D vectors, matrices, stacks of matrices."""
    if not a.ndim or not b.ndim:
        raise explain(
            ShapeError(
                f"@: a scalar has no rows or columns: {shapes.show(a.dims)} @ {shapes.show(b.dims)}. Write * instead."
            ),
            a,
            b,
        )
    inner = b.dims[-2] if b.ndim > 1 else b.dims[-1]
    if a.dims[-1] != inner:
        hint = (
            "; turning the second with .T would make them fit"
            if b.ndim > 1 and b.dims[-1] == a.dims[-1]
            else ""
        )
        raise explain(
            ShapeError(
                f"@: {shapes.show(a.dims)} @ {shapes.show(b.dims)}: the last dim of the first is {a.dims[-1]}, "
                f"the {'second to last' if b.ndim > 2 else 'first'} of the second is {inner}. They must be the same{hint}."
            ),
            a,
            b,
        )
    return Tensor(_matmul_node(a, b), trace_of(a, b))


def _matmul_node(a: Tensor, b: Tensor) -> Node:
    row, column, summed = 200, 201, 202
    left: Letters = (summed,) if a.ndim == 1 else (row, summed)
    right: Letters = (summed,) if b.ndim == 1 else (summed, column)
    stack_a, stack_b = a.dims[: -len(left)], b.dims[: -len(right)]
    stack = shapes.broadcast([stack_a, stack_b], "@") if stack_a or stack_b else ()
    out = (*range(len(stack)), *left[:-1], *right[1:])
    shape = (*stack, *a.dims[len(stack_a) : -1], *(b.dims[-1:] if b.ndim > 1 else ()))
    factors = (
        (a.node, _stretch_letters(stack_a, stack) + left),
        (b.node, _stretch_letters(stack_b, stack) + right),
    )
    return nodes.ein(ONE, factors, out, shape)
