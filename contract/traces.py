"""Writes contract/traces.json: whole descents, step by step, that NumPy, JAX and the browser must repeat. `make contract`.

The numbers are NumPy's; the tests compare with a tolerance, because other machines round sums in another order.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import models
from chainrule.derive.instances import instance, sizes_for

HERE = Path(__file__).parent
STEPS = 40
CASES = [
    ("univariate", cr.GradientDescent(0.05), None),
    ("multivariate", cr.Nesterov(cr.Cosine(0.02, 30, end=0.001)), 8),
    ("two_layer_linear", cr.Momentum(0.01, form="average"), 7),
    ("two_layer_sigmoid", cr.Adam(0.02), 7),
    ("logistic", cr.RMSprop(0.01, momentum=0.5, centered=True, epsilon=0.01), None),
    ("perceptron", cr.AdamW(cr.WarmUp(0.02, 10)), 5),
    ("softmax_classifier", cr.AdaGrad(0.1), 24),
    ("deep", cr.GradientDescent(cr.StepDecay(0.05, 0.5, every=9), weight_decay=0.01), 9),
]


def trace(name: str, optimizer: cr.Optimizer, batch_size: int | None, seed: int) -> dict[str, Any]:
    """Return one descent: its tapes, data, start, batches, the loss that each step saw, and where it ended."""
    model = models.names()[name]
    sizes = {**sizes_for(model.graph.dims, seed + 10), "m": 24}
    inputs = instance(model.graph, sizes, seed)
    data = {key: inputs[key] for key in model.data}
    params = {
        key: [inputs[f"{key}[{i}]"] for i in range(len(shape))]
        if isinstance(shape, list)
        else inputs[key]
        for key, shape in model.parameters.items()
    }
    run = cr.fit(
        model, data, params=params, optimizer=optimizer, steps=STEPS, batch_size=batch_size, seed=seed, engine="numpy"
    )  # fmt: skip
    labels = run.flat.names
    return {
        "name": f"{name}, {optimizer!r}",
        "model": name,
        "optimizer": repr(optimizer),
        "gradient_tape": model.derivation.to("tape"),
        "update_tape": optimizer.to("tape"),
        "data": data,
        "params": {label: inputs[label] for label in labels},
        "seed": seed,
        "batch_size": batch_size,
        "batches": [run.batch(step).tolist() for step in range(1, 11)] if batch_size else None,
        "steps": STEPS,
        "losses": run.losses.tolist(),
        "final": dict(
            zip(labels, map(np.ndarray.tolist, run.flat.leaves(run.position.vector)), strict=True)
        ),
    }


def document() -> dict[str, Any]:
    """Return the whole file."""
    return {"version": 1, "traces": [trace(*case, seed) for seed, case in enumerate(CASES)]}


if __name__ == "__main__":
    text = json.dumps(document(), ensure_ascii=False)
    (HERE / "traces.json").write_text(text + "\n", encoding="utf-8")
