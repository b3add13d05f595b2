"""The nodes of the expression graph: immutable, hash-consed, seven kinds. Knows no operation's meaning.

Node   Input    a data array or a parameter
       Name     a value that the reader named: a barrier for rewriting
       Ein      a coefficient times factors whose axes carry letters local to the node
       Add      a sum of values of one shape
       Map      an operation done entry by entry
       Along    an operation along axes (softmax, max); reduced axes stay as unit axes
       Pick     a slice of one axis;  Put  its adjoint: the slice back among zeros
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeVar
from weakref import WeakValueDictionary

from chainrule.graph.coefficient import ONE, Coefficient

Shape = tuple[str, ...]
Letters = tuple[int, ...]
Parameters = tuple[tuple[str, Fraction], ...]
T = TypeVar("T")

_interned: WeakValueDictionary[tuple[object, ...], Node] = WeakValueDictionary()


class Node:
    """A value in the graph: its shape (a tuple of dims) and the nodes it is computed from."""

    __slots__ = ("__weakref__", "args", "shape")
    shape: Shape
    args: tuple[Node, ...]

    def rebuild(self, args: Sequence[Node]) -> Node:
        """Return the same node over other arguments (self when nothing changed)."""
        if len(args) == len(self.args) and all(
            a is b for a, b in zip(args, self.args, strict=True)
        ):
            return self
        return self._over(tuple(args))

    def _over(self, args: tuple[Node, ...]) -> Node:
        raise TypeError(f"{type(self).__name__} has no arguments")


class Input(Node):
    """A data array, a parameter, or a symbol a derivation introduces (a direction, a seed)."""

    __slots__ = ("name", "role")
    name: str
    role: str


class Name(Node):
    """A named value. `inner` is its definition; rewriting and printing stop here."""

    __slots__ = ("label", "of", "role")
    label: str
    role: str  # "value", "gradient" or "tangent"
    of: str  # the value that a gradient belongs to ("W1" for dW1), else the label

    @property
    def inner(self) -> Node:
        """The definition."""
        return self.args[0]

    def _over(self, args: tuple[Node, ...]) -> Node:
        return named(self.label, args[0], self.role, self.of)


class Ein(Node):
    """A coefficient times factors; a letter only in factors is summed, only in `out` is broadcast."""

    __slots__ = ("coefficient", "letters", "out")
    coefficient: Coefficient
    letters: tuple[Letters, ...]
    out: Letters

    def _over(self, args: tuple[Node, ...]) -> Node:
        return ein(
            self.coefficient, tuple(zip(args, self.letters, strict=True)), self.out, self.shape
        )

    @property
    def factors(self) -> tuple[tuple[Node, Letters], ...]:
        """Each factor with its letters."""
        return tuple(zip(self.args, self.letters, strict=True))

    @property
    def dims(self) -> dict[int, str]:
        """The dim of each letter."""
        found = dict(zip(self.out, self.shape, strict=True))
        for node, letters in self.factors:
            found.update(zip(letters, node.shape, strict=True))
        return found

    @property
    def summed(self) -> tuple[int, ...]:
        """The letters that only factors carry, in order of appearance."""
        seen = dict.fromkeys(letter for letters in self.letters for letter in letters)
        return tuple(letter for letter in seen if letter not in self.out)


class Add(Node):
    """A sum of two or more values of one shape."""

    __slots__ = ()

    def _over(self, args: tuple[Node, ...]) -> Node:
        return add(args)


class Map(Node):
    """An elementwise operation: its key in the table, its arguments, its fixed numbers."""

    __slots__ = ("op", "parameters")
    op: str
    parameters: Parameters

    def _over(self, args: tuple[Node, ...]) -> Node:
        return elementwise(self.op, args, self.parameters)


class Along(Node):
    """An operation along axes; `keeps` tells whether the axes keep their dim or become unit axes."""

    __slots__ = ("axes", "keeps", "op")
    op: str
    axes: tuple[int, ...]
    keeps: bool

    def _over(self, args: tuple[Node, ...]) -> Node:
        return along(self.op, args[0], self.axes, self.keeps)


class Pick(Node):
    """One position of an axis; the axis goes."""

    __slots__ = ("axis", "index")
    axis: int
    index: int

    def _over(self, args: tuple[Node, ...]) -> Node:
        return pick(args[0], self.axis, self.index)


class Put(Node):
    """A value at one position of a new axis, zeros elsewhere."""

    __slots__ = ("axis", "index")
    axis: int
    index: int

    def _over(self, args: tuple[Node, ...]) -> Node:
        return put(args[0], self.axis, self.index, self.shape[self.axis])


def _intern(
    kind: type[Node], args: tuple[Node, ...], shape: Shape, fields: tuple[object, ...]
) -> Node:
    key = (kind, shape, fields, *map(id, args))
    node = _interned.get(key)
    if node is None:
        node = kind()
        node.args, node.shape = args, shape
        for slot, value in zip(kind.__slots__, fields, strict=True):
            setattr(node, slot, value)
        _interned[key] = node
    return node


def input_node(name: str, shape: Shape, role: str) -> Node:
    """Return the input of this name, shape and role ("data", "parameter" or "symbol")."""
    return _intern(Input, (), shape, (name, role))


def named(label: str, inner: Node, role: str = "value", of: str | None = None) -> Node:
    """Return `inner` under a name."""
    return _intern(Name, (inner,), inner.shape, (label, of or label, role))


def ein(
    scale: Coefficient, factors: Sequence[tuple[Node, Letters]], out: Letters, shape: Shape
) -> Node:
    """Return the multilinear node, letters renumbered by first use; the bare factor when nothing is done."""
    if len(factors) == 1 and scale == ONE and factors[0][1] == out:
        return factors[0][0]
    order: dict[int, int] = {}
    for letters in (out, *(letters for _, letters in factors)):
        for letter in letters:
            order.setdefault(letter, len(order))
    renamed = tuple(tuple(order[x] for x in letters) for _, letters in factors)
    args = tuple(node for node, _ in factors)
    return _intern(Ein, args, shape, (scale, renamed, tuple(order[x] for x in out)))


def constant(scale: Coefficient, shape: Shape = ()) -> Node:
    """Return an array filled with one number."""
    return ein(scale, (), tuple(range(len(shape))), shape)


def scaled(scale: Coefficient, node: Node) -> Node:
    """Return a number times a value."""
    axes = tuple(range(len(node.shape)))
    return ein(scale, ((node, axes),), axes, node.shape)


def add(terms: Sequence[Node]) -> Node:
    """Return the sum; a single term is itself."""
    if len(terms) == 1:
        return terms[0]
    return _intern(Add, tuple(terms), terms[0].shape, ())


def elementwise(op: str, args: Sequence[Node], parameters: Parameters = ()) -> Node:
    """Return an elementwise operation; all arguments have one shape."""
    return _intern(Map, tuple(args), args[0].shape, (op, parameters))


def along(op: str, arg: Node, axes: tuple[int, ...], keeps: bool) -> Node:
    """Return an operation along axes."""
    shape = arg.shape
    if not keeps:
        shape = tuple("1" if i in axes else dim for i, dim in enumerate(shape))
    return _intern(Along, (arg,), shape, (axes, keeps, op))


def pick(arg: Node, axis: int, index: int) -> Node:
    """Return the slice of `arg` at one position of an axis."""
    return _intern(Pick, (arg,), arg.shape[:axis] + arg.shape[axis + 1 :], (axis, index))


def put(arg: Node, axis: int, index: int, dim: str) -> Node:
    """Return `arg` at one position of a new axis, zeros elsewhere."""
    return _intern(Put, (arg,), (*arg.shape[:axis], dim, *arg.shape[axis:]), (axis, index))


def topological(outputs: Iterable[Node], stop: Callable[[Node], bool] | None = None) -> list[Node]:
    """Return every node below the outputs, arguments first; does not look below nodes where `stop`."""
    order: dict[Node, None] = {}
    for output in outputs:
        stack = [(output, iter(_below(output, stop)))]
        if output in order:
            continue
        while stack:
            node, rest = stack[-1]
            child = next((arg for arg in rest if arg not in order), None)
            if child is None:
                order[node] = None
                stack.pop()
            else:
                stack.append((child, iter(_below(child, stop))))
    return list(order)


def _below(node: Node, stop: Callable[[Node], bool] | None) -> Iterator[Node] | tuple[Node, ...]:
    return () if stop is not None and stop(node) else node.args


def fold(
    output: Node, step: Callable[[Node, list[T]], T], stop: Callable[[Node], bool] | None = None
) -> T:
    """Return `step(node, results of its arguments)` for the output, computed bottom-up without recursion."""
    results: dict[Node, T] = {}
    for node in topological([output], stop):
        results[node] = step(node, [] if stop and stop(node) else [results[a] for a in node.args])
    return results[output]


def definition(node: Node) -> Node:
    """Return what a name stands for; any other node is its own definition."""
    return node.inner if isinstance(node, Name) else node


def is_leaf(node: Node) -> bool:
    """Tell whether printing and rewriting stop here: an input or a named value."""
    return isinstance(node, Input | Name)


def inside(output: Node) -> list[Node]:
    """Return the unnamed nodes of a definition and the leaves it reads, arguments first."""
    return topological([output], is_leaf)
