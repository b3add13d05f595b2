"""Arrays at a model's border: names, shapes and sizes checked, and random starting parameters."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, cast

from chainrule.derive.instances import implied_domains
from chainrule.derive.patterns import find_collapses
from chainrule.errors import DataError, ShapeError, unknown
from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Input, Name
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph, Shapes
from chainrule.threefry import normal


def check_arrays(
    graph: Graph,
    data: Mapping[str, Any],
    params: Mapping[str, Any],
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return all inputs as float arrays by argument name, checked against the model's shapes.

    `only` names the arguments that are needed (None: all); others may be missing.
    """
    arrays: dict[str, Any] = {}
    sizes: dict[str, tuple[int, str]] = {}
    _refuse_strangers(graph, data, params)
    for kind, declared, given in (
        ("data", graph.data, data),
        ("parameter", graph.parameters, params),
    ):
        for name, shape in declared.items():
            if name not in given:
                if only is None or name in only:
                    raise DataError(
                        f"{name} is missing from the {kind if kind == 'data' else 'parameters'}: it has shape {_declared(shape)}."
                    )
                continue
            many = isinstance(shape, list)
            values = list(given[name]) if many else [given[name]]
            if many and len(values) != len(shape):
                raise ShapeError(f"{name} takes {len(shape)} arrays, and {len(values)} were given.")
            pairs = zip(values, shape if many else [shape], strict=True)
            labelled = [(f"{name}[{i}]" if many else name, v, s) for i, (v, s) in enumerate(pairs)]
            checked = [_checked(label, value, s, sizes) for label, value, s in labelled]
            arrays[name] = checked if many else checked[0]
    _check_labels(graph, arrays)
    return arrays


def _declared(shape: Shapes) -> str:
    return ", ".join(map(show, shape)) if isinstance(shape, list) else show(shape)


def _refuse_strangers(graph: Graph, data: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    for given, known, kind in (
        (data, graph.data, "data"),
        (params, graph.parameters, "parameters"),
    ):
        extra = [name for name in given if name not in known]
        if extra:
            raise DataError(
                f"{extra[0]!r} is not among the model's {kind}, which are: {', '.join(known) or 'none'}."
            )


def _checked(
    name: str, value: Any, shape: tuple[str, ...], sizes: dict[str, tuple[int, str]]
) -> Any:
    import numpy as np

    try:
        array = np.asarray(value)
        array = array if array.dtype.kind == "f" else array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{name} cannot be read as an array of numbers of shape {show(shape)}: got {type(value).__name__}."
        ) from None
    if array.ndim != len(shape):
        raise ShapeError(
            f"{name} has shape {array.shape}, and the model declares {show(shape)}, with {len(shape)} axes.{_rank_hint(name, array, shape)}"
        )
    for axis, (n, dim) in enumerate(zip(array.shape, shape, strict=True)):
        expected, owner = (
            (int(dim), "the model") if dim.isdigit() else sizes.setdefault(dim, (n, name))
        )
        if n != expected:
            known = ", ".join(f"{d}={k} (from {o})" for d, (k, o) in sizes.items())
            raise ShapeError(
                f"{name} has shape {array.shape}, and the model declares {show(shape)}: axis {axis} is {n}, but {dim} is {expected} "
                f"in {owner}.{_turn_hint(name, array.shape, shape, sizes)}"
                + (f"\nSizes so far: {known}" if known else "")
            )
    if not np.all(np.isfinite(array)):
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DataError(
            f"{name} holds {array[place]} at {place}. Every number must be finite: drop or fill missing values first."
        )
    return array


def _turn_hint(
    name: str, got: tuple[int, ...], shape: tuple[str, ...], sizes: Mapping[str, tuple[int, str]]
) -> str:
    wanted = [int(d) if d.isdigit() else sizes[d][0] if d in sizes else None for d in shape]
    if len(got) == 2 and all(
        w is None or w == n or sizes.get(d, (0, name))[1] == name
        for w, n, d in zip(wanted, got[::-1], shape, strict=True)
    ):
        return (
            f" It looks transposed: pass {name}.T (examples are columns where the shape says so)."
        )
    for dim, n in zip(shape, got, strict=True):
        known, owner = sizes.get(dim, (n, name))
        others = [k for d, (k, o) in sizes.items() if o == owner and d != dim]
        if known != n and owner != name and others == [n]:
            return f" {owner} looks transposed: pass {owner}.T (examples are columns where the shape says so)."
    return ""


def _rank_hint(name: str, array: Any, shape: tuple[str, ...]) -> str:
    if array.ndim == 1 and len(shape) == 2 and "1" in shape:
        form = "[None, :]" if shape[0] == "1" else "[:, None]"
        return f" Pass {name}{form}."
    if len(shape) == 0 and array.size == 1:
        return f" Pass the number itself, float({name})."
    return ""


def _check_labels(graph: Graph, arrays: Mapping[str, Any]) -> None:
    """Refuse labels that do not sum to 1 where the collapsed softmax gradient relies on it."""
    import numpy as np

    for collapse in (
        find_collapses(graph)
        if any(isinstance(n, Along) for n in nodes.topological([graph.loss]))
        else ()
    ):
        if (
            not isinstance(collapse.at, Along)
            or not isinstance(collapse.label, Input)
            or collapse.label.name not in arrays
        ):
            continue
        totals = np.sum(arrays[collapse.label.name], axis=collapse.at.axes)
        if np.any(np.abs(totals - 1) > 1e-6):
            name = collapse.label.name
            raise DataError(
                f"the labels {name} must sum to 1 over {collapse.label.shape[collapse.at.axes[0]]} (one-hot): example "
                f"{int(np.argmax(np.abs(totals - 1)))} sums to {float(totals.flat[int(np.argmax(np.abs(totals - 1)))]):g}. "
                f'Encode them one-hot, or declare @cr.model(domains={{"{name}": "real"}}) to derive without that assumption.'
            )


