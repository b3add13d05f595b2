"""The walk: every step in derivation order, judged against its rule applied to the student's own values before it.

So the first wrong step is blamed, and what follows correctly from it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Input, Node
from chainrule.practice.diagnose.counts import is_constant
from chainrule.practice.diagnose.search import explain
from chainrule.practice.diagnose.state import Case, Fault, Judged, State, divided, start
from chainrule.practice.diagnose.trying import Attempt, Found, Owns
from chainrule.practice.grounds.numbers import Value
from chainrule.practice.grounds.scales import Own
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track, oriented
from chainrule.practice.mutants.catalogue import Mutant, mutant

MOST_VERSIONS = 4  # of one variable that are searched for a mistake
# the mistakes that a walk searches for: TAKEN where a variable was recognised
NOTHING, TAKEN, SINGLE, PAIRS = range(4)


def walk(
    case: Case,
    ignored: frozenset[str] = frozenset(),
    depth: int = SINGLE,
    assumed: Sequence[Fault] = (),
) -> State:
    """Return the verdicts on all steps.

    Args:
        case: what is judged.
        ignored: values named so count as not seen.
        depth: what is searched for.
        assumed: mistakes in forward values that are not seen, to go on from.
    """
    state = start(case)
    state.assumed.update({fault.step.node: fault for fault in assumed})
    for step in case.steps:
        walker = _Walker(state, step, ignored, depth)
        if step.parameter:
            walker.judge_parameter()
        else:
            walker.judge_value()
    return state


class _Walker:
    """Judges one step."""

    def __init__(self, state: State, step: Step, ignored: frozenset[str], depth: int) -> None:
        self.state, self.step, self.ignored, self.depth = state, step, ignored, depth
        self.routes = self._routes()
        self.rules = [state.values(route) for route in self.routes]

    def _routes(self) -> list[Node]:
        """Return the step's formulas, and the one that is right after a wrong forward value."""
        other = self.state.otherwise(self.step)
        return [*self.step.routes, *([other] if other is not None else [])]

    def judge_parameter(self) -> None:
        """Judge the gradient that was returned for a parameter."""
        state = self.state
        own = state.case.returned.get(self.step.label)
        if own is None:
            self._unseen()
            return
        for strict in (True, False):  # first without a factor
            for route, rule in zip(self.routes, self.rules, strict=True):
                factor = state.case.scales.of(own, rule, state.case.sizes)
                if factor is not None and (factor == ONE or not strict):
                    self._accept(route, own, factor, None)
                    return
            if strict and self._after_wrong_forward([(own, None)]):
                return
        self._blame([(own, None)])

    def _after_wrong_forward(self, owns: Owns) -> bool:
        """Accept a value that follows from a wrong forward value, through unseen gradients."""
        state = self.state
        for place in state.virtual(self.step) if state.instead else ():
            other = state.otherwise(place)
            attempt = Attempt(state, self.step, place, owns)
            for found in attempt.fits((Mutant("", other, 0.0, ""),)) if other is not None else ():
                if found.factor == ONE:
                    self._explained(replace(found, faults=()))
                    return True
        return False

    def judge_value(self) -> None:
        """Judge a value by the variable named after it, else look for one that equals the rule's."""
        variables = self.state.case.variables
        tracks = variables.named(self.step.label, self.step.backward, self.ignored)
        named = list(_oriented(tracks, self.rules[0]))
        for candidates in (named,) if named else (variables.fitting(self.rules[0]),):
            for route, rule in zip(self.routes, self.rules, strict=True):
                found = self._agreeing(candidates, rule)
                if found is not None:
                    self._accept(route, *found)
                    return
        seen = {own.arrays[0].tobytes(): (own, track) for track, own in named}
        if seen and self._after_wrong_forward(list(seen.values())):
            return
        if seen:
            self._blame(list(seen.values())[:MOST_VERSIONS])
        elif not (tracks and self._blame([(t.own, t) for t in tracks[:1]], only_known=True)):
            self._unseen()

    def _agreeing(
        self, candidates: Sequence[tuple[Track, Own]], rule: list[Value]
    ) -> tuple[Own, Coefficient, Track] | None:
        """Return the value that equals the rule's, or for a gradient the last one that is a factor of it."""
        found: tuple[Own, Coefficient, Track] | None = None
        for track, own in candidates:
            factor = self.state.case.scales.of(own, rule, self.state.case.sizes)
            if factor == ONE:
                return own, ONE, track
            if factor is not None and self.step.backward and found is None:
                found = own, factor, track
        return found

    def _unseen(self) -> None:
        state, step = self.state, self.step
        state.judged[step.node] = Judged(step)
        fault = state.assumed.get(step.node)
        if fault is None:
            state.put(step, self.rules[0])
            return
        formula = fault.mutants[-1].formula
        state.put(step, state.values(formula))
        state.instead[step.node] = formula
        state.faults.append(fault)

    def _accept(self, route: Node, own: Own, factor: Coefficient, track: Track | None) -> None:
        state, step = self.state, self.step
        state.confirmed.update(s.node for s in state.virtual(step, [route]))
        state.judged[step.node] = Judged(step, factor, True, True, track)
        state.put(step, divided(own, factor, state.case.sizes))
        if track is not None and not step.backward:
            state.case.variables.call({track.name: step.label})

    def _blame(self, owns: Owns, only_known: bool = False) -> bool:
        """Note what is wrong with a value; with `only_known`, only a mistake that has a name."""
        state, step = self.state, self.step
        follows = self._follows_from_a_spoilt_one()
        own, track = owns[0]
        plain = None if follows else _plain(step, own, self.rules[0])
        if plain is not None:
            self._note((plain,), own, track)
            state.put(step, self.rules[0])
            state.spoilt.add(step.node)
            return True
        search = not follows and self._searches(track)
        found = explain(state, step, owns, self.depth == PAIRS) if search else None
        if found is not None:
            self._explained(found)
        elif only_known:
            return False
        else:
            if not follows:
                self._note((), own, track)
            state.judged[step.node] = Judged(step, ONE, True, False, track)
            self._go_on(own, ONE)
        return True

    def _searches(self, track: Track | None) -> bool:
        taken = self.state.case.variables.taken
        recognised = track is not None and (track.name, track.turn) in taken
        return self.depth >= SINGLE or (self.depth == TAKEN and recognised)

    def _note(self, mistakes: tuple[Mutant, ...], own: Own, track: Track | None) -> None:
        fault = Fault(self.step, mistakes, own, tuple(self.rules[0]), track)
        self.state.faults.append(fault)
        self.state.judged[self.step.node] = Judged(self.step, ONE, True, False, track)

    def _explained(self, found: Found) -> None:
        """Go on from an explanation."""
        state, step = self.state, self.step
        state.faults += found.faults
        for changed, values in found.changes:
            self._change(changed, values)
        state.refresh(changed.node for changed, _ in found.changes)
        state.judged[step.node] = Judged(step, found.factor, True, False, found.track)
        self._remember_forward(found)
        self._go_on(found.own, found.factor)

    def _change(self, changed: Step, values: Sequence[Value]) -> None:
        """Let later rules read what an explanation makes of an earlier value."""
        state = self.state
        state.put(changed, values)
        before = state.judged[changed.node]
        if before.seen:
            state.judged[changed.node] = replace(before, factor=ONE)
        state.confirmed.add(changed.node)

    def _remember_forward(self, found: Found) -> None:
        for fault in found.faults:
            if is_computed(fault):
                self.state.instead[fault.step.node] = fault.mutants[-1].formula

    def _go_on(self, own: Own, factor: Coefficient) -> None:
        """Let later steps read the student's wrong value, or the rule's where the wrong one has no usable shape."""
        rule = self.rules[0]
        if all(a.shape == v.array.shape for a, v in zip(own.arrays, rule, strict=True)):
            self.state.put(self.step, divided(own, factor, self.state.case.sizes))
        else:
            self.state.put(self.step, rule)
            self.state.spoilt.add(self.step.node)

    def _follows_from_a_spoilt_one(self) -> bool:
        read = {n for s in (self.step, *self.state.virtual(self.step)) for n in s.reads}
        return bool(read & self.state.spoilt)


