"""Tapes for widgets: a small model written down, differentiated by the engine, cut to what a drawing reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.course.rows import Written, teaching_tape
from chainrule.derive.prediction import prediction
from chainrule.derive.sweep import Backward
from chainrule.emit import program as programs
from chainrule.emit.program import Line, Program
from chainrule.graph import nodes
from chainrule.graph.nodes import Name, Node
from chainrule.graph.trace import Graph
from chainrule.model import Model


def tape_of(model: Model, everything: bool = True) -> dict[str, Any]:
    """Return the tape of a model: every value and gradient, or only the loss, its gradients and the prediction."""
    if everything:
        return teaching_tape(Written(model.derivation), [prediction(model.graph)])
    program = model.derivation.program()
    tape: dict[str, Any] = programs.write(program, "tape")
    predicted = prediction(model.graph).label
    tape["names"] = {k: v for k, v in tape["names"].items() if k == predicted}
    return tape


def formulas_tape(graph: Graph, formulas: Mapping[str, Node]) -> dict[str, Any]:
    """Return a tape that computes formulas of a graph's values, each under a name of its own."""
    named = {label: nodes.named(label, formula) for label, formula in formulas.items()}
    order = [n for n in nodes.topological(named.values()) if isinstance(n, Name)]
    lines = [Line(v.label, v, v.inner) for v in order]
    results = {label: n for label, n in named.items() if isinstance(n, Name)}
    loss = next(iter(results.values()))
    program = Program(graph.name, (), graph, lines, {}, loss, results, (), loss_too=True)
    return programs.write(program, "tape")


def mistaken(backward: Backward, target: str, formula: Node) -> dict[str, Name]:
    """Return all gradients by label as they come out when the formula of one of them is another: what a mistake does."""
    old = {label: g.node for label, g in backward.gradients.items()}
    wrong = nodes.named(f"d{target}", formula, "gradient", target)
    done: dict[Node, Node] = {}
    for node in nodes.topological(old.values()):
        swapped = node is old[target]
        done[node] = wrong if swapped else node.rebuild([done[a] for a in node.args]) if node.args else node  # fmt: skip
    return {label: x for label, node in old.items() if isinstance(x := done[node], Name)}


def gradients_tape(graph: Graph, gradients: Mapping[str, Name]) -> dict[str, Any]:
    """Return a tape of gradients of the parameters, by their labels."""
    wanted = {p.name: gradients[p.name] for p in graph.inputs if p.role == "parameter"}
    order = [n for n in nodes.topological(wanted.values()) if isinstance(n, Name)]
    program = programs.build(graph.name, graph, graph.loss, [*order, graph.loss], wanted, [])
    tape: dict[str, Any] = programs.write(program, "tape")
    tape["names"] = {}
    return tape


def code_of(model: Model, labels: Sequence[str]) -> list[str]:
    """Return lines of a model's NumPy program: those that compute these values, in the program's order."""
    found: list[str] = []
    for line in str(model.derivation.to("numpy")).splitlines():
        statement = line.partition("#")[0].strip()
        if statement.partition(" = ")[0] in labels:
            found.append(statement)
    return found


__all__ = ["code_of", "formulas_tape", "gradients_tape", "mistaken", "tape_of"]
