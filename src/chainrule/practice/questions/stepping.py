"""Family 1, steps of optimizers: two steps by hand from given gradients, each number of the update rule a blank."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from chainrule.explain.formulas import RENDERERS
from chainrule.graph.coefficient import MINUS_ONE, coefficient
from chainrule.graph.nodes import Input, Name, Node, add, constant, scaled
from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.adaptive import AdaGrad, RMSprop
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer
from chainrule.practice.mutants.catalogue import Mutant, mutant
from chainrule.practice.mutants.formulas import exchanged, formula_mutants
from chainrule.practice.questions.content import Block, Given, Math, Paragraph, math, sign
from chainrule.practice.questions.entries import Entries, written
from chainrule.practice.questions.handwork import TOLERANCE, TRIES, tenth
from chainrule.practice.questions.known import chosen
from chainrule.practice.questions.question import Question
from chainrule.practice.questions.worksheet import (
    Line,
    blanks_of,
    readable,
    scheme,
    solve,
    telling,
    worked,
)  # fmt: skip

STEPS = (1, 2)


@dataclass(frozen=True)
class Method:
    """An optimizer, how many weights it moves, and the same optimizer as people confuse it."""

    optimizer: Optimizer
    weights: int
    confused: tuple[tuple[str, str, Optimizer], ...] = ()


def _adam(kind: type[Adam], **more: Any) -> Method:
    own = kind(0.1, beta1=0.9, beta2=0.99, epsilon=0.1, **more)
    swapped = replace(own, beta1=0.99, beta2=0.9)
    return Method(
        own, 1,
        (
            ("bias-correction", "the bias correction was left out", replace(own, bias_correction=False)),
            ("epsilon-inside", "epsilon was added inside the root", replace(own, epsilon_inside=True)),
            ("betas-swapped", "the two betas were exchanged", swapped),
        ),
    )  # fmt: skip


METHODS: Mapping[str, Method] = {
    "step-gradient-descent": Method(GradientDescent(0.3), 2),
    "step-momentum": Method(
        Momentum(0.3, 0.8), 2,
        (("another-form", "the gradient was multiplied by (1 − β)", Momentum(0.3, 0.8, "average")),),
    ),
    "step-momentum-average": Method(
        Momentum(0.3, 0.8, "average"), 2,
        (("another-form", "the (1 − β) before the gradient is missing", Momentum(0.3, 0.8)),),
    ),
    "step-nesterov": Method(
        Nesterov(0.3, 0.8), 2, (("another-form", "the step is that of plain momentum", Momentum(0.3, 0.8)),)
    ),
    "step-adagrad": Method(AdaGrad(0.3, epsilon=0.1), 2),
    "step-rmsprop": Method(
        RMSprop(0.3, decay=0.8, epsilon=0.1), 2,
        (("epsilon-inside", "epsilon was added inside the root", RMSprop(0.3, decay=0.8, epsilon=0.1, epsilon_inside=True)),),
    ),
    "step-adam": _adam(Adam),
    "step-adamw": _adam(AdamW, weight_decay=0.2),
}  # fmt: skip


def _names(label: str, step: int, weights: int) -> Entries:
    return [f"{label}_t{step}" + (f"_{i + 1}" if weights > 1 else "") for i in range(weights)]


@lru_cache(maxsize=32)
def lines_of(variant: str) -> tuple[Line, ...]:
    """Return the lines of both steps."""
    method = METHODS[variant]
    return tuple(line for step in STEPS for line in _step(method, step))


def _step(method: Method, step: int) -> Iterator[Line]:
    update, sizes = method.optimizer.traced, {"n": method.weights}
    known: dict[Node, Entries] = {}
    for name, node in update.inputs.items():
        known[node] = _read(method, name, step)
    before = dict(known)
    for value in method_values(method.optimizer):
        right = written(value.inner, known, sizes)
        made = [*rule_mutants(method, value, update.inputs)]
        shared = _shared(method, value, known, before)
        wrong = chosen(made, right, (method.weights,), shared, sizes, {})
        equation = equation_of(method.optimizer, value.label)
        label = f"{value.label}_t{step}"
        yield Line(label, "", (method.weights,), tuple(right), equation, f"step {step}", tuple(wrong))  # fmt: skip
        known[value] = _names(value.label, step, method.weights)


def method_values(optimizer: Optimizer) -> list[Name]:
    """Return the values of a rule; of two of one name (AdamW moves w twice), the last, which the first is written into."""
    last = {v.label: v for v in optimizer.traced.values if v.role == "value"}
    return [v for v in optimizer.traced.values if last.get(v.label) is v]


def _read(method: Method, name: str, step: int) -> Entries:
    """Return what an input reads: the weights and the state of the step before, the gradient of this one."""
    if name == "t":
        return [str(step)]
    if name == "dw":
        return _names("g", step, method.weights)
    if name != "w" and step == 1:
        return ["0"] * method.weights  # the state starts at zero
    return _names(name, step - 1, method.weights)


def _shared(method: Method, value: Name, known: Mapping[Node, Entries], before: Mapping[Node, Entries]) -> dict[Node, Entries]:  # fmt: skip
    """Return what the confused forms read: the same values, by label."""
    labels = {v.label: entries for v, entries in known.items() if isinstance(v, Name)}
    found: dict[Node, Entries] = {**before, **known}
    for _, _, other in method.confused:
        for v in method_values(other):
            if v.label in labels and v.label != value.label:
                found[v] = labels[v.label]
        inputs = method.optimizer.traced.inputs
        found.update({n: found[inputs[k]] for k, n in other.traced.inputs.items() if k in inputs})
        found.setdefault(other.traced.inputs.get("t", value), ["1"])
    found.pop(value, None)
    return found


def rule_mutants(method: Method, value: Name, inputs: Mapping[str, Input]) -> Iterator[Mutant]:
    """Yield the known mistakes of one value of a rule: other methods' forms first."""
    for key, said, other in method.confused:
        for same in method_values(other):
            if same.label == value.label:
                yield mutant(key, same.inner, said)
    yield from formula_mutants(value.inner, [], [])
    if value.label == "w":
        w = inputs["w"]
        moved = add([value.inner, scaled(MINUS_ONE, w)])
        up = add([w, scaled(MINUS_ONE, moved)])
        yield mutant("ascent", up, "the step was added: that climbs")
        two = scaled(coefficient(2), moved)
        yield mutant("doubled-factor", add([w, two]), "the step was made twice")
    if "t" in inputs:
        t = inputs["t"]
        later = add([t, constant(coefficient(1))])
        yield mutant("step-number", exchanged(value.inner, {t: later}), "the step's number t is one too large")  # fmt: skip
    for name in ("w", "m", "v"):
        if name in inputs and name != value.label:
            continue
        if name in inputs:
            zero = scaled(coefficient(0), inputs[name])
            yield mutant("missing-term", exchanged(value.inner, {inputs[name]: zero}), "the value of the step before was left out")  # fmt: skip
    turned: dict[Node, Node] = {inputs["dw"]: scaled(MINUS_ONE, inputs["dw"])}
    yield mutant("extra-term", exchanged(value.inner, turned), "the sign of the gradient is wrong", extra=0.1)  # fmt: skip


