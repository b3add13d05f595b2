"""Conventions a reader may switch: mean, sum or half mean; examples as columns or rows. They change the graph itself."""

from __future__ import annotations

from collections import Counter
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

    Only reductions that reach the loss through sums and constant factors, and that read data, are changed: a penalty
    on the parameters, or a mean inside a normalisation, stays as it is. Constant factors on the way (`1 / m * sum(...)`)
    are first taken into the reduction, so every spelling of a mean is the same mean. Of the number in front, one half
    belongs to the convention; any other number is the reader's own weight, and stays.
    """
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS)
    order = nodes.topological([graph.loss])
    path = _path(graph.loss, order)
    taken = _factors_taken(order, path)
    done: dict[Node, Node] = {}
    for node in order:
        done[node] = (
            _on_path(node, taken, done, convention)
            if node in path
            else node.rebuild([done[a] for a in node.args])
        )
    loss = done[graph.loss]
    assert isinstance(loss, Name)
    return replace(graph, loss=loss)


def _path(loss: Name, order: list[Node]) -> set[Node]:
    """Return the scalar values through which reductions over the data reach the loss: names, sums, constant factors."""
    outer, data = _outer(loss), _reads_data(order)
    path: set[Node] = set()
    for node in order:
        if node in outer and node in data and (_reduces(node) or any(a in path for a in node.args)):
            path.add(node)
    return path


def _factors_taken(order: list[Node], path: set[Node]) -> dict[Node, Coefficient]:
    """Return the product of the constant factors above each value of the path that has one user, so can take them in."""
    users = Counter(a for node in order for a in node.args)
    taken: dict[Node, Coefficient] = {}
    for node in reversed(order):
        if node in path and not _reduces(node):
            for arg in node.args:
                if arg in path and users[arg] == 1:
                    taken[arg] = _factor_below(node, taken)
    return taken


def _factor_below(node: Node, taken: Mapping[Node, Coefficient]) -> Coefficient:
    own = node.coefficient if isinstance(node, Ein) else ONE
    return taken.get(node, ONE).times(own)


def _on_path(
    node: Node, taken: Mapping[Node, Coefficient], done: Mapping[Node, Node], convention: str
) -> Node:
    if isinstance(node, Ein) and _reduces(node):
        args = [done[a] for a in node.args]
        coefficient = _set_anew(node, _factor_below(node, taken), convention)
        return nodes.ein(
            coefficient, list(zip(args, node.letters, strict=True)), node.out, node.shape
        )
    factor = _factor_below(node, taken)
    args = [done[a] if a in taken else _scaled(factor, done[a]) for a in node.args]
    return args[0] if isinstance(node, Ein) else node.rebuild(args)


def _scaled(factor: Coefficient, node: Node) -> Node:
    return node if factor == ONE else nodes.scaled(factor, node)


def _reduces(node: Node) -> bool:
    return isinstance(node, Ein) and any(node.dims[x] != "1" for x in node.summed)


def _set_anew(node: Ein, written: Coefficient, convention: str) -> Coefficient:
    """Return the written coefficient with its power of the averaged dims, and a half, set anew."""
    dims = dict(written.dims)
    summed = [node.dims[x] for x in node.summed if node.dims[x] != "1"]
    averaged = [dim for dim in summed if dim in dims] or summed
    weight = written.number * 2 if abs(written.number) == Fraction(1, 2) else written.number
    if convention == "half-mean":
        weight /= 2
    kept = Coefficient(weight, tuple((d, p) for d, p in written.dims if d not in averaged))
    size = size_of(averaged).to_the(Fraction(-1)) or ONE
    return kept if convention == "sum" else kept.times(size)


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
