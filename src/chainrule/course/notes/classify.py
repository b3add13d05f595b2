"""The widgets of chapter 6, logistic regression: what Python prepares for the room `classify` of web/src/notes.

Most of them read the page's own contract (the document "contract"): its tape, its data and its start.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import numpy as np

from chainrule import models
from chainrule.course.notes.tables import derivation_table, listing, maths, table
from chainrule.course.notes.tapes import code_of, formulas_tape, tape_of
from chainrule.course.notes.widget import Place, Widget, fact, widget
from chainrule.course.samples import sample
from chainrule.derive.cancel import cancelling
from chainrule.explain.formulas import Equation, render
from chainrule.fit.fitting import fit
from chainrule.graph import nodes
from chainrule.graph.nodes import Name
from chainrule.model import Model, parse
from chainrule.optim.gradient_descent import GradientDescent

CONTRACT = "contract"
_ENTROPY = "L = -mean(Y * log(A) + (1 - Y) * log(1 - A))"


def _end(text: str, name: str) -> Model:
    return parse(text, data={"Y": "1 m"}, parameters={"Z": "1 m"}, name=name)


def score() -> Model:
    """Return the end of logistic regression alone: from scores to the loss, the scores being what is differentiated."""
    return _end(f"A = sigmoid(Z); {_ENTROPY}", "score")


def score_squared() -> Model:
    """Return the same end with squared error."""
    return _end("A = sigmoid(Z); L = mean((A - Y)**2)", "score_squared")


def composed() -> Model:
    """Return the same end with the sigmoid written out, as a first attempt would compute it."""
    return _end(f"E = exp(-Z); A = 1 / (1 + E); {_ENTROPY}", "composed")


def squared() -> Model:
    """Return logistic regression with squared error in place of the cross-entropy."""
    return parse(
        "Z = w @ X + b; A = sigmoid(Z); L = mean((A - Y)**2)",
        data={"X": "n_x m", "Y": "1 m"},
        parameters={"w": "1 n_x", "b": ""},
        name="squared",
    )


def one_example() -> Model:
    """Return logistic regression of a single example: x a vector, y a number."""
    return parse(
        "z = w @ x + b; a = sigmoid(z); L = -(y * log(a) + (1 - y) * log(1 - a))",
        data={"x": "n_x", "y": ""},
        parameters={"w": "n_x", "b": ""},
        name="one_example",
    )


@widget("classify/nodes")
def node_by_node(block: Mapping[str, Any], place: Place) -> Widget:
    """The graph of the model with value and gradient at every node, for one example or for all."""
    return Widget({"contract": CONTRACT}, derivation_table(models.logistic), (550, 950))


@widget("classify/collapse")
def collapse(block: Mapping[str, Any], place: Place) -> Widget:
    """How dZ comes down to (A - Y)/m, line by line, with the number that each line gives at a score."""
    model = score()
    backward = model.derivation.backward
    lines = cancelling(backward, backward.collapses[0])
    tape = formulas_tape(model.graph, {f"line{i}": line.formula for i, line in enumerate(lines)})
    shown: list[dict[str, str]] = []
    last = ""
    for line in lines:
        gradient = backward.gradients[line.of].node
        left = gradient if line.of != last else None
        shown.append(
            {
                "of": line.of,
                "mathml": _line(left, line.formula),
                "text": render(Equation(gradient, (line.formula,)), "text"),
                "done": line.done,
            }
        )
        last = line.of
    return Widget({"lines": shown, "tape": tape}, _table(shown), (580, 810))


def _line(left: Name | None, formula: nodes.Node) -> str:
    equation = render(Equation(left, (formula,)), "mathml")
    return equation if left is not None else f"<mo>=</mo>{equation}"


def _table(lines: list[dict[str, str]]) -> str:
    return table(["line", "what was done"], [(maths(x["mathml"]), x["done"]) for x in lines])


@widget("classify/boundary")
def boundary(block: Mapping[str, Any], place: Place) -> Widget:
    """The probability over the plane of the features, the boundary where it is one half, and the sigmoid across it."""
    run = _descent(models.logistic, (0.0, 0.0), 2.0, 200)
    rows = [(f"w {i + 1}", x) for i, x in enumerate(run.params["w"].ravel())]
    found = [*rows, ("b", run.params["b"]), ("loss", run.losses[-1])]
    return Widget({"contract": CONTRACT}, table(["after 200 steps", ""], found), (465, 930))


@widget("classify/squared")
def against_squared_error(block: Mapping[str, Any], place: Place) -> Widget:
    """Cross-entropy against squared error: one example's loss and slope by its score, both landscapes, two descents."""
    tapes = {"entropy": tape_of(score()), "squared": tape_of(score_squared())}
    document = {"contract": CONTRACT, "one": tapes, "model": tape_of(squared())}
    ends = (("cross-entropy", score()), ("squared error", score_squared()))
    rows = [(name, z, *_at(model, z)) for z in (-6.0, 0.0, 6.0) for name, model in ends]
    fallback = table(["loss", "score of an example of label 1", "its loss", "its slope"], rows)
    return Widget(document, fallback, (890, 1430))


@widget("classify/overflow")
def overflow(block: Mapping[str, Any], place: Place) -> Widget:
    """Scores of a thousand: the composed form, value by value, beside the fused one."""
    written, fused = composed(), score()
    graph, backward = written.graph, written.derivation.backward
    values = {v.label: v.inner for v in graph.values}
    values.update((g.node.label, g.raw) for g in backward.gradients.values())
    chosen = {label: formula for label, formula in values.items() if label != "L"}
    tape = formulas_tape(graph, {**_kept(chosen, graph, backward), "L": graph.loss})
    rows = [
        {"label": label, "mathml": render(Equation(_name(label, graph, backward), (formula,)), "mathml")}
        for label, formula in values.items()
    ]  # fmt: skip
    document = {
        "composed": {"tape": tape, "rows": rows},
        "fused": {"tape": tape_of(fused, everything=False), "code": code_of(fused, ["L", "dZ"])},
    }
    fallback = table(["score, label 1", "loss", "slope"], [(z, *_at(fused, z)) for z in (-1000.0, 2.0, 1000.0)])  # fmt: skip
    return Widget(document, fallback, (425, 655))


