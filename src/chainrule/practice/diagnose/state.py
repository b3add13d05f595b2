"""Where a diagnosis stands: the values of every instance as the student has them so far, and what was judged.

A gradient is kept free of the factor that the student left for later, so that every rule can be applied to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient
from chainrule.graph.nodes import Name, Node
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.numbers import Point, Value
from chainrule.practice.grounds.scales import Own, Scales
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track, Variables
from chainrule.practice.grounds.trials import Trial
from chainrule.practice.mutants.catalogue import IDENTIFIED, Mutant

Env = list[dict[Node, Value]]


@dataclass(frozen=True)
class Case:
    """What is judged: the model's steps, the instances, what was returned and what was seen."""

    graph: Graph
    steps: Sequence[Step]
    trials: Sequence[Trial]
    variables: Variables
    returned: Mapping[str, Own]
    scales: Scales
    mutants: Mutants

    @property
    def sizes(self) -> list[Mapping[str, int]]:
        """The sizes of every instance."""
        return [trial.sizes for trial in self.trials]


@dataclass(frozen=True)
class Fault:
    """A step that is wrong given what it was computed from: the mistakes that explain it (none: unknown)."""

    step: Step
    mutants: tuple[Mutant, ...]
    own: Own | None = None
    rule: tuple[Value, ...] = ()
    track: Track | None = None

    @property
    def cost(self) -> float:
        """How far-fetched the explanation is."""
        return sum(m.cost for m in self.mutants) if self.explained else 7.0

    @property
    def explained(self) -> bool:
        """Whether there are mistakes that explain it."""
        return bool(self.mutants) and all(m.mistake != IDENTIFIED for m in self.mutants)


@dataclass(frozen=True)
class Judged:
    """A step's verdict: the factor that its value carries, whether it was seen at all, and where."""

    step: Step
    factor: Coefficient = ONE
    seen: bool = False
    right: bool = True
    track: Track | None = None


@dataclass
class State:
    """The walk so far. `env` holds the values that later rules are applied to."""

    case: Case
    env: Env
    judged: dict[Name, Judged] = field(default_factory=dict[Name, Judged])
    confirmed: set[Name] = field(default_factory=set[Name])  # unseen, but something seen agrees
    spoilt: set[Name] = field(default_factory=set[Name])  # in a shape no rule can be applied to
    faults: list[Fault] = field(default_factory=list[Fault])
    instead: dict[Name, Node] = field(
        default_factory=dict[Name, Node]
    )  # how a wrong forward value came about
    assumed: dict[Name, Fault] = field(default_factory=dict[Name, Fault])  # found in a walk before

    def values(self, formula: Node, env: Env | None = None) -> list[Value]:
        """Return a formula's value at every instance, from the student's own values."""
        pairs = zip(self.case.sizes, env or self.env, strict=True)
        return [Point(sizes, known).value(formula) for sizes, known in pairs]

    def points(self) -> list[Point]:
        """Return one point per instance, for many formulas at the same values."""
        return [Point(sizes, known) for sizes, known in zip(self.case.sizes, self.env, strict=True)]

    def put(self, step: Step, values: Sequence[Value], env: Env | None = None) -> None:
        """Let later rules read these values as the step's."""
        for known, value in zip(env or self.env, values, strict=True):
            known[step.node] = value

    def refresh(self, changed: Iterable[Node], env: Env | None = None) -> None:
        """Compute the unseen steps anew that read changed values."""
        stale = set(changed)
        for step in self.case.steps:
            verdict = self.judged.get(step.node)
            unseen = verdict is not None and not verdict.seen and step.node not in stale
            if unseen and step.node not in self.confirmed and stale & set(step.reads):
                self.put(step, self.values(step.routes[0], env), env)
                stale.add(step.node)

    def otherwise(self, step: Step) -> Node | None:
        """Return the formula that is right for a gradient after a wrong forward value, where it is another one."""
        if step.uses is None or not self.instead:
            return None
        formula = step.uses.under(self.instead).formula()
        fits = formula is not None and formula.shape == step.node.shape
        return formula if fits and formula not in step.routes else None

    def virtual(self, step: Step, formulas: Iterable[Node] | None = None) -> list[Step]:
        """Return the unseen steps that a step's formulas read, directly or through unseen ones; the nearest first."""
        by_node = {s.node: s for s in self.case.steps}
        found: dict[Name, Step] = {}
        waiting = _names(formulas if formulas is not None else step.routes)
        while waiting:
            here = by_node.get(waiting.pop(0))
            if here is None or here.node in found:
                continue
            verdict = self.judged.get(here.node)
            if verdict is not None and not verdict.seen:
                found[here.node] = here
                waiting += _names(here.routes)
        return list(found.values())


def _names(formulas: Iterable[Node]) -> list[Name]:
    return [n for f in formulas for n in nodes.inside(f) if isinstance(n, Name)]


def divided(own: Own, factor: Coefficient, sizes: Sequence[Mapping[str, int]]) -> list[Value]:
    """Return a student's value without the factor that it carries."""
    return own.scaled([factor.at(s) for s in sizes])


def start(case: Case) -> State:
    """Return the state before the first step: the inputs are known."""
    return State(case, [trial.leaves(case.graph) for trial in case.trials])
