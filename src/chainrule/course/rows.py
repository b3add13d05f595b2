"""Rows: a derivation as the browser shows it, step by step, with the chain rule in stages and the emitted code of each step.

And the teaching tape, which computes every number that a row shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chainrule.course.reasons import (
    Ways,
    joined,
    operations,
    reasons,
    rule_sentence,
    sentence,
    shown,
)
from chainrule.derive.cancel import Line as Cancelled
from chainrule.derive.cancel import cancelling
from chainrule.derive.sweep import Gradient
from chainrule.emit import mathml
from chainrule.emit import program as programs
from chainrule.emit.layout import Fraction, Layout, Operator, Row, Symbol
from chainrule.emit.program import Line, Program
from chainrule.emit.symbols import symbol, symbol_of
from chainrule.explain import pages
from chainrule.explain.derivation import Derivation, Step
from chainrule.explain.formulas import Equation, render
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name, Node

LANGUAGES = ("numpy", "jax", "torch", "js")
_ASSIGNMENT = re.compile(r"\s+(\S.*? = .+?)\s{2,}(?:#|//) \([^()]*\)")


class Written:
    """A derivation with its program and the program's text in every language, made once."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.program = derivation.program()
        self.sources: dict[str, str] = {
            language: programs.write(self.program, language) for language in LANGUAGES
        }


def rows(written: Written) -> list[dict[str, Any]]:
    """Return the rows of a derivation, forward then backward, as web/src/contract.ts describes them."""
    derivation, teller = written.derivation, _Teller(written)
    return [
        *(teller.forward(step) for step in derivation.forward),
        *(teller.backward(step) for step in derivation.steps),
    ]


def _stage(name: str, formula: str, words: str) -> dict[str, str]:
    return {"name": name, "mathml": formula, "words": words}


class _Teller:
    """Tells every step of one derivation."""

    def __init__(self, written: Written) -> None:
        derivation = written.derivation
        self.derivation, self.style = derivation, derivation.notation
        self.loss = derivation.graph.loss
        self.ways = Ways(derivation.graph)
        self.code = code_lines(written)
        self.computed = {line.value.label for line in written.program.lines}
        self.steps = {step.node: step for step in derivation.forward}
        self.lines: dict[str, list[Cancelled]] = {}
        for collapse in derivation.backward.collapses:
            for line in cancelling(derivation.backward, collapse)[2:]:
                self.lines.setdefault(line.of, []).append(line)
        self.used_back: dict[str, list[str]] = {}
        for step in derivation.steps:
            for label in step.reuses:
                self.used_back.setdefault(label, []).append(shown(step.node))

    def row(self, step: Step) -> dict[str, Any]:
        equation = step.as_equation()
        return {
            "number": step.number,
            "target": step.node.label,
            "of": step.target,
            "backward": step.backward,
            "mathml": render(equation, "mathml", self.style),
            "text": render(equation, "text", self.style),
            "shapes": pages.shapes_of(step),
            "rules": list(step.rule) or operations(step.node.inner).split(", "),
            "reuses": list(dict.fromkeys(step.reuses)),
            "stages": [],
            "code": self.code[step.node.label],
        }

    def forward(self, step: Step) -> dict[str, Any]:
        row = self.row(step)
        name = shown(step.node)
        reads = [shown(n) for n in nodes.inside(step.node.inner) if isinstance(n, Input | Name)]
        kept = joined(self.used_back.get(step.target, []))
        why = f"{name} is kept for the way back: {kept} will read it." if kept else ""
        if step.node is self.loss:
            why = f"{name} is the one number that everything is judged by: smaller is better."
        row["stages"] = [
            _stage("rule", "", f"{name} is made by: {', '.join(row['rules'])}."),
            _stage("cached", row["mathml"], f"It reads {joined(reads)}." if reads else ""),
            *([_stage("reason", "", why)] if why else []),
        ]
        return row

    def backward(self, step: Step) -> dict[str, Any]:
        row = self.row(step)
        gradient = self.derivation.backward.gradients[step.target]
        said = reasons(step, gradient, self.ways)
        if step.node.label not in self.computed:
            name = shown(step.node)
            said.append(f"The programs leave {name} out: a later step was simplified past it.")
        row["stages"] = [
            *self.told(step, gradient),
            *(_stage("reason", "", reason) for reason in said),
        ]
        return row

    def told(self, step: Step, gradient: Gradient) -> list[dict[str, str]]:
        through = self.ways.readers(gradient.value)
        left = _slope(self.loss.label, step.target, step.node.label)
        chained = _equals([left, _chain(through, step.target, self.loss)]) if through else ""
        made = [self.maths(self.steps[v].as_equation()) for v in through]
        raw, final = step.sides[0], step.sides[-1]
        stages = [
            _stage("symbol", chained, _travel(shown(gradient.value), through)),
            _stage("rule", _COMMA.join(made), _rules(step)),
            _stage("cached", self.maths(Equation(step.node, (raw,))), _kept(raw)),
        ]
        if raw is not final:
            stages += self.tidied(step)
        return stages

    def tidied(self, step: Step) -> list[dict[str, str]]:
        """Return how the raw form became the one that is kept: the rewrites that fired, or a collapse line by line."""
        lines = self.lines.get(step.target, [])[1:]
        if not lines:
            words = f": {'; '.join(step.rewrites)}." if step.rewrites else ", by the pattern named below."  # fmt: skip
            formula = self.maths(Equation(step.node, (step.sides[-1],)))
            return [_stage("simplified", formula, f"Tidied up{words}")]
        return [
            _stage(
                "simplified", self.maths(Equation(step.node, (line.formula,))), sentence(line.done)
            )
            for line in lines
        ]

    def maths(self, equation: Equation) -> str:
        return render(equation, "mathml", self.style)


