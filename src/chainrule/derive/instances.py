"""Random instances of a graph that respect what it implies (labels, positive arguments), and equality tested on them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.derive.bounded import Bounded, evaluate, nest, size
from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Ein, Input, Map, Name, Node
from chainrule.graph.trace import Graph

DOMAINS = ("real", "positive", "probability", "label", "one-hot", "count")


def sizes_for(dims: Sequence[str], seed: int) -> dict[str, int]:
    """Return distinct sizes of at least 3, so that no wrong transpose or sum can fit by accident."""
    chosen = list(range(3, 3 + len(dims)))
    random.Random(seed).shuffle(chosen)
    return dict(zip(dims, chosen, strict=True))


def implied_domains(graph: Graph) -> dict[str, str]:
    """Return what the graph implies of its inputs: one-hot or 0/1 labels of a cross-entropy, positive under log and sqrt."""
    from chainrule.derive.patterns import find_collapses

    found: dict[str, str] = {}
    for collapse in find_collapses(graph):
        if isinstance(collapse.label, Input):
            found[collapse.label.name] = (
                "one-hot" if collapse.name.startswith("softmax") else "label"
            )
    for node in nodes.topological([graph.loss]):
        if isinstance(node, Map) and node.op in ("log", "sqrt", "power", "pow"):
            for leaf in _sources(node.args[0]):
                found.setdefault(leaf.name, "positive")
    return {**found, **graph.domains}


def _sources(node: Node) -> list[Input]:
    """Return the inputs whose sign decides the sign of a value, where that is plain: x, c x, x + y."""
    found: list[Input] = []
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Input):
            found.append(here)
        elif isinstance(here, Name | Add) or (
            isinstance(here, Ein) and here.coefficient.number > 0
        ):
            stack += here.args
    return found


def instance(graph: Graph, sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """Return random arrays (nested lists) for every input of a graph."""
    domains = implied_domains(graph)
    rng = random.Random(seed)
    return {node.name: draw(node, domains, sizes, rng) for node in graph.inputs}


def draw(
    node: Input, domains: Mapping[str, str], sizes: Mapping[str, int], rng: random.Random
) -> Any:
    """Return a random array for one input, in its domain."""
    shape = [size(dim, sizes) for dim in node.shape]
    domain = domains.get(node.name, domains.get(node.name.partition("[")[0], "real"))
    if domain == "one-hot" and len(shape) == 2:
        hot = [rng.randrange(shape[0]) for _ in range(shape[1])]
        return [[1.0 if hot[j] == i else 0.0 for j in range(shape[1])] for i in range(shape[0])]
    return nest([_entry(domain, rng) for _ in range(math.prod(shape))], shape)


def _entry(domain: str, rng: random.Random) -> float:
    if domain in ("label", "one-hot"):
        return float(rng.randrange(2))
    if domain == "probability":
        return rng.uniform(0.1, 0.9)
    if domain == "positive":
        return rng.uniform(0.5, 2.0)
    if domain == "count":
        return float(rng.randrange(6))
    return rng.gauss(0.0, 1.0)


def agree(a: Bounded, b: Bounded) -> bool:
    """Tell whether two arrays agree within their error bounds; NaN agrees with nothing."""
    return a.shape == b.shape and all(
        abs(x - y) <= p + q
        for x, y, p, q in zip(a.values, b.values, a.bounds, b.bounds, strict=True)
    )


def equal(a: Node, b: Node, graph: Graph, trials: int = 3) -> bool:
    """Tell whether two formulas over a graph's inputs are equal: the same node, or agreeing at random instances."""
    if a is b:
        return True
    for seed in range(trials):
        sizes = sizes_for(graph.dims, seed)
        arrays = instance(graph, sizes, seed)
        if not agree(*evaluate([a, b], arrays, sizes)):
            return False
    return True
