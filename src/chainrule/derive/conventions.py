"""Conventions a reader may switch: mean, sum or half mean; examples as columns or rows. They change the graph itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from chainrule.errors import unknown
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient, size_of
from chainrule.graph.nodes import Add, Along, Ein, Input, Name, Node, Pick, Put, Shape
from chainrule.graph.trace import Graph, Shapes

CONVENTIONS = ("mean", "sum", "half-mean")
LAYOUTS = ("columns", "rows")


def with_convention(graph: Graph, convention: str) -> Graph:
    """Return the graph with the loss's own reduction over the data as a mean, a sum or half a mean.

    Only reductions that reach the loss through sums and factors, and that read data, are changed: a penalty on the
    parameters, or a mean inside a normalisation, stays as it is.
    """
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS)
    order = nodes.topological([graph.loss])
    outer, data = _outer(graph.loss), _reads_data(order)
    done: dict[Node, Node] = {}
    for node in order:
        if isinstance(node, Ein) and node in outer and node in data and _reduces(node):
            args = [done[a] for a in node.args]
            factors = list(zip(args, node.letters, strict=True))
            done[node] = nodes.ein(_scale(node, convention), factors, node.out, node.shape)
        else:
            done[node] = node.rebuild([done[a] for a in node.args])
    loss = done[graph.loss]
    assert isinstance(loss, Name)
    return replace(graph, loss=loss)


def _reduces(node: Ein) -> bool:
    return any(node.dims[x] != "1" for x in node.summed)


def _scale(node: Ein, convention: str) -> Coefficient:
    """Return the coefficient with its power of the averaged dims, and a half, set anew."""
    dims = dict(node.coefficient.dims)
    averaged = [node.dims[x] for x in node.summed if node.dims[x] in dims] or [
        node.dims[x] for x in node.summed
    ]
    number = node.coefficient.number
    sign = 1 if number > 0 else -1
    kept = Coefficient(
        Fraction(sign), tuple((d, p) for d, p in node.coefficient.dims if d not in averaged)
    )
    size = size_of(averaged).to_the(Fraction(-1)) or ONE
    half = Coefficient(Fraction(1, 2) if convention == "half-mean" else Fraction(1))
    return kept.times(half) if convention == "sum" else kept.times(half).times(size)


def _outer(loss: Name) -> set[Node]:
    """Return the scalar values that reach the loss through names, sums and constant factors only."""
    found: set[Node] = set()
    stack: list[Node] = [loss]
    while stack:
        node = stack.pop()
        if node.shape or node in found:
            continue
        found.add(node)
        if isinstance(node, Name | Add) or (
            isinstance(node, Ein) and not _reduces(node) and len(node.args) == 1
        ):
            stack += node.args
    return found


def _reads_data(order: list[Node]) -> set[Node]:
    reads: set[Node] = set()
    for node in order:
        if (isinstance(node, Input) and node.role == "data") or any(a in reads for a in node.args):
            reads.add(node)
    return reads


def with_examples(graph: Graph, layout: str) -> Graph:
    """Return the graph with every array turned when `layout` is not how it was written: examples as rows, not columns."""
    if layout not in LAYOUTS:
        raise unknown("layout of examples", layout, LAYOUTS)
    if layout == written_layout(graph):
        return graph
    loss = turned(graph.loss, lambda node: True)
    assert isinstance(loss, Name)
    return replace(
        graph,
        data=_turned_shapes(graph.data),
        parameters=_turned_shapes(graph.parameters),
        loss=loss,
    )


def written_layout(graph: Graph) -> str:
    """Return "rows" where the dim that the data arrays share stands first, else "columns"."""
    shapes = [node.shape for node in graph.inputs if node.role == "data" and len(node.shape) > 1]
    shared = [
        dim
        for dim in (shapes[0] if shapes else ())
        if dim != "1" and all(dim in shape for shape in shapes)
    ]
    return "rows" if shared and shapes[0][0] == shared[0] else "columns"


def _turned_shapes(group: Mapping[str, Shapes]) -> dict[str, Shapes]:
    turned_: dict[str, Shapes] = {}
    for name, shape in group.items():
        turned_[name] = [one[::-1] for one in shape] if isinstance(shape, list) else shape[::-1]
    return turned_


def turned(output: Node, turns: Callable[[Node], bool]) -> Node:
    """Return the graph with the axes of every input and named value for which `turns` holds in reverse order."""
    done: dict[Node, Node] = {}
    for node in nodes.topological([output]):
        done[node] = _turn(node, [done[a] for a in node.args])
    return done[output] if turns(output) else output


def _turn(node: Node, args: list[Node]) -> Node:
    """Return the node with all axes reversed, given arguments that are reversed already."""
    last = len(node.shape) - 1
    if isinstance(node, Input):
        return nodes.input_node(node.name, node.shape[::-1], node.role)
    if isinstance(node, Ein):
        factors = [(a, letters[::-1]) for a, letters in zip(args, node.letters, strict=True)]
        return nodes.ein(
            node.coefficient, _products_reversed(factors, node), node.out[::-1], node.shape[::-1]
        )
    if isinstance(node, Along):
        return nodes.along(node.op, args[0], tuple(sorted(last - a for a in node.axes)), node.keeps)
    if isinstance(node, Pick):
        return nodes.pick(args[0], len(node.shape) - node.axis, node.index)
    if isinstance(node, Put):
        return nodes.put(args[0], last - node.axis, node.index, node.shape[node.axis])
    return node.rebuild(args)


def _products_reversed(
    factors: list[tuple[Node, tuple[int, ...]]], node: Ein
) -> list[tuple[Node, tuple[int, ...]]]:
    return factors[::-1] if any(node.dims[x] != "1" for x in node.summed) else factors


def numerator_shape(shape: Shape) -> Shape:
    """Return the shape that a gradient has in numerator layout: that of the value, turned."""
    return shape[::-1]