def _at(model: Model, z: float) -> tuple[float, float]:
    """Return loss and slope of one example of label 1 at a score."""
    loss, slopes = model.value_and_grad({"Y": np.ones((1, 1))}, {"Z": np.array([[z]])})
    return loss, float(slopes["Z"][0, 0])


def _name(label: str, graph: Any, backward: Any) -> Name:
    named = {v.label: v for v in graph.values}
    named.update((g.node.label, g.node) for g in backward.gradients.values())
    return named[label]


def _kept(chosen: Mapping[str, nodes.Node], graph: Any, backward: Any) -> dict[str, nodes.Node]:
    return {label: _name(label, graph, backward) for label in chosen}


def loop() -> list[str]:
    """Return the lines that go through the examples one by one, around the emitted lines of a single example."""
    once = [f"    {line}" for line in code_of(one_example(), ["z", "a", "dz", "dw"])]
    return ["for x, y in zip(X.T, Y[0]):", *once, "    dw_all += dw / m"]


@widget("classify/cells")
def cell_by_cell(block: Mapping[str, Any], place: Place) -> Widget:
    """From a loop over examples to one product of matrices: each cell of Z and of dw as the sum that it is."""
    document = {
        "contract": CONTRACT,
        "examples": list(block.get("examples", [0, 1, 2, 3, 4])),
        "loop": loop(),
        "batch": code_of(models.logistic, ["Z", "A", "dZ", "dw", "db"]),
    }
    return Widget(document, listing(document["loop"]) + listing(document["batch"]), (425, 776))


def several() -> Model:
    """Return the end of softmax classification alone: from the scores of every class to the loss."""
    return parse(
        "P = softmax(Z, axis='n_y'); L = -mean(sum(Y * log(P), axis='n_y'))",
        data={"Y": "n_y m"},
        parameters={"Z": "n_y m"},
        name="several",
    )


@widget("classify/classes")
def more_than_two_classes(block: Mapping[str, Any], place: Place) -> Widget:
    """The built-in softmax classifier, step by step with shapes; and its end in numbers, for one example of three classes."""
    derivation = models.softmax_classifier.derivation
    steps = [*derivation.forward, *derivation.steps]
    rows = [
        {
            "mathml": render(step.as_equation(), "mathml"),
            "text": render(step.as_equation(), "text"),
            "shape": " × ".join(step.shape) or "number",
        }
        for step in steps
    ]
    end = several()
    gradients = end.derivation.backward.gradients
    formulas = {
        "probability": next(v.inner for v in end.graph.values if v.label == "P"),
        "above": gradients["P"].formula,
        "spread": gradients["Z"].raw,
        "below": gradients["Z"].formula,
    }
    document = {
        "rows": rows,
        "backward": len(derivation.forward),
        "tape": formulas_tape(end.graph, formulas),
    }
    return Widget(document, derivation_table(models.softmax_classifier), (560, 650))


# -- what the page says in numbers
PENGUINS = {
    "model": "logistic",
    "data": "penguins",
    "target": "species",
    "classes": ("Adelie", "Chinstrap"),
    "features": ("bill_length_mm", "bill_depth_mm"),
}
FAR, FAR_STEPS = ((-9.0, 6.0), 300)  # where both landscapes begin, and how long their descents are


@cache
def penguins() -> Mapping[str, Any]:
    """Return the arrays of chapter 6: bill length and depth, standardised, of two species."""
    found = {key: value for key, value in PENGUINS.items() if key not in ("model", "data")}
    return sample(models.logistic, "penguins", **cast("Any", {**found, "features": list(found["features"])})).arrays  # fmt: skip


def wrong(model: Model, params: Mapping[str, Any]) -> int:
    """Return how many penguins are on the wrong side."""
    arrays = penguins()
    said = model.predict(arrays, params) > 0.5
    return int((said != (arrays["Y"] > 0.5)).sum())


def _descent(model: Model, start: Any, rate: float, steps: int) -> Any:
    params = {"w": np.array([start], dtype=np.float64), "b": 0.0}
    optimizer = GradientDescent(rate)
    return fit(model, penguins(), params=params, optimizer=optimizer, steps=steps, engine="numpy")


@fact("penguins")
def _penguins() -> dict[str, Any]:
    labels = penguins()["Y"]
    run = _descent(models.logistic, (0.0, 0.0), 2.0, 200)
    second = int(labels.sum())
    return {"first": labels.size - second, "second": second, "wrong": wrong(models.logistic, run.params)}  # fmt: skip


@fact("squared")
def _squared() -> dict[str, Any]:
    both = {"entropy": models.logistic, "squared": squared()}
    found: dict[str, Any] = {"steps": FAR_STEPS}
    for name, model in both.items():
        run = _descent(model, FAR, 1.0, FAR_STEPS)
        found |= {f"{name}_wrong": wrong(model, run.params), f"{name}_loss": float(run.losses[-1])}
    return found


@fact("overflow")
def _overflow() -> dict[str, Any]:
    largest = sys.float_info.max
    code = next(line for line in code_of(models.logistic, ["L"]) if line.startswith("L"))
    return {"largest": largest, "most": math.log(largest), "code": code}


__all__ = ["composed", "loop", "one_example", "score", "score_squared", "several", "squared"]
