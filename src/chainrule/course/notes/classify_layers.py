"""The widgets of chapter 7, the two-layer perceptron: what Python prepares for the room `classify` of web/src/notes.

They read the page's contract (hidden layer: sigmoid); tanh and ReLU, and XOR, stand once on the page as shared documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from chainrule import models
from chainrule.course.made import four_heaps, moons
from chainrule.course.notes.classify import CONTRACT
from chainrule.course.notes.tables import derivation_table, table
from chainrule.course.notes.tapes import gradients_tape, mistaken, tape_of
from chainrule.course.notes.widget import Place, Widget, fact, widget
from chainrule.course.rows import Written, rows, teaching_tape
from chainrule.course.samples import nested
from chainrule.course.scope import values_of
from chainrule.derive.prediction import prediction
from chainrule.engines.flat import Flat
from chainrule.fit.fitting import fit
from chainrule.graph import nodes
from chainrule.graph.coefficient import size_of
from chainrule.graph.nodes import Node
from chainrule.graph.tensor import Tensor
from chainrule.model import Model, parse
from chainrule.ops import FUNCTIONS
from chainrule.optim.adam import Adam
from chainrule.threefry import normal

HIDDEN = ("sigmoid", "tanh", "relu")
DEPTH, WIDTH, EXAMPLES = 6, 32, 64  # of the deep stack on which the effect of a start is seen
UNITS, TRAIN, VALID, NOISE = 16, 40, 200, 0.34  # of the network that overfits
PENALTIES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
_SEED, _RATE, _STEPS = 5, 0.05, 600


@cache
def perceptron(hidden: str) -> Model:
    """Return the perceptron with a hidden layer of some kind."""
    return models.perceptron.with_options(hidden=FUNCTIONS[hidden])


# -- shared by the page's widgets
def hidden_layers() -> dict[str, Any]:
    """Return tape and rows of the other kinds of hidden layer; the first is the contract's."""
    return {hidden: _kind(perceptron(hidden)) for hidden in HIDDEN[1:]}


def _kind(model: Model) -> dict[str, Any]:
    written = Written(model.derivation)
    kept = ("target", "of", "backward", "mathml", "text", "shapes", "code")
    found = [{key: row[key] for key in kept} for row in rows(written)]
    for row in found:
        row["code"] = {"numpy": row["code"]["numpy"]}
    return {"tape": teaching_tape(written, [prediction(model.graph)]), "rows": found}


def xor_data() -> dict[str, Any]:
    """Return XOR as the data of a contract."""
    return four_heaps().document(models.perceptron.graph)


def _shared(xor: bool = True) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {"hidden": hidden_layers()}
    return {**found, "xor": xor_data()} if xor else found


def _page(extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"contract": CONTRACT, "hidden": "hidden", "xor": "xor", **(extra or {})}


@widget("classify/network")
def network(block: Mapping[str, Any], place: Place) -> Widget:
    """The boundary of the network, the boundary of each hidden unit, what each unit adds, and which units are dead."""
    return Widget(
        _page({"start": dict(block.get("start", {}))}),
        derivation_table(models.perceptron),
        (520, 1020),
        _shared(),
    )


@widget("classify/matrices")
def matrices(block: Mapping[str, Any], place: Place) -> Widget:
    """The full calculation for a few examples: every array with its shape, its numbers and its gradient."""
    extra = {"examples": list(block.get("examples", range(6)))}
    return Widget(_page(extra), derivation_table(models.perceptron), (1460, 2185), _shared())


@widget("classify/check")
def gradient_check(block: Mapping[str, Any], place: Place) -> Widget:
    """Every parameter's gradient against finite differences, over the size of the step; and what mistakes look like."""
    model = models.perceptron
    backward, graph = model.derivation.backward, model.graph
    bugs = [
        {"key": key, "say": say, "tape": gradients_tape(graph, mistaken(backward, target, formula))}
        for key, say, target, formula in _mistakes()
    ]
    fallback = table(["a mistake that the check finds"], [(bug["say"],) for bug in bugs])
    return Widget(_page({"bugs": bugs}), fallback, (515, 1000), _shared())


def _mistakes() -> list[tuple[str, str, str, Node]]:
    """Return four mistakes that the check finds: key, words, whose gradient, its wrong formula."""
    g = models.perceptron.derivation.backward.gradients
    above, slope_twice = Tensor(g["A1"].formula), Tensor(g["Z1"].formula)
    A1 = Tensor(g["A1"].value)
    m = size_of(["m"])
    return [
        ("slope", "the slope of the hidden layer is forgotten", "Z1", g["A1"].node),
        ("mean", "the 1/m is forgotten", "Z2", nodes.scaled(m, g["Z2"].formula)),
        ("sign", "a sign is turned in the gradient of the hidden layer", "A1", (-above).node),
        ("twice", "the slope is multiplied in twice", "Z1", (slope_twice * A1 * (1 - A1)).node),
    ]


# -- starts
@cache
def deep(hidden: str) -> Model:
    """Return a stack of layers of one width, to see what a start does to what passes through it."""
    lines: list[str] = []
    for k in range(1, DEPTH + 1):
        before = "X" if k == 1 else f"A{k - 1}"
        lines += [f"Z{k} = W{k} @ {before}", f"A{k} = {hidden}(Z{k})"]
    lines.append(f"L = mean((A{DEPTH} - Y)**2)")
    weights = {f"W{k}": "n n" for k in range(1, DEPTH + 1)}
    shapes = {"X": "n m", "Y": "n m"}
    return parse("; ".join(lines), data=shapes, parameters=weights, name=f"deep_{hidden}")


