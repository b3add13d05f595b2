"""Trying an explanation: does a wrong formula at one step give the student's value at another, at every instance?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Node
from chainrule.practice.diagnose.state import Env, Fault, State, divided
from chainrule.practice.grounds.numbers import Point, Value
from chainrule.practice.grounds.scales import Own, ratio
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track, oriented
from chainrule.practice.mutants.catalogue import Mutant

Owns = Sequence[tuple[Own, "Track | None"]]


@dataclass(frozen=True)
class Found:
    """An explanation: the faults, the student's value that they explain and its factor, and what later rules read now."""

    faults: tuple[Fault, ...]
    own: Own
    track: Track | None
    factor: Coefficient
    changes: tuple[tuple[Step, tuple[Value, ...]], ...] = ()
    odd: float = 0.3  # what a factor costs: more where it can no longer be made good

    @property
    def cost(self) -> float:
        """How far-fetched it is."""
        return sum(f.cost for f in self.faults) + (0.0 if self.factor == ONE else self.odd)


class Attempt:
    """The value of a step, explained by mistakes at a place: at the step itself, or at an unseen step before it."""

    def __init__(self, state: State, step: Step, place: Step, owns: Owns) -> None:
        self.state, self.step, self.place, self.owns = state, step, place, owns
        unseen = {s.node for s in state.virtual(step)}
        order = state.case.steps
        first, last = order.index(place), order.index(step)
        self._between = [s for s in order[first + 1 : last] if s.node in unseen]
        self._point = Point(state.case.sizes[0], state.env[0])
        self._known = len(state.env[0])

    def _first(self) -> Point:
        """Return the first instance's point, anew where more values have become known."""
        if len(self.state.env[0]) != self._known:
            self._known = len(self.state.env[0])
            self._point = Point(self.state.case.sizes[0], self.state.env[0])
        return self._point

    def fits(self, mistakes: tuple[Mutant, ...]) -> Iterator[Found]:
        """Yield the student's values that some mistakes explain; the last one's formula has them all."""
        wrong = self._first().value(mistakes[-1].formula)
        for own, track in self.owns:
            if self._could_be(wrong, own):
                found = self._is(mistakes, own, track)
                if found is not None:
                    yield found

    def both(self, mine: Mutant, other: Attempt, theirs: Mutant) -> list[Found]:
        """Return the explanations by one mistake here and one at a later place."""
        state = self.state
        changed: list[dict[Node, Value]] = []
        for k, point in enumerate(state.points()):
            env = self.follow(point.value(mine.formula), k)[0]
            if env is None:
                return []
            changed.append(env)
            if not k and not any(other.agrees(theirs, env)):
                return []
        later = Attempt(State(state.case, changed, state.judged), self.step, other.place, self.owns)
        return [
            replace(
                found,
                faults=(self._fault((mine,), None, None), *found.faults),
                changes=_differences(state, _applied(changed, found)),
            )
            for found in later.fits((theirs,))
        ]

    def agrees(self, one: Mutant, env: dict[Node, Value]) -> Iterator[bool]:
        """Yield for each of the student's values whether a mistake gives it at the first instance's values."""
        wrong = Point(self.state.case.sizes[0], env).value(one.formula)
        for own, _ in self.owns:
            yield self._could_be(wrong, own, env)

    def follow(
        self, wrong: Value, k: int, before: dict[Node, Value] | None = None
    ) -> tuple[dict[Node, Value] | None, list[Value]]:
        """Return one instance's values after a wrong one at the place, and what the step's formulas give then."""
        env = dict(self.state.env[k] if before is None else before)
        if self.place is self.step:
            return env, [wrong]
        if wrong.array.shape != env[self.place.node].array.shape:
            return None, []
        env[self.place.node] = wrong
        changed: set[Node] = {self.place.node}
        sizes = self.state.case.sizes[k]
        for later in self._between:
            if changed & set(later.reads):
                env[later.node] = Point(sizes, env).value(later.routes[0])
                changed.add(later.node)
        routes = [r for r in self.step.routes if changed & set(nodes.inside(r))]
        return env, [Point(sizes, env).value(route) for route in routes]

    def _could_be(self, wrong: Value, own: Own, before: dict[Node, Value] | None = None) -> bool:
        """Tell whether mistakes fit at the first instance."""
        for value in self.follow(wrong, 0, before)[1]:
            array = Own(own.arrays[:1], own.eps)
            turned = array if self.step.parameter else oriented(array, [value.array.shape])
            if turned and ratio(turned.arrays[0], value, own.eps) is not None:
                return True
        return False

    def _is(self, mistakes: tuple[Mutant, ...], own: Own, track: Track | None) -> Found | None:
        """Return the explanation where mistakes fit at every instance, by one factor."""
        state = self.state
        wrong = [p.value(mistakes[-1].formula) for p in state.points()]
        followed = [self.follow(w, k) for k, w in enumerate(wrong)]
        envs = [env for env, _ in followed if env is not None]
        for values in zip(*(given for _, given in followed), strict=True):
            shapes = [v.array.shape for v in values]
            turned = own if self.step.parameter else oriented(own, shapes)
            factor = state.case.scales.of(turned, values, state.case.sizes) if turned else None
            if turned is None or factor is None:
                continue
            fault = self._fault(mistakes, own, track)
            odd = 1.0 if self.step.parameter else 0.3
            return Found((fault,), turned, track, factor, _differences(state, envs), odd)
        return None

    def _fault(self, mistakes: tuple[Mutant, ...], own: Own | None, track: Track | None) -> Fault:
        rule = tuple(self.state.values(self.place.routes[0]))
        return Fault(self.place, mistakes, own if self.place is self.step else None, rule, track)


