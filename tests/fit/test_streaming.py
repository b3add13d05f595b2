"""Parquet files read in pieces: the few examples that are kept stand for all, for the loss, its slope and its curvature."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import chainrule as cr
from chainrule.errors import ChainRuleError
from chainrule.fit import streaming
from chainrule.models import names

RNG = np.random.default_rng(0)
M = 3000


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    x = RNG.standard_normal((M, 3)) * [1, 10, 0.1] + [100, -5, 0]  # far from centred
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["y"] = x @ [0.5, -1, 3] + RNG.standard_normal(M)
    path = tmp_path_factory.mktemp("data") / "many.parquet"
    frame.to_parquet(path, row_group_size=500)
    return path


@pytest.mark.parametrize("standardise", [True, False])
def test_loss_gradient_and_curvature_are_those_of_all(table, standardise):
    model = cr.models.multivariate
    given = {
        "target": "y",
        "standardise": standardise,
        "steps": 1,
        "optimizer": cr.GradientDescent(1e-9),
    }
    whole = cr.fit(model, table, stream=False, **given)
    few = cr.fit(model, table, stream=True, **given)
    assert few.data["X"].shape == (3, 5)
    assert few.reading.streamed == M
    assert whole.reading.streamed == 0
    for seed in range(3):
        params = model.init(whole.data, seed=seed, scheme="normal")
        (a, da), (b, db) = (
            model.value_and_grad(whole.data, params),
            model.value_and_grad(few.data, params),
        )
        assert b == pytest.approx(a, rel=1e-12)
        np.testing.assert_allclose(db["w"], da["w"], rtol=1e-9, atol=1e-9 * np.abs(da["w"]).max())
        assert db["b"] == pytest.approx(da["b"], rel=1e-9)
    np.testing.assert_allclose(few.curvature(), whole.curvature(), rtol=1e-8)
    if standardise:
        for name in ("means", "deviations", "target_means", "target_deviations"):
            np.testing.assert_allclose(
                getattr(few.reading.scaling, name), getattr(whole.reading.scaling, name), rtol=1e-12
            )


def test_the_same_descent_and_the_same_predictions(table):
    given = {"target": "y", "features": ["b", "a"], "tolerance": 1e-10, "steps": 2000}
    whole, few = (
        cr.fit(names()["two_layer_linear"], table, stream=s, n_h=2, **given) for s in (False, True)
    )
    np.testing.assert_allclose(few.losses[:50], whole.losses[:50], rtol=1e-9)
    np.testing.assert_allclose(few.predict(table), whole.predict(table), rtol=1e-7)
    closed = cr.fit(cr.models.multivariate, table, target="y", stream=True, optimizer="closed-form")
    exact = cr.fit(cr.models.multivariate, table, target="y", stream=False, optimizer="closed-form")
    np.testing.assert_allclose(closed.params["w"], exact.params["w"], rtol=1e-11)


def test_a_streamed_run_is_saved_and_loaded(table, tmp_path):
    run = cr.fit(
        cr.models.multivariate, table, target="y", stream=True, steps=5, save=tmp_path / "r"
    )
    found = cr.load(tmp_path / "r")
    assert found.reading == run.reading
    assert np.array_equal(found.predict(table), run.predict(table))


def test_large_files_are_streamed_without_being_asked(table, monkeypatch):
    monkeypatch.setattr(streaming, "LIMIT", 50_000)
    assert cr.fit(cr.models.multivariate, table, target="y", steps=1).reading.streamed == M
    with pytest.raises(
        ChainRuleError, match="only models that are linear in the data can be streamed: sigmoid"
    ):
        cr.fit(cr.models.two_layer_sigmoid, table, target="y", n_h=2, steps=1)
    assert (
        cr.fit(cr.models.two_layer_sigmoid, table, target="y", n_h=2, steps=1, batch_size=8).steps
        == 1
    )


def test_refusals(table, tmp_path):
    @cr.model
    def summed(X: "n_x m", Y: "1 m", *, w: "1 n_x"):
        return cr.sum((w @ X - Y) ** 2)

    with pytest.raises(ChainRuleError, match=r"Write cr.mean in place of cr.sum"):
        cr.fit(summed, table, target="y", stream=True)
    with pytest.raises(ChainRuleError, match="Leave batch_size out"):
        cr.fit(cr.models.multivariate, table, target="y", stream=True, batch_size=8)
    with pytest.raises(ChainRuleError, match="reads Parquet files"):
        cr.fit(cr.models.multivariate, "diabetes.csv", target="progression", stream=True)
    with pytest.raises(ChainRuleError, match="no column 'z'"):
        cr.fit(cr.models.multivariate, table, target="z", stream=True)
    flat = tmp_path / "flat.parquet"
    pd.DataFrame({"x": [2.0] * 9, "y": range(9)}).to_parquet(flat)
    with pytest.raises(ChainRuleError, match=r"column 'x' of flat\.parquet is 2 in every row"):
        cr.fit(cr.models.multivariate, flat, target="y", stream=True)


def test_fewer_examples_than_columns(tmp_path):
    frame = pd.DataFrame(RNG.standard_normal((3, 6)), columns=[*"abcdey"][:6])
    path = tmp_path / "few.parquet"
    frame.to_parquet(path)
    few, whole = (
        cr.fit(cr.models.multivariate, path, target="y", stream=s, steps=20, standardise=False)
        for s in (True, False)
    )
    np.testing.assert_allclose(few.losses, whole.losses, rtol=1e-10)


MEMORY = """
import resource, sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
rows, path = int(sys.argv[1]), sys.argv[2]
import chainrule as cr
from chainrule.fit import fitting, run  # what any fit loads
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cr.fit(cr.models.multivariate, path, target="y", stream=True, steps=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    used = []
    for rows in (200_000, 1_600_000):
        path = tmp_path / f"{rows}.parquet"
        schema = pa.schema([(name, pa.float64()) for name in "abcdefghiy"])
        with pq.ParquetWriter(path, schema) as writer:
            for _ in range(rows // 100_000):
                block = RNG.standard_normal((10, 100_000))
                writer.write_table(pa.table(dict(zip("abcdefghiy", block, strict=True))))
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(rows), str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        used.append(int(done.stdout) / 1024)  # MiB
    # eight times the rows are 107 MiB more as float64; pyarrow's pool may breathe by some MiB
    assert used[1] < used[0] + 50, used