@widget("classify/starts")
def starts(block: Mapping[str, Any], place: Place) -> Widget:
    """Initialisation: the spread of what a deep stack passes on, forward and back, and the descent of the perceptron."""
    stacks = {hidden: tape_of(deep(hidden)) for hidden in HIDDEN}
    extra = {"stacks": stacks, "depth": DEPTH, "width": WIDTH, "examples": EXAMPLES}
    head = ["start", "spread of layer 1", "of the last", "length of dW of layer 1", "of the last"]
    fallback = table(head, [(name, *row.values()) for name, row in passed_on().items()])
    return Widget(_page(extra), fallback, (504, 887), _shared())


_EVERY = 4  # steps between two losses on what was not learned, as in Overfit.svelte


@fact("starts")
def passed_on() -> dict[str, Any]:
    """Return what a deep tanh stack passes on from each start: spread of its first and last outputs, gradients' lengths."""
    return {name: _passes("tanh", deviation) for name, deviation in _deviations().items()}


def _deviations() -> dict[str, float]:
    """Return the deviation of the weights of each start, for layers of `WIDTH`; web/src/notes/classify has the same."""
    return {
        "zeros": 0.0, "small": 0.01, "xavier": WIDTH**-0.5, "he": (2 / WIDTH) ** 0.5, "large": 1.5,
    }  # fmt: skip


def _passes(hidden: str, deviation: float, seed: int = 0) -> dict[str, float]:
    X, Y = (normal(seed, 100 + i, WIDTH * EXAMPLES).reshape(WIDTH, EXAMPLES) for i in range(2))
    shape = (WIDTH, WIDTH)
    params = {f"W{k}": deviation * normal(seed, k, WIDTH * WIDTH).reshape(shape) for k in range(1, DEPTH + 1)}  # fmt: skip
    values = values_of(deep(hidden), {"X": X, "Y": Y}, params)
    gradients = deep(hidden).value_and_grad({"X": X, "Y": Y}, params)[1]
    return {
        "first": float(values["A1"].std()),
        "last": float(values[f"A{DEPTH}"].std()),
        "first_gradient": float(np.linalg.norm(gradients["W1"])),
        "last_gradient": float(np.linalg.norm(gradients[f"W{DEPTH}"])),
    }


# -- overfitting
@cache
def penalised() -> Model:
    """Return the perceptron with an L2 penalty on its weights, whose strength is an input."""
    return parse(
        "Z1 = W1 @ X + b1; A1 = tanh(Z1); Z2 = w2 @ A1 + b2; A2 = sigmoid(Z2); "
        "L = -mean(Y * log(A2) + (1 - Y) * log(1 - A2)) + lambda_ * (sum(W1**2) + sum(w2**2))",
        data={"X": "n_x m", "Y": "1 m", "lambda_": ""},
        parameters={"W1": "n_h n_x", "b1": "n_h 1", "w2": "1 n_h", "b2": ""},
        name="penalised",
    )


def _halves() -> tuple[dict[str, Any], dict[str, Any]]:
    return moons(TRAIN, NOISE, 11), moons(VALID, NOISE, 12)


def _start() -> dict[str, Any]:
    train, _ = _halves()
    return perceptron("tanh").init({**train, "n_h": UNITS}, seed=_SEED)


@widget("classify/overfit")
def overfit(block: Mapping[str, Any], place: Place) -> Widget:
    """A network with more units than its few examples need: training against validation loss, with an L2 penalty."""
    train, valid = _halves()
    graph = perceptron("tanh").graph
    document = {
        "contract": CONTRACT,
        "tape": tape_of(penalised(), everything=False),
        "loss": tape_of(perceptron("tanh"), everything=False),
        "train": nested(graph.data, train),
        "valid": nested(graph.data, valid),
        "start": nested(graph.parameters, _start()),
        "penalties": list(PENALTIES),
        "rate": _RATE,
        "steps": _STEPS,
    }
    found = [overfitting()[f"at{i}"] for i in range(len(PENALTIES))]
    rows = [(row["strength"], row["train"], row["valid"]) for row in found]
    fallback = table(["penalty", "training loss at the end", "validation loss"], rows)
    return Widget(document, fallback, (420, 850))


@fact("overfit")
@cache
def overfitting() -> dict[str, Any]:
    """Return the descents of the overfitting network by its penalties: losses on both halves at the end, and the least."""
    found: dict[str, Any] = {"train_size": TRAIN, "valid_size": VALID, "units": UNITS, "steps": _STEPS}  # fmt: skip
    for i, strength in enumerate(PENALTIES):
        found[f"at{i}"] = _descent(strength)
    return {**found, "parameters": Flat(_start()).size}


def _descent(strength: float) -> dict[str, Any]:
    train, valid = _halves()
    model = perceptron("tanh")
    run = fit(
        penalised(), {**train, "lambda_": strength}, params=_start(), optimizer=Adam(_RATE),
        steps=_STEPS, engine="numpy", seed=0,
    )  # fmt: skip
    losses = [model.loss(valid, run.at(step)) for step in range(0, _STEPS + 1, _EVERY)]
    right = (model.predict(valid, run.params) > 0.5) == (valid["Y"] > 0.5)
    return {
        "strength": strength,
        "train": model.loss(train, run.params),
        "valid": losses[-1],
        "best": min(losses),
        "best_step": _EVERY * losses.index(min(losses)),
        "right": float(right.mean()),
    }


__all__ = ["HIDDEN", "deep", "hidden_layers", "penalised", "perceptron", "xor_data"]
