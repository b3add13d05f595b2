"""Evaluation in plain Python with a running rounding-error bound: (value, bound) for every entry.

The bound covers what any correct float64 program for the same formula may differ by: each operation adds its own
rounding, and passes the bounds of its arguments on. Shares no code with the emitted programs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node, Pick, Put
from chainrule.ops.table import ALONG, TABLE

EPS = 2.0**-52
TINY = 2.0**-1022  # an underflow may lose this much


@dataclass(frozen=True)
class Bounded:
    """An array with an error bound per entry, in row-major order."""

    shape: tuple[int, ...]
    values: list[float]
    bounds: list[float]

    def nested(self) -> Any:
        """Return the values as nested lists (a number for a scalar)."""
        return nest(self.values, self.shape)


def nest(flat: Sequence[float], shape: Sequence[int]) -> Any:
    """Return a flat row-major list as nested lists."""
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [nest(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def flatten(rows: Any) -> list[float]:
    """Return nested lists or numbers as one flat list."""
    if isinstance(rows, list | tuple):
        return [x for row in rows for x in flatten(row)]  # pyright: ignore[reportUnknownVariableType] - any depth
    return [float(rows)]


def evaluate(
    outputs: Sequence[Node], arrays: Mapping[str, Any], sizes: Mapping[str, int]
) -> list[Bounded]:
    """Return the outputs at given arrays (nested lists by input name) and sizes, with error bounds."""
    done: dict[Node, Bounded] = {}
    for node in nodes.topological(outputs):
        done[node] = _value(node, [done[a] for a in node.args], arrays, sizes)
    return [done[output] for output in outputs]


def size(dim: str, sizes: Mapping[str, int]) -> int:
    """Return the size of a dim; digits stand for themselves."""
    return int(dim) if dim.isdigit() else sizes[dim]


def _value(
    node: Node, args: list[Bounded], arrays: Mapping[str, Any], sizes: Mapping[str, int]
) -> Bounded:
    shape = tuple(size(dim, sizes) for dim in node.shape)
    if isinstance(node, Input):
        flat = flatten(arrays[node.name])
        return Bounded(shape, flat, [0.0] * len(flat))
    if isinstance(node, Name):
        return args[0]
    if isinstance(node, Ein):
        return _ein(node, args, shape, sizes)
    if isinstance(node, Add):
        return Bounded(
            shape, *_columns(_sum(list(entry)) for entry in zip(*map(_pairs, args), strict=True))
        )
    if isinstance(node, Map):
        record = TABLE[node.op]
        fixed = dict(node.parameters)
        entries = zip(*map(_pairs, args), strict=True)
        return Bounded(
            shape, *_columns(_apply(record.value, list(e), fixed, record.rounding) for e in entries)
        )
    return _structural(node, args[0], shape)


def _pairs(x: Bounded) -> list[tuple[float, float]]:
    return list(zip(x.values, x.bounds, strict=True))


def _columns(pairs: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    listed = list(pairs)
    return [v for v, _ in listed], [b for _, b in listed]


def _sum(terms: Sequence[tuple[float, float]]) -> tuple[float, float]:
    value = (
        math.fsum(v for v, _ in terms)
        if all(math.isfinite(v) for v, _ in terms)
        else sum(v for v, _ in terms)
    )
    size_ = sum(abs(v) for v, _ in terms)
    return value, sum(b for _, b in terms) + len(terms) * EPS * size_


def _ein(
    node: Ein, args: list[Bounded], shape: tuple[int, ...], sizes: Mapping[str, int]
) -> Bounded:
    scale = node.coefficient.at(sizes)
    dims = {x: size(d, sizes) for x, d in node.dims.items()}
    pairs = [_pairs(a) for a in args]
    result: list[tuple[float, float]] = []
    for place in itertools.product(*(range(n) for n in shape)):
        at = dict(zip(node.out, place, strict=True))
        terms: list[tuple[float, float]] = []
        for inner in itertools.product(*(range(dims[x]) for x in node.summed)):
            at.update(zip(node.summed, inner, strict=True))
            entries = [
                p[_offset(letters, at, a.shape)]
                for p, letters, a in zip(pairs, node.letters, args, strict=True)
            ]
            terms.append(_product(entries))
        value, bound = _sum(terms) if len(terms) != 1 else terms[0]
        result.append((scale * value, abs(scale) * bound + 4 * EPS * abs(scale * value) + TINY))
    return Bounded(shape, *_columns(result))


def _offset(letters: Sequence[int], at: Mapping[int, int], shape: Sequence[int]) -> int:
    offset = 0
    for letter, n in zip(letters, shape, strict=True):
        offset = offset * n + at[letter]
    return offset


def _product(entries: Sequence[tuple[float, float]]) -> tuple[float, float]:
    value, bound = 1.0, 0.0
    for v, b in entries:
        bound = abs(value) * b + abs(v) * bound + bound * b
        value *= v
    return value, bound + len(entries) * EPS * abs(value) + TINY


def _apply(
    f: Callable[..., float],
    entry: Sequence[tuple[float, float]],
    fixed: Mapping[str, Any],
    rounding: float,
) -> tuple[float, float]:
    """Bound an operation by its values at the ends of the arguments' intervals."""
    centre = [v for v, _ in entry]
    value = f(*centre, **fixed)
    spread = 0.0
    for i, (v, b) in enumerate(entry):
        if b:
            reach = max(b, math.ulp(v)) if math.isfinite(v) else b
            for end in (v - reach, v + reach):
                there = f(*centre[:i], end, *centre[i + 1 :], **fixed)
                spread += abs(there - value) if math.isfinite(there) else math.inf
    return value, spread + (rounding + 1) * EPS * abs(value) + (TINY if rounding else 0.0)