def bind_sizes(graph: Graph, given: Mapping[str, Any], more: Mapping[str, int]) -> dict[str, int]:
    """Return the size of every dim, from sizes by dim name or from data arrays, and from `more`."""
    sizes: dict[str, int] = {}
    owners: dict[str, str] = {}
    for key, value in {**given, **more}.items():
        if key in graph.data:
            shape = graph.data[key]
            assert isinstance(shape, tuple)
            bound = {d: (n, owners.get(d, "the sizes given")) for d, n in sizes.items()}
            _checked(key, value, shape, bound)
            owners.update({d: owner for d, (_, owner) in bound.items()})
            sizes.update({d: n for d, (n, _) in bound.items()})
        elif key in graph.dims:
            if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < 1:
                raise ShapeError(
                    f"{key}={value!r} is not a size. Write a whole number of at least 1."
                )
            if sizes.setdefault(key, int(value)) != int(value):
                raise ShapeError(
                    f"{key}={value} contradicts the data, where {key} is {sizes[key]}."
                )
        else:
            raise ShapeError(
                f"{key!r} is neither a dim nor data of {graph.name}. Dims: {', '.join(graph.dims)}. Data: {', '.join(graph.data)}."
            )
    needed = {d for p in graph.inputs if p.role == "parameter" for d in p.shape if not d.isdigit()}
    missing = [d for d in graph.dims if d in needed and d not in sizes]
    if missing:
        raise ShapeError(
            f"the size of {missing[0]} is not known. Give it by name, as in {missing[0]}=8."
        )
    return sizes


SCHEMES = ("fan-in", "xavier", "he", "normal", "zeros")


def initial_parameters(
    graph: Graph, sizes: Mapping[str, int], seed: int, scheme: str = "fan-in"
) -> dict[str, Any]:
    """Return starting parameters: biases 0, weights normal with the variance of the scheme; one stream per parameter."""
    import numpy as np

    if scheme not in SCHEMES:
        raise unknown("scheme of initialisation", scheme, SCHEMES)
    fans = _fans(graph)
    found: dict[str, Any] = {}
    flat: dict[str, Any] = {}
    for stream, node in enumerate(n for n in graph.inputs if n.role == "parameter"):
        shape = tuple(size_of_dim(d, sizes) for d in node.shape)
        if node not in fans or scheme == "zeros":
            flat[node.name] = np.zeros(shape)
            continue
        summed, others = (math.prod(size_of_dim(d, sizes) for d in dims) for dims in fans[node])
        drawn = normal(seed, stream, math.prod(shape)).reshape(shape)
        flat[node.name] = drawn / math.sqrt(_precision(scheme, summed, others))
    for name, shape in graph.parameters.items():
        found[name] = (
            [flat[f"{name}[{i}]"] for i in range(len(shape))]
            if isinstance(shape, list)
            else flat[name]
        )
    return found


def pieces_of(value: Any) -> list[Any]:
    """Return the arrays of a parameter: those of a list, or the one that it is."""
    return list(cast("list[Any]", value)) if isinstance(value, list | tuple) else [value]


def size_of_dim(dim: str, sizes: Mapping[str, int]) -> int:
    """Return the size of a dim: its own number, or the one that it is bound to; 1 where it is not."""
    return int(dim) if dim.isdigit() else sizes.get(dim, 1)


def _precision(scheme: str, fan_in: int, fan_out: int) -> float:
    """Return one over the variance of a weight's entries."""
    found = {
        "fan-in": float(fan_in),
        "xavier": (fan_in + fan_out) / 2,
        "he": fan_in / 2,
        "normal": 1.0,
    }[scheme]
    return found or 1.0


def _fans(graph: Graph) -> dict[Input, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the dims that each weight is summed over, and its others; parameters that are only ever added are left out."""
    found: dict[Input, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for weight, dims in fan_in(graph).items():
        rest = list(weight.shape)
        for dim in dims:
            if dim in rest:
                rest.remove(dim)
        found[weight] = (dims, tuple(rest))
    return found


def fan_in(graph: Graph) -> dict[Input, tuple[str, ...]]:
    """Return the dims that each weight is summed over; parameters that are only ever added are left out."""
    fans: dict[Input, tuple[str, ...]] = {}
    for node in nodes.topological([graph.loss]):
        for i, arg in enumerate(node.args):
            source = _weight(arg)
            if (
                source is None
                or isinstance(node, Add | Name)
                or (isinstance(node, Ein) and len(node.args) == 1)
            ):
                continue
            dims: tuple[str, ...] = ()
            if isinstance(node, Ein):
                dims = tuple(node.dims[x] for x in node.summed if x in node.letters[i])
            fans.setdefault(source, dims)
    return fans


def _weight(node: nodes.Node) -> Input | None:
    """Return the parameter that a value is, looking through transposes and factors."""
    while (
        isinstance(node, Ein) and len(node.args) == 1 and len(node.shape) == len(node.args[0].shape)
    ):
        node = node.args[0]
    return node if isinstance(node, Input) and node.role == "parameter" else None


__all__ = ["bind_sizes", "check_arrays", "fan_in", "implied_domains", "initial_parameters"]