def equation_of(optimizer: Optimizer, label: str) -> Math:
    """Return the line of a rule that gives a value, with symbols for the numbers."""
    for value in reversed(optimizer.symbolic.values):
        if value.label == label and value.role == "value":
            left, right = math(value), math(value.inner)
            left = sign(label)
            arrows = {"mathml": "<mo>←</mo>", "latex": r" \leftarrow ", "typst": " <- "}
            return Math(*(getattr(left, t) + arrows.get(t, " ← ") + getattr(right, t) for t in RENDERERS_ORDER))  # fmt: skip
    return sign(label)


RENDERERS_ORDER = ("text", "mathml", "typst", "latex")
assert set(RENDERERS) == set(RENDERERS_ORDER)


def generate(variant: str, seed: int) -> Question:
    """Return the question of an optimizer and a seed."""
    method, lines = METHODS[variant], lines_of(variant)
    for attempt in range(TRIES):
        given = _draw(method, random.Random(f"{variant}/{seed}/{attempt}"))
        values = solve(lines, given)
        if readable(lines, values) and telling(lines, values, TOLERANCE):
            break
    else:
        raise AssertionError(f"{variant} has no instance for seed {seed}")
    title = f"Two steps of {type(method.optimizer).__name__}"
    return Question(
        1, "optimizers", variant, seed, title, _statement(method, lines, given), blanks_of(lines, values, TOLERANCE),
        worked(lines, values), scheme(lines), given, tolerance=TOLERANCE,
    )  # fmt: skip


def _draw(method: Method, rng: random.Random) -> dict[str, float]:
    names = [*_names("w", 0, method.weights)]
    names += [n for step in STEPS for n in _names("g", step, method.weights)]
    return {name: tenth(rng) for name in names}


def _statement(method: Method, lines: Sequence[Line], given: Mapping[str, float]) -> tuple[Block, ...]:  # fmt: skip
    settings = ", ".join(
        f"{f.name.replace('_', ' ')} {getattr(method.optimizer, f.name)}"
        for f in fields(method.optimizer)
        if isinstance(getattr(method.optimizer, f.name), float)
    )
    intro = f"{type(method.optimizer).__name__} with {settings}. All state starts at zero; the gradients of steps 1 and 2 are given. The rule:"
    rule = [Paragraph((line.equation,)) for line in lines[: len(lines) // 2]]
    blocks: list[Block] = [Paragraph((intro,)), *rule]
    for label, steps in (("w", (0,)), ("g", STEPS)):
        for step in steps:
            cells = tuple(f"{given[n]:g}" for n in _names(label, step, method.weights))
            blocks.append(Given(f"{label}_t{step}", sign(f"{label}_t{step}"), (method.weights,), (cells,)))  # fmt: skip
    asked = ", ".join(sign(line.label).text for line in lines)
    return (*blocks, Paragraph((f"Compute, with four significant figures: {asked}.",)))
