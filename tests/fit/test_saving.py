"""Saved runs: killed at any moment and resumed, the result is the same to the last bit; a save that fails harms nothing."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import DataError, DivergenceError
from chainrule.fit import run as runs
from chainrule.fit import store

RNG = np.random.default_rng(0)
DATA = {"X": RNG.standard_normal((2, 40)), "Y": RNG.standard_normal((1, 40))}
ARGUMENTS = {"n_h": 6, "batch_size": 16, "seed": 3}

SCRIPT = """
import sys
import numpy as np
import chainrule as cr
from chainrule.fit import loop

loop.STRETCH = 0.004  # look at the clock often, so that saves fall anywhere
rng = np.random.default_rng(0)
data = {"X": rng.standard_normal((2, 40)), "Y": rng.standard_normal((1, 40))}
print("started", flush=True)
cr.fit(cr.models.two_layer_sigmoid, data, n_h=6, batch_size=16, seed=3, optimizer=cr.Adam(cr.Cosine(0.05, 9000)),
       steps=int(sys.argv[2]), engine=sys.argv[3], save=sys.argv[1], save_every=0.0, resume=True)
print("finished", flush=True)
"""


def whole(steps, engine):
    optimizer = cr.Adam(cr.Cosine(0.05, 9000))
    return cr.fit(
        cr.models.two_layer_sigmoid,
        DATA,
        optimizer=optimizer,
        steps=steps,
        engine=engine,
        **ARGUMENTS,
    )


def assert_the_same_run(found, reference):
    assert found.steps == reference.steps
    assert np.array_equal(
        found.position.row(), reference.position.row()
    )  # parameters and Adam's state, bit by bit
    assert np.array_equal(found.losses, reference.losses)
    assert found.record.steps == reference.record.steps
    assert np.array_equal(np.array(found.record.rows), np.array(reference.record.rows))


def start(folder, steps, engine):
    command = [sys.executable, "-c", SCRIPT, str(folder), str(steps), engine]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("engine", "kills", "steps"), [("numpy", 20, 6000), ("jax", 3, 40_000)])
def test_killed_at_random_moments_and_resumed(tmp_path, engine, kills, steps):
    dice = random.Random(7)
    folder = tmp_path / "run"
    reached, killed = [], 0
    for _ in range(kills):
        process = start(folder, steps, engine)
        assert process.stdout.readline() == "started\n"
        time.sleep(dice.uniform(0.0, 0.12 if engine == "numpy" else 3.0))
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        killed += "finished" not in said
        if (folder / "run.json").exists():
            reached.append(cr.load(folder).steps)  # always readable
    assert killed >= kills // 2
    assert reached == sorted(reached)
    last = start(folder, steps, engine)
    assert last.communicate(timeout=120)[0].endswith("finished\n")
    assert_the_same_run(cr.load(folder), whole(steps, engine))


def test_some_kills_hit_the_middle(tmp_path):
    """The test above would prove nothing if every kill came before the first step or after the last."""
    folder = tmp_path / "run"
    process = start(folder, 10**6, "numpy")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (folder / "run.json").exists() and cr.load(folder).steps > 0:
            break
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert 0 < cr.load(folder).steps < 10**6


def test_everything_comes_back(tmp_path):
    run = cr.fit(
        cr.models.two_layer_sigmoid, DATA, optimizer=cr.RMSprop(0.01, momentum=0.5, centered=True), steps=30,
        save=tmp_path / "run", **ARGUMENTS,
    )  # fmt: skip
    found = cr.load(tmp_path / "run")
    assert_the_same_run(found, run)
    assert found.settings == run.settings
    assert found.loss == run.loss
    for name in ("engine", "why", "stopped", "evaluations", "fingerprint", "seconds"):
        assert getattr(found, name) == getattr(run, name), name
    assert found.model.graph.loss is run.model.graph.loss
    assert np.array_equal(found.predict(DATA["X"]), run.predict(DATA["X"]))
    assert np.array_equal(found.at(0)["W1"], run.start["W1"])
    with pytest.raises(DataError, match=r"data are not saved with a run"):
        found.at(7)
    again = cr.load(tmp_path / "run", data=DATA)
    assert np.array_equal(again.at(7)["W1"], run.at(7)["W1"])
    document = json.loads((tmp_path / "run" / "run.json").read_text())
    assert "numpy" in json.dumps(document)  # versions


def test_a_run_on_a_table_predicts_after_loading(tmp_path):
    run = cr.fit(
        cr.models.multivariate, "diabetes.csv", target="progression", optimizer=cr.ClosedForm()
    )
    run.save(tmp_path / "d")
    found = cr.load(tmp_path / "d")
    assert np.array_equal(found.predict("diabetes.csv"), run.predict("diabetes.csv"))
    assert found.condition == run.condition
    assert found.reading == run.reading


def test_lists_of_arrays_come_back(tmp_path):
    @cr.model
    def deep(X: "n m", Y: "n m", *, W: ["n n", "n n"]):
        A = X
        for w in W:
            A = cr.tanh(w @ A)
        return cr.mean((A - Y) ** 2)

    data = {k: RNG.standard_normal((3, 9)) for k in ("X", "Y")}
    run = cr.fit(deep, data, optimizer=cr.Adam(0.01), steps=9, save=tmp_path / "r")
    found = cr.load(tmp_path / "r", data=data)
    assert all(
        np.array_equal(a, b) for a, b in zip(found.params["W"], run.params["W"], strict=True)
    )
    assert_the_same_run(found.resume(20), cr.fit(deep, data, optimizer=cr.Adam(0.01), steps=20))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 4}, "made with seed=3, and now seed=4"),
        ({"optimizer": cr.Adam(0.2)}, "made with optimizer=Adam(learning_rate=0.1)"),
        ({"batch_size": 8}, "batch_size=16"),
        ({"n_h": 7}, "other parameters"),
        ({"data": {k: v + 1 for k, v in DATA.items()}}, "not the data that the run was fitted to"),
        ({"model": cr.models.two_layer_linear}, "of another model, two_layer_sigmoid"),
    ],
    ids=lambda x: next(iter(x)) if isinstance(x, dict) else None,
)
def test_resuming_something_else_is_refused(tmp_path, change, words):
    base = {
        "model": cr.models.two_layer_sigmoid,
        "data": DATA,
        "optimizer": cr.Adam(0.1),
        "steps": 20,
        **ARGUMENTS,
    }
    cr.fit(**base, save=tmp_path / "r")
    before = (tmp_path / "r" / "run.json").read_bytes()
    with pytest.raises(DataError) as error:
        cr.fit(**{**base, **change}, save=tmp_path / "r", resume=True)
    assert words in str(error.value)
    assert (tmp_path / "r" / "run.json").read_bytes() == before


def test_a_folder_of_something_else_is_refused_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "thesis.txt").write_text("mine")
    monkeypatch.setattr(runs.Run, "attach", lambda *_: pytest.fail("work was done"))
    with pytest.raises(DataError, match=r"run"):
        cr.fit(cr.models.two_layer_sigmoid, DATA, steps=5, save=tmp_path, **ARGUMENTS)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_full_disk_leaves_the_earlier_save(tmp_path, monkeypatch):
    run = cr.fit(cr.models.two_layer_sigmoid, DATA, steps=5, save=tmp_path / "r", **ARGUMENTS)
    steps = run.steps

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        run.resume(9, save=tmp_path / "r")
    monkeypatch.undo()
    assert cr.load(tmp_path / "r").steps == steps


@pytest.mark.parametrize("damage", ["truncate", "foreign", "alter", "remove", "json", "empty"])
def test_damaged_saves_are_told(tmp_path, damage):
    folder = tmp_path / "r"
    cr.fit(cr.models.two_layer_sigmoid, DATA, steps=5, save=folder, **ARGUMENTS)
    arrays = next(folder.glob("arrays-*"))
    content = arrays.read_bytes()
    match damage:
        case "truncate":
            arrays.write_bytes(content[:-10])
        case "foreign":
            arrays.write_bytes(b"PK\x03\x04" + bytes(len(content) - 4))
        case "alter":
            arrays.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "remove":
            arrays.unlink()
        case "json":
            (folder / "run.json").write_text((folder / "run.json").read_text()[:200])
        case "empty":
            (folder / "run.json").write_text("{}")
    with pytest.raises(DataError) as error:
        cr.load(folder)
    assert "Traceback" not in str(error.value)
    assert (
        str(folder) in str(error.value)
        or "run.json" in str(error.value)
        or "arrays" in str(error.value)
    )


def test_ctrl_c_keeps_what_was_done(tmp_path):
    process = start(tmp_path / "r", 10**6, "numpy")
    process.stdout.readline()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 0  # the first Ctrl-C ends the run in good order
    assert said == "finished\n"
    found = cr.load(tmp_path / "r")
    assert found.stopped == "interrupted"
    assert 0 < found.steps < 10**6
    found = cr.load(tmp_path / "r", data=DATA)
    more = found.resume(found.steps + 10)
    assert more.stopped == "steps"


def test_a_divergent_run_is_saved_as_far_as_it_went(tmp_path):
    with pytest.raises(DivergenceError):
        cr.fit(
            cr.models.multivariate,
            DATA,
            optimizer=cr.GradientDescent(10.0),
            steps=500,
            save=tmp_path / "r",
        )
    found = cr.load(tmp_path / "r")
    assert found.stopped == "diverged"
    assert np.all(np.isfinite(found.losses))


def test_saves_name_no_path_of_this_machine(tmp_path):
    cr.fit(cr.models.two_layer_sigmoid, DATA, steps=5, save=tmp_path / "r", **ARGUMENTS)
    text = (tmp_path / "r" / "run.json").read_text()
    assert str(Path.home()) not in text
    assert str(tmp_path) not in text