_COMMA = '<mo separator="true">,</mo><mspace width="1em"></mspace>'


def _travel(name: str, through: Sequence[Name]) -> str:
    labels = [shown(v) for v in through]
    if not labels:
        return f"No path leads from {name} to the loss."
    if len(labels) == 1:
        return (
            f"{name} reaches the loss through {labels[0]} alone: one slope times one local slope."
        )
    return f"{name} reaches the loss through {joined(labels)}: one product of slopes for each way, all added up."


def _rules(step: Step) -> str:
    said = dict.fromkeys(rule_sentence(rule) for rule in step.rule)
    return sentence("; ".join(said))


def _kept(raw: Node) -> str:
    groups: dict[str, list[str]] = {}
    for node in nodes.inside(raw):
        if isinstance(node, Input | Name):
            groups.setdefault(_where_from(node), []).append(shown(node))
    parts = [f"{joined(names)} {where}" for where, names in groups.items()]
    return f"Everything on the right is known: {', '.join(parts)}." if parts else ""


def _where_from(node: Input | Name) -> str:
    if isinstance(node, Input):
        return "(data)" if node.role == "data" else "(a parameter)"
    return "from the step before" if node.role == "gradient" else "kept from the way forward"


# -- slopes as symbols
def _partial(label: str) -> Symbol:
    return replace(symbol(label), prefix="∂")


def _slope(above: str, below: str, node: str = "") -> Layout:
    return Fraction(
        _partial(above), _partial(below), node=node, role="gradient" if node else "value"
    )


def _chain(through: Sequence[Name], target: str, loss: Name) -> Layout:
    parts: list[Layout] = []
    for value in through:
        parts += [Operator("+")] if parts else []
        above = _slope(loss.label, value.label, f"d{value.label}" if value is not loss else "")
        parts += [above, _slope(value.label, target)]
    return Row(tuple(parts))


def _equals(sides: Sequence[Layout]) -> str:
    return "<mo>=</mo>".join(mathml.render(side) for side in sides)


def symbol_math(node: Input | Name) -> str:
    """Return the symbol of an input or a value as MathML, with its data-node."""
    return mathml.render(symbol_of(node))


# -- the code of every step
def code_lines(written: Written) -> dict[str, dict[str, str]]:
    """Return the line of every step in every language, by the label of its value: the very lines of the emitted programs.

    Values that the programs leave out, because a later step was simplified past them, get the line they would have.
    """
    found: dict[str, dict[str, str]] = {}
    _add_lines(found, written.program, written.sources)
    chosen = _chosen(written)
    missing = [label for label in chosen if label not in found]
    if missing:
        derivation = written.derivation
        order = [n for n in nodes.topological(chosen.values()) if isinstance(n, Name)]
        loss = chosen[derivation.graph.loss.label]
        every = programs.build(derivation.graph.name, derivation.graph, loss, order, {}, [])
        _add_lines(found, every, {x: programs.write(every, x) for x in LANGUAGES})
    return found


def _add_lines(
    found: dict[str, dict[str, str]], program: Program, sources: Mapping[str, str]
) -> None:
    """Add the lines of a program for every value that has none yet."""
    for language, source in sources.items():
        assignments = [m[1] for m in map(_ASSIGNMENT.fullmatch, source.split("\n")) if m]
        before: list[str] = []
        for line, assignment in zip(program.lines, assignments, strict=True):
            before.append(assignment)
            if line.value.role != "lifted":
                found.setdefault(line.value.label, {}).setdefault(language, "\n".join(before))
                before = []


def _chosen(written: Written) -> dict[str, Name]:
    """Return every value and gradient by label: as the programs compute it, else as derived."""
    named = {v.label: v for v in written.derivation.graph.values}
    gradients = written.derivation.backward.gradients.values()
    named.update((g.node.label, g.node) for g in gradients)
    lines = written.program.lines
    named.update((x.value.label, x.value) for x in lines if x.value.role != "lifted")
    return named


# -- the teaching tape
def teaching_tape(written: Written, more: Sequence[Name] = ()) -> dict[str, Any]:
    """Return the tape of every forward value and every gradient, by label; `more` are further values to compute."""
    chosen = {**{v.label: v for v in more}, **_chosen(written)}
    order = [n for n in nodes.topological(chosen.values()) if isinstance(n, Name)]
    lines = [Line(v.label, v, v.inner) for v in order]
    graph = written.derivation.graph
    program = Program(
        graph.name, (), graph, lines, {}, chosen[graph.loss.label], chosen, (), loss_too=True
    )
    tape: dict[str, Any] = programs.write(program, "tape")
    tape["names"] = tape["gradients"]  # of labels that two forms share, the computed one
    tape["gradients"] = {
        p.name: tape["names"][f"d{p.name}"]
        for p in written.derivation.parameters()
        if f"d{p.name}" in tape["names"]
    }
    return tape


__all__ = ["LANGUAGES", "Written", "code_lines", "rows", "symbol_math", "teaching_tape"]
