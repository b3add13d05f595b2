"""Values of graph nodes with running error bounds, on NumPy arrays, from whatever values of named nodes are given.

The same bounds as `derive.bounded`, which is for whole models in plain Python; here any named value may be replaced by a
student's own. Knows nothing of students.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Map, Name, Node, Pick, Put
from chainrule.ops.table import ALONG, TABLE

Array = NDArray[np.float64]
EPS = 2.0**-52
TINY = 2.0**-1022  # an underflow may lose this much
LARGE = 4096  # entries from which it pays to plan the order of a product


@dataclass(frozen=True)
class Value:
    """An array and how far each entry of a correct float64 computation may be from it."""

    array: Array
    bound: Array


def exact(array: Any) -> Value:
    """Return a value without error: an input, or a number that the student's own program went on with."""
    values = np.asarray(array, dtype=np.float64)
    return Value(values, np.zeros_like(values))


class Point:
    """One instance: sizes, the values given, and every value that follows from them."""

    def __init__(self, sizes: Mapping[str, int], given: Mapping[Node, Value]) -> None:
        self.sizes = sizes
        self._known = dict(given)

    def value(self, output: Node) -> Value:
        """Return the value of a node; what is given is not looked into."""
        if output not in self._known:
            for node in nodes.topological([output], self._known.__contains__):
                if node not in self._known:
                    self._known[node] = self._compute(node, [self._known[a] for a in node.args])
        return self._known[output]

    def _compute(self, node: Node, args: list[Value]) -> Value:
        if isinstance(node, Name):
            return args[0]
        if isinstance(node, Ein):
            return _ein(node, args, self.sizes)
        if isinstance(node, Add):
            size = _total([np.abs(a.array) for a in args])
            bound = _total([a.bound for a in args]) + len(args) * EPS * size
            return Value(_total([a.array for a in args]), bound)
        if isinstance(node, Map):
            record = TABLE[node.op]
            return _map(record.value, dict(node.parameters), args, record.rounding)
        if isinstance(node, Along):
            return _along(node, args[0])
        assert isinstance(node, Pick | Put)
        return Value(*(_structural(node, part, self.sizes) for part in _parts(args[0])))


def _parts(value: Value) -> tuple[Array, Array]:
    return value.array, value.bound


def _total(arrays: Sequence[Array]) -> Array:
    result = arrays[0]
    with np.errstate(all="ignore"):  # a wrong formula may give inf - inf
        for array in arrays[1:]:
            result = result + array
    return result


def _ein(node: Ein, args: Sequence[Value], sizes: Mapping[str, int]) -> Value:
    scale = node.coefficient.at(sizes)
    dims = {x: int(d) if d.isdigit() else sizes[d] for x, d in node.dims.items()}
    contract = _contraction(node, [dims[x] for x in node.out])
    value = contract([a.array for a in args])
    sizes_ = [np.abs(a.array) for a in args]
    size = contract(sizes_)
    terms = math.prod(dims[x] for x in node.summed)
    bound = (len(args) + (terms if terms > 1 else 0) + 4) * EPS * size + TINY
    for i, a in enumerate(args):
        if a.bound.any():
            bound = bound + contract([*sizes_[:i], a.bound, *sizes_[i + 1 :]])
    return Value(scale * value, abs(scale) * bound)


def _contraction(node: Ein, shape: Sequence[int]) -> Callable[[Sequence[Array]], Array]:
    """Return the sum of products over the node's letters, without its coefficient."""
    held = {x for letters in node.letters for x in letters}
    order = {x: i for i, x in enumerate(dict.fromkeys([*node.out, *held]))}
    kept = [order[x] for x in node.out if x in held]
    place = [n if x in held else 1 for x, n in zip(node.out, shape, strict=True)]
    letters = [[order[x] for x in each] for each in node.letters]

    def contract(arrays: Sequence[Array]) -> Array:
        if not arrays:
            return np.ones(tuple(shape))
        operands: list[Any] = []
        for array, each in zip(arrays, letters, strict=True):
            operands += [array, each]
        with np.errstate(all="ignore"):
            large = len(arrays) > 2 and max(a.size for a in arrays) > LARGE
            result: Any = np.einsum(*operands, kept, optimize=large)
        return np.broadcast_to(np.reshape(result, place), tuple(shape))

    return contract


