"""Family 6: find the bug. A program with one wrong line, its gradient check, the line to be named and the fix."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule import models
from chainrule.emit.terms import Line
from chainrule.graph.nodes import Input, Name, Node, inside
from chainrule.model import Model
from chainrule.practice.grounds.mutated import Mutants
from chainrule.practice.grounds.numbers import Point, Value
from chainrule.practice.grounds.steps import steps_of
from chainrule.practice.grounds.trials import Trial, draw_trial
from chainrule.practice.mutants.catalogue import Mutant, kind
from chainrule.practice.questions.content import Code, Paragraph, Table
from chainrule.practice.questions.known import scales
from chainrule.practice.questions.question import Blank, Mistake, Option, Question, Worked
from chainrule.practice.questions.shapes import code_of

MODELS = ("multivariate", "two_layer_sigmoid", "logistic", "perceptron", "softmax_classifier")
VARIANTS = {f"bug-{name.replace('_', '-')}": name for name in MODELS}
STEP, TRIES = 1e-5, 60


@lru_cache(maxsize=16)
def _candidates(name: str) -> dict[str, list[Mutant]]:
    """Return the mutants of every gradient's line, by label: those that read only what stands before it."""
    model = models.names()[name]
    steps = steps_of(model.derivation)
    mutants = Mutants(model.graph, steps)
    before = _before(model)
    found: dict[str, list[Mutant]] = {}
    for step in (s for s in steps if s.backward):
        known = before.get(step.node.label, set())
        made = [*scales(step.routes[0]), *mutants.of(step)]
        usual = [
            m for m in made if m.formula.shape == step.node.shape and m.cost < 2.3 and _reads(m.formula) <= known
        ]  # fmt: skip
        if len(usual) >= 3:
            found[step.node.label] = usual
    return found


def _before(model: Model) -> dict[str, set[Node]]:
    """Return, for each line's value, the inputs and the values of the lines before it."""
    known: set[Node] = set(model.graph.inputs)
    found: dict[str, set[Node]] = {}
    for line in model.derivation.program().lines:
        found[line.value.label] = set(known)
        known.add(line.value)
    return found


def _reads(formula: Node) -> set[Node]:
    return {n for n in inside(formula) if isinstance(n, Input | Name)}


@dataclass(frozen=True)
class Instance:
    """A program with a bug: its lines, the place of the wrong one, three mutants of it (the first is shown), all four as
    text, the arrays of the gradient check and its rows."""

    model: Model
    lines: list[Line]
    at: int
    made: list[Mutant]
    texts: list[str]
    trial: Trial
    rows: list[tuple[str, float, float]]


def generate(variant: str, seed: int) -> Question:
    """Return a program with a bug, whose gradient check shows it."""
    one, rng = instance(variant, seed)
    return _question(variant, seed, one, rng)


def instance(variant: str, seed: int) -> tuple[Instance, random.Random]:
    """Return the program of a seed, and the generator that goes on to turn the choices."""
    model = models.names()[VARIANTS[variant]]
    lines = model.derivation.program().lines
    candidates = _candidates(model.name)
    for attempt in range(TRIES):
        rng = random.Random(f"{variant}/{seed}/{attempt}")
        at = rng.choice([i for i, line in enumerate(lines) if line.value.label in candidates])
        made = rng.sample(candidates[lines[at].value.label], 3)
        trial = draw_trial(model.graph, rng.randrange(2**30))
        texts = [code_of(model.graph, f) for f in (lines[at].formula, *(m.formula for m in made))]
        if len(set(texts)) == 4 and "broadcast" not in "".join(texts):
            right = _run(lines, trial, model, {})
            wrong = [_run(lines, trial, model, {at: m.formula}) for m in made]
            if all(
                _tells(model, one, right) for one in wrong
            ):  # the fix, and no other choice, mends it
                rows = _table(model, wrong[0], right, trial)
                return Instance(model, lines, at, made, texts, trial, rows), rng
    raise AssertionError(f"{variant} has no instance for seed {seed}")


def _run(
    lines: list[Line], trial: Trial, model: Model, changed: Mapping[int, Node]
) -> dict[str, Any]:
    known: dict[Node, Value] = dict(trial.leaves(model.graph))
    found: dict[str, Any] = {}
    for i, line in enumerate(lines):
        known[line.value] = Point(trial.sizes, known).value(changed.get(i, line.formula))
        found[line.value.label] = known[line.value].array
    return found


