"""Which value of a model is its prediction: the one that the reader named, or the last that is learned without the target."""

from __future__ import annotations

from chainrule.derive.sweep import depends_on_parameters
from chainrule.errors import LossError
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name, Node
from chainrule.graph.trace import Graph


def target_of(graph: Graph) -> str | None:
    """Return the name of the target: the last data argument, or the last that a prediction named by the reader leaves out."""
    if not graph.data:
        return None
    reads = _inputs_of(_named(graph)) if graph.predicts else set[str]()
    left = [name for name in graph.data if name not in reads]
    return (left or list(graph.data))[-1]


def features_of(graph: Graph) -> str | None:
    """Return the name of the features: the first data argument that is not the target."""
    target = target_of(graph)
    return next((name for name in graph.data if name != target), target)


def _named(graph: Graph) -> Name:
    return next(value for value in graph.values if value.label == graph.predicts)


def _inputs_of(value: Name) -> set[str]:
    """Return the names of the inputs that a value reads; of a list of arrays, the list's."""
    order = nodes.topological([value])
    return {node.name.partition("[")[0] for node in order if isinstance(node, Input)}


def prediction(graph: Graph) -> Name:
    """Return the prediction as a named value."""
    if graph.predicts:
        return _named(graph)
    order = nodes.topological([graph.loss])
    learned, target = depends_on_parameters(order), target_of(graph)
    reads: set[Node] = set()
    for node in order:
        if (isinstance(node, Input) and node.name.partition("[")[0] == target) or any(
            a in reads for a in node.args
        ):
            reads.add(node)
    # the frontier: learned values that the target has not touched, read by something that it has
    frontier = [
        a for node in order if node in reads for a in node.args if a in learned and a not in reads
    ]
    best = next((n for n in reversed(frontier) if isinstance(n, Name)), None) or next(
        (n for n in reversed(frontier) if not isinstance(n, Input)), None
    )
    if best is None:
        raise LossError(
            "the model has no prediction: no value is learned and independent of the target, its last data argument. "
            'Name one, as in @cr.model(prediction="Y_hat").'
        )
    best = _original(best)
    result = best if isinstance(best, Name) else nodes.named("prediction", best)
    assert isinstance(result, Name)
    return result


def _original(node: Node) -> Node:
    """Return P for a frontier value such as log P or 1 - P, where P is a single named value that it is made of."""
    while not isinstance(node, Name):
        named = [n for n in nodes.inside(node) if isinstance(n, Name)]
        if len(named) != 1:
            return node
        node = named[0]
    return node
