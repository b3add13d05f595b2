"""Recordings and inputs as JSON, for a function that runs in a process of its own. Floats keep every digit."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.practice.student.arrays import Array, Numbers
from chainrule.practice.student.recording import Failure, Recording, Seen
from chainrule.practice.student.returned import Branch, Leaf, Tree

Json = Any


def numbers_out(value: Numbers | None) -> Json:
    """Return numbers as [shape, values, eps]."""
    if value is None:
        return None
    return [list(value.array.shape), value.array.reshape(-1).tolist(), value.eps]


def numbers_in(value: Json) -> Numbers | None:
    """Return numbers from their JSON."""
    if value is None:
        return None
    shape, entries, eps = value
    return Numbers(np.array(entries, dtype=np.float64).reshape(shape), float(eps))


def _some(value: Json) -> Numbers:
    found = numbers_in(value)
    assert found is not None
    return found


def inputs_out(inputs: dict[str, Any]) -> Json:
    """Return a call's inputs as JSON: arrays by name, lists of arrays as lists."""
    return {
        name: [numbers_out(Numbers(x)) for x in cast("list[Array]", value)]
        if isinstance(value, list)
        else {"array": numbers_out(Numbers(value))}
        for name, value in inputs.items()
    }


def inputs_in(inputs: dict[str, Json]) -> dict[str, Any]:
    """Return a call's inputs from their JSON."""
    found: dict[str, Any] = {}
    for name, value in inputs.items():
        many = isinstance(value, list)
        arrays = [_some(x).array for x in (cast("list[Json]", value) if many else [value["array"]])]
        found[name] = arrays if many else arrays[0]
    return found


def recording_out(recording: Recording) -> Json:
    """Return a recording as JSON."""
    failure = recording.failure
    return {
        "returned": None if recording.returned is None else _tree_out(recording.returned),
        "seen": [
            [s.name, s.turn, s.line, s.text, numbers_out(s.numbers), s.helper]
            for s in recording.seen
        ],
        "failure": failure
        and [failure.kind, failure.message, failure.line, failure.text, dict(failure.shapes)],
        "changed": {name: numbers_out(n) for name, n in recording.changed.items()},
        "warned": recording.warned,
    }


def recording_in(value: Json) -> Recording:
    """Return a recording from its JSON."""
    failure: Failure | None = None
    if value["failure"] is not None:
        kind, message, line, text, shapes = value["failure"]
        failure = Failure(
            kind, message, line, text, {n: tuple(shape) for n, shape in shapes.items()}
        )
    return Recording(
        None if value["returned"] is None else _tree_in(value["returned"]),
        [Seen(s[0], s[1], s[2], s[3], _some(s[4]), s[5]) for s in value["seen"]],
        failure,
        {name: _some(n) for name, n in value["changed"].items()},
        list(value["warned"]),
    )


def _tree_out(tree: Tree) -> Json:
    """Return a tree as JSON; trees are at most a few levels deep (see `returned.MOST_DEPTH`)."""
    if isinstance(tree, Leaf):
        return {"leaf": [numbers_out(tree.numbers), tree.kind, tree.variable]}
    return {"kind": tree.kind, "items": [[key, _tree_out(item)] for key, item in tree.items]}


def _tree_in(value: Json) -> Tree:
    if "leaf" in value:
        held, kind, variable = value["leaf"]
        return Leaf(numbers_in(held), str(kind), str(variable))
    return Branch(str(value["kind"]), tuple((k, _tree_in(item)) for k, item in value["items"]))
