"""Announced patterns: sigmoid or softmax under a cross-entropy, and the logarithm of a sum of exponentials.

The composed form is derived and shown; the collapsed, overflow-free form is what is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.derive.simplify import Rewriter, split
from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node
from chainrule.graph.tensor import Tensor, elementwise
from chainrule.graph.trace import Graph


@dataclass(frozen=True)
class Collapse:
    """A pattern found: `at` is the operation whose pull-back collapses to `gradient`; `term` of the loss becomes `stable`."""

    name: str
    note: str
    at: Node
    gradient: Node
    term: Node
    stable: Node
    probability: Node
    label: Node


def find_collapses(graph: Graph) -> list[Collapse]:
    """Return the patterns in a graph's loss whose probabilities are used nowhere else."""
    loss = Rewriter().simplify(expand_scalars(graph.loss.inner))
    uses = _count_uses(graph)
    found: list[Collapse] = []
    for term in loss.args if isinstance(loss, Add) else (loss,):
        collapse = _match(term, graph)
        if collapse and uses.get(collapse.probability, 0) <= (
            2 if collapse.name.startswith("sigmoid") else 1
        ):
            found.append(collapse)
    return found


def stable_loss(graph: Graph, collapses: list[Collapse] | tuple[Collapse, ...]) -> Node:
    """Return the loss's formula with every matched term in its overflow-free form."""
    if not collapses:
        return graph.loss.inner
    loss = Rewriter().simplify(expand_scalars(graph.loss.inner))
    swap = {c.term: c.stable for c in collapses}
    if isinstance(loss, Add):
        return nodes.add([swap.get(term, term) for term in loss.args])
    return swap.get(loss, loss)


def expand_scalars(formula: Node) -> Node:
    """Return a loss formula with named parts written out where they lead to a cross-entropy by sums and factors only."""
    done: dict[Node, Node] = {}
    for node in nodes.topological([formula], _is_opaque):
        if _is_opaque(node):
            done[node] = node
        elif isinstance(node, Name):
            done[node] = done[node.inner]
        else:
            done[node] = node.rebuild([done[a] for a in node.args])
    return done[formula]


def _is_opaque(node: Node) -> bool:
    if isinstance(node, Name):
        return not (isinstance(node.inner, Add | Ein) and _has_log(node.inner))
    return isinstance(node, Input | Map | Along)


def _has_log(node: Node) -> bool:
    return any(isinstance(n, Map) and n.op == "log" for n in nodes.inside(node)) or any(
        isinstance(n, Name)
        and isinstance(n.inner, Add | Ein)
        and any(isinstance(k, Map) and k.op == "log" for k in nodes.inside(n.inner))
        for n in nodes.inside(node)
    )


def _count_uses(graph: Graph) -> dict[Node, int]:
    uses: dict[Node, int] = {}
    for node in nodes.topological([graph.loss]):
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    return uses


def _match(term: Node, graph: Graph) -> Collapse | None:
    if not isinstance(term, Ein) or term.shape:
        return None
    return _match_binary(term) or _match_categorical(term, graph)


def _match_binary(term: Ein) -> Collapse | None:
    if len(term.args) != 1 or not isinstance(term.args[0], Add) or len(term.args[0].args) != 2:
        return None
    first, second = term.args[0].args
    for one, other in ((first, second), (second, first)):
        for label, probability in _log_pairs(one):
            sigmoid = nodes.definition(probability)
            if (
                isinstance(sigmoid, Map)
                and sigmoid.op == "sigmoid"
                and _is_rest(other, label, probability)
            ):
                return _binary(term, label, probability, sigmoid)
    return None


def _log_pairs(term: Node) -> Iterator[tuple[Node, Node]]:
    """Yield (y, a) for a term y log(a)."""
    scale, body = split(term)
    if (
        scale == ONE
        and isinstance(body, Ein)
        and len(body.args) == 2
        and not body.summed
        and len(set(body.letters)) == 1
    ):
        for y, log in (body.args, body.args[::-1]):
            if isinstance(log := _transparent(log), Map) and log.op == "log":
                yield y, log.args[0]


def _transparent(node: Node) -> Node:
    return (
        node.inner
        if isinstance(node, Name) and isinstance(node.inner, Map) and node.inner.op == "log"
        else node
    )


def _is_rest(term: Node, label: Node, probability: Node) -> bool:
    """Tell whether a term is (1 - y) log(1 - a)."""
    return any(
        _complement(y) is label and _complement(a) is probability for y, a in _log_pairs(term)
    )


def _complement(node: Node) -> Node | None:
    """Return x where the node is 1 - x."""
    node = nodes.definition(node) if isinstance(nodes.definition(node), Add) else node
    if not (isinstance(node, Add) and len(node.args) == 2):
        return None
    for one, minus in (node.args, node.args[::-1]):
        scale, body = split(minus)
        if isinstance(one, Ein) and not one.args and one.coefficient == ONE and scale == MINUS_ONE:
            return body
    return None


def _binary(term: Ein, label: Node, probability: Node, sigmoid: Map) -> Collapse:
    scale = term.coefficient.times(MINUS_ONE)
    z, y = Tensor(sigmoid.args[0]), Tensor(label)
    gradient = nodes.scaled(scale, (Tensor(probability) - y).node)
    stable = _total(scale, (elementwise("softplus", [z]) - y * z).node)
    note = "the cross-entropy undoes the sigmoid: a(1 - a) cancels against 1/a and 1/(1 - a)"
    return Collapse(
        "sigmoid with cross-entropy", note, sigmoid, gradient, term, stable, probability, label
    )


def _match_categorical(term: Ein, graph: Graph) -> Collapse | None:
    if len(term.args) != 2 or len(set(term.letters)) != 1:
        return None
    for y, log in (term.args, term.args[::-1]):
        log = _transparent(log)
        if not (
            isinstance(log, Map) and log.op == "log" and isinstance(y, Input) and y.role == "data"
        ):
            continue
        probability = log.args[0]
        softmax = nodes.definition(probability)
        declared = graph.domains.get(y.name, "one-hot")
        if isinstance(softmax, Along) and softmax.op == "softmax" and declared == "one-hot":
            return _categorical(term, y, probability, softmax)
    return None


def _categorical(term: Ein, label: Input, probability: Node, softmax: Along) -> Collapse:
    scale = term.coefficient.times(MINUS_ONE)
    gradient = nodes.scaled(scale, (Tensor(probability) - Tensor(label)).node)
    log_softmax = nodes.along("log_softmax", softmax.args[0], softmax.axes, True)
    axes = tuple(range(len(label.shape)))
    stable = nodes.ein(term.coefficient, [(label, axes), (log_softmax, axes)], (), ())
    dims = " and ".join(label.shape[i] for i in softmax.axes)
    note = f"the cross-entropy undoes the softmax, given that the labels {label.name} sum to 1 over {dims}"
    return Collapse(
        "softmax with cross-entropy", note, softmax, gradient, term, stable, probability, label
    )


def _total(scale: Coefficient, body: Node) -> Node:
    return nodes.ein(scale, [(body, tuple(range(len(body.shape))))], (), ())
