"""What a function is judged against: the model's steps and their mutants, and the instances to call it at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from chainrule.explain.derivation import Derivation
from chainrule.graph.trace import Graph
from chainrule.model import Model, derive
from chainrule.practice.diagnose.state import Case
from chainrule.practice.grounds.discriminate import Chosen, choose_trials
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.scales import EPS, Own, Scales
from chainrule.practice.grounds.steps import Step, steps_of
from chainrule.practice.grounds.tracks import Variables, line_up
from chainrule.practice.grounds.trials import COARSE, Trial, draw_trial
from chainrule.practice.student.answer import Answer, read_answer
from chainrule.practice.student.arrays import Numbers
from chainrule.practice.student.names import Names
from chainrule.practice.student.recording import Recording


@dataclass(frozen=True)
class Subject:
    """The model that is judged against: its derivation, its mutants, the instances; what the student calls arguments."""

    derivation: Derivation
    mutants: Mutants
    chosen: Chosen
    small: Sequence[Trial] = ()
    aliases: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def graph(self) -> Graph:
        """The model's graph."""
        return self.derivation.graph

    @property
    def steps(self) -> Sequence[Step]:
        """The model's steps."""
        return self.mutants.steps

    @property
    def labels(self) -> list[str]:
        """The parameters in order, lists spread out."""
        return [node.name for node in self.derivation.parameters()]

    @property
    def trials(self) -> list[Trial]:
        """The instances to call the function at: those to judge on, the first again, the small ones."""
        first = self.chosen.trials[:1]
        return [*self.chosen.trials, *first, *self.small]

    def answer(self, recording: Recording) -> Answer:
        """Return the gradients that a call returned; a scalar parameter's may have unit axes."""
        if recording.returned is None:
            return Answer(problem="the function returned nothing.")
        answer = read_answer(recording.returned, self.labels, self.aliases)
        scalars = {n.name for n in self.derivation.parameters() if not n.shape}
        for label, leaf in answer.gradients.items():
            if label in scalars and leaf.numbers is not None and leaf.numbers.array.size == 1:
                flat = Numbers(leaf.numbers.array.reshape(()), leaf.numbers.eps)
                answer.gradients[label] = type(leaf)(flat, leaf.kind, leaf.variable)
        return answer

    def case(self, main: Sequence[Recording], returned: dict[str, Own]) -> Case:
        """Return what is to be diagnosed: recordings at the chosen instances, and the gradients that count."""
        labels = [*(s.label for s in self.steps), *(n.name for n in self.graph.inputs)]
        names = Names(dict.fromkeys(labels), self.aliases)
        tracks = line_up(main)
        owns = [*returned.values(), *(track.own for track in tracks)]
        eps = max(
            (own.eps for own in owns), default=EPS
        )  # one float32 value makes others imprecise
        variables = Variables([replace(t, own=replace(t.own, eps=eps)) for t in tracks], names)
        given = {label: replace(own, eps=eps) for label, own in returned.items()}
        trials, scales = self.chosen.trials, Scales(self.graph)
        return Case(self.graph, self.steps, trials, variables, given, scales, self.mutants)


def subject_of(
    model: Model | Callable[..., Any], seed: int = 0, data: Mapping[str, Any] | None = None
) -> Subject:
    """Return what a function is judged against: the model's steps, and instances that tell its mistakes apart."""
    derivation = model.derivation if isinstance(model, Model) else derive(model)
    mutants, chosen = _prepared(derivation, seed)
    graph = derivation.graph
    if data is not None:
        return Subject(derivation, mutants, choose_trials(graph, mutants, seed, data))
    return Subject(derivation, mutants, chosen, small_trials(graph, seed))


@lru_cache(maxsize=16)
def _prepared(derivation: Derivation, seed: int) -> tuple[Mutants, Chosen]:
    """Return a model's mutants, and instances that tell them apart; kept for the next check of the same model."""
    mutants = Mutants(derivation.graph, steps_of(derivation))
    return mutants, choose_trials(derivation.graph, mutants, seed)


def small_trials(graph: Graph, seed: int) -> list[Trial]:
    """Return instances for examples: all sizes 1, then all 2, with numbers that are multiples of 1/4."""
    return [draw_trial(graph, seed + 7 * n, dict.fromkeys(graph.dims, n), COARSE) for n in (1, 2)]
