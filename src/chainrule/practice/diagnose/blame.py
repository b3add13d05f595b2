"""Where a factor comes from: m times too large everywhere is one mistake, at the first value that carries the factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Ein, Name
from chainrule.practice.diagnose.state import Case, State
from chainrule.practice.grounds.scales import parts, whole
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import KINDS, Mutant, mutant

Parts = dict[str, Fraction]


@dataclass(frozen=True)
class Wrong:
    """A factor that a step's result carries and should not: the mistake's key, and the message."""

    step: Step
    factor: Coefficient
    mistake: str
    message: str


def factor_mutants(case: Case, step: Step, factor: Coefficient) -> tuple[Mutant, ...]:
    """Return a factor as mistakes, the last of which has the step's value with the factor."""
    wrong = _named(case, step, parts(factor))
    formula = nodes.scaled(factor, step.node)
    return tuple(mutant(w.mistake, formula, w.message) for w in wrong)


def factor_parts(factor: Coefficient) -> list[Coefficient]:
    """Return a factor's sign, its power of 2 and its sizes, each as a factor, where it has several."""
    classes = _classes(parts(factor))
    return [whole(made) for made in classes.values()] if len(classes) > 1 else []


def wrong_factors(state: State) -> list[Wrong]:
    """Return the factors that parameters' gradients came out with, each at the step that it comes from."""
    verdicts = [v for v in state.judged.values() if v.step.parameter and v.seen]
    owed = {v.step.label: _classes(parts(v.factor)) for v in verdicts if v.factor != ONE}
    found: dict[Name, tuple[Step, Parts]] = {}
    while any(owed.values()):
        kind, made = next((k, m) for classes in owed.values() for k, m in classes.items())
        having = [label for label, classes in owed.items() if classes.get(kind) == made]
        origin, labels = _origin(state, kind, having)
        found.setdefault(origin.node, (origin, {}))[1].update(made)
        for label in labels:
            del owed[label][kind]
    order = [step.node for step in state.case.steps]
    wrong = [w for step, made in found.values() for w in _named(state.case, step, made)]
    return sorted(wrong, key=lambda w: order.index(w.step.node))


def _classes(made: Parts) -> dict[str, Parts]:
    """Return a factor's sign, its power of 2, and all its sizes: each is a mistake of its own."""
    found: dict[str, Parts] = {}
    for part, exponent in made.items():
        kind = part if part in ("sign", "two") else "sizes"
        found.setdefault(kind, {})[part] = exponent
    return found


def _origin(state: State, kind: str, having: Sequence[str]) -> tuple[Step, list[str]]:
    """Return the step that brings a factor in, and the parameters that have it from there."""
    downstream = _downstream(state, kind)
    candidates: list[tuple[int, int, int, Step]] = []
    for i, step in enumerate(state.case.steps):
        reached = downstream.get(step.node, [])
        verdict = state.judged.get(step.node)
        if step.parameter or not step.backward or verdict is None:
            continue
        if not reached or not set(reached) <= set(having):
            continue
        if verdict.seen and kind in _classes(parts(verdict.factor)):
            candidates.append((len(reached), 1, -i, step))  # the first that is seen to carry it
        elif not verdict.seen and len(reached) > 1:
            candidates.append((len(reached), 0, i, step))  # the last common one
    if candidates:
        step = max(candidates, key=lambda c: c[:3])[3]
        return step, downstream[step.node]
    label = having[0]
    return next(s for s in state.case.steps if s.parameter and s.label == label), [label]


def _downstream(state: State, kind: str) -> dict[Name, list[str]]:
    """Return the parameters whose gradients get a kind of factor from each gradient: through values that are seen to have it."""
    by_node = {s.node: s for s in state.case.steps}
    found: dict[Name, list[str]] = {}
    for step in state.case.steps:
        if not (step.parameter and step.label in state.case.returned):
            continue
        waiting, seen = list(_gradients(step)), set[Name]()
        while waiting:
            node = waiting.pop()
            if node in seen or node not in by_node:
                continue
            seen.add(node)
            verdict = state.judged.get(node)
            if verdict is not None and verdict.seen and kind not in _classes(parts(verdict.factor)):
                continue
            found.setdefault(node, []).append(step.label)
            waiting += _gradients(by_node[node])
    return found


def _gradients(step: Step) -> Iterable[Name]:
    read = (n for route in step.routes for n in nodes.inside(route))
    return (n for n in read if isinstance(n, Name) and n.role == "gradient")


def _named(case: Case, step: Step, made: Parts) -> list[Wrong]:
    """Return what a factor is called: a sign, a 2, an average."""
    found: list[Wrong] = []
    dims = {d: e for d, e in made.items() if d not in ("sign", "two")}
    for key, chosen in (("sign", {"sign"}), ("two", {"two"}), ("dims", set(dims))):
        inside: Parts = {k: e for k, e in made.items() if k in chosen}
        if not inside:
            continue
        if key == "sign":
            mistake = "sign"
        elif key == "two":
            mistake = "extra-factor-2" if made["two"] > 0 else "missing-factor-2"
        else:
            mistake = average_mistake(case, step, dims)
        factor = whole(inside)
        said = f"the result is {times(factor)} the right one: {KINDS[mistake].meaning}"
        found.append(Wrong(step, factor, mistake, said))
    return found


def average_mistake(case: Case, step: Step, dims: Mapping[str, Fraction]) -> str:
    """Return what a factor of sizes is called."""
    if any(e.denominator != 1 for e in dims.values()):
        return "wrong-coefficient"
    average = set(case.scales.average)
    exponents = set(dims.values())
    if exponents == {Fraction(-1)} and _is_sum(step, set(dims)):
        return "mean-for-sum"
    if exponents == {Fraction(-1)} and set(dims) < average:
        return "extra-1-over-m"
    if set(dims) == average or not average:
        if exponents == {Fraction(1)}:
            return "missing-1-over-m"
        if exponents == {Fraction(-1)}:
            return "extra-1-over-m"
    return "wrong-average"


def _is_sum(step: Step, dims: set[str]) -> bool:
    """Tell whether a step only adds up over these dims, so that a mean is the likely mistake."""
    formula = step.routes[0]
    return any(
        isinstance(n, Ein) and len(n.args) == 1 and dims <= {n.dims[x] for x in n.summed}
        for n in nodes.inside(formula)
    )


def times(factor: Coefficient) -> str:
    """Return a factor in words.

    >>> from chainrule.graph.coefficient import coefficient
    >>> times(coefficient(1, m=1)), times(coefficient(-1)), times(coefficient(2, m=-1))
    ('m times', '-1 times', '2/m times')
    """
    number = factor.number
    top = [f"{d}" if e == 1 else f"{d}^{e}" for d, e in factor.dims if e > 0]
    low = [f"{d}" if e == -1 else f"{d}^{-e}" for d, e in factor.dims if e < 0]
    if number.denominator != 1:
        low.insert(0, str(number.denominator))
    if abs(number.numerator) != 1 or not top:
        top.insert(0, str(number.numerator))
    elif number < 0:
        top[0] = f"-{top[0]}"
    below = low[0] if len(low) == 1 else f"({' '.join(low)})"
    return f"{' '.join(top)}{f'/{below}' if low else ''} times"
