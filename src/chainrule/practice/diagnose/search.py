"""The search for the mistake behind a wrong value: at its own step, or at an unseen step that it was computed through.

Single mistakes first, then pairs. An explanation that makes later steps right is better than one that leaves them wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice

from chainrule.derive.simplify import Rewriter
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Name, Node
from chainrule.practice.diagnose.blame import factor_mutants, factor_parts
from chainrule.practice.diagnose.constants import coefficient_mutants, returned_mutants
from chainrule.practice.diagnose.counts import count_mutants, odd_constants
from chainrule.practice.diagnose.misplaced import misplaced_mutants
from chainrule.practice.diagnose.stale import stale_mutants, updated_mutants
from chainrule.practice.diagnose.state import State
from chainrule.practice.diagnose.trying import Attempt, Found, Owns, wrong_later
from chainrule.practice.grounds.mutated import unique
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import Mutant
from chainrule.practice.mutants.formulas import exchanged, exponent_mutants

MOST_LOOKS = 10  # explanations that are tried on the steps to come
MOST_PAIRS = 2500  # tried at one place
FAR_FETCHED = 4.4  # what two mistakes may cost together: two odd constants explain too much
MOST_PLACES = 5  # the nearest, of which two are tried together
MOST_COMMON = 14  # mutants of each of two places that are tried together
INSIDE = 0.3  # what a mistake costs more in a formula with unseen steps written out
Ways = Sequence[Callable[[Attempt], Iterable[tuple[Mutant, ...]]]]


def explain(state: State, step: Step, owns: Owns, deep: bool) -> Found | None:
    """Return the likeliest explanation of a wrong value, None where there is none; with pairs of mistakes if `deep`."""
    unseen = [s for s in state.virtual(step) if s.node not in state.confirmed]
    places = [Attempt(state, step, place, owns) for place in (step, *unseen)]
    found = [fit for at in places for one in _single(at, unseen) for fit in at.fits(one)]
    carrying = list(_carrying(state, step, owns))
    found += [fit for at in carrying for kept in _kept(at) for fit in at.fits(kept)]
    found += [
        fit for at in carrying for part in _partly(at) for fit in at.fits(part) if fit.factor == ONE
    ]
    found += [fit for at in places[1:] for fit in _scaled(at)]
    found += [
        fit for at in _by_value(state, step, owns) for one in _common(at) for fit in at.fits(one)
    ]
    if not found and deep:
        found = [fit for one in _pairs(places[0]) for fit in places[0].fits(one)]
        found += _apart(
            state, [at for at in places if at.place.backward is step.backward][:MOST_PLACES]
        )
    if not found:
        return None
    order = state.case.steps
    likely = sorted(found, key=lambda x: (x.cost, order.index(x.faults[0].step)))[:MOST_LOOKS]
    if len(likely) == 1:
        return likely[0]
    return min(likely, key=lambda x: x.cost + 2 * wrong_later(state, step, x))


def _single(attempt: Attempt, unseen: Sequence[Step]) -> Iterator[tuple[Mutant, ...]]:
    state, place = attempt.state, attempt.place
    for one in (*state.case.mutants.of(place), *state.case.mutants.rarer(place)):
        yield (one,)
    for one in misplaced_mutants(state, place):
        yield (one,)
    for one in unique([*stale_mutants(state, place, attempt.owns)], place.routes):
        yield (one,)
    for one in (*updated_mutants(state, place, attempt), *count_mutants(state, place)):
        yield (one,)
    if place is attempt.step:
        for one in returned_mutants(state, place, attempt.owns):
            yield (one,)
        for one in coefficient_mutants(state, place, attempt.owns):
            yield (one,)
        for one in odd_constants(state, place, attempt.owns):
            yield (one,)
    if place is attempt.step and unseen:
        formula = written_out(place, unseen)
        inside = [*state.case.mutants.inside(formula, place)]
        inside += state.case.mutants.rarer_inside(formula, place)
        for one in unique([*inside, *exponent_mutants(formula)], [formula]):
            yield (Mutant(one.mistake, one.formula, one.cost + INSIDE, one.said, one.about),)


def written_out(step: Step, unseen: Sequence[Step]) -> Node:
    """Return a step's formula with unseen steps written out, simplified: what a student writes in one line."""
    inner = {s.node: s.routes[0] for s in unseen}
    formula = step.routes[0]
    for _ in unseen:
        read = [n for n in nodes.inside(formula) if isinstance(n, Name)]
        changes: dict[Node, Node] = {n: inner[n] for n in read if n in inner}
        if not changes:
            break
        formula = exchanged(formula, changes)
    return Rewriter().simplify(formula)


def _carrying(state: State, step: Step, owns: Owns) -> Iterator[Attempt]:
    """Yield the seen values before a step whose factor may not have been left for later, but be wrong."""
    read = {n for s in (step, *state.virtual(step)) for n in s.reads}
    for verdict in state.judged.values():
        if verdict.step.node in read and verdict.seen and verdict.factor != ONE:
            yield Attempt(state, step, verdict.step, owns)


def _scaled(attempt: Attempt) -> Iterator[Found]:
    """Yield an unseen gradient with a wrong scale that is nobody's to make good later: it stands beside a penalty."""
    for one in attempt.state.case.mutants.scales(attempt.place) if attempt.place.backward else ():
        for fit in attempt.fits((one,)):
            if fit.factor == ONE:
                yield fit


def _kept(attempt: Attempt) -> Iterator[tuple[Mutant, ...]]:
    yield factor_mutants(attempt.state.case, attempt.place, _factor(attempt))


def _partly(attempt: Attempt) -> Iterator[tuple[Mutant, ...]]:
    """Yield the mistakes that the parts of a factor are: m/2 may be m, the 2 having been put in later."""
    for part in factor_parts(_factor(attempt)):
        yield factor_mutants(attempt.state.case, attempt.place, part)


def _factor(attempt: Attempt) -> Coefficient:
    return attempt.state.judged[attempt.place.node].factor


def _by_value(state: State, step: Step, owns: Owns) -> Iterator[Attempt]:
    """Yield the gradients before a step that were seen under a name which says nothing: another value may have been used."""
    names = state.case.variables.names.told()
    read = {n for s in (step, *state.virtual(step)) for n in s.reads}
    used = {n for v in state.judged.values() if v.seen and v.right for n in v.step.reads}
    for verdict in state.judged.values():
        here, track = verdict.step, verdict.track
        if not here.backward or here.node not in read or track is None or here.node in used:
            continue
        if names.gradient(track.name) != here.label:
            yield Attempt(state, step, here, owns)


def _common(attempt: Attempt) -> Iterator[tuple[Mutant, ...]]:
    mutants = attempt.state.case.mutants
    for one in (*mutants.of(attempt.place), *mutants.rarer(attempt.place)):
        yield (one,)


def _pairs(attempt: Attempt) -> Iterator[tuple[Mutant, ...]]:
    pairs = attempt.state.case.mutants.pairs(attempt.place)
    return islice((p for p in pairs if p[0].cost + p[1].cost < FAR_FETCHED), MOST_PAIRS)


def _apart(state: State, places: Sequence[Attempt]) -> list[Found]:
    """Return explanations by one mistake at each of two places."""
    found: list[Found] = []
    order = state.case.steps
    for one, other in combinations(places, 2):
        first, second = sorted((one, other), key=lambda t: order.index(t.place))
        for a in state.case.mutants.of(first.place)[:MOST_COMMON]:
            for b in state.case.mutants.of(second.place)[:MOST_COMMON]:
                found += first.both(a, second, b)
    return found
