"""The words of a finding: where, the rule, an example with numbers, the fix; all read off the model's own derivation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.emit.languages import LANGUAGES
from chainrule.emit.program import build
from chainrule.emit.source import source
from chainrule.explain.derivation import Derivation
from chainrule.explain.derivation import Step as Shown
from chainrule.explain.pages import shapes_of
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Name
from chainrule.ops.table import ALONG, TABLE
from chainrule.practice.diagnose.state import Fault, State
from chainrule.practice.grounds.steps import Step
from chainrule.practice.grounds.tracks import Track
from chainrule.practice.mutants.catalogue import KINDS
from chainrule.practice.report import Finding
from chainrule.practice.say.facts import facts
from chainrule.practice.say.replay import Run, example


class Wording:
    """Writes findings about one model's derivation."""

    def __init__(self, derivation: Derivation, state: State, runs: Sequence[Run]) -> None:
        self.derivation, self.state, self.runs = derivation, state, runs
        self._code: dict[str, str] | None = None

    def of_fault(self, fault: Fault) -> list[Finding]:
        """Return the findings of a faulty step: one for each mistake, or one of facts alone."""
        name = _value(fault.step)
        if not fault.explained:
            said = facts(fault.own, fault.rule, fault.step.node.shape) if fault.own else []
            message = f"{name} does not follow from what it is computed from: {'; '.join(said)}."
            return [self._finding(fault.step, None, message, said)]
        return [
            self._finding(fault.step, m.mistake, f"{_sentence(m.message)}.", [])
            for m in fault.mutants
        ]

    def of_factor(self, step: Step, mistake: str, message: str, factor: Coefficient) -> Finding:
        """Return the finding of a factor that a step brings in."""
        return self._finding(step, mistake, f"{_sentence(message)}.", [], factor)

    def of_error(self, step: Step | None, mistake: str, message: str, line: int) -> Finding:
        """Return the finding of an error that stopped the function, at a step if one can be named."""
        where = f"Look at line {line}." if line else "Look at what the function does first."
        remedy = f"{_sentence(KINDS[mistake].remedy)}."
        if step is None:
            hints = [where, _sentence(KINDS[mistake].meaning) + ".", message, remedy]
            return Finding("", mistake, message, hints, line=line)
        return Finding(
            step.label,
            mistake,
            message,
            [where, self.rule(step), message, f"{remedy} {self.fix(step)}"],
            "backward" if step.backward else "forward",
            line,
            self.equation(step),
        )

    def _finding(
        self,
        step: Step,
        mistake: str | None,
        message: str,
        said: list[str],
        factor: Coefficient | None = None,
    ) -> Finding:
        track = self.track(step)
        shown = example(self.state, step, self.runs, factor)
        remedy = f"{_sentence(KINDS[mistake].remedy)}. " if mistake else ""
        hints = [
            self.where(step, track),
            self.rule(step),
            f"A small example, {shown}" if shown else "No example with numbers could be made.",
            f"{remedy}{self.fix(step)}",
        ]
        stage = "backward" if step.backward else "forward"
        shape = shapes_of(self.shown(step))
        line = track.line if track else 0
        return Finding(
            step.label, mistake, message, hints, stage, line, self.equation(step), shape, said
        )

    def track(self, step: Step) -> Track | None:
        """Return the student's variable that holds a step's value, if there is one."""
        verdict = self.state.judged.get(step.node)
        if verdict is not None and verdict.track is not None:
            return verdict.track
        own = self.state.case.returned.get(step.label) if step.parameter else None
        for track in self.state.case.variables.named(step.label, True, frozenset()) if own else []:
            arrays = track.own.arrays
            if own and all(
                a.tobytes() == b.tobytes() for a, b in zip(arrays, own.arrays, strict=True)
            ):
                return track
        return None

    def where(self, step: Step, track: Track | None) -> str:
        """Return where to look."""
        if track is not None:
            return f"Look at {_value(step)}, line {track.line}: {track.text}"
        reader = self._reader(step)
        if step.parameter or reader is None:
            return f"Look at {_value(step)}: what it is computed from is right."
        seen = self.track(reader)
        line = f", line {seen.line}: {seen.text}" if seen else ""
        return f"Look at {_value(step)}, on the way to {_value(reader)}{line}"

    def _reader(self, step: Step) -> Step | None:
        """Return the first seen step that a step's value goes into."""
        for later in self.state.case.steps:
            verdict = self.state.judged.get(later.node)
            if verdict is None or not verdict.seen:
                continue
            read = {n for s in (later, *self.state.virtual(later)) for n in s.reads}
            if step.node in read:
                return later
        return None

    def rule(self, step: Step) -> str:
        """Return the step of the derivation, its shape and its rule in words."""
        shown = self.shown(step)
        words = [
            f"{rule}: {sentence_of(rule)}" if sentence_of(rule) else rule for rule in shown.rule
        ]
        reasons = [*words, *shown.reasons]
        told = f"\n{'; '.join(reasons)}" if reasons else ""
        return f"{shown.equation}   {shapes_of(shown)}{told}"

    def equation(self, step: Step) -> str:
        """Return the step's equation."""
        return self.shown(step).equation

    def fix(self, step: Step) -> str:
        """Return the line of NumPy that is right."""
        if self._code is None:
            self._code = _code(self.derivation)
        line = self._code.get(step.node.label)
        return f"In NumPy: {line}" if line else ""

    def shown(self, step: Step) -> Shown:
        """Return the derivation's own step."""
        steps = self.derivation.steps if step.backward else self.derivation.forward
        return next(s for s in steps if s.target == step.label)


def _value(step: Step) -> str:
    return step.node.label if step.backward else step.label


def _sentence(text: str) -> str:
    return text.rstrip(".")


def sentence_of(rule: str) -> str:
    """Return what a rule says in words, "" where it has none."""
    record = TABLE.get(rule) or ALONG.get(rule)
    return record.sentence if record else ""


def _code(derivation: Derivation) -> dict[str, str]:
    """Return the NumPy line of every value and gradient."""
    graph = derivation.graph
    gradients = {label: g.node for label, g in derivation.backward.gradients.items()}
    wanted = {p.name: gradients[p.name] for p in derivation.parameters() if p.name in gradients}
    order = nodes.topological([graph.loss, *gradients.values()])
    values = [n for n in order if isinstance(n, Name)]
    program = build(graph.name, graph, graph.loss, values, wanted, [])
    text = source(program, LANGUAGES["numpy"])
    found: dict[str, str] = {}
    for value, identifier in program.identifiers.items():
        match = re.search(rf"^ +({re.escape(identifier)} = .*?)  +#", text, re.MULTILINE)
        if match:
            found[value.label] = match[1]
    return found
