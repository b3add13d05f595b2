"""Checks numbers that somebody has printed (losses after a step, gradients, updated weights) against a model.

Printed numbers are rounded, so each is taken to be right to half a unit of its last digit. Where they are wrong, every
known mistake is tried; the one that gives all of them is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from chainrule.errors import DataError
from chainrule.explain.derivation import Step as Shown
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient, exact
from chainrule.graph.nodes import Input, Node
from chainrule.model import Model
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.numbers import Array, Point
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.trials import Trial, given_trial
from chainrule.practice.mutants.catalogue import KINDS, Mutant, mutant
from chainrule.practice.mutants.formulas import exchanged
from chainrule.practice.report import Finding, Report
from chainrule.practice.say.wording import sentence_of
from chainrule.practice.subject import subject_of
from chainrule.start import check_arrays

MOST_STEPS = 20  # that are followed
Changes = tuple[tuple[Step, Mutant], ...]


@dataclass(frozen=True)
class Printed:
    """A number as it was printed, and half a unit of its last digit."""

    value: float
    half: float

    def fits(self, value: float) -> bool:
        """Tell whether a number would be printed like this."""
        return abs(value - self.value) <= self.half * (1 + 1e-6)


def printed(text: str | float) -> Printed:
    """Return a printed number, with the precision it was printed with.

    >>> printed("0.250")
    Printed(value=0.25, half=0.0005)
    """
    number = Decimal(text if isinstance(text, str) else repr(float(text)))
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise DataError(f"{text!r} is not a finite number.")
    return Printed(float(number), 0.5 * 10.0**exponent)


@dataclass(frozen=True)
class Numbers:
    """All that was printed: losses by the number of steps before them, gradients and updated parameters by name."""

    losses: Mapping[int, Printed]
    gradients: Mapping[str, Any]
    updated: Mapping[str, Any]

    def misses(self, course: Course) -> list[str]:
        """Return the names of the numbers that a course of gradient descent does not give."""
        found = [
            f"L after {n} steps" for n, p in self.losses.items() if not p.fits(course.losses[n])
        ]
        for what, given, own in (
            ("d{}", self.gradients, course.gradients),
            ("new {}", self.updated, course.updated),
        ):
            found += [what.format(name) for name in given if not _all_fit(given[name], own[name])]
        return found

    def only(self, names: Sequence[str]) -> Numbers:
        """Return some of the numbers: those that are not right; the others may come from another calculation."""
        return Numbers(
            {n: p for n, p in self.losses.items() if f"L after {n} steps" in names},
            {k: v for k, v in self.gradients.items() if f"d{k}" in names},
            {k: v for k, v in self.updated.items() if f"new {k}" in names},
        )

    def texts(self, names: Sequence[str], right: Course, wrong: Course) -> str:
        """Return the losses that are not right, beside the right ones and those that the mistake gives."""
        lines = [
            f"L after {n} steps: printed {p.value:.12g}, right {right.losses[n]:.12g}, with this mistake {wrong.losses[n]:.12g}"
            for n, p in self.losses.items()
            if f"L after {n} steps" in names
        ]
        return "\n".join(lines or [f"with this mistake, {', '.join(names)} come out as printed"])


@dataclass(frozen=True)
class Course:
    """What gradient descent gives: the losses, and the gradients and parameters of the first step."""

    losses: list[float]
    gradients: dict[str, Array]
    updated: dict[str, Array]


def check_published(
    model: Model,
    data: Mapping[str, Any],
    params: Mapping[str, Any],
    *,
    learning_rate: float,
    losses: Mapping[int, str | float] | None = None,
    gradients: Mapping[str, Any] | None = None,
    updated: Mapping[str, Any] | None = None,
) -> Report:
    """Judge printed numbers of gradient descent; where they are wrong, name the mistake that gives them.

    Args:
        model: the model; what is not updated is among its data.
        data: the data.
        params: the parameters before the first step.
        learning_rate: of plain gradient descent.
        losses: printed losses by the number of steps made before: {0: "0.298371109", 1: "0.291027924"}.
        gradients: printed gradients of the first step, arrays of numbers (or of text) by parameter.
        updated: printed parameters after the first step.

    Returns:
        A Report.

    Raises:
        DataError, ShapeError: data or parameters do not fit the model, or a number cannot be read.

    >>> import chainrule as cr
    >>> line = cr.models.univariate
    >>> data, params = {"x": [[1.0, 2.0]], "y": [[1.0, 3.0]]}, {"w": 0.5, "b": 0.0}
    >>> check_published(line, data, params, learning_rate=0.1, gradients={"w": "-4.50"})
    <report: right>
    >>> check_published(line, data, params, learning_rate=0.1, gradients={"w": "-2.25", "b": "-1.25"})
    <report: y_hat: missing-factor-2>
    """
    subject = subject_of(model)
    check_arrays(model.graph, data, params)
    trial = given_trial(model.graph, {**data, **params}, 0)
    followed = {n: printed(text) for n, text in (losses or {}).items() if 0 <= n <= MOST_STEPS}
    numbers = Numbers(followed, dict(gradients or {}), dict(updated or {}))
    follower = _Follower(subject.mutants, trial, learning_rate, max(followed, default=1))
    right = follower.course(())
    missed = numbers.misses(right)
    if not missed:
        return Report(True, about="the printed numbers, to their last digit.")
    about = f"{', '.join(missed)} cannot be right"
    found = _explanation(follower, numbers, missed)
    if found is None:
        said = f"{about}, and no known mistake gives all of the printed numbers."
        return Report(False, [Finding("", None, said, [said])], about=about)
    (step, one), course = found
    finding = _finding(subject.derivation.steps, step, one, numbers.texts(missed, right, course))
    return Report(False, [finding], about=about)


def _explanation(
    follower: _Follower, numbers: Numbers, missed: Sequence[str]
) -> tuple[tuple[Step, Mutant], Course] | None:
    """Return the likeliest mistake that gives all printed numbers, or else those that are not right, and its course."""
    tried = sorted(follower.hypotheses(), key=lambda c: sum(m.cost for _, m in c))
    courses = [(changes, follower.course(changes)) for changes in tried if changes]
    for wanted in (numbers, numbers.only(missed)):
        for changes, course in courses:
            if not wanted.misses(course):
                return changes[0], course
    return None


class _Follower:
    """Follows gradient descent for a few steps, with mistakes made at every step."""

    def __init__(self, mutants: Mutants, trial: Trial, rate: float, steps: int) -> None:
        self.mutants, self.trial, self.rate, self.count = mutants, trial, rate, max(steps, 1)
        self.parameters = [s for s in mutants.steps if s.parameter]

    def course(self, changes: Changes) -> Course:
        """Return the losses and the first step's gradients and parameters under some mistakes."""
        graph = self.mutants.graph
        arrays = dict(self.trial.arrays)
        losses: list[float] = []
        first: tuple[dict[str, Array], dict[str, Array]] | None = None
        for _ in range(self.count + 1):
            trial = Trial(self.trial.sizes, arrays)
            point = trial.point(graph)
            losses.append(float(point.value(graph.loss).array))
            slopes = self._gradients(trial, changes)
            fits = all(slopes[name].shape == arrays[name].shape for name in slopes)
            with np.errstate(
                all="ignore"
            ):  # a mistake may leave the finite numbers: then it is not the one
                moved = {n: arrays[n] - self.rate * g for n, g in slopes.items()} if fits else {}
            first = first or (slopes, moved)
            arrays = {**arrays, **moved}
        assert first is not None
        return Course(losses, *first)

    def _gradients(self, trial: Trial, changes: Changes) -> dict[str, Array]:
        known = trial.leaves(self.mutants.graph)
        for step, one in changes:
            known[step.node] = Point(trial.sizes, known).value(one.formula)
        point = Point(trial.sizes, known)
        return {s.label: point.value(s.node).array for s in self.parameters}

    def hypotheses(self) -> Iterator[Changes]:
        """Yield every known mistake: at one step, or weights updated too early at every step that reads them."""
        yield self._updated_too_early()
        for step in self.mutants.steps:
            for one in [*self.mutants.of(step), *_factors(step)]:
                if one.formula.shape == step.node.shape:
                    yield ((step, one),)

    def _updated_too_early(self) -> Changes:
        gradients: dict[Node, Step] = {
            s.uses.value: s for s in self.parameters if s.uses is not None
        }
        found: list[tuple[Step, Mutant]] = []
        for step in self.mutants.steps:
            read = [n for n in nodes.inside(step.routes[0]) if n in gradients]
            if not step.backward or step.parameter or not read:
                continue
            slope = Coefficient(-exact(self.rate))
            moved: dict[Node, Node] = {
                n: nodes.add([n, nodes.scaled(slope, gradients[n].node)]) for n in read
            }
            names = " and ".join(n.name for n in read if isinstance(n, Input))
            said = f"{names} had already been updated when the gradient went back through it"
            formula = exchanged(step.routes[0], moved)
            found.append((step, mutant("already-updated-weights", formula, said)))
        return tuple(found)


