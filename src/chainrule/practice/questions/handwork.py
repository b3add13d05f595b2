"""Families 1 and 2: forward and backward by hand, of a model or a graph of scalars; every step is a blank."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from chainrule.derive.instances import implied_domains
from chainrule.explain.derivation import Derivation
from chainrule.graph.nodes import Input, Name, Node, inside
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.steps import Step, steps_of
from chainrule.practice.mutants.formulas import formula_mutants
from chainrule.practice.mutants.formulas import label as leaf_label
from chainrule.practice.questions.content import (
    Block,
    Box,
    Given,
    Paragraph,
    math,
    sign,
)
from chainrule.practice.questions.content import (
    Graph as Drawing,
)
from chainrule.practice.questions.entries import Entries, entry_name, places, size, written
from chainrule.practice.questions.known import chosen, scales
from chainrule.practice.questions.question import Question
from chainrule.practice.questions.tasks import TASKS
from chainrule.practice.questions.worksheet import (
    Line,
    blanks_of,
    readable,
    scheme,
    solve,
    telling,
    worked,
)  # fmt: skip

TOLERANCE = 1e-3
TRIES = 400


@lru_cache(maxsize=256)
def lines_of(variant: str, labels: tuple[tuple[str, float], ...] = ()) -> tuple[Line, ...]:
    """Return the steps of a task; they are the same for every seed with the same labels (some mistakes hide at a label 1)."""
    task = TASKS[variant]
    return tuple(_Writer(task.model.derivation, task.sizes, task.asked, dict(labels)).lines())


class _Writer:
    def __init__(
        self,
        derivation: Derivation,
        sizes: Mapping[str, int],
        asked: Sequence[str],
        labels: Mapping[str, float],
    ) -> None:
        self.labels = labels
        self.derivation, self.graph, self.sizes = derivation, derivation.graph, sizes
        self.asked = asked
        self.steps = steps_of(derivation)
        self.mutants = Mutants(self.graph, self.steps)
        self.known: dict[Node, Entries] = {n: self._names(n.name, n) for n in self.graph.inputs}

    def _shape(self, node: Node) -> tuple[int, ...]:
        return tuple(size(d, self.sizes) for d in node.shape)

    def _names(self, label: str, node: Node) -> Entries:
        shape = self._shape(node)
        return [entry_name(label, p, shape) for p in places(shape)]

    def lines(self) -> list[Line]:
        """Return the lines in the order of computation: forward, the loss, backward."""
        found: list[Line] = []
        steps = {("d" if s.backward else "") + s.label: s for s in self.steps}
        loss = self.graph.loss
        steps["L"] = Step(loss.label, loss, (loss.inner,), backward=False, parameter=False)
        for name in self.asked:
            step = steps[name]
            found.append(self._line(step))
            names = self._names(name, step.node)
            self.known[step.node] = names
            self.known.setdefault(step.routes[0], names)
        return found

    def _line(self, step: Step) -> Line:
        formula = step.routes[0]
        right = written(formula, self.known, self.sizes)
        shape = self._shape(step.node)
        made = [*scales(formula)] if step.backward else []
        if step.node is self.graph.loss:
            made += formula_mutants(formula, self.graph.inputs, self.graph.dims, whole=True)
        else:
            made += self.mutants.of(step)
        wrong = chosen(made, right, shape, self.known, self.sizes, self.labels)
        rule = self._rule(step)
        label = step.label if step.node is not self.graph.loss else "L"
        prefix = "d" if step.backward else ""
        equation = math(step.node, formula)
        return Line(label, prefix, shape, tuple(right), equation, rule, tuple(wrong))

    def _rule(self, step: Step) -> str:
        if not step.backward:
            return ""
        return ", ".join(next(s.rule for s in self.derivation.steps if s.target == step.label))


def tenth(rng: random.Random, largest: int = 20) -> float:
    """Return a number with one decimal that is neither 0 nor 1 in size."""
    whole = rng.choice([n for n in range(1, largest + 1) if n != 10])
    return rng.choice((-1, 1)) * whole / 10


@lru_cache(maxsize=64)  # the same for every seed, and most of the time of a new question
def labels_of(variant: str) -> frozenset[str]:
    """Return the names of the inputs that hold labels."""
    found = implied_domains(TASKS[variant].model.graph)
    return frozenset(k for k, v in found.items() if v in ("label", "one-hot", "probability"))


def draw(variant: str, rng: random.Random) -> dict[str, float]:
    """Return values for the entries of all inputs: labels 0 or 1 where the loss is a cross-entropy, else one decimal."""
    values: dict[str, float] = {}
    labels = labels_of(variant)
    for node, name in _entries(variant):
        values[name] = float(rng.randint(0, 1)) if node.name in labels else tenth(rng)
    return values


def labels_in(variant: str, values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the labels among the values given, by name."""
    labels = labels_of(variant)
    return tuple((name, values[name]) for node, name in _entries(variant) if node.name in labels)


