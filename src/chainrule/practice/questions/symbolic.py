"""Family 3: a gradient as a formula, of scalars, then of matrices; judged at random points, its shape first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chainrule import models
from chainrule.derive.instances import sizes_for
from chainrule.errors import ChainRuleError
from chainrule.graph.nodes import Node
from chainrule.graph.shapes import show
from chainrule.model import Model, parse
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.numbers import Point
from chainrule.practice.grounds.steps import Step, steps_of
from chainrule.practice.grounds.trials import draw_trial
from chainrule.practice.mutants.catalogue import Mutant, kind
from chainrule.practice.questions.content import Block, Paragraph, math, sign
from chainrule.practice.questions.formulas import formula
from chainrule.practice.questions.known import scales
from chainrule.practice.questions.question import Blank, Mistake, Question, Sample, Worked
from chainrule.practice.questions.shapes import code_of

POINTS, MOST = 3, 5


@dataclass(frozen=True)
class Derive:
    """A model and the gradients that are asked for."""

    model: Model
    asked: tuple[str, ...]
    title: str


_SQUARED = parse("r = w * x - y; L = r**2", {"x": "", "y": ""}, {"w": ""}, name="one weight")
_CURVED = parse(
    "z = w * x; a = tanh(z); L = (a - y)**2", {"x": "", "y": ""}, {"w": ""}, name="one unit"
)
TASKS: Mapping[str, Derive] = {
    "derive-one-weight": Derive(_SQUARED, ("r", "w"), "One weight"),
    "derive-one-unit": Derive(_CURVED, ("a", "z", "w"), "One unit"),
    "derive-multivariate": Derive(models.multivariate, ("Y_hat", "w", "b"), "Regression"),
    "derive-two-layer": Derive(models.two_layer_sigmoid, ("w2", "A1", "Z1", "W1", "b1"), "Two layers"),
    "derive-softmax": Derive(models.softmax_classifier, ("Z", "W", "b"), "Softmax and cross-entropy"),
    "derive-ridge": Derive(models.ridge, ("Y_hat", "w", "b"), "L2 penalty"),
}  # fmt: skip


def generate(variant: str, seed: int) -> Question:
    """Return the question of a model; the seed draws the points."""
    task = TASKS[variant]
    graph = task.model.graph
    steps = {s.label: s for s in _steps(variant) if s.backward}
    sizes = sizes_for(graph.dims, seed)
    trials = [draw_trial(graph, 1000 * seed + i, sizes) for i in range(POINTS)]
    points = [trial.point(graph) for trial in trials]
    blanks = tuple(_blank(variant, steps[name], sizes, points) for name in task.asked)
    model: list[Block] = [Paragraph((math(v, v.inner),)) for v in graph.values]
    told = ", ".join(f"{n.name} {show(n.shape)}" for n in graph.inputs)
    sized = f" Sizes may be written as {', '.join(graph.dims)}." if graph.dims else ""
    write = f"Arrays: {told}.{sized} Write each gradient as a formula, as in dZ @ X.T or sum(dZ, axis=1, keepdims=True)."
    intro = Paragraph((f"{task.title}. Derive the gradients. {write}",))
    solution = tuple(
        Worked((b.id,), (math(steps[b.step].node, steps[b.step].routes[0]),)) for b in blanks
    )
    return Question(
        3, task.model.name, variant, seed, f"Derive: {task.title}", (intro, *model), blanks, solution,
        ("One point for each formula, in any form that gives the same values.",), factors=dict(sizes),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _steps(variant: str) -> tuple[Step, ...]:
    return tuple(steps_of(TASKS[variant].model.derivation))


@lru_cache(maxsize=64)
def _wrong(variant: str, label: str) -> tuple[tuple[Mutant, str], ...]:
    """Return the mutants of a step that can be written in one line, with that line."""
    task = TASKS[variant]
    graph = task.model.graph
    steps = _steps(variant)
    step = next(s for s in steps if s.label == label and s.backward)
    made = [*scales(step.routes[0]), *Mutants(graph, list(steps)).of(step)]
    names, found = _names(variant, label), list[tuple[Mutant, str]]()
    for one in sorted(made, key=lambda m: m.cost):
        if one.formula.shape != step.node.shape or one.mistake in (m.mistake for m, _ in found):
            continue
        text = _text(variant, one.formula)
        try:
            formula(text, names)
        except ChainRuleError:
            continue
        found.append((one, text))
    return tuple(found)


def _text(variant: str, node: Node) -> str:
    return code_of(TASKS[variant].model.graph, node).replace("np.", "").replace(" ** ", "**")


@lru_cache(maxsize=64)
def _names(variant: str, label: str) -> dict[str, tuple[str, ...]]:
    """Return the arrays that may be read: inputs, forward values, gradients that come before, and sizes as numbers."""
    graph = TASKS[variant].model.graph
    found = {n.name: n.shape for n in graph.inputs}
    found |= {v.label: v.shape for v in graph.values if v is not graph.loss}
    for other in _steps(variant):
        if other.label == label and other.backward:
            break
        if other.backward:
            found[other.node.label] = other.node.shape
    return found | dict.fromkeys(graph.dims, ())


def _blank(variant: str, step: Step, sizes: Mapping[str, int], points: list[Point]) -> Blank:
    names = _names(variant, step.label)
    samples = tuple(_sample(names, step, p, variant) for p in points)
    right = [p.value(step.node).array for p in points]
    seen, mistakes = list[Any](), list[Mistake]()
    where = f"Look at the step of {sign(step.label, 'd').text}."
    how = f"It has the shape {show(step.node.shape)}. Rules: {_rules(variant, step.label)}."
    for one, text in _wrong(variant, step.label):
        other = [p.value(one.formula).array for p in points]
        if _same(other, right) or any(_same(other, s) for s in seen):
            continue
        seen.append(other)
        counter = f"At a random point its first entry is {_first(other):.4g}, and the gradient's is {_first(right):.4g}."
        mistakes.append(
            Mistake(
                one.mistake,
                one.message,
                text,
                (where, how, counter, f"To mend it: {kind(one.mistake).remedy}."),
            )
        )
        if len(mistakes) == MOST:
            break
    return Blank(
        f"d{step.label}", "expression", (sign(step.label, "d"),), _text(variant, step.routes[0]), step.label,
        mistakes=tuple(mistakes), names=names, sizes=dict(sizes), shape=step.node.shape, samples=samples, where=where, how=how,
    )  # fmt: skip


def _rules(variant: str, label: str) -> str:
    return ", ".join(
        next(s.rule for s in TASKS[variant].model.derivation.steps if s.target == label)
    )


def _first(values: Any) -> float:
    return float(values[0].reshape(-1)[0])


def _same(a: Any, b: Any) -> bool:
    return all(
        abs(x - y).max() <= 1e-7 * max(abs(y).max(), 1e-3) for x, y in zip(a, b, strict=True)
    )


def _sample(
    names: Mapping[str, tuple[str, ...]],
    step: Step,
    point: Point,
    variant: str,
) -> Sample:
    task = TASKS[variant]
    known: dict[str, Node] = {n.name: n for n in task.model.graph.inputs}
    known |= {v.label: v for v in task.model.graph.values}
    known |= {g.node.label: g.node for g in task.model.derivation.backward.gradients.values()}
    found: dict[str, Any] = {}
    for name in names:
        found[name] = (
            _plain(point.value(known[name]).array.tolist()) if name in known else point.sizes[name]
        )
    return Sample(found, _plain(point.value(step.node).array.tolist()))


def _plain(nested: Any) -> Any:
    if isinstance(nested, list):
        return [_plain(x) for x in nested]  # pyright: ignore[reportUnknownVariableType] - two levels at most
    return float(f"{nested:.15g}")