def _applied(env: Env, found: Found) -> Env:
    """Return values with an explanation's changes made."""
    after = [dict(known) for known in env]
    for step, values in found.changes:
        for known, value in zip(after, values, strict=True):
            known[step.node] = value
    return after


def _differences(state: State, envs: Env) -> tuple[tuple[Step, tuple[Value, ...]], ...]:
    return tuple(
        (s, tuple(env[s.node] for env in envs))
        for s in state.case.steps
        if s.node in envs[0] and envs[0][s.node] is not state.env[0].get(s.node)
    )


def wrong_later(state: State, step: Step, found: Found) -> int:
    """Return how many later steps stay wrong under an explanation."""
    env = [dict(known) for known in state.env]
    for changed, values in found.changes:
        state.put(changed, values, env)
    state.refresh((changed.node for changed, _ in found.changes), env)
    shapes = [v.array.shape for v in state.values(step.routes[0])]
    if [a.shape for a in found.own.arrays] == shapes:
        state.put(step, divided(found.own, found.factor, state.case.sizes), env)
    steps = state.case.steps
    return sum(not _settled(state, later, env) for later in steps[steps.index(step) + 1 :])


def _settled(state: State, step: Step, env: Env) -> bool:
    """Let a later step read what the student has for it, and tell whether it is right."""
    rules = [state.values(route, env) for route in step.routes]
    owns = _owns(state, step, rules[0])
    for one in owns:
        for rule in rules:
            factor = state.case.scales.of(one, rule, state.case.sizes)
            if factor is not None:
                state.put(step, divided(one, factor, state.case.sizes), env)
                return True
    if owns and not step.parameter:
        state.put(step, divided(owns[0], ONE, state.case.sizes), env)
    else:
        state.put(step, rules[0], env)
    return not owns


def _owns(state: State, step: Step, rule: Sequence[Value]) -> list[Own]:
    """Return what the student has for a step."""
    if step.parameter:
        own = state.case.returned.get(step.label)
        return [] if own is None else [own]
    named = state.case.variables.named(step.label, step.backward, frozenset())
    turned = [oriented(t.own, [v.array.shape for v in rule]) for t in named]
    return [t for t in turned if t is not None]