def is_computed(fault: Fault) -> bool:
    """Tell whether a fault is a forward value that comes of another formula than the model's."""
    if fault.step.backward or not fault.explained:
        return False
    formula = fault.mutants[-1].formula
    leaves = [n for n in nodes.inside(formula) if isinstance(n, Input)]
    plain = all(n.role != "symbol" or is_constant(n) for n in leaves)
    return plain and formula.shape == fault.step.node.shape


def _plain(step: Step, own: Own, rule: Sequence[Value]) -> Mutant | None:
    """Return what is wrong with a value at first sight: not finite, or 0 everywhere."""
    if not all(np.all(np.isfinite(array)) for array in own.arrays):
        said = "it holds values that are not finite (nan or inf)"
        return mutant("not-finite", step.routes[0], said)
    shapes = [a.shape == v.array.shape for a, v in zip(own.arrays, rule, strict=True)]
    if step.parameter and all(shapes) and not any(array.any() for array in own.arrays):
        return mutant("zero-gradient", step.routes[0], "all its entries are 0")
    return None


def _oriented(tracks: Sequence[Track], rule: Sequence[Value]) -> Iterator[tuple[Track, Own]]:
    for track in tracks:
        own = oriented(track.own, [v.array.shape for v in rule])
        if own is not None:
            yield track, own
