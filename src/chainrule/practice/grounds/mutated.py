"""The mutants of every step, made once: whatever a step's formula turns into with one known mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.graph import nodes
from chainrule.graph.nodes import Node
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.scales import loss_average
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.cases import case_mutants, loss_mutants, use_mutants
from chainrule.practice.mutants.catalogue import Mutant
from chainrule.practice.mutants.formulas import exchanged, extra_activations, formula_mutants
from chainrule.practice.mutants.rules import rule_mutants
from chainrule.practice.mutants.shapes import product_mutants, shape_mutants
from chainrule.practice.mutants.writing import scale_mutants, whole_mutants, writing_mutants

HERE = 0.5  # what a slip in a forward value costs more where the value is right elsewhere
_SLIPS = ("missing-term", "missing-function", "extra-activation", "another-activation")
MOST_FIRST = 60  # mutants that pairs are made of


class Mutants:
    """The mutants of the steps of a model, the commonest first, each formula once."""

    def __init__(self, graph: Graph, steps: Sequence[Step]) -> None:
        self.graph, self.steps = graph, steps
        self._order: list[Node] = [step.node for step in steps]
        self._made: dict[Node, list[Mutant]] = {}
        self._rarer: dict[Node, list[Mutant]] = {}

    def of(self, step: Step) -> list[Mutant]:
        """Return the mutants of a step's formulas."""
        if step.node not in self._made:
            made: list[Mutant] = []
            for route in step.routes:
                made += self.inside(route, step)
            if step.uses is not None:
                made += rule_mutants(step.uses, step.routes[0])
                made += self._otherwise_forward(step)
            else:
                made += extra_activations(step.routes[0])
            self._made[step.node] = unique(made, step.routes)
        return self._made[step.node]

    def rarer(self, step: Step) -> list[Mutant]:
        """Return further mutants of a step's formulas, which are looked at only where something is wrong."""
        if step.node not in self._rarer:
            made: list[Mutant] = []
            for route in step.routes:
                made += self.rarer_inside(route, step)
            if step.uses is not None:
                made += whole_mutants(step.routes[0], self.pool(step))
                made += use_mutants(step.uses)
            if step.uses is not None and not step.parameter:
                made += loss_mutants(step.uses.value, step.routes[0], self.graph)
            known = {one.formula for one in self.of(step)}
            self._rarer[step.node] = [
                m for m in unique(made, step.routes) if m.formula not in known
            ]
        return self._rarer[step.node]

    def scales(self, step: Step) -> list[Mutant]:
        """Return a step's formula with a wrong scale."""
        return list(scale_mutants(step.routes[0], loss_average(self.graph)))

    def rarer_inside(self, formula: Node, step: Step) -> Iterator[Mutant]:
        """Yield the rarer mutants of any formula that stands for a step's value."""
        yield from writing_mutants(formula, self.pool(step))
        yield from case_mutants(formula, self.graph)

    def inside(self, formula: Node, step: Step) -> Iterator[Mutant]:
        """Yield the mutants of any formula that stands for a step's value."""
        whole = not step.backward  # a gradient's factor may be made good later
        yield from formula_mutants(formula, self.pool(step), self.graph.dims, whole)
        yield from shape_mutants(formula)
        yield from product_mutants(formula, self.pool(step))

    def _otherwise_forward(self, step: Step) -> Iterator[Mutant]:
        """Yield a gradient's formula with a forward value computed wrongly in this place alone."""
        inside = nodes.inside(step.routes[0])
        for other in self.steps:
            if not other.backward and other.node in inside:
                for one in self.of(other):
                    if one.mistake in _SLIPS and one.formula.shape == other.node.shape:
                        new = exchanged(step.routes[0], {other.node: one.formula})
                        said = f"{other.label}, here: {one.said}"
                        yield Mutant(one.mistake, new, one.cost + HERE, said, one.about)

    def pool(self, step: Step) -> list[Node]:
        """Return the values that may stand in a wrong place in a step's formula: all that come before it."""
        return [*self.graph.inputs, *self._order[: self._order.index(step.node)]]

    def pairs(self, step: Step) -> Iterator[tuple[Mutant, Mutant]]:
        """Yield two mistakes in one step's formula."""
        seen: set[Node] = set(step.routes)
        for first in self.of(step)[:MOST_FIRST]:
            if first.formula.shape != step.node.shape:
                continue
            for second in unique([*self.inside(first.formula, step)], step.routes)[:MOST_FIRST]:
                if second.formula not in seen:
                    seen.add(second.formula)
                    yield first, second


def unique(made: Sequence[Mutant], routes: Sequence[Node]) -> list[Mutant]:
    """Return mutants in order of cost, each formula once, the right formulas left out."""
    found: dict[Node, Mutant] = {}
    for one in sorted(made, key=lambda m: round(m.cost, 2)):
        if one.formula not in routes:
            found.setdefault(one.formula, one)
    return list(found.values())