def _factors(step: Step) -> Iterator[Mutant]:
    """Yield a gradient with a constant factor wrong."""
    from fractions import Fraction

    for number, mistake in ((-1, "sign"), (2, "extra-factor-2"), (0.5, "missing-factor-2")):
        formula = nodes.scaled(Coefficient(Fraction(number)), step.routes[0])
        if step.backward:
            yield mutant(mistake, formula, f"the result is {number:g} times the right one")


def _all_fit(given: Any, own: Array) -> bool:
    texts = np.asarray(given, dtype=object).reshape(-1)
    return len(texts) == own.size and all(
        printed(text).fits(float(value)) for text, value in zip(texts, own.reshape(-1), strict=True)
    )


def _finding(shown: Sequence[Shown], step: Step, one: Mutant, numbers: str) -> Finding:
    equation = next((s.equation for s in shown if s.target == step.label), "")
    words = [w for s in shown if s.target == step.label for r in s.rule if (w := sentence_of(r))]
    name = step.node.label if step.backward else step.label
    rule = f"{equation}\n{'; '.join(words)}" if words else equation
    hints = [f"Look at {name}.", rule, numbers, f"{KINDS[one.mistake].remedy}."]
    stage = "backward" if step.backward else "forward"
    return Finding(step.label, one.mistake, f"{one.message}.", hints, stage, equation=equation)
