"""Published optimizer steps: cs231n (one step from a non-zero state) and Dive into Deep Learning (20 steps)."""

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr

KNOWN = Path(__file__).parents[3] / "shared" / "known"
here = pytest.mark.skipif(
    not KNOWN.is_dir(), reason="the published results stand beside the project, in CI"
)


def cs231n():
    return json.loads((KNOWN / "cs231n_optimizers.json").read_text())


def one_step(optimizer, known, **state):
    w, dw = np.array(known["w"]), np.array(known["dw"])
    start = {"t": state.pop("t", 0), **{slot: {"w": np.array(v)} for slot, v in state.items()}}
    params, after = optimizer.update({"w": w}, {"w": dw}, start)
    return params["w"], {slot: after[slot]["w"] for slot in optimizer.slots}


def printed(values):
    return pytest.approx(np.array(values), abs=5.1e-9)  # printed to 8 decimals


@here
def test_cs231n_momentum():
    known = cs231n()
    case = known["sgd_momentum"]
    # its form is v <- mu v - lr dw, w <- w + v: ours in the form "velocity"
    method = cr.Momentum(case["learning_rate"], 0.9, form="velocity")
    w, state = one_step(method, known, v=case["v"])
    assert w == printed(case["next_w"])
    assert state["v"] == printed(case["velocity"])


@here
def test_cs231n_rmsprop():
    known = cs231n()
    case = known["rmsprop"]
    w, state = one_step(cr.RMSprop(case["learning_rate"], decay=0.99), known, s=case["cache"])
    assert w == printed(case["next_w"])
    assert state["s"] == printed(case["cache_out"])


@here
def test_cs231n_adam():
    known = cs231n()
    case = known["adam"]
    method = cr.Adam(case["learning_rate"])
    w, state = one_step(method, known, m=case["m"], v=case["v"], t=5)
    assert w == printed(case["next_w"])
    assert state["v"] == printed(case["v_out"])
    assert state["m"] == printed(case["m_out"])


# The nine runs of Dive into Deep Learning, from (-5, -2), 20 steps, 6 decimals printed.
D2L = [
    cr.GradientDescent(0.1),
    cr.GradientDescent(0.4),
    cr.GradientDescent(0.6),
    cr.Momentum(0.6, 0.5),
    cr.Momentum(0.6, 0.25),
    cr.AdaGrad(0.4, epsilon=1e-6, epsilon_inside=True),
    cr.AdaGrad(2.0, epsilon=1e-6, epsilon_inside=True),
    cr.RMSprop(0.4, decay=0.9, epsilon=1e-6, epsilon_inside=True),
    cr.GradientDescent(0.2),
]


@here
@pytest.mark.parametrize("k", range(9))
def test_d2l(k):
    run = json.loads((KNOWN / "d2l_optimizers.json").read_text())["runs"][k]
    optimizer = D2L[k]
    steep = {"x1^2+2*x2^2": (2.0, 4.0), "0.1*x1^2+2*x2^2": (0.2, 4.0)}.get(run["f"])
    curvature = np.array(steep if steep else (2.0,))
    steps = 20 if steep else 10
    params = {"x": np.array([-5.0, -2.0]) if steep else np.array([10.0])}
    state = optimizer.init(params)
    assert run["eta"] == optimizer.learning_rate
    for _ in range(steps):
        params, state = optimizer.update(params, {"x": curvature * params["x"]}, state)
    assert params["x"] == pytest.approx(np.array(run["printed"]), abs=6e-7, rel=1e-9)


def test_key_figures_without_any_file():
    """One figure of each method, typed here with its source, so that a plain clone checks them too."""
    # Dive into Deep Learning, chapters momentum, adagrad, rmsprop: f = 0.1 x1^2 + 2 x2^2 from (-5, -2), 20 steps
    figures = {
        cr.Momentum(0.6, 0.5): (0.007188, 0.002553),
        cr.AdaGrad(0.4, epsilon=1e-6, epsilon_inside=True): (-2.382563, -0.158591),
        cr.RMSprop(0.4, decay=0.9, epsilon=1e-6, epsilon_inside=True): (-0.010599, 0.0),
    }
    for method, figure in figures.items():
        params = {"x": np.array([-5.0, -2.0])}
        state = method.init(params)
        for _ in range(20):
            params, state = method.update(params, {"x": np.array([0.2, 4.0]) * params["x"]}, state)
        assert params["x"] == pytest.approx(np.array(figure), abs=6e-7), method
    # CS231n, assignment 2, FullyConnectedNets: the first entry of each array
    known = {"w": [-0.4], "dw": [-0.6]}
    w, state = one_step(cr.Momentum(0.001, 0.9, form="velocity"), known, v=[0.6])
    assert [*w, *state["v"]] == printed([0.1406, 0.5406])
    w, state = one_step(cr.RMSprop(0.01, decay=0.99), known, s=[0.6])
    assert [*w, *state["s"]] == printed([-0.39223849, 0.5976])
    w, state = one_step(cr.Adam(0.01), known, m=[0.6], v=[0.7], t=5)
    assert [*w, *state["m"], *state["v"]] == printed([-0.40094747, 0.48, 0.69966])


def test_mazur_style_single_steps_by_hand():
    """One step each, from w = 1, dw = 0.5, worked on paper."""
    w, dw = {"w": 1.0}, {"w": 0.5}
    hand = {
        cr.GradientDescent(0.1): 0.95,
        cr.Momentum(0.1, 0.9): 0.95,
        cr.Momentum(0.1, 0.9, form="average"): 0.995,
        cr.Nesterov(0.1, 0.9): 1 - 0.1 * (0.5 + 0.45),
        cr.AdaGrad(0.1, epsilon=0.0): 0.9,
        cr.RMSprop(0.1, epsilon=0.0): 1 - 0.1 * 0.5 / (0.1 * 0.25) ** 0.5,
        cr.Adam(0.1, epsilon=0.0): 0.9,
        cr.Adam(0.1, epsilon=0.0, bias_correction=False): 1 - 0.1 * 0.05 / 0.00025**0.5,
        cr.AdamW(0.1, epsilon=0.0, weight_decay=0.5): 0.95 - 0.1,
    }
    for method, expected in hand.items():
        assert method.update(w, dw, method.init(w))[0]["w"] == pytest.approx(expected, rel=1e-14), (
            method
        )
