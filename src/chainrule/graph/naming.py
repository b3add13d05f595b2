"""Names in the graph: final labels, and names for values that a derivation will need but nobody named."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node

DEPTH_OF_ONE_FORMULA = (
    24  # deeper formulas are cut into named ones: they would not be readable anyway
)


def relabel(output: Node, labels: Mapping[str, str]) -> Node:
    """Return the graph with names exchanged."""
    done: dict[Node, Node] = {}
    for node in nodes.topological([output]):
        new = node.rebuild([done[arg] for arg in node.args])
        if isinstance(new, Name) and new.label in labels:
            new = nodes.named(labels[new.label], new.inner)
        done[node] = new
    return done[output]


def automatic_names(output: Node, taken: set[str]) -> Node:
    """Return the graph with names v1, v2, ... for unnamed values that are used twice, needed by a rule, or deep."""
    order = nodes.topological([output])
    used = taken | {node.label for node in order if isinstance(node, Name)}
    wanted = _wanted(order)
    done: dict[Node, Node] = {}
    depth: dict[Node, int] = {}
    count = 0
    for node in order:
        new = node.rebuild([done[arg] for arg in node.args])
        level = (
            0
            if isinstance(node, Name | Input)
            else 1 + max((depth[a] for a in node.args), default=0)
        )
        if node in wanted or level >= DEPTH_OF_ONE_FORMULA:
            count += 1
            while f"v{count}" in used:
                count += 1
            new, level = nodes.named(f"v{count}", new), 0
        done[node], depth[node] = new, level
    return done[output]


def _wanted(order: list[Node]) -> set[Node]:
    learned = dict.fromkeys(order, False)
    light = dict(learned)
    uses: dict[Node, int] = {}
    wanted: set[Node] = set()
    for node in order:
        learned[node] = any(learned[a] for a in node.args) or (
            isinstance(node, Input) and node.role != "data"
        )
        light[node] = _is_light(node, light)
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
        wanted.update(_needed_by(node, learned))
    wanted.update(node for node in order if uses.get(node, 0) > 1)
    barred = {node.inner for node in order if isinstance(node, Name)}
    return {n for n in wanted if not light[n] and learned[n] and n not in barred}


def _needed_by(node: Node, learned: Mapping[Node, bool]) -> list[Node]:
    """Return the arguments whose values the node's derivative rule will read."""
    if isinstance(node, Map | Along):
        return list(node.args)
    if isinstance(node, Ein):
        return [
            arg
            for i, arg in enumerate(node.args)
            if any(learned[b] for j, b in enumerate(node.args) if j != i)
        ]
    return []


def _is_light(node: Node, light: Mapping[Node, bool]) -> bool:
    """Tell whether a value is so simple that writing it again is clearer than a name."""
    if isinstance(node, Input | Name):
        return True
    if isinstance(node, Ein):
        small = all(d == "1" for i, d in node.dims.items() if i in node.summed)
        return len(node.args) <= 1 and small and all(light[a] for a in node.args)
    if isinstance(node, Map):
        return node.op in ("square", "reciprocal")  # what they are of has a name of its own
    return isinstance(node, Add) and len(node.args) <= 3 and all(light[a] for a in node.args)
