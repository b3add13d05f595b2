"""Moments: squared error of predictions linear in the data needs the data's second moments only, so m examples shrink to a few.

Recognised on the graph, whatever the model is called: each value is *free* (the same for whichever examples have these
second moments), *linear* in the example (one axis of examples) or *quadratic* in it. Summing a quadratic value over the
examples gives a free one. Then the examples z = (x, y, 1) may be exchanged for any others with the same sum of z zᵀ:
the rows of the triangular factor of a QR decomposition, which never squares the condition number as zᵀz would. The
constant 1 becomes a data array of its own, "ones".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Add, Ein, Input, Map, Name, Node, Shape
from chainrule.graph.trace import Graph

Array = NDArray[np.float64]
BLOCK = 16384  # examples that enter one step of the decomposition


@dataclass(frozen=True)
class Shrunk:
    """A model over as few examples as its second moments need.

    `graph`: over the same parameters; `ones` names the data array that stands for the constant 1.
    """

    graph: Graph
    examples: str
    ones: str


@dataclass(frozen=True)
class _Value:
    """A rewritten value and its degree in the example: 0 free, 1 linear, 2 quadratic (both with an axis of examples)."""

    node: Node
    degree: int = 0


def recognised(graph: Graph, m: int) -> Shrunk | str:
    """Return the model over shrunk examples, or why it cannot be: the first value that is not linear in the data.

    Args:
        graph: the model.
        m: the number of examples, which stays in 1/m.
    """
    dims = example_dims(graph)
    if not dims:
        return "no dim is shared by data arrays and absent from the parameters"
    reasons: list[str] = []
    for dim in dims:
        rewriter = _Rewriter(graph, dim, m)
        try:
            return Shrunk(rewriter.graph(), dim, rewriter.ones.name)
        except _NotLinear as reason:
            reasons.append(str(reason))
    return reasons[0]


def example_dims(graph: Graph) -> list[str]:
    """Return the dims that may count examples: once in a data array, in no parameter."""
    inputs = graph.inputs
    learned = {dim for node in inputs if node.role == "parameter" for dim in node.shape}
    seen = dict.fromkeys(dim for node in inputs if node.role == "data" for dim in node.shape)
    return [
        dim
        for dim in seen
        if not dim.isdigit()
        and dim not in learned
        and all(node.shape.count(dim) <= 1 for node in inputs if node.role == "data")
    ]


class _NotLinear(Exception):
    pass


class _Rewriter:
    def __init__(self, graph: Graph, dim: str, m: int) -> None:
        self.source, self.dim, self.m = graph, dim, m
        name = "ones"
        while name in graph.data or name in graph.parameters:
            name += "_"
        self.ones = cast("Input", nodes.input_node(name, (dim,), "data"))
        self.done: dict[Node, _Value] = {}

    def graph(self) -> Graph:
        for node in nodes.topological([self.source.loss]):
            self.done[node] = self._value(node)
        loss = self.done[self.source.loss]
        if loss.degree:
            raise _NotLinear("the loss is not summed over the examples")
        data = {**self.source.data, self.ones.name: (self.dim,)}
        return replace(self.source, data=data, loss=cast("Name", loss.node))

    def _value(self, node: Node) -> _Value:
        args = [self.done[a] for a in node.args]
        if isinstance(node, Input):
            return _Value(node, 1 if self.dim in node.shape else 0)
        if isinstance(node, Name):
            inner = args[0]
            return _Value(nodes.named(node.label, inner.node, node.role, node.of), inner.degree)
        if isinstance(node, Ein):
            return self._product(node, args)
        if isinstance(node, Add):
            degree = max(a.degree for a in args)
            return _Value(nodes.add([self._raised(a, degree) for a in args]), degree)
        if isinstance(node, Map) and node.op == "square" and args[0].degree == 1:
            return _Value(nodes.elementwise("square", [args[0].node]), 2)
        if any(a.degree for a in args) or self.dim in node.shape:
            raise _NotLinear(f"{_said(node)} is not linear in the examples along {self.dim}")
        return _Value(node.rebuild([a.node for a in args]))

    def _raised(self, value: _Value, degree: int) -> Node:
        """Return a value as one of a higher degree: times the ones, which used to be 1."""
        node = value.node
        for _ in range(degree - value.degree):
            if self.dim not in node.shape:
                raise _NotLinear(f"a sum of values with and without {self.dim}")
            axes = tuple(range(len(node.shape)))
            node = nodes.ein(
                ONE, [(node, axes), (self.ones, (node.shape.index(self.dim),))], axes, node.shape
            )
        return node

    def _product(self, node: Ein, args: list[_Value]) -> _Value:
        """Return a product: degrees add up; examples that only `out` has are spread by the ones."""
        letters = self._example_letters(node, args)
        kept = [x for x, dim in zip(node.out, node.shape, strict=True) if dim == self.dim]
        degree = sum(a.degree for a in args)
        if (
            degree > 2
            or len(kept) > 1
            or len(letters) > 1
            or (letters and kept and letters != set(kept))
        ):
            raise _NotLinear(
                f"{_said(node)} multiplies different examples, or too many values of one"
            )
        factors = [(a.node, word) for a, word in zip(args, node.letters, strict=True)]
        scale = self._counted(node.coefficient)
        if kept:
            if not letters:  # a broadcast over the examples
                factors, degree = [*factors, (self.ones, (kept[0],))], 1
            return _Value(nodes.ein(scale, factors, node.out, node.shape), degree)
        if letters and degree == 1:  # a sum over the examples of a linear value
            factors = [*factors, (self.ones, (next(iter(letters)),))]
        return _Value(nodes.ein(scale, factors, node.out, node.shape))

    def _example_letters(self, node: Ein, args: list[_Value]) -> set[int]:
        found: set[int] = set()
        for value, word, arg in zip(args, node.letters, node.args, strict=True):
            here = {x for x, dim in zip(word, arg.shape, strict=True) if dim == self.dim}
            if here and not value.degree:
                raise _NotLinear(
                    f"{_said(node)} reads a value with an axis {self.dim} that is no example's"
                )
            found |= here
        return found

    def _counted(self, scale: Coefficient) -> Coefficient:
        """Return a coefficient with the true number of examples for its dim."""
        powers = dict(scale.dims)
        power = powers.pop(self.dim, None)
        if power is None:
            return scale
        known = Coefficient(Fraction(1), ((str(self.m), power),))
        return Coefficient(scale.number, tuple(powers.items())).times(known)


def _said(node: Node) -> str:
    return node.label if isinstance(node, Name) else f"{getattr(node, 'op', 'a product')}"


def shrink(shrunk: Shrunk, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return as many examples as there are numbers in one, with the same second moments; one pass, in blocks.

    Args:
        shrunk: what `recognised` returned.
        data: arrays in the model's layout.

    Returns:
        The data arrays with k examples, k = the numbers in an example and 1, and the array of ones.
    """
    columns = _Columns(shrunk, {name: np.asarray(x, dtype=np.float64) for name, x in data.items()})
    return columns.back(triangle(columns.blocks()))