def _map(
    f: Callable[..., float], fixed: Mapping[str, Any], args: Sequence[Value], rounding: float
) -> Value:
    """Return an operation entry by entry, bounded by its values at the ends of the arguments' intervals."""
    shape = args[0].array.shape
    values = np.empty(shape)
    bounds = np.empty(shape)
    entries = [a.array.reshape(-1).tolist() for a in args]
    reaches = [a.bound.reshape(-1).tolist() for a in args]
    out, spread = values.reshape(-1), bounds.reshape(-1)
    for i, entry in enumerate(zip(*entries, strict=True)):
        value = _try(f, entry, fixed)
        out[i] = value
        moved = 0.0
        for there in _ends(f, entry, [reach[i] for reach in reaches], fixed):
            moved += abs(there - value) if math.isfinite(there) else math.inf
        spread[i] = moved + (rounding + 1) * EPS * abs(value) + (TINY if rounding else 0.0)
    return Value(values, bounds)


def _ends(
    f: Callable[..., float],
    entry: tuple[float, ...],
    reaches: Sequence[float],
    fixed: Mapping[str, Any],
) -> Iterator[float]:
    for k, (v, b) in enumerate(zip(entry, reaches, strict=True)):
        if b:
            reach = max(b, math.ulp(v)) if math.isfinite(v) else b
            for end in (v - reach, v + reach):
                yield _try(f, (*entry[:k], end, *entry[k + 1 :]), fixed)


def _try(f: Callable[..., float], entry: tuple[float, ...], fixed: Mapping[str, Any]) -> float:
    """Return f(entry), NaN where it is not defined: a wrong formula may leave the domain."""
    try:
        return f(*entry, **fixed)
    except (ValueError, ArithmeticError):
        return math.nan


def _along(node: Along, arg: Value) -> Value:
    record = ALONG[node.op]
    rows, restore = _rows(arg.array, node.axes)
    reaches = _rows(arg.bound, node.axes)[0]
    values, bounds = np.empty_like(rows), np.empty_like(rows)
    for i, row in enumerate(rows):
        entries = row.tolist()
        if not np.all(np.isfinite(row)):
            values[i], bounds[i] = math.nan, math.nan
            continue
        result: Any = record.value(entries)
        # softmax, log-softmax, logsumexp and max move by at most twice the largest move of an entry (max-norm)
        reach = 2 * float(reaches[i].max())
        own = np.abs(np.asarray(result))
        share = np.minimum(1.0, own) if node.op == "softmax" else 1.0
        size = own + share * float(np.abs(row).max())
        values[i] = result
        bounds[i] = 2 * reach * share + (record.rounding + len(entries)) * EPS * size + TINY
    return Value(*(restore(part, node.keeps) for part in (values, bounds)))


def _rows(array: Array, axes: tuple[int, ...]) -> tuple[Array, Callable[[Array, bool], Array]]:
    """Return the entries along axes as rows of a matrix, and the way back (the axes kept, or left as unit axes)."""
    rest = [i for i in range(array.ndim) if i not in axes]
    order = [*rest, *axes]
    turned = np.transpose(array, order)
    width = math.prod(array.shape[i] for i in axes)

    def restore(rows: Array, keeps: bool) -> Array:
        if not keeps:
            return rows[:, 0].reshape([1 if i in axes else n for i, n in enumerate(array.shape)])
        return np.transpose(rows.reshape(turned.shape), np.argsort(order))

    return turned.reshape(-1, width), restore


def _structural(node: Pick | Put, array: Array, sizes: Mapping[str, int]) -> Array:
    if isinstance(node, Pick):
        return np.take(array, node.index, axis=node.axis)
    dim = node.shape[node.axis]
    result = np.zeros([int(d) if d.isdigit() else sizes[d] for d in node.shape])
    place: list[Any] = [slice(None)] * result.ndim
    place[node.axis] = node.index % (int(dim) if dim.isdigit() else sizes[dim])
    result[tuple(place)] = array
    return result