def _tells(model: Model, own: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Tell whether a parameter's gradient is wrong by more than can be overlooked."""
    pairs = ((own[f"d{name}"], right[f"d{name}"]) for name in model.parameters)
    return any(np.any(np.abs(a - b) > 0.02 * np.maximum(np.abs(a), np.abs(b))) for a, b in pairs)


def _table(
    model: Model, own: Mapping[str, Any], right: Mapping[str, Any], trial: Trial
) -> list[tuple[str, float, float]]:
    """Return, for each parameter, the entry in which the code and a central difference differ most; the first, if none does."""
    rows: list[tuple[str, float, float]] = []
    for name in model.parameters:
        code, true = np.atleast_1d(own[f"d{name}"]), np.atleast_1d(right[f"d{name}"])
        apart = np.abs(code - true)
        scale = max(float(np.max(np.abs(true))), float(np.max(np.abs(code))), 1e-300)
        place = int(np.argmax(np.round(apart / scale, 9)))  # rounding must not choose it
        rows.append((name, float(code.reshape(-1)[place]), _quotient(model, trial, name, place)))
    return rows


def _quotient(model: Model, trial: Trial, name: str, place: int) -> float:
    losses: list[float] = []
    for by in (STEP, -STEP):
        arrays = {k: np.array(v, dtype=float) for k, v in trial.arrays.items()}
        arrays[name].reshape(-1)[place] += by
        data = {k: arrays[k] for k in model.data}
        losses.append(model.loss(data, {k: arrays[k] for k in model.parameters}))
    return (losses[0] - losses[1]) / (2 * STEP)


def _question(variant: str, seed: int, one: Instance, rng: random.Random) -> Question:
    model, lines, at, made, texts, rows = one.model, one.lines, one.at, one.made, one.texts, one.rows  # fmt: skip
    target, bug = lines[at].identifier, made[0]
    shown = [
        f"{line.identifier} = {texts[1] if i == at else code_of(model.graph, line.formula)}"
        for i, line in enumerate(lines)
    ]
    table = Table(
        (("parameter",), ("from the code",), ("central difference",)),
        tuple(((name,), (f"{code:.6g}",), (f"{true:.6g}",)) for name, code, true in rows),
        "Gradient check: the entry of each parameter that differs most",
    )
    where = "Which gradients are wrong, and which line do only those read?"
    how = f"The value of {target} is to have the shape of what it is the gradient of, by its rule."
    line = Blank(
        "line",
        "line",
        ("The line with the bug",),
        str(at + 1),
        "line",
        mistakes=_other_lines(lines, at, rows, where, how),
        where=where,
        how=how,
    )
    ids = ["a", "b", "c"]
    order = [0, 2, 3]
    rng.shuffle(order)
    options = tuple(
        Option(id, (f"{target} = {texts[k]}",)) for id, k in zip(ids, order, strict=True)
    )
    right = ids[order.index(0)]
    mistakes = tuple(
        Mistake(
            made[k - 1].mistake,
            made[k - 1].message,
            id,
            (
                where,
                how,
                f"With this line, {made[k - 1].message}.",
                f"It must be: {target} = {texts[0]}",
            ),
        )
        for id, k in zip(ids, order, strict=True)
        if k
    )
    fix = Blank(
        "fix",
        "choice",
        ("What must stand there?",),
        right,
        "fix",
        mistakes=mistakes,
        options=options,
        where=where,
        how=how,
    )
    intro = Paragraph(
        (f"This program computes the loss of {model.name} and its gradients. One line is wrong.",)
    )
    solution = (
        Worked(("line",), (f"Line {at + 1}: {bug.message}. {kind(bug.mistake).meaning}.",)),
        Worked(("fix",), (f"{target} = {texts[0]}",)),
    )
    return Question(
        6,
        model.name,
        variant,
        seed,
        f"Find the bug in {model.name}",
        (intro, Code(tuple(shown)), table),
        (line, fix),
        solution,
        ("One point for the line, one for the fix.",),
    )


def _other_lines(
    lines: list[Line], at: int, rows: list[tuple[str, float, float]], where: str, how: str
) -> tuple[Mistake, ...]:
    """Return what to say about the lines of gradients that are right, or only follow from the wrong one."""
    found: list[Mistake] = []
    for i, line in enumerate(lines):
        if i == at or not line.value.label.startswith("d"):
            continue
        said = f"line {i + 1} follows its rule; it reads what is wrong before it, or nothing wrong"
        counter = "; ".join(
            f"d{name} is {code:.4g}, and the difference {true:.4g}" for name, code, true in rows
        )
        found.append(
            Mistake(
                "wrong-value",
                said,
                str(i + 1),
                (where, how, counter, f"The bug is in line {at + 1}."),
            )
        )
    return tuple(found)