def _structural(node: Node, arg: Bounded, shape: tuple[int, ...]) -> Bounded:
    if isinstance(node, Along):
        return _along(node, arg, shape)
    assert isinstance(node, Pick | Put)
    values, bounds = [0.0] * math.prod(shape), [0.0] * math.prod(shape)
    small = shape if isinstance(node, Pick) else arg.shape
    wide = arg.shape if isinstance(node, Pick) else shape
    for i, place in enumerate(itertools.product(*(range(n) for n in small))):
        full = (*place[: node.axis], node.index % wide[node.axis], *place[node.axis :])
        j = _offset(range(len(full)), dict(enumerate(full)), wide)
        target, source = (i, j) if isinstance(node, Pick) else (j, i)
        values[target], bounds[target] = arg.values[source], arg.bounds[source]
    return Bounded(shape, values, bounds)


def _along(node: Along, arg: Bounded, shape: tuple[int, ...]) -> Bounded:
    record = ALONG[node.op]
    groups: dict[tuple[int, ...], list[int]] = {}
    for i, place in enumerate(itertools.product(*(range(n) for n in arg.shape))):
        groups.setdefault(
            tuple(0 if k in node.axes else p for k, p in enumerate(place)), []
        ).append(i)
    values, bounds = [0.0] * math.prod(shape), [0.0] * math.prod(shape)
    for place, members in groups.items():
        entries = [arg.values[i] for i in members]
        result = record.value(entries)
        # softmax, log-softmax, logsumexp and max move by at most twice the largest move of an entry (max-norm)
        reach = 2 * max(arg.bounds[i] for i in members)
        if not node.keeps:
            at = _offset(range(len(place)), dict(enumerate(place)), shape)
            values[at], bounds[at] = (
                result,
                reach
                + (record.rounding + len(entries)) * EPS * (abs(result) + max(map(abs, entries))),
            )
            continue
        for i, value in zip(members, result, strict=True):
            own = abs(value) if node.op == "softmax" else 1.0
            sensitivity = min(1.0, own) if node.op == "softmax" else 1.0
            values[i] = value
            bounds[i] = (
                2 * reach * sensitivity
                + (record.rounding + len(entries))
                * EPS
                * (abs(value) + (sensitivity * max(map(abs, entries))))
                + TINY
            )
    return Bounded(shape, values, bounds)
