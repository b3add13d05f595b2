"""`cr.fit` and what a run can be asked: exact steps, stopping, baselines, predictions, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression, Ridge

import chainrule as cr
from chainrule import models
from chainrule.engines.flat import Flat
from chainrule.errors import ChainRuleError, DataError, DivergenceError
from chainrule.fit import loop
from chainrule.tables.table import find

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 60))
Y = np.sin(X[:1]) + 0.1 * RNG.standard_normal((1, 60))
DATA = {"X": X, "Y": Y}
NET = cr.models.two_layer_sigmoid


def network(**more):
    return cr.fit(NET, DATA, **{"n_h": 4, "optimizer": cr.Adam(0.02), "steps": 50, **more})


def same(a, b):
    return all(np.array_equal(np.asarray(a[k]), np.asarray(b[k])) for k in a) and set(a) == set(b)


# -- what a run is
def test_losses_are_those_that_the_steps_saw():
    run = network(optimizer=cr.GradientDescent(0.1), steps=3)
    params = NET.init(DATA, n_h=4, seed=0)
    expected = []
    for _ in range(3):
        loss, grads = NET.value_and_grad(DATA, params)
        expected.append(loss)
        params = {k: params[k] - 0.1 * grads[k] for k in params}
    np.testing.assert_allclose(run.losses, expected, rtol=1e-14)
    for k in params:
        np.testing.assert_allclose(run.params[k], params[k], rtol=1e-14)
    assert run.loss == pytest.approx(NET.loss(DATA, params), rel=1e-14)
    assert (run.steps, run.stopped) == (3, "steps")
    assert run.evaluations == {"gradient": 3}


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_at_gives_the_very_parameters_of_a_step(engine, batch_size, monkeypatch):
    monkeypatch.setattr(loop, "MOST_RECORDS", 8)  # so that most steps are not recorded
    run = network(engine=engine, batch_size=batch_size)
    assert run.record.every > 1
    for step in (0, 1, 7, 8, 31, 50):
        short = network(engine=engine, batch_size=batch_size, steps=max(step, 1))
        assert same(run.at(step), short.params if step else short.start)
    with pytest.raises(DataError, match=r"step 51 was not made: the run has 50"):
        run.at(51)
    with pytest.raises(DataError, match="whole number"):
        run.at(-1)


def test_history_and_norms():
    run = network(steps=20)
    steps, params = run.history
    assert steps.tolist() == list(range(20))
    assert params["W1"].shape == (20, 4, 3)
    assert np.array_equal(params["W1"][7], run.at(7)["W1"])
    at, norms = run.gradient_norms
    grads = NET.value_and_grad(DATA, run.at(7))[1]
    exact = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    assert norms[at.tolist().index(7)] == pytest.approx(exact, rel=1e-12)


def test_long_runs_are_thinned_and_stay_exact(monkeypatch):
    monkeypatch.setattr(loop, "MOST_RECORDS", 16)
    run = network(steps=1000, engine="numpy")
    assert len(run.record.steps) <= 16
    assert run.record.every == 64
    assert same(run.at(777), network(steps=777, engine="numpy").params)


def test_the_same_seed_is_the_same_run_and_another_is_not():
    assert same(network(batch_size=16).params, network(batch_size=16).params)
    start = NET.init(DATA, n_h=4)
    given = {"params": start, "optimizer": cr.Adam(0.02), "steps": 50, "batch_size": 16}
    one, other = (cr.fit(NET, DATA, seed=seed, **given) for seed in (0, 1))
    assert not same(one.params, other.params)
    assert sorted(np.concatenate([one.batch(k) for k in range(1, 5)])) == list(range(60))


def test_epochs_count_runs_through_the_data():
    assert network(steps=None, epochs=3, batch_size=16).steps == 12
    assert network(steps=None, epochs=3).steps == 3
    assert network(steps=None).steps == 1000


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_resuming_is_as_if_never_stopped(engine):
    whole = network(engine=engine, batch_size=16, steps=90)
    part = network(engine=engine, batch_size=16, steps=37)
    part.resume(90)
    assert same(part.params, whole.params)
    assert np.array_equal(part.losses, whole.losses)
    with pytest.raises(DataError, match="has made 90 steps already"):
        part.resume(50)


# -- stopping
def test_tolerance():
    run = cr.fit(cr.models.multivariate, DATA, tolerance=1e-8, steps=10_000)
    assert run.stopped == "settled"
    assert run.steps < 1000
    grads = cr.models.multivariate.value_and_grad(DATA, run.params)[1]
    first = cr.models.multivariate.value_and_grad(DATA, run.start)[1]

    def norm(g):
        return np.sqrt(sum(np.sum(v**2) for v in g.values()))

    assert norm(grads) <= 1.0000001e-8 * max(norm(first), 1)
    assert len(run.losses) == run.steps


def test_patience():
    run = network(optimizer=cr.GradientDescent(1e-9), steps=500, patience=20, batch_size=None)
    assert run.stopped == "steps"  # it improves, however little
    run = network(optimizer=cr.Adam(0.5), batch_size=8, steps=4000, patience=5)
    assert run.stopped == "patience"
    epochs = run.losses.reshape(-1, 8).mean(axis=1)
    best = int(np.argmin(epochs))
    assert len(epochs) - 1 - best == 5  # five epochs after the best one
    assert same(run.at(run.steps), run.params)


def test_callback():
    seen = []

    def watch(step, loss, params):
        seen.append((step, loss))
        return step >= 300

    run = network(steps=1000, callback=watch)
    assert run.stopped == "callback"
    assert [step for step, _ in seen] == list(range(10, 310, 10))
    assert run.steps == 300
    assert seen[0][1] == run.losses[9]


@pytest.mark.parametrize("engine", ["numpy", "jax", "moments"])
def test_divergence_says_why_and_keeps_what_was_done(engine):
    model = cr.models.multivariate
    with pytest.raises(DivergenceError, match=r"above 2/λmax = ") as error:
        cr.fit(model, DATA, optimizer=cr.GradientDescent(3.0), steps=5000, engine=engine)
    run = error.value.run
    assert run.stopped == "diverged"
    assert 0 < run.steps < 200
    assert np.all(np.isfinite(run.losses))
    assert all(np.all(np.isfinite(v)) for v in run.params.values())
    with pytest.raises(DivergenceError, match="Try a tenth of it"):
        cr.fit(
            NET,
            DATA,
            n_h=3,
            optimizer=cr.Momentum(500.0),
            steps=5000,
            engine="numpy" if engine == "moments" else engine,
        )


def test_the_border_of_stability_is_two_over_lambda_max():
    model = cr.models.multivariate
    high = cr.fit(model, DATA, steps=1).curvature()[1]
    cr.fit(model, DATA, optimizer=cr.GradientDescent(1.99 / high), steps=3000)
    with pytest.raises(DivergenceError):
        cr.fit(model, DATA, optimizer=cr.GradientDescent(2.02 / high), steps=3000)


# -- baselines
def test_the_closed_form_is_scikit_learns():
    run = cr.fit(cr.models.multivariate, DATA, optimizer=cr.ClosedForm())
    exact = LinearRegression().fit(X.T, Y[0])
    np.testing.assert_allclose(run.params["w"][0], exact.coef_, rtol=1e-11)
    assert run.params["b"] == pytest.approx(exact.intercept_, rel=1e-11)
    assert run.evaluations == {"residual": 5}
    ridge = models.names()["ridge"]
    found = cr.fit(
        ridge,
        {k: DATA[k] for k in ridge.data if k in DATA} | _others(ridge),
        optimizer="closed-form",
    )
    grads = ridge.value_and_grad(found.data, found.params)[1]
    assert max(np.abs(g).max() for g in grads.values()) < 1e-13


def _others(model):
    return {k: 0.1 for k, shape in model.data.items() if shape == ()}


def test_there_is_no_closed_form_of_a_network():
    with pytest.raises(DataError, match="has no closed form: its loss is not a sum of squares"):
        network(optimizer=cr.ClosedForm())


def test_random_search_counts_and_keeps_the_best():
    run = cr.fit(cr.models.multivariate, DATA, optimizer=cr.RandomSearch(), steps=200)
    assert run.evaluations == {"loss": 201}
    assert len(run.losses) == 200
    assert run.loss == pytest.approx(
        min(run.losses.min(), cr.models.multivariate.loss(DATA, run.start))
    )
    local = cr.fit(
        cr.models.multivariate, DATA, optimizer=cr.RandomSearch(0.1, local=True), steps=200
    )
    assert local.loss < run.loss
    best = [cr.models.multivariate.loss(DATA, run.at(k)) for k in range(0, 200, 20)]
    assert best == sorted(best, reverse=True)
    descent = cr.fit(cr.models.multivariate, DATA, steps=200)
    assert descent.loss < local.loss


# -- any step at once
def test_a_billion_steps():
    run = cr.fit(cr.models.multivariate, DATA, optimizer=cr.Momentum(0.05), steps=10)
    far = run.at(10**9)
    exact = cr.fit(cr.models.multivariate, DATA, optimizer=cr.ClosedForm())
    np.testing.assert_allclose(far["w"], exact.params["w"], rtol=1e-11)
    walked = cr.fit(cr.models.multivariate, DATA, optimizer=cr.Momentum(0.05), steps=300)
    np.testing.assert_allclose(run.at(300)["w"], walked.params["w"], rtol=1e-11)


# -- tables
TABLE = {
    "area": [50.0, 80.0, 120.0, 65.0, 100.0],
    "rooms": [2, 3, 5, 2, 4],
    "rent": [650, 900, 1400, 720, 1150],
}


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
def test_frames(make):
    run = cr.fit(cr.models.multivariate, make(TABLE), target="rent", optimizer=cr.ClosedForm())
    rows = np.array([TABLE["area"], TABLE["rooms"]]).T
    exact = LinearRegression().fit(rows, TABLE["rent"])
    np.testing.assert_allclose(run.predict(make(TABLE)), exact.predict(rows), rtol=1e-11)
    assert run.reading.scaling is not None
    raw = cr.fit(
        cr.models.multivariate,
        make(TABLE),
        target="rent",
        optimizer=cr.ClosedForm(),
        standardise=False,
    )
    np.testing.assert_allclose(raw.params["w"][0], exact.coef_, rtol=1e-9)


def test_csv_and_parquet(tmp_path):
    frame = pd.DataFrame(TABLE)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    runs = [
        cr.fit(cr.models.multivariate, tmp_path / name, target="rent", features=["area"], steps=20)
        for name in ("t.csv", "t.parquet")
    ]
    assert same(runs[0].params, runs[1].params)
    assert runs[0].reading.features == ("area",)


def test_classes_come_back_as_classes():
    given = {
        "target": "species",
        "features": ["bill_length_mm", "bill_depth_mm"],
        "drop_missing": True,
    }
    run = cr.fit(
        cr.models.softmax_classifier, "penguins.csv", optimizer=cr.Adam(0.1), steps=300, **given
    )
    table = find("penguins.csv").drop_missing(["species", "bill_length_mm", "bill_depth_mm"])[0]
    found = run.predict(table)
    assert set(found) == {"Adelie", "Chinstrap", "Gentoo"}
    assert np.mean(found == np.array(table.text("species"))) > 0.9
    chances = run.predict(table, probabilities=True)
    assert chances.shape == (len(found), 3)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-12)


# -- landscape
def test_landscape():
    run = cr.fit(cr.models.multivariate, DATA, steps=5)
    found = run.landscape("w[0, 1]", "b", points=7, p_range=(-1, 1))
    assert found.loss.shape == (7, 7)
    assert (found.p_values[0], found.p_values[-1]) == (-1, 1)
    params = run.params
    params["w"][0, 1], params["b"] = found.p_values[2], found.q_values[5]
    assert found.loss[5, 2] == pytest.approx(cr.models.multivariate.loss(DATA, params), rel=1e-12)
    assert np.array_equal(found.path[0], [run.start["w"][0, 1], run.start["b"]])
    with pytest.raises(
        ChainRuleError,
        match=r"w is not one number: w has shape \(1, 3\). Name an entry, as in w\[0, 2\]",
    ):
        run.landscape("w", "b")
    with pytest.raises(ChainRuleError, match="unknown parameter: 'c'"):
        run.landscape("c", "b")


def test_a_landscape_over_many_examples_is_that_of_their_moments():
    many = {"X": np.tile(X, 5), "Y": np.tile(Y, 5)}
    run = cr.fit(cr.models.multivariate, many, steps=3)
    found = run.landscape("w[0,0]", "b", points=3)
    params = run.params
    params["w"][0, 0], params["b"] = found.p_values[0], found.q_values[2]
    assert found.loss[2, 0] == pytest.approx(cr.models.multivariate.loss(many, params), rel=1e-12)


# -- refusals
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"batch_size": 61}, "batch_size is 61, and there are 60 examples"),
        ({"batch_size": 0}, "batch_size is 0: it must be a whole number"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 2.5}, "steps is 2.5"),
        ({"steps": 5, "epochs": 5}, "Give one of them"),
        ({"optimizer": "adma"}, "Did you mean 'adam'"),
        ({"optimizer": cr.Adam}, "pass a method such as cr.Adam(0.01)"),
        ({"optimizer": 0.1}, "the optimizer is 0.1"),
        ({"engine": "gpu"}, "unknown engine: 'gpu'"),
        ({"engine": "moments"}, "sigmoid is not linear in the examples"),
        ({"dtype": "float16"}, "unknown dtype"),
        ({"seed": 1.5}, "the seed is 1.5"),
        ({"tolerance": -1}, "tolerance is -1"),
        ({"tolerance": 1e-3, "batch_size": 8}, "Use patience= with mini-batches"),
        ({"patience": 0}, "patience is 0"),
        ({"resume": True}, "Give save= too"),
        ({"target": "y"}, "a mapping of arrays was given"),
        ({"params": {"W1": np.zeros((4, 2))}}, "axis 1 is 2, but n_x is 3"),
        ({"params": {"W1": np.zeros((4, 3))}}, "b1 is missing"),
        ({"n_x": 5}, "n_x=5 contradicts the data"),
        ({"n_z": 5}, "'n_z' is neither a dim nor data"),
    ],
    ids=lambda x: next(iter(x)) if isinstance(x, dict) else None,
)
def test_refusals(given, words):
    if "params" in given:
        given = {**given, "n_h": None}
    arguments = {"n_h": 4, "steps": 5, **given}
    arguments = {k: v for k, v in arguments.items() if not (k == "n_h" and v is None)}
    if "epochs" not in given:
        arguments.setdefault("steps", 5)
    with pytest.raises(ChainRuleError) as error:
        cr.fit(NET, DATA, **arguments)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"X": X.T, "Y": Y}, "looks transposed"),
        ({"X": X}, "Y is missing"),
        ({"X": np.where(X > 1.5, np.nan, X), "Y": Y}, "X holds nan at"),
        ({"X": X, "Y": np.full((1, 60), np.inf)}, "Y holds inf"),
        ({"X": X[:, :50], "Y": Y}, "m is 50"),
        ({"X": "abc", "Y": Y}, "cannot be read as an array"),
        ("no_such_file.csv", "there is no file"),
        (pd.DataFrame(TABLE), "name the column to predict, as in target='rent'"),
    ],
)
def test_bad_data(data, words):
    with pytest.raises(ChainRuleError) as error:
        cr.fit(cr.models.multivariate, data)
    assert words in str(error.value)


# -- NIST
NIST = Path(__file__).parents[3] / "shared" / "known" / "nist"
here = pytest.mark.skipif(
    not NIST.is_dir(), reason="the published results stand beside the project, in CI"
)


def nist(name):
    known = json.loads((NIST / f"{name}.json").read_text())
    table = np.array(known["data"], dtype=np.float64)
    y, x = table[:, 0], table[:, 1:]
    if "x^2" in known["model"] or "x^k" in known["model"]:
        x = np.stack([x[:, 0] ** k for k in range(1, known["p"])], axis=1)
    return {"X": x.T, "Y": y[None, :]}, np.array(
        [float(v.replace("D", "E")) for v in known["recomputed_80_digit"]["estimate"]]
    )


@here
@pytest.mark.parametrize(
    ("name", "digits"), [("Norris", 12), ("Pontius", 10), ("Longley", 9), ("Wampler1", 9)]
)
def test_nist_closed_form(name, digits):
    data, certified = nist(name)
    run = cr.fit(cr.models.multivariate, data, optimizer=cr.ClosedForm())
    found = np.concatenate([[float(run.params["b"])], run.params["w"][0]])
    correct = -np.log10(np.maximum(np.abs(found - certified) / np.abs(certified), 1e-16))
    assert correct.min() >= digits, correct
    assert run.condition is not None


def test_wampler_without_any_file():
    """NIST's Wampler1 is a formula: y = 1 + x + ... + x^5 at x = 0, 1, ..., 20, certified to have every coefficient 1."""
    x = np.arange(21.0)
    powers = np.stack([x**k for k in range(1, 6)])
    data = {"X": powers, "Y": 1 + powers.sum(axis=0, keepdims=True)}
    run = cr.fit(cr.models.multivariate, data, optimizer=cr.ClosedForm())
    np.testing.assert_allclose([float(run.params["b"]), *run.params["w"][0]], 1.0, rtol=1e-9)
    assert run.condition > 100


