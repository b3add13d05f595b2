"""Right formula, wrong moment: weights that had already been updated, values changed in place, a variable of the student's.

The student's own arrays are put into the formula in place of the values that are meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Input, Name, Node
from chainrule.practice.diagnose.constants import rate_of, short
from chainrule.practice.diagnose.state import State
from chainrule.practice.diagnose.trying import Attempt, Owns
from chainrule.practice.grounds.numbers import Array, Point, Value, exact
from chainrule.practice.grounds.scales import Own
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track
from chainrule.practice.mutants.catalogue import IDENTIFIED, Mutant, mutant
from chainrule.practice.mutants.formulas import exchanged, label

MOST_TRACKS = 120


def stale_mutants(state: State, place: Step, owns: Owns) -> Iterator[Mutant]:
    """Yield a step's formulas with one value taken from the student's variables instead: not from `owns`, the result."""
    results = {own.arrays[0].tobytes() for own, _ in owns}
    tracks = [
        t
        for t in state.case.variables.tracks[:MOST_TRACKS]
        if t.own.arrays[0].tobytes() not in results
    ]
    for route in place.routes:
        for leaf in nodes.inside(route):
            if not nodes.is_leaf(leaf) or leaf not in state.env[0]:
                continue
            for track in tracks:
                made = _with(state, route, leaf, track)
                if made is not None:
                    yield made


def _with(state: State, route: Node, leaf: Node, track: Track) -> Mutant | None:
    meant = [known[leaf] for known in state.env]
    pairs = list(zip(track.own.arrays, meant, strict=True))
    if any(a.shape != v.array.shape or a.size == 1 for a, v in pairs):
        return None
    if any(not np.all(np.isfinite(a)) or np.allclose(a, v.array) for a, v in pairs):
        return None
    found = _kind(state, leaf, track, pairs)
    if found is None:
        return None
    symbol = nodes.input_node(f"{track.name} ({track.turn})", leaf.shape, "symbol")
    for known, array in zip(state.env, track.own.arrays, strict=True):
        known[symbol] = exact(array)
    mistake, said, extra = found
    return mutant(mistake, exchanged(route, {leaf: symbol}), said, extra=extra)


def _kind(
    state: State, leaf: Node, track: Track, pairs: list[tuple[Array, Value]]
) -> tuple[str, str, float] | None:
    """Return what it is called when a variable stands in a value's place; None where it is that value, wrong."""
    names, name = state.case.variables.names, label(leaf)
    if isinstance(leaf, Name) and names.gradient(track.name) == leaf.of:
        return None
    line = f"(line {track.line})"
    if _is_another_value(state, leaf, track):
        return None  # the mutants say which value it is
    if _is_updated(state, leaf, pairs):
        said = f"{track.name} had already been updated {line} when it was used as {name}"
        return "already-updated-weights", said, 0.0
    named = names.value(track.name) == name
    if _was_right(state, track, [v for _, v in pairs]) or (named and isinstance(leaf, Input)):
        said = f"{track.name} had been changed {line} before it was used as {name}"
        return "changed-in-place", said, 0.0
    if named:
        return None
    unknown = track.name not in names.gradients
    if (
        isinstance(leaf, Name)
        and leaf.role == "gradient"
        and not state.judged[leaf].seen
        and unknown
    ):
        return IDENTIFIED, f"{track.name}={leaf.of}", 0.0
    return "wrong-value", f"{track.name} {line} stands where {name} is meant", 0.9


def _is_another_value(state: State, leaf: Node, track: Track) -> bool:
    """Tell whether a variable holds another value of the model than the one that is meant."""
    arrays = track.own.arrays
    others = [n for n in state.env[0] if nodes.is_leaf(n) and n is not leaf]
    return any(
        all(
            n in known and known[n].array.shape == a.shape and np.allclose(a, known[n].array)
            for known, a in zip(state.env, arrays, strict=True)
        )
        for n in others
        if not (isinstance(n, Input) and n.role == "symbol")
    )


def _was_right(state: State, track: Track, meant: list[Value]) -> bool:
    """Tell whether a variable held the value that is meant before it held this one."""
    return any(
        other.name == track.name
        and other.turn < track.turn
        and all(
            a.shape == v.array.shape and np.allclose(a, v.array)
            for a, v in zip(other.own.arrays, meant, strict=True)
        )
        for other in state.case.variables.tracks
    )


def _is_updated(state: State, leaf: Node, pairs: list[tuple[Array, Value]]) -> bool:
    """Tell whether arrays are a parameter minus a learning rate times its gradient."""
    gradient = gradient_of(state, leaf)
    if gradient is None:
        return False
    rates = [rate_of(v.array - a, g) for (a, v), g in zip(pairs, gradient.arrays, strict=True)]
    known = [float(rate) for rate in rates if rate is not None]
    return len(known) == len(rates) and np.allclose(known, known[0], rtol=1e-5)


def gradient_of(state: State, leaf: Node) -> Own | None:
    """Return the student's gradient of a parameter."""
    if not (isinstance(leaf, Input) and leaf.role == "parameter"):
        return None
    return state.case.returned.get(leaf.name)


def updated_mutants(state: State, place: Step, attempt: Attempt) -> Iterator[Mutant]:
    """Yield a step's formula with a weight moved along its own gradient, by the learning rate that fits."""
    for leaf in nodes.inside(place.routes[0]):
        gradient = gradient_of(state, leaf)
        if gradient is None:
            continue
        symbol = nodes.input_node(f"gradient of {label(leaf)}", leaf.shape, "symbol")
        for known, array in zip(state.env, gradient.arrays, strict=True):
            known[symbol] = exact(array)
        if any(
            a.shape != k[leaf].array.shape for a, k in zip(gradient.arrays, state.env, strict=True)
        ):
            continue
        for rate in _fitting_rates(state, place, leaf, symbol, attempt):
            moved = nodes.add([leaf, nodes.scaled(Coefficient(-rate), symbol)])
            said = f"{label(leaf)} had already been updated, with the learning rate {float(rate):g}, when it was used"
            yield mutant("already-updated-weights", exchanged(place.routes[0], {leaf: moved}), said)


def _fitting_rates(
    state: State, place: Step, leaf: Node, symbol: Node, attempt: Attempt
) -> Iterator[Fraction]:
    """Yield the learning rates at which a weight would have to be, for the step's value at the first instance."""
    point = Point(state.case.sizes[0], state.env[0])
    moved = nodes.add([leaf, nodes.scaled(Coefficient(Fraction(-1)), symbol)])
    still = attempt.follow(point.value(place.routes[0]), 0)[1]
    after = attempt.follow(point.value(exchanged(place.routes[0], {leaf: moved})), 0)[1]
    for one, other in zip(still, after, strict=True):
        for own, _ in attempt.owns:
            if own.arrays[0].shape != one.array.shape:
                continue
            columns = np.stack([one.array.reshape(-1), (other.array - one.array).reshape(-1)], 1)
            with np.errstate(all="ignore"):
                found, _, rank, _ = np.linalg.lstsq(columns, own.arrays[0].reshape(-1), rcond=1e-9)
            if rank == 2 and found[0] and np.isfinite(found[1] / found[0]):
                rate = short(float(found[1] / found[0]))
                if rate:
                    yield rate
