"""The golden traces of contract/: repeated by NumPy and JAX here, and by the browser's runtime in web/tests."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import models

CONTRACT = Path(__file__).parents[2] / "contract"
TRACES = json.loads((CONTRACT / "traces.json").read_text(encoding="utf-8"))["traces"]


def generator():
    spec = importlib.util.spec_from_file_location("traces", CONTRACT / "traces.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named(model, flat):
    return {
        key: [np.array(flat[f"{key}[{i}]"]) for i in range(len(shape))]
        if isinstance(shape, list)
        else np.array(flat[key])
        for key, shape in model.parameters.items()
    }


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("k", range(len(TRACES)), ids=[t["name"] for t in TRACES])
def test_engines_repeat_the_trace(k, engine):
    trace = TRACES[k]
    model = models.names()[trace["model"]]
    optimizer = generator().CASES[k][1]
    assert repr(optimizer) == trace["optimizer"]
    run = cr.fit(
        model, trace["data"], params=named(model, trace["params"]), optimizer=optimizer, engine=engine,
        steps=trace["steps"], batch_size=trace["batch_size"], seed=trace["seed"],
    )  # fmt: skip
    # 40 contracting steps in float64; another order of sums shows in the 13th digit or so
    np.testing.assert_allclose(run.losses, trace["losses"], rtol=1e-10)
    for label, leaf in zip(run.flat.names, run.flat.leaves(run.position.vector), strict=True):
        np.testing.assert_allclose(leaf, np.array(trace["final"][label]), rtol=1e-9, atol=1e-11)
    if trace["batches"]:
        assert [run.batch(i).tolist() for i in range(1, 11)] == trace["batches"]


def test_the_file_is_up_to_date():
    made = generator().document()["traces"]
    exact = (
        "name",
        "model",
        "optimizer",
        "gradient_tape",
        "update_tape",
        "data",
        "params",
        "seed",
        "batch_size",
        "batches",
        "steps",
    )
    for new, old in zip(made, TRACES, strict=True):
        for key in exact:
            assert json.loads(json.dumps(new[key])) == old[key], (new["name"], key)
        np.testing.assert_allclose(new["losses"], old["losses"], rtol=1e-10)


def test_traces_move():
    """A trace that stands still would prove nothing."""
    for trace in TRACES:
        assert np.ptp(trace["losses"]) > 1e-3, trace["name"]