@here
def test_nist_gradient_descent_where_conditioning_allows():
    """Standardised, Norris has condition 1 and settles in a few steps; Longley's 1e4 needs momentum and patience."""
    data, certified = nist("Norris")
    frame = pd.DataFrame({"x": data["X"][0], "y": data["Y"][0]})
    run = cr.fit(cr.models.multivariate, frame, target="y", tolerance=1e-14, steps=1000)
    slopes, starts = run.reading.scaling.undo_line(run.params["w"], np.atleast_1d(run.params["b"]))
    assert run.stopped == "settled"
    assert float(slopes[0, 0]) == pytest.approx(certified[1], rel=1e-12)
    assert float(starts[0]) == pytest.approx(certified[0], rel=1e-9)
    longley, exact = nist("Longley")
    frame = pd.DataFrame(
        {f"x{i}": row for i, row in enumerate(longley["X"])} | {"y": longley["Y"][0]}
    )
    run = cr.fit(cr.models.multivariate, frame, target="y", steps=1000)
    low, high = run.curvature()
    assert high / low > 1e3
    slopes, _ = run.reading.scaling.undo_line(run.params["w"], np.atleast_1d(run.params["b"]))
    assert abs(slopes[0, 0] / exact[1] - 1) > 0.1  # far from done: the condition number says so
    for_ever = run.at(10**8)
    slopes, _ = run.reading.scaling.undo_line(for_ever["w"], np.atleast_1d(for_ever["b"]))
    np.testing.assert_allclose(slopes[0], exact[1:], rtol=1e-8)


