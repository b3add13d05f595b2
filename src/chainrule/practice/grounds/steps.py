"""The steps of a model, forward and then backward, each with the formulas over named values that give it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from chainrule.derive.simplify import Rewriter
from chainrule.explain.derivation import Derivation
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name, Node
from chainrule.practice.mutants.contributions import Uses


@dataclass(frozen=True)
class Step:
    """One value to be judged: its label, the node whose value it is (Z1, or dZ1), and its formulas, the usual one first.

    A gradient has two where an announced pattern gives a shorter way: (A2 - Y)/m, and dA2 ∘ A2 ∘ (1 - A2).
    """

    label: str
    node: Name
    routes: tuple[Node, ...]
    backward: bool
    parameter: bool
    uses: Uses | None = None

    @cached_property
    def reads(self) -> tuple[Name, ...]:
        """The named values and gradients that the usual formula reads."""
        return tuple(n for n in nodes.inside(self.routes[0]) if isinstance(n, Name))


def steps_of(derivation: Derivation) -> list[Step]:
    """Return the forward steps (the loss left out), the gradients of values, and last those of parameters.

    Nothing reads a parameter's gradient, so the order is still one in which each step comes after those that it reads.
    """
    graph = derivation.graph
    found = [
        Step(v.label, v, (v.inner,), backward=False, parameter=False)
        for v in graph.values
        if v is not graph.loss
    ]
    for label, gradient in derivation.backward.gradients.items():
        uses = Uses(graph, derivation.backward, gradient.value)
        raw = uses.formula()
        routes = [gradient.formula]
        if raw is not None:
            routes.append(Rewriter().simplify(raw))
        parameter = isinstance(gradient.value, Input)
        found.append(
            Step(label, gradient.node, tuple(dict.fromkeys(routes)), True, parameter, uses)
        )
    return sorted(found, key=lambda step: step.parameter)
