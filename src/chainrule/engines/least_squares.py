"""The minimiser of a sum of squares of values that are affine in the parameters, by an orthogonal decomposition.

The normal equations would square the condition number; the residuals are read off the graph, so they need not be formed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.emit import program as programs
from chainrule.engines.flat import Flat
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Add, Ein, Input, Map, Name, Node
from chainrule.graph.trace import Graph

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """A least squares solution: the flat parameters, and the condition number of the problem with columns of length 1."""

    vector: Array
    condition: float
    rank: int


def residuals(graph: Graph) -> list[tuple[Coefficient, Node]] | None:
    """Return the terms c ‖r‖² that the loss is a sum of, as (c, r); None where it is not one."""
    found: list[tuple[Coefficient, Node]] = []
    stack: list[tuple[Node, Coefficient]] = [(graph.loss, ONE)]
    while stack:
        node, scale = stack.pop()
        if isinstance(node, Name):
            stack.append((node.inner, scale))
        elif isinstance(node, Add):
            stack += [(arg, scale) for arg in node.args]
        elif isinstance(node, Map) and node.op == "square":
            found.append((scale, node.args[0]))
        elif isinstance(node, Ein) and len(node.args) == 1 and not node.args[0].shape:
            stack.append((node.args[0], scale.times(node.coefficient)))
        elif isinstance(node, Ein) and (squared := _squared(node)) is not None:
            found.append((scale.times(node.coefficient), squared))
        elif _learned(node):
            return None
    return found if all(c.number > 0 for c, _ in found) else None


def _squared(node: Ein) -> Node | None:
    """Return r where a product is the sum of all r²."""
    if node.out or len(set(node.letters)) != 1 or len(set(node.letters[0])) != len(node.letters[0]):
        return None
    inner = node.args[0]
    if len(node.args) == 2 and inner is node.args[1]:
        return inner
    while isinstance(inner, Name):
        inner = inner.inner
    return (
        inner.args[0]
        if len(node.args) == 1 and isinstance(inner, Map) and inner.op == "square"
        else None
    )


def _learned(node: Node) -> bool:
    return any(isinstance(n, Input) and n.role == "parameter" for n in nodes.topological([node]))


def solve(
    graph: Graph, data: Mapping[str, Any], flat: Flat, sizes: Mapping[str, int]
) -> Solution | None:
    """Return the minimiser of a quadratic loss that is a sum of squares, or None where it is not one.

    The smallest one where many are equally good. One step of refinement in extended precision follows.
    """
    terms = residuals(graph)
    if not terms:
        return None
    labels = [f"r{i}" for i in range(len(terms))]
    named = [
        cast("Name", nodes.named(label, r)) for label, (_, r) in zip(labels, terms, strict=True)
    ]
    values = [n for n in nodes.topological(named) if isinstance(n, Name)]
    arguments = {**graph.data, **dict.fromkeys(labels, ())}
    shown = Graph("residuals", arguments, graph.parameters, named[0])
    program = programs.compiled(
        programs.build(
            "residuals",
            shown,
            named[0],
            values,
            dict(zip(labels, named, strict=True)),
            [],
            loss_too=False,
        )
    )
    weights = [float(np.sqrt(c.at(sizes))) for c, _ in terms]

    def at(vector: Array) -> Array:
        found = program.run({**data, **flat.split(vector)})
        return np.concatenate(
            [w * np.ravel(found[k]) for w, k in zip(weights, labels, strict=True)]
        )

    target = -at(np.zeros(flat.size))
    matrix = np.stack([at(row) + target for row in np.eye(flat.size)], axis=1)
    return _refined(matrix, target)


def _refined(matrix: Array, target: Array) -> Solution:
    length = np.linalg.norm(matrix, axis=0)
    length = np.where(length > 0, length, 1.0)
    scaled = matrix / length
    x, _, rank, singular = np.linalg.lstsq(scaled, target, rcond=None)
    exact = scaled.astype(np.longdouble)
    for _ in range(3):
        rest = (target - exact @ x.astype(np.longdouble)).astype(np.float64)
        x = x + np.linalg.lstsq(scaled, rest, rcond=None)[0]
    condition = float(singular[0] / singular[-1]) if singular.size and singular[-1] > 0 else np.inf
    return Solution(x / length, condition, int(rank))


__all__ = ["Solution", "residuals", "solve"]