def test_ridge_by_descent_is_scikit_learns():
    @cr.model
    def ridge(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: ""):
        return cr.sum((w @ X + b - Y) ** 2) + 2.5 * cr.l2(w)

    run = cr.fit(ridge, DATA, tolerance=1e-13, steps=5000)
    exact = Ridge(alpha=2.5).fit(X.T, Y[0])
    np.testing.assert_allclose(run.params["w"][0], exact.coef_, rtol=1e-9)


def test_a_model_without_data():
    @cr.model
    def rosenbrock(*, x: "", y: ""):
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    run = cr.fit(rosenbrock, {}, params={"x": -1.0, "y": 1.0}, optimizer=cr.Adam(0.05), steps=3000)
    assert [float(run.params["x"]), float(run.params["y"])] == pytest.approx([1, 1], abs=1e-5)


def test_lists_of_arrays():
    deep = models.names()["deep"]
    sizes = dict.fromkeys(deep.dims, 3)
    data = {
        k: RNG.standard_normal([3 if d != "1" else 1 for d in shape])
        for k, shape in deep.data.items()
    }
    run = cr.fit(
        deep,
        data,
        optimizer=cr.Adam(0.01),
        steps=20,
        **{d: 3 for d in sizes if not any(d in s for s in deep.data.values())},
    )
    assert run.loss < run.losses[0]
    assert isinstance(run.params["W"], list)
    assert Flat(run.params).size == run.flat.size
