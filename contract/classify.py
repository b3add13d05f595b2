"""Writes contract/classify.json: what the drawings of chapters 6 and 7 must compute as Python does. `make docs`.

The numbers are those of the models' own programs in NumPy, of `fit`, and of difference quotients; the documents are the ones
that the pages carry, cut to what the drawings read.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.course.notes import classify, rooms
from chainrule.course.notes import classify_layers as layers
from chainrule.course.notes.widget import Place, find
from chainrule.course.scope import Case, Setting, values_of
from chainrule.emit import program as programs
from chainrule.engines.flat import Flat
from chainrule.fit.fitting import fit
from chainrule.optim.adam import Adam
from chainrule.optim.gradient_descent import GradientDescent

HERE = Path(__file__).parent
MOONS = {"model": "perceptron", "data": "two_moons", "method": "adam", "rate": 0.05, "steps": 400}
STEPS = 60  # of the descents that are repeated: long enough to part, short enough for rounding


def page(case: Case) -> dict[str, Any]:
    """Return a page's contract without what no drawing computes with."""
    whole = case.document
    variant = {key: value for key, value in whole["variants"][0].items() if key == "tape"}
    methods = [m for m in whole["methods"] if m["key"] in ("gradient-descent", "adam")]
    slim = [
        {key: m[key] for key in ("key", "title", "slots", "settings", "learningRate", "tape")}
        for m in methods
    ]
    return {**whole, "variants": [{**variant, "rows": []}], "methods": slim}  # fmt: skip


def network(hidden: str, data: str, units: int = 6, seed: int = 0, shift: float = 0.0) -> Case:
    """Return the perceptron that the drawing `network` makes of these choices."""
    start: Any = {"b1": [[shift]] * units} if shift else "seed"
    setting = {**MOONS, "options": {"hidden": hidden}, "data": data, "sizes": {"n_h": units}}
    return Case(Setting(**setting, seed=seed, start=start))


def descent(hidden: str, data: str) -> dict[str, Any]:
    """Return a descent, and gradient and dead units at its start."""
    case = network(hidden, data)
    run = fit(
        case.model,
        case.sample.arrays,
        params=case.start,
        optimizer=Adam(0.05),
        steps=STEPS,
        engine="numpy",
    )
    flat = Flat(case.start)
    gradients = case.model.value_and_grad(case.sample.arrays, case.start)[1]
    return {
        "hidden": hidden, "data": data, "start": flat.join(case.start).tolist(), "losses": run.losses.tolist(),
        "final": flat.join(run.params).tolist(), "gradient": flat.join(gradients).tolist(),
    }  # fmt: skip


def dead(seed: int, shift: float) -> dict[str, Any]:
    """Return how many ReLU units no example reaches."""
    case = network("relu", "two_moons", seed=seed, shift=shift)
    Z = values_of(case.model, case.sample.arrays, case.start)["Z1"]
    return {"seed": seed, "shift": shift, "dead": int((Z <= 0).all(axis=1).sum())}


def mistakes() -> list[dict[str, Any]]:
    """Return the wrong gradients of the drawing `check`, by the programs that compute them."""
    case = network("sigmoid", "two_moons", units=4)
    model, graph, flat = case.model, case.model.graph, Flat(case.start)
    found: list[dict[str, Any]] = []
    for key, _, target, formula in layers._mistakes():
        wrong = layers.mistaken(model.derivation.backward, target, formula)
        wanted = {name: wrong[name] for name in case.start}
        order = [
            n for n in programs.nodes.topological(wanted.values()) if isinstance(n, programs.Name)
        ]
        program = programs.build("wrong", graph, graph.loss, [*order, graph.loss], wanted, [])
        gradients = programs.compiled(program).run({**case.sample.arrays, **case.start})[1]
        found.append({"key": key, "gradient": flat.join(gradients).tolist()})
    return found


def stacks() -> list[dict[str, Any]]:
    """Return what passes through the deep stacks."""
    found: list[dict[str, Any]] = []
    for hidden in layers.HIDDEN:
        for scheme, deviation in layers._deviations().items():
            found.append({"hidden": hidden, "scheme": scheme, **layers._passes(hidden, deviation)})
    return found


def squared() -> list[dict[str, Any]]:
    """Return both descents of the drawing `squared` from its start."""
    found: list[dict[str, Any]] = []
    for name, model in (("entropy", classify.models.logistic), ("squared", classify.squared())):
        params = {"w": np.array([classify.FAR]), "b": 0.0}
        run = fit(
            model,
            classify.penguins(),
            params=params,
            optimizer=GradientDescent(1.0),
            steps=STEPS,
            engine="numpy",
        )
        found.append({"kind": name, "losses": run.losses.tolist()})
    return found  # fmt: skip


def scores() -> list[dict[str, Any]]:
    """Return what the collapse and the fused form say at some scores: A - Y, and the loss, by their closed forms."""
    found: list[dict[str, Any]] = []
    for z in (-1000.0, -3.0, 0.8, 2.5, 1000.0):
        for y in (0.0, 1.0):
            a = math.exp(min(z, 0.0)) / (1 + math.exp(-abs(z)))
            loss = max(z, 0.0) - y * z + math.log1p(math.exp(-abs(z)))
            found.append({"z": z, "y": y, "slope": a - y, "loss": loss})
    return found


def penalties() -> list[dict[str, Any]]:
    """Return training and validation loss along the descents of the drawing `overfit`."""
    train, valid = layers._halves()
    model, found = layers.perceptron("tanh"), []
    for i in (0, 2):
        strength = layers.PENALTIES[i]
        run = fit(
            layers.penalised(),
            {**train, "lambda_": strength},
            params=layers._start(),
            optimizer=Adam(0.05),
            steps=STEPS,
            engine="numpy",
        )
        at = [
            {
                "step": k,
                "train": model.loss(train, run.at(k)),
                "valid": model.loss(valid, run.at(k)),
            }
            for k in (0, 20, STEPS)
        ]
        found.append({"penalty": i, "at": at})
    return found  # fmt: skip


def document() -> dict[str, Any]:
    """Return everything."""
    assert rooms.ROOMS
    widgets = {
        kind: find(f"classify/{kind}")({}, Place({}, lambda x: x))
        for kind in ("collapse", "squared", "overflow", "check", "starts", "overfit")
    }
    hidden = {key: {**kind, "rows": []} for key, kind in layers.hidden_layers().items()}
    return {
        "version": 1,
        "penguins": page(Case(Setting(**classify.PENGUINS, start="zeros", rate=2.0, steps=200))),
        "moons": page(Case(Setting(**MOONS, sizes={"n_h": 6}))),
        "shared": {"hidden": hidden, "xor": layers.xor_data()},
        "widgets": {kind: made.document for kind, made in widgets.items()},
        "descents": [descent(h, d) for h in layers.HIDDEN for d in ("two_moons", "xor")],
        "dead": [dead(seed, shift) for seed in (0, 1) for shift in (0.0, -1.0, -2.0)],
        "mistakes": mistakes(),
        "stacks": stacks(),
        "squared": squared(),
        "scores": scores(),
        "penalties": penalties(),
    }  # fmt: skip


if __name__ == "__main__":
    text = json.dumps(document(), separators=(",", ":"), allow_nan=False)
    (HERE / "classify.json").write_text(text + "\n", encoding="utf-8")
