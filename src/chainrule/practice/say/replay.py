"""The student's values at a small instance, found where the diagnosis found them: numbers small enough to check by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Input, Node
from chainrule.practice.diagnose.state import State
from chainrule.practice.grounds.numbers import Array, Point, Value, exact
from chainrule.practice.grounds.scales import Own, same
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track, oriented
from chainrule.practice.grounds.trials import Trial
from chainrule.practice.mutants.formulas import label
from chainrule.practice.student.arrays import Numbers
from chainrule.practice.student.recording import Recording

LARGEST = 40  # entries of an array that is printed in full


@dataclass(frozen=True)
class Run:
    """The student's function at one instance: the instance, the recording, the gradients that were returned."""

    trial: Trial
    recording: Recording
    returned: Mapping[str, Numbers]


def example(
    state: State, step: Step, runs: Sequence[Run], factor: Coefficient | None = None
) -> str:
    """Return the first of some instances at which a step shows that it is wrong, as text; "" where none does.

    `factor` is what is wrong with it, where that is a factor. Any other that it carries, the rule's value is shown with.
    """
    for run in runs:
        if factor is not None and factor.at(run.trial.sizes) == 1:
            continue
        shown = _shown(state, step, run, factor is not None)
        if shown:
            return shown
    return ""


def _shown(state: State, step: Step, run: Run, strict: bool) -> str:
    env: dict[Node, Value] = run.trial.leaves(state.case.graph)
    theirs = dict(env)  # the same, with the factors that the student's values carry
    for here in state.case.steps:
        rule = Point(run.trial.sizes, env).value(here.routes[0])
        own = _own(state, here, run, rule)
        verdict = state.judged.get(here.node)
        factor = verdict.factor.at(run.trial.sizes) if verdict else 1.0
        if here is step:
            scale = 1.0 if strict or step.parameter else factor
            shown = env if scale == 1.0 else theirs
            guess = own is None
            own = _guessed(state, here, run.trial, shown) if own is None else own
            if own is None or same(own, rule, factor=scale):
                return ""
            return _text(run.trial, step, shown, (scale * rule.array, own), guess)
        if own is None or own.shape != rule.array.shape:
            own = _guessed(state, here, run.trial, env)
        if own is not None and own.shape != rule.array.shape:
            own = None
        env[here.node] = rule if own is None else exact(own / factor)
        theirs[here.node] = rule if own is None else exact(own)
    return ""


def _own(state: State, step: Step, run: Run, rule: Value) -> Array | None:
    if step.parameter:
        found = run.returned.get(step.label)
        return found.array if found else None
    verdict = state.judged.get(step.node)
    track = verdict.track if verdict else None
    return _tracked(track, run, rule) if track else None


def _tracked(track: Track, run: Run, rule: Value) -> Array | None:
    for seen in run.recording.seen:
        if (seen.name, seen.turn) == (track.name, track.turn):
            turned = oriented(Own((seen.numbers.array,)), [rule.array.shape])
            return turned.arrays[0] if turned else seen.numbers.array
    return None


def _guessed(state: State, step: Step, trial: Trial, env: Mapping[Node, Value]) -> Array | None:
    """Return the value that the mistake found at an unseen step gives."""
    fault = next((f for f in state.faults if f.step is step and f.mutants), None)
    if fault is None:
        return None
    formula = fault.mutants[-1].formula
    leaves = [n for n in nodes.inside(formula) if isinstance(n, Input) and n.role == "symbol"]
    if leaves:
        return None
    return Point(trial.sizes, env).value(formula).array


def _text(
    trial: Trial, step: Step, env: Mapping[Node, Value], both: tuple[Array, Array], guess: bool
) -> str:
    sizes = ", ".join(f"{dim} = {n}" for dim, n in trial.sizes.items())
    lines = [f"with {sizes}:" if sizes else "for instance:"]
    given = [f"{name} = {numbers_text(a)}" for name, a in trial.arrays.items()]
    lines += given if sum(a.size for a in trial.arrays.values()) <= LARGEST else []
    lines += [f"{label(n)} = {numbers_text(env[n].array)}" for n in step.reads if n in env]
    name = step.node.label if step.backward else step.label
    rule, own = both
    lines += [
        f"by the rule, {name} = {numbers_text(rule)}",
        f"{'the mistake gives' if guess else 'yours is'} {numbers_text(own)}",
    ]
    return "\n".join(lines)


def numbers_text(array: Array) -> str:
    """Return an array as people write it: four digits, its shape where it is too large to print.

    >>> import numpy as np
    >>> numbers_text(np.array([[0.5, 1 / 3]]))
    '[[0.5, 0.3333]]'
    """
    if array.size > LARGEST:
        return (
            f"an array of shape {array.shape}, with {array.reshape(-1)[0]:.4g} at its first place"
        )
    rounded = np.array([float(f"{x:.4g}") for x in array.reshape(-1)]).reshape(array.shape)
    return str(rounded.tolist()).replace("-0.0,", "0.0,").replace("-0.0]", "0.0]")
