"""Instances that tell right from wrong: where a known mistake would give the right result, another one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.graph.nodes import Node
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.numbers import Point, Value
from chainrule.practice.grounds.scales import same
from chainrule.practice.grounds.trials import Trial, draw_trial, given_trial

TRIALS = 3
MOST_DRAWS = 12
SEEDS = 1000  # between the seeds of two checks


@dataclass(frozen=True)
class Chosen:
    """The instances chosen, and how near (relative) the nearest wrong formula comes to the right one on them."""

    trials: list[Trial]
    nearest: float


def choose_trials(
    graph: Graph, mutants: Mutants, seed: int, data: Mapping[str, Any] | None = None
) -> Chosen:
    """Return instances on which every mutant of every step is told apart that some instance can tell apart.

    Args:
        graph: the model.
        mutants: the mutants of its steps.
        seed: an integer.
        data: arrays to use for the data in every instance; only the parameters are drawn then.
    """
    pairs = [(s.routes[0], one.formula) for s in mutants.steps for one in mutants.of(s)]
    drawn: list[tuple[Trial, dict[int, float]]] = []
    for k in range(MOST_DRAWS):
        number = seed * SEEDS + k
        trial = given_trial(graph, data, number) if data else draw_trial(graph, number)
        apart = _told_apart(trial.point(graph), pairs)
        if apart is not None:
            drawn.append((trial, apart))
        full = _complete(drawn)
        if len(full) >= TRIALS:
            break
    best = sorted(drawn, key=lambda pair: -len(pair[1]))[:TRIALS]
    nearest = min((d for _, apart in best for d in apart.values()), default=0.0)
    return Chosen([trial for trial, _ in best], nearest)


def _complete(drawn: Sequence[tuple[Trial, dict[int, float]]]) -> list[Trial]:
    union = {i for _, apart in drawn for i in apart}
    return [trial for trial, apart in drawn if len(apart) == len(union)]


def _told_apart(point: Point, mutants: Sequence[tuple[Node, Node]]) -> dict[int, float] | None:
    """Return the mutants that differ from the right formula, with their relative distance; None at a point without values."""
    found: dict[int, float] = {}
    for i, (formula, wrong) in enumerate(mutants):
        right = point.value(formula)
        if not np.all(np.isfinite(right.array)):
            return None
        other = point.value(wrong)
        if not same(other.array, right):
            found[i] = distance(other, right)
    return found


def distance(other: Value, right: Value) -> float:
    """Return how far one array is from another, relative to the larger entries of both."""
    if other.array.shape != right.array.shape or not np.all(np.isfinite(other.array)):
        return 1.0
    size = max(float(np.max(np.abs(x.array), initial=0.0)) for x in (other, right))
    return float(np.max(np.abs(other.array - right.array), initial=0.0)) / (size or 1.0)
