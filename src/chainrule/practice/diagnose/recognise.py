"""Wrong values whose names say nothing: a variable that is what a known mistake at an unnamed step gives is that step's.

A loop over layers or time steps calls every gradient the same, so a value is recognised by what it holds, and the walk is
gone again with it. Whether that explains more than before is for the caller to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Node
from chainrule.practice.diagnose.state import State
from chainrule.practice.diagnose.trying import Attempt
from chainrule.practice.grounds.numbers import Value
from chainrule.practice.grounds.scales import Own, ratio
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track, oriented

MOST_TRACKS = 60
MOST_RECOGNISED = 4  # at one step: the commonest mistakes


def recognised(state: State, after: int = -1) -> Iterator[tuple[Step, Track]]:
    """Yield variables that a mistake at a step explains which has no variable of its own, in the order of the steps.

    Args:
        state: a finished walk in which something is wrong.
        after: the place in order of the step after which to look.
    """
    wrong = [f.step for f in state.faults]
    order = state.case.steps
    last = max((order.index(s) for s in wrong), default=-1)
    unknown = list(_unknown(state))
    for step in order[after + 1 : last + 1]:
        if step.parameter or _is_named(state, step):
            continue
        for track in _fitting(state, step, unknown):
            yield step, track


def _is_named(state: State, step: Step) -> bool:
    """Tell whether the student has a variable named after a step's value (or found to be it)."""
    names = state.case.variables.names.told()
    read = names.gradient if step.backward else names.value
    taken = state.case.variables.taken.values()
    if (step.label, step.backward) in taken:
        return True
    return any(read(track.name) == step.label for track in state.case.variables.tracks)


def _unknown(state: State) -> Iterator[Track]:
    """Yield the variables that are named after nothing and equal no value of the model."""
    names, seen = state.case.variables.names.told(), set[bytes]()
    known = [n for n in state.env[0] if nodes.is_leaf(n) and not _is_symbol(n)]
    values = [state.env[0][n] for n in known if state.env[0][n].array.size > 1]
    for track in state.case.variables.tracks:
        array = track.own.arrays[0]
        content = array.tobytes()
        if array.size < 2 or content in seen or not np.all(np.isfinite(array)) or not array.any():
            continue
        if names.gradient(track.name) or names.value(track.name):
            continue
        seen.add(content)
        if len(seen) <= MOST_TRACKS and not any(_is(track.own, v) for v in values):
            yield track


def _is_symbol(node: Node) -> bool:
    return isinstance(node, Input) and node.role == "symbol"


def _is(own: Own, value: Value) -> bool:
    turned = oriented(Own(own.arrays[:1], own.eps), [value.array.shape])
    return turned is not None and ratio(turned.arrays[0], value, own.eps) is not None


def _fitting(state: State, step: Step, unknown: Sequence[Track]) -> list[Track]:
    shapes = [v.array.shape for v in state.values(step.routes[0])]
    turned = [(oriented(t.own, shapes), t) for t in unknown]
    owns = [(own, t) for own, t in turned if own is not None]
    if not owns:
        return []
    attempt = Attempt(state, step, step, owns)
    found: dict[int, tuple[float, Track]] = {}
    mutants = state.case.mutants
    for one in (*mutants.of(step), *mutants.rarer(step)):
        for fit in attempt.fits((one,)):
            if fit.track is not None:
                cost = fit.cost
                before = found.get(id(fit.track))
                if before is None or cost < before[0]:
                    found[id(fit.track)] = (cost, fit.track)
    ranked = sorted(found.values(), key=lambda pair: pair[0])
    return [track for _, track in ranked[:MOST_RECOGNISED]]