def triangle(blocks: Iterable[Array]) -> Array:
    """Return R of Z = QR for the rows of all blocks together, reading them once."""
    held: Array | None = None
    for block in blocks:
        stacked = block if held is None else np.vstack([held, block])
        held = np.asarray(np.linalg.qr(stacked, mode="r"))
    if held is None:
        raise DataError("there are no examples.")
    return held


class _Columns:
    """The examples as rows (features of all data arrays, then 1), and back."""

    def __init__(self, shrunk: Shrunk, data: Mapping[str, Array]) -> None:
        self.shrunk, self.data = shrunk, data
        shapes = {name: cast("Shape", shape) for name, shape in shrunk.graph.data.items()}
        self.axes = {
            name: shapes[name].index(shrunk.examples)
            for name in data
            if shrunk.examples in shapes[name]
        }
        self.m = next(data[name].shape[axis] for name, axis in self.axes.items())

    def blocks(self) -> Iterable[Array]:
        turned = {name: np.moveaxis(self.data[name], axis, 0) for name, axis in self.axes.items()}
        for start in range(0, self.m, BLOCK):
            part = [x[start : start + BLOCK] for x in turned.values()]
            rows = len(part[0])
            yield np.hstack([*(x.reshape(rows, -1) for x in part), np.ones((rows, 1))])

    def back(self, rows: Array) -> dict[str, Any]:
        found: dict[str, Any] = {}
        at = 0
        for name, x in self.data.items():
            if name not in self.axes:
                found[name] = x
                continue
            rest = np.moveaxis(x, self.axes[name], 0).shape[1:]
            wide = int(np.prod(rest, dtype=np.int64))
            piece = rows[:, at : at + wide].reshape(len(rows), *rest)
            found[name] = np.ascontiguousarray(np.moveaxis(piece, 0, self.axes[name]))
            at += wide
        found[self.shrunk.ones] = np.ascontiguousarray(rows[:, at])
        return found
