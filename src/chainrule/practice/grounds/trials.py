"""Instances to judge on: sizes all different and at least 3, inputs in their domains, exact in float32 as well as float64.

Draws; does not know whether a draw tells right from wrong (`discriminate` does).
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.derive.instances import draw, implied_domains
from chainrule.derive.patterns import find_collapses
from chainrule.graph import nodes
from chainrule.graph.nodes import Along, Ein, Input, Name, Node
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.numbers import Array, Point, Value, exact
from chainrule.start import check_arrays

GRID = 256  # inputs are whole multiples of 1/256: the same number in float32
COARSE = 4  # in small examples, of 1/4
SPREAD = 6  # sizes are chosen among this many more than are needed


@dataclass(frozen=True)
class Trial:
    """One instance: sizes by dim, and the array of every input by label (`W[0]` for one of a list)."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]

    def leaves(self, graph: Graph) -> dict[Node, Value]:
        """Return the inputs as exact values of their nodes."""
        return {node: exact(self.arrays[node.name]) for node in graph.inputs}

    def point(self, graph: Graph) -> Point:
        """Return the point of the model's own values."""
        return Point(self.sizes, self.leaves(graph))

    def arguments(self, graph: Graph) -> dict[str, Any]:
        """Return the inputs by argument, lists as lists: what a function is called with."""
        found: dict[str, Any] = {}
        for name, shape in [*graph.data.items(), *graph.parameters.items()]:
            many = isinstance(shape, list)
            parts = [self.arrays[f"{name}[{i}]"] for i in range(len(shape))] if many else []
            found[name] = parts if many else self.arrays[name]
        return found


def trial_sizes(graph: Graph, seed: int) -> dict[str, int]:
    """Return sizes for the dims: all different, at least 3, unlike any fixed size, and not the same for every seed."""
    fixed = {int(d) for node in graph.inputs for d in node.shape if d.isdigit()}
    free = [n for n in range(3, 3 + SPREAD + len(graph.dims)) if n not in fixed]
    chosen = random.Random(seed).sample(free, len(graph.dims))
    return dict(zip(graph.dims, chosen, strict=True))


def draw_trial(
    graph: Graph, seed: int, sizes: Mapping[str, int] | None = None, grid: int = GRID
) -> Trial:
    """Return a random instance: of distinct sizes, or of the sizes given."""
    sizes = trial_sizes(graph, seed) if sizes is None else sizes
    domains = {**implied_domains(graph), **graph.domains}
    classes = one_hot_axes(graph)
    rng = random.Random(seed)
    arrays: dict[str, Array] = {}
    for node in graph.inputs:
        domain = domains.get(node.name, domains.get(node.name.partition("[")[0], "real"))
        shape = [int(d) if d.isdigit() else sizes[d] for d in node.shape]
        if node.name in classes and graph.domains.get(node.name, "one-hot") == "one-hot":
            arrays[node.name] = _one_hot(shape, classes[node.name], rng)
        else:
            drawn = np.asarray(draw(node, domains, sizes, rng), dtype=np.float64)
            arrays[node.name] = drawn if domain in ("label", "count") else _rounded(drawn, grid)
    return Trial(dict(sizes), arrays)


def _rounded(array: Array, grid: int) -> Array:
    """Return the nearest multiples of 1/grid, 0 left out (a zero input hides mistakes)."""
    whole = np.rint(array * grid)
    sign = np.where(np.signbit(array), -1.0, 1.0)
    return np.where((whole == 0) & (array != 0), sign, whole) / grid


def one_hot_axes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Return the class axes of labels that stand beside a softmax in a cross-entropy, composed or fused."""
    found: dict[str, tuple[int, ...]] = {}
    for collapse in find_collapses(graph):
        if isinstance(collapse.label, Input) and isinstance(collapse.at, Along):
            found[collapse.label.name] = collapse.at.axes
    for node in nodes.topological([graph.loss]):
        if isinstance(node, Ein) and len(node.args) == 2 and len(set(node.letters)) == 1:
            for label, other in (node.args, node.args[::-1]):
                inner = other.inner if isinstance(other, Name) else other
                if not (isinstance(inner, Along) and inner.op == "log_softmax"):
                    continue
                if isinstance(label, Input) and label.role == "data":
                    found[label.name] = inner.axes
    return found


def _one_hot(shape: Sequence[int], axes: tuple[int, ...], rng: random.Random) -> Array:
    rest = [n for i, n in enumerate(shape) if i not in axes]
    count = math.prod(shape[i] for i in axes)
    rows = np.zeros((math.prod(rest), count))
    for row in rows:
        row[rng.randrange(count)] = 1.0
    order = [*(i for i in range(len(shape)) if i not in axes), *axes]
    return np.transpose(rows.reshape([shape[i] for i in order]), np.argsort(order)).copy()


def given_trial(graph: Graph, data: Mapping[str, Any], seed: int) -> Trial:
    """Return an instance with the arrays given for data (and for parameters, if any are); everything else is random.

    Raises:
        DataError: a name is not among the model's data and parameters.
        ShapeError: an array does not fit the model's shapes.
    """
    known = given_arrays(graph, data)
    sizes: dict[str, int] = {}
    for node in graph.inputs:
        if node.name in known:
            own = zip(node.shape, known[node.name].shape, strict=True)
            sizes.update({dim: n for dim, n in own if not dim.isdigit()})
    free = {dim: n + max(sizes.values(), default=0) for dim, n in trial_sizes(graph, seed).items()}
    drawn = draw_trial(graph, seed, {**free, **sizes})
    return Trial(drawn.sizes, {**drawn.arrays, **known})


def given_arrays(graph: Graph, given: Mapping[str, Any]) -> dict[str, Array]:
    """Return arrays by label (lists spread out), checked against the model's shapes."""
    data = {name: value for name, value in given.items() if name not in graph.parameters}
    params = {name: value for name, value in given.items() if name in graph.parameters}
    checked = check_arrays(graph, data, params, only=list(given))
    found: dict[str, Array] = {}
    for node in graph.inputs:
        name, _, index = node.name.partition("[")
        if name in checked:
            value = checked[name][int(index[:-1])] if index else checked[name]
            found[node.name] = np.array(value, dtype=np.float64)
    return found