def _entries(variant: str) -> Iterator[tuple[Input, str]]:
    """Yield the entries of all inputs, each with its input."""
    task = TASKS[variant]
    for node in task.model.graph.inputs:
        shape = [size(d, task.sizes) for d in node.shape]
        for place in places(shape):
            yield node, entry_name(node.name, place, shape)


def given_blocks(
    graph: Graph, sizes: Mapping[str, int], values: Mapping[str, float]
) -> list[Block]:
    """Return the arrays that are given."""
    return [_given(node, sizes, values) for node in graph.inputs]


def drawing(graph: Graph) -> Drawing:
    """Return the graph of a model as boxes."""
    found = [Box(n.name, sign(n.name), "", ()) for n in graph.inputs]
    for value in graph.values:
        reads = [leaf_label(n) for n in inside(value.inner) if isinstance(n, Input | Name)]
        found.append(Box(value.label, sign(value.label), math(value.inner).text, tuple(reads)))
    return Drawing(tuple(found))


def _given(node: Input, sizes: Mapping[str, int], values: Mapping[str, float]) -> Given:
    shape = tuple(size(d, sizes) for d in node.shape)
    cells = [f"{values[entry_name(node.name, p, shape)]:g}" for p in places(shape)]
    width = shape[-1] if shape else 1
    rows = tuple(tuple(cells[i : i + width]) for i in range(0, len(cells), width))
    return Given(node.name, sign(node.name), shape, rows)


def generate(variant: str, seed: int) -> Question:
    """Return the question of a variant and a seed: the first draw on which every known mistake tells."""
    task = TASKS[variant]
    graph = task.model.graph
    for attempt in range(TRIES):
        given = draw(variant, random.Random(f"{variant}/{seed}/{attempt}"))
        lines = lines_of(variant, labels_in(variant, given))
        values = solve(lines, given)
        if readable(lines, values) and telling(lines, values, TOLERANCE):
            break
    else:
        raise AssertionError(f"{variant} has no instance for seed {seed}")
    ask = Paragraph(("Compute, with four significant figures: ", *_names(lines), "."))
    model = [Paragraph((math(value, value.inner),)) for value in graph.values]
    intro = Paragraph((f"{task.title}. {task.note}".strip(),))
    blocks: list[Block] = [intro, *model, *([drawing(graph)] if task.family == 2 else [])]
    blocks += [*given_blocks(graph, task.sizes, given), ask]
    return Question(
        task.family, task.topic, variant, seed, task.title, tuple(blocks), blanks_of(lines, values, TOLERANCE),
        worked(lines, values), scheme(lines), given, dict(task.sizes), tolerance=TOLERANCE,
    )  # fmt: skip


def _names(lines: Sequence[Line]) -> list[str]:
    joined = ", ".join(sign(line.label, line.prefix).text for line in lines)
    return [joined]
