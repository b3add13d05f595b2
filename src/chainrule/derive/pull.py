"""One step of the chain rule: from the gradient of a node to what it sends to each argument. And the same forwards."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.graph import nodes
from chainrule.graph.arithmetic import stretched
from chainrule.graph.coefficient import ONE, ZERO
from chainrule.graph.nodes import Add, Along, Ein, Map, Name, Node, Pick, Put
from chainrule.graph.tensor import Tensor, lift
from chainrule.ops.table import ALONG, TABLE


@dataclass(frozen=True)
class Sent:
    """What a node's gradient sends to one argument: the formula and the rule's name."""

    index: int
    formula: Node
    rule: str


def pull(node: Node, g: Node, shown: Node | None = None) -> list[Sent]:
    """Return what the gradient `g` of a node sends to each of its arguments; nothing where the derivative is zero.

    `shown` is the named value that the node defines, if any: rules that reuse the output then read it by name.
    """
    shown = node if shown is None else shown
    if isinstance(node, Ein):
        return [Sent(i, _exchange(node, g, i), ein_rule(node, i)) for i in range(len(node.args))]
    if isinstance(node, Add):
        return [Sent(i, g, "sum rule") for i in range(len(node.args))]
    if isinstance(node, Map):
        return _pull_map(node, g, shown)
    if isinstance(node, Along):
        record = ALONG[node.op]
        formula = record.pull(Tensor(g), Tensor(node.args[0]), Tensor(shown), node.axes).node
        return [Sent(0, formula, node.op)]
    if isinstance(node, Pick):
        return [
            Sent(0, nodes.put(g, node.axis, node.index, node.args[0].shape[node.axis]), "indexing")
        ]
    if isinstance(node, Put):
        return [Sent(0, nodes.pick(g, node.axis, node.index), "indexing")]
    assert isinstance(node, Name)
    return [Sent(0, g, "")]


def _exchange(node: Ein, g: Node, index: int) -> Node:
    """Exchange the argument's letters with the output's: the whole gradient rule of a multilinear node."""
    others = [factor for i, factor in enumerate(node.factors) if i != index]
    arg, letters = node.factors[index]
    return nodes.ein(node.coefficient, [(g, node.out), *others], letters, arg.shape)


def partial(node: Map, index: int, shown: Node) -> Node | None:
    """Return the partial derivative of an elementwise operation, as a formula of its input and output `shown`."""
    build = TABLE[node.op].derivatives[index]
    if build is None:
        return None
    result = build(*[Tensor(arg) for arg in node.args], Tensor(shown), **dict(node.parameters))
    return stretched(lift(result).node, node.shape)


def _pull_map(node: Map, g: Node, shown: Node) -> list[Sent]:
    sent: list[Sent] = []
    for index in range(len(node.args)):
        slope = partial(node, index, shown)
        if slope is not None:
            sent.append(Sent(index, _times(g, slope), node.op))
    return sent


def _times(a: Node, b: Node) -> Node:
    axes = tuple(range(len(a.shape)))
    return nodes.ein(ONE, [(a, axes), (b, axes)], axes, a.shape)


def push(node: Node, tangents: list[Node | None], shown: Node) -> Node | None:
    """Return the tangent of a node from its arguments' tangents (None where zero): the forward mode."""
    if isinstance(node, Ein):
        terms = [_replaced(node, i, t) for i, t in enumerate(tangents) if t is not None]
    elif isinstance(node, Add):
        terms = [t for t in tangents if t is not None]
    elif isinstance(node, Map):
        slopes = [(t, partial(node, i, shown)) for i, t in enumerate(tangents) if t is not None]
        terms = [_times(t, slope) for t, slope in slopes if slope is not None]
    elif tangents[0] is None:
        return None
    else:
        terms = [_push_one(node, tangents[0], shown)]
    return nodes.add(terms) if terms else None


def _push_one(node: Node, t: Node, shown: Node) -> Node:
    if isinstance(node, Along):
        return ALONG[node.op].push(Tensor(t), Tensor(node.args[0]), Tensor(shown), node.axes).node
    if isinstance(node, Pick):
        return nodes.pick(t, node.axis, node.index)
    if isinstance(node, Put):
        return nodes.put(t, node.axis, node.index, node.shape[node.axis])
    return t


def _replaced(node: Ein, index: int, t: Node) -> Node:
    factors = [(t if i == index else arg, letters) for i, (arg, letters) in enumerate(node.factors)]
    return nodes.ein(node.coefficient, factors, node.out, node.shape)


def ein_rule(node: Ein, index: int) -> str:
    """Return the reader's name for what a multilinear node does to one argument."""
    dims = node.dims
    real = [x for x in node.summed if dims[x] != "1"]
    mine = node.letters[index]
    if len(node.args) > 1:
        if real and all(node.shape):
            return (
                "matrix product"
                if len(node.args) == 2 and len(node.letters[0]) <= 2 and len(node.letters[1]) <= 2
                else "contraction"
            )
        small = not any(dims[x] != "1" for x in mine)
        big = any(dims[x] != "1" for x in node.out)
        spread = [dims[x] for x in node.out if x not in mine and dims[x] != "1"]
        if small and big:
            return "product with a scalar: add up all entries"
        return (
            f"product, broadcast: add up over {' and '.join(spread)}"
            if spread
            else "elementwise product"
        )
    spread = [dims[x] for x in node.out if x not in mine and dims[x] != "1"]
    if spread:
        return f"broadcast: add up over {' and '.join(spread)}"
    if real:
        powers = dict(node.coefficient.dims)
        return "mean" if all(powers.get(dims[x], 0) < 0 for x in real) else "sum"
    if node.coefficient != ZERO and node.out != tuple(
        sorted(node.out, key=mine.index if set(node.out) <= set(mine) else None)
    ):
        return "transpose"
    return "constant factor"
