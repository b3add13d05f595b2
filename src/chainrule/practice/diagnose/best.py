"""Which walk explains a student's values best: names doubted, variables identified, mistakes of one walk taken to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from chainrule.graph import nodes
from chainrule.practice.diagnose.recognise import recognised
from chainrule.practice.diagnose.state import Case, Fault, State
from chainrule.practice.diagnose.walk import NOTHING, PAIRS, SINGLE, TAKEN, is_computed, walk
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.trials import Trial
from chainrule.practice.mutants.catalogue import IDENTIFIED, KINDS, mutant

MOST_WALKS = 8
MOST_RECOGNISED = 6  # variables that are tried as the first one
MOST_FURTHER = 12  # variables that are recognised one after the other
SUSPICIOUS = 4.0  # what an explanation costs before variables are looked at by what they hold


def diagnose(case: Case) -> State:
    """Return the walk that explains the student's values best.

    A variable may be named after a value of the model and hold something else; each name at which a walk stumbles is
    therefore also tried as if it had not been seen.
    """
    best, ignored = _follow(case, frozenset()), frozenset[str]()
    for _ in range(MOST_WALKS):
        named = [f.track.name for f in best[0].faults if f.track and not f.step.parameter]
        tried = [(name, _follow(case, ignored | {name}, best[1])) for name in dict.fromkeys(named)]
        better = [(name, walked) for name, walked in tried if _cost(walked) < _cost(best) - 0.5]
        if not better:
            break
        name, best = min(better, key=lambda pair: _cost(pair[1]))
        ignored = ignored | {name}
    best = _with_recognised(case, best, ignored)
    if not all(fault.explained for fault in best[0].faults):
        best = min(best, _follow(case, ignored, best[1], PAIRS), key=_cost)
    case.variables.names.gradients = dict(best[1])
    if _cost(best) < KINDS["changed-in-place"].cost:
        return best[0]
    return min([best[0], *_with_changed_inputs(case, ignored)], key=cost)


def _with_recognised(case: Case, best: Walked, ignored: frozenset[str]) -> Walked:
    """Return the better of a walk and those that go on from variables recognised by what they hold."""
    if cost(best[0]) < SUSPICIOUS:
        return best
    taken = case.variables.taken
    kept: dict[tuple[str, int], tuple[str, bool]] = {}
    plain = len(_unexplained(walk(case, ignored, NOTHING)))
    for step, track in islice(recognised(best[0]), MOST_RECOGNISED):
        taken.clear()
        taken[track.name, track.turn] = (step.label, step.backward)
        state = walk(case, ignored, TAKEN)
        _recognise_further(case, state, ignored)
        if len(_unexplained(walk(case, ignored, TAKEN))) >= plain:
            continue
        tried = _follow(case, ignored)
        if _cost(tried) < _cost(best) - 0.5:
            best, kept = tried, dict(taken)
    taken.clear()
    taken.update(kept)
    return best


def _recognise_further(case: Case, state: State, ignored: frozenset[str]) -> None:
    """Take the likeliest variable for every later step that has none and that is wrong in the same way."""
    order = case.steps
    for _ in range(MOST_FURTHER):
        places = [order.index(s) for s in order if _is_taken(case, s)]
        more = next(recognised(state, max(places)), None)
        if more is None:
            return
        step, track = more
        case.variables.taken[track.name, track.turn] = (step.label, step.backward)
        state = walk(case, ignored, TAKEN)


def _is_taken(case: Case, step: Step) -> bool:
    return (step.label, step.backward) in case.variables.taken.values()


def _unexplained(state: State) -> list[Fault]:
    return [fault for fault in state.faults if not fault.explained]


Walked = tuple[State, dict[str, str]]


def _follow(
    case: Case, ignored: frozenset[str], known: Mapping[str, str] | None = None, depth: int = SINGLE
) -> Walked:
    """Walk, and again with variables known by the use that was made of them, whatever their names; return those, too."""
    names = case.variables.names
    names.gradients = dict(known or {})
    while True:
        state = walk(case, ignored, depth)
        found = _identified(state, ignored, names.gradients)
        if not found:
            return _looked_back(state, ignored, depth), dict(names.gradients)
        names.gradients.update(found)


def _looked_back(state: State, ignored: frozenset[str], depth: int) -> State:
    """Walk again from wrong forward values that were found later than a fault which they may explain."""
    known = [f for f in state.faults if is_computed(f) and not state.judged[f.step.node].seen]
    if not known or all(fault.explained for fault in state.faults):
        return state
    return min(state, walk(state.case, ignored, depth, known), key=cost)


def _identified(state: State, ignored: frozenset[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return variables that are seen to hold a gradient which they are not named after."""
    found: dict[str, str] = {}
    for one in (m for fault in state.faults for m in fault.mutants if m.mistake == IDENTIFIED):
        name, _, label = one.said.partition("=")
        if name not in ignored and name not in known:
            found.setdefault(name, label)
    return found


def _cost(walked: Walked) -> float:
    return cost(walked[0])


def _with_changed_inputs(case: Case, ignored: frozenset[str]) -> Iterator[State]:
    """Yield walks in which an input is, from the start, what the function has made of it in place."""
    for node in case.graph.inputs:
        tracks = case.variables.named(node.name, False, frozenset())
        for track in tracks[:1]:
            shapes = [trial.arrays[node.name].shape for trial in case.trials]
            if [array.shape for array in track.own.arrays] != shapes:
                continue
            arrays = zip(case.trials, track.own.arrays, strict=True)
            moved = [Trial(t.sizes, {**t.arrays, node.name: array}) for t, array in arrays]
            state = walk(replace(case, trials=moved), ignored, NOTHING)
            reader = next(s for s in case.steps if any(node in nodes.inside(r) for r in s.routes))
            said = f"{track.name} had been changed in place (line {track.line}) before it was used"
            one = mutant("changed-in-place", reader.routes[0], said)
            state.faults.insert(0, Fault(reader, (one,), None, (), None))
            yield state


def cost(state: State) -> float:
    """Return how far-fetched a walk's explanation is."""
    return sum(fault.cost for fault in state.faults)
