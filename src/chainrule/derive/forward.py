"""Forward mode, and Hessian-vector products: the tangents of formulas along a direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.derive.pull import push
from chainrule.derive.simplify import Rewriter
from chainrule.derive.sweep import Backward
from chainrule.graph import nodes
from chainrule.graph.coefficient import ZERO
from chainrule.graph.nodes import Input, Name, Node


def directions(inputs: Sequence[Input]) -> dict[str, Input]:
    """Return one symbol per input, of its shape: `v_W1` for W1."""
    found: dict[str, Input] = {}
    for node in inputs:
        symbol = nodes.input_node(
            "v_" + node.name.replace("[", "_").rstrip("]"), node.shape, "symbol"
        )
        assert isinstance(symbol, Input)
        found[node.name] = symbol
    return found


def tangents(outputs: Sequence[Node], along: Mapping[str, Node]) -> list[Node]:
    """Return the directional derivative of each output, inputs moving along `along` (by name; the others rest).

    Every named value V on the way gets a named tangent tV, so formulas stay short.
    """
    order = nodes.topological(outputs)
    shown = {n.inner: n for n in reversed(order) if isinstance(n, Name)}
    moving: dict[Node, Node | None] = {}
    for node in order:
        if isinstance(node, Input):
            moving[node] = along.get(node.name)
        elif isinstance(node, Name):
            moving[node] = _named_tangent(node, moving[node.inner])
        else:
            moving[node] = push(node, [moving[a] for a in node.args], shown.get(node, node))
    return [_or_zero(moving[output], output) for output in outputs]


def _named_tangent(node: Name, tangent: Node | None) -> Node | None:
    if tangent is None:
        return None
    formula = Rewriter().simplify(tangent)
    return nodes.named(f"t{node.label}", formula, "tangent", node.label)


def _or_zero(tangent: Node | None, output: Node) -> Node:
    return nodes.constant(ZERO, output.shape) if tangent is None else tangent


def hessian_vector_products(backward: Backward) -> tuple[dict[str, Input], dict[str, Name]]:
    """Return the direction symbols and, for each parameter, the formula of (H v): the gradients derived again.

    Source: Pearlmutter 1994, Fast exact multiplication by the Hessian.
    """
    parameters = [node for node in backward.graph.inputs if node.role == "parameter"]
    symbols = directions(parameters)
    gradients = [
        backward.gradients[node.name].node for node in parameters if node.name in backward.gradients
    ]
    products: dict[str, Name] = {}
    for g, t in zip(gradients, tangents(gradients, symbols), strict=True):
        label = f"H{g.of}"
        products[g.of] = nodes.named(label, nodes.definition(t), "tangent", g.of)  # type: ignore[assignment]
    return symbols, products
