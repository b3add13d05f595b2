"""The entries of a formula of the graph, each written out in the language of answers: what rules and mistakes are made of.

A derivative is thus written once, by the engine; Python and the browser both compute it from this text.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction

from chainrule.errors import TraceError
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Node, Pick

_PLAIN = {"exp", "log", "sqrt", "tanh", "sigmoid", "softplus", "sin", "cos", "abs", "sign", "relu", "step"}  # fmt: skip
Entries = list[str]


def size(dim: str, sizes: Mapping[str, int]) -> int:
    """Return the size of a dim; digits stand for themselves."""
    return int(dim) if dim.isdigit() else sizes[dim]


def places(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the places of an array's entries, row by row."""
    return list(itertools.product(*(range(n) for n in shape)))


def entry_name(label: str, place: Sequence[int], shape: Sequence[int]) -> str:
    """Return the name of an entry in rules: W1_2_1 (from 1); unit axes are left out, so b1_2 and Z_3.

    >>> entry_name("dW1", (1, 0), (2, 2)), entry_name("Z", (0, 2), (1, 3)), entry_name("b", (), ())
    ('dW1_2_1', 'Z_3', 'b')
    """
    kept = [str(p + 1) for p, n in zip(place, shape, strict=True) if n > 1]
    return "_".join([label.replace("[", "").replace("]", ""), *kept])


def written(node: Node, known: Mapping[Node, Entries], sizes: Mapping[str, int]) -> Entries:
    """Return every entry of a node as text, row by row; `known` nodes are read by the names of their entries."""
    done: dict[Node, Entries] = dict(known)
    for here in nodes.topological([node], done.__contains__):
        if here not in done:
            done[here] = _entries(here, [done[a] for a in here.args], sizes)
    return done[node]


def _entries(node: Node, args: list[Entries], sizes: Mapping[str, int]) -> Entries:
    if isinstance(node, nodes.Name):
        return args[0]
    if isinstance(node, Ein):
        return _ein(node, args, sizes)
    if isinstance(node, Add):
        return [_sum(terms) for terms in zip(*args, strict=True)]
    if isinstance(node, Map):
        return [_map(node, entry) for entry in zip(*args, strict=True)]
    if isinstance(node, Along) and node.op == "softmax":
        return _softmax(node, args[0], sizes)
    if isinstance(node, Pick):
        return _picked(node, args[0], sizes)
    what = node.name if isinstance(node, Input) else type(node).__name__
    raise TraceError(f"{what} cannot be written entry by entry.")


def _bracket(text: str) -> str:
    bare = text.replace("_", "").replace(".", "")
    return text if bare.isalnum() else f"({text})"


def _sum(terms: Sequence[str]) -> str:
    kept = [t for t in terms if t != "0"]
    if not kept:
        return "0"
    return "+".join(f"({t})" if t.startswith("-") else t for t in kept)


def _number(scale: Coefficient, sizes: Mapping[str, int]) -> str:
    value = scale.number
    inexact = ""
    for dim, power in scale.dims:
        n = size(dim, sizes)
        if power.denominator == 1:
            value *= Fraction(n) ** int(power)
        else:
            inexact += f"*{n}^({power})"
    text = str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"  # fmt: skip
    return (text if text.isdigit() else f"({text})") + inexact


def _ein(node: Ein, args: list[Entries], sizes: Mapping[str, int]) -> Entries:
    dims = {x: size(d, sizes) for x, d in node.dims.items()}
    scale = _number(node.coefficient, sizes)
    found: Entries = []
    for place in places([dims[x] for x in node.out]):
        at = dict(zip(node.out, place, strict=True))
        terms: list[str] = []
        for inner in places([dims[x] for x in node.summed]):
            at.update(zip(node.summed, inner, strict=True))
            parts = [
                entries[_offset([at[x] for x in letters], [dims[x] for x in letters])]
                for entries, letters in zip(args, node.letters, strict=True)
            ]
            terms.append(_product(parts))
        found.append(_scaled(scale, terms))
    return found


def _product(parts: Sequence[str]) -> str:
    if "0" in parts:
        return "0"
    return "*".join(_bracket(p) for p in parts if p != "1") or "1"


def _scaled(scale: str, terms: Sequence[str]) -> str:
    total = _sum(terms)
    if scale == "1" or total == "0":
        return total
    return scale if total == "1" else f"{scale}*{_bracket(total)}"


def _offset(place: Sequence[int], shape: Sequence[int]) -> int:
    offset = 0
    for p, n in zip(place, shape, strict=True):
        offset = offset * n + p
    return offset


def _map(node: Map, entry: Sequence[str]) -> str:
    first = entry[0]
    if node.op in _PLAIN:
        return f"{node.op}({first})"
    if node.op == "square":
        return f"{_bracket(first)}^2"
    if node.op == "reciprocal":
        return f"1/{_bracket(first)}"
    if node.op == "power":
        return f"{_bracket(first)}^({dict(node.parameters)['exponent']})"
    if node.op == "pow":
        return f"{_bracket(first)}^{_bracket(entry[1])}"
    raise TraceError(f"{node.op} cannot be written in the language of answers.")


def _softmax(node: Along, entries: Entries, sizes: Mapping[str, int]) -> Entries:
    shape = [size(d, sizes) for d in node.shape]
    groups: dict[tuple[int, ...], list[str]] = {}
    keys = [tuple(p for i, p in enumerate(place) if i not in node.axes) for place in places(shape)]
    for key, text in zip(keys, entries, strict=True):
        groups.setdefault(key, []).append(f"exp({text})")
    pairs = zip(keys, entries, strict=True)
    return [f"exp({text})/({'+'.join(groups[key])})" for key, text in pairs]


def _picked(node: Pick, entries: Entries, sizes: Mapping[str, int]) -> Entries:
    shape = [size(d, sizes) for d in node.args[0].shape]
    index = node.index % shape[node.axis]
    pairs = zip(places(shape), entries, strict=True)
    return [text for place, text in pairs if place[node.axis] == index]
