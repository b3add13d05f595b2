"""Family 6, flagship: the most quoted worked example of back-propagation on the web prints a wrong loss after one step.

The published inputs are data; every result, right or wrong, is computed.
Source: M. Mazur 2015, A step by step backpropagation example.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from chainrule.graph.nodes import Node
from chainrule.model import parse
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.practice.grounds.numbers import Point, Value, exact
from chainrule.practice.questions.content import Paragraph, math
from chainrule.practice.questions.question import Blank, Mistake, Option, Question, Worked

RATE = 0.5
NETWORK = parse(
    "Z1 = W1 @ X + b1; A1 = sigmoid(Z1); Z2 = W2 @ A1 + b2; A2 = sigmoid(Z2); L = sum((Y - A2)**2) / 2",
    {"X": "2 1", "Y": "2 1"}, {"W1": "2 2", "b1": "", "W2": "2 2", "b2": ""}, name="mazur",
)  # fmt: skip
DATA: dict[str, Any] = {"X": np.array([[0.05], [0.1]]), "Y": np.array([[0.01], [0.99]])}
START: dict[str, Any] = {
    "W1": np.array([[0.15, 0.2], [0.25, 0.3]]), "b1": np.array(0.35),
    "W2": np.array([[0.4, 0.45], [0.5, 0.55]]), "b2": np.array(0.6),
}  # fmt: skip
WEIGHTS = ("W1", "W2")


def _after(
    gradients: dict[str, Any], moved: tuple[str, ...] = WEIGHTS, rate: float = RATE
) -> float:
    method = GradientDescent(rate)
    some = {name: START[name] for name in moved}
    params = method.update(some, {name: gradients[name] for name in moved}, method.init(some))[0]
    return NETWORK.loss(DATA, {**START, **params})


def losses() -> dict[str, tuple[str, float]]:
    """Return the loss after one step, right and with each known mistake: what was done, and what comes out."""
    right = NETWORK.value_and_grad(DATA, START)[1]
    method = GradientDescent(RATE)
    last = {"W2": START["W2"]}
    updated = method.update(last, {"W2": right["W2"]}, method.init(last))[0]
    steps = {**right, "W1": _through(updated["W2"])}
    flat = {**right, "W1": _through(START["W2"].T)}
    return {
        "right": ("both layers' gradients from the old weights", _after(right)),
        "already-updated-weights": ("the hidden layer's gradient from the output weights already updated", _after(steps)),
        "transpose": ("the output weights were not transposed on the way back", _after(flat)),
        "extra-factor-2": ("the half of the loss was forgotten, and every gradient doubled", _after(right, rate=2 * RATE)),
        "extra-term": ("the biases were moved as well", _after(right, (*WEIGHTS, "b1", "b2"))),
    }  # fmt: skip


def _through(weights: Any) -> Any:
    """Return the gradient of W1 when the way back goes through other output weights: by the derivation's own formulas."""
    graph, gradients = NETWORK.graph, NETWORK.derivation.backward.gradients
    nodes = {n.name: n for n in graph.inputs}
    given: dict[Node, Value] = {nodes[k]: exact(v) for k, v in {**DATA, **START}.items()}
    point = Point({}, given)
    kept: dict[Node, Value] = {v: point.value(v) for v in graph.values}
    kept[gradients["Z2"].node] = point.value(gradients["Z2"].node)
    return (
        Point({}, {**given, **kept, nodes["W2"]: exact(weights)}).value(gradients["W1"].node).array
    )


def generate(variant: str, seed: int) -> Question:
    """Return the flagship; the seed turns the order of the choices."""
    found = losses()
    printed = found["already-updated-weights"][1]
    right = found["right"][1]
    rng = random.Random(f"{variant}/{seed}")
    keys = list(found)[1:]
    rng.shuffle(keys)
    ids = dict(zip(keys, "abcd", strict=True))
    where, how = (
        "Which weights does the hidden layer's gradient read?",
        "All gradients are taken at the same point: compute them all, then update.",
    )
    options = tuple(Option(ids[k], (found[k][0],)) for k in keys)
    mistakes = tuple(
        Mistake(k, f"that gives another number than the one printed: {found[k][1]:.9f}", ids[k], (where, how, f"It gives {found[k][1]:.9f}, and {printed:.9f} is printed.", f"It was: {found['already-updated-weights'][0]}."))
        for k in keys if k != "already-updated-weights"
    )  # fmt: skip
    loss = tuple(
        Mistake(k, said, f"{value:.10g}", (where, how, f"That gives {value:.9f}; the right one is {right:.9f}.", "Take every gradient at the old weights."))
        for k, (said, value) in found.items() if k != "right"
    )  # fmt: skip
    told = ", ".join(f"{k} = {np.asarray(v).tolist()}" for k, v in {**DATA, **START}.items())
    intro = f"A much quoted worked example makes one step of gradient descent (learning rate {RATE}; the biases stay) on this network: {told}. It prints the loss {printed:.9f} after the step."
    equations = tuple(Paragraph((math(v, v.inner),)) for v in NETWORK.graph.values)
    blanks = (
        Blank("loss", "number", ("The right loss after the step, to nine digits",), f"{right:.12g}", "loss", mistakes=loss, where=where, how=how),
        Blank("mistake", "choice", ("What went wrong in the printed one?",), ids["already-updated-weights"], "mistake", mistakes=mistakes, options=options, where=where, how=how),
    )  # fmt: skip
    solution = (
        Worked(("loss",), (f"{right:.11f}",)),
        Worked(("mistake",), (found["already-updated-weights"][0],)),
    )
    return Question(
        6, "published", variant, seed, "A published number", (Paragraph((intro,)), *equations), blanks, solution,
        ("One point for each answer.",), digits=9, tolerance=2e-8,
    )  # fmt: skip
