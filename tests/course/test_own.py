"""The page of a run: it opens in the run's own state, says in what it is not the run, and is seen where the reader is."""

import json
import re
import sys
from html import unescape
from types import ModuleType, SimpleNamespace

import nbformat
import numpy as np
import pytest
from course.check import check
from nbclient import NotebookClient

import chainrule as cr
from chainrule import cli, models
from chainrule.course import seat, server
from chainrule.course.files import Assets
from chainrule.course.own import run_page
from chainrule.course.site import Course
from chainrule.errors import DataError

X = np.array([[0.3, -1.2, 2.1, 0.8, -0.4]])
DATA = {"x": X, "y": 2 * X + 1}
CASES = {
    "adam": (cr.Adam(0.03), "adam"),
    "velocity": (cr.Momentum(0.03, form="velocity"), "momentum-velocity"),
    "beta": (cr.Momentum(0.03, momentum=0.5), "own"),
    "clip": (cr.GradientDescent(0.03, clip_norm=0.5), "own"),
    "decay": (cr.RMSprop(0.03, weight_decay=0.1, centered=True, momentum=0.9), "own"),
    "constant": (cr.GradientDescent(cr.Constant(0.03)), "own"),
    "warm-up": (cr.Adam(cr.WarmUp(cr.Cosine(0.03, steps=9), steps=4)), "own"),
}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    (folder / "chainrule.js").write_text("1;")
    (folder / "chainrule.css").write_text("body {}")
    return Assets(folder)


@pytest.fixture
def found(assets, monkeypatch, tmp_path):
    """Assets and a cache that stand in for the built ones."""
    for module in (seat, server):
        monkeypatch.setattr(module, "find_assets", lambda: assets)
    monkeypatch.setattr(seat, "Course", lambda **how: Course(assets, **how))
    monkeypatch.setattr(seat, "cache_folder", lambda: (tmp_path / "cache", False))


def fitted(**how):
    return cr.fit(models.univariate, DATA, **{"steps": 12, "optimizer": cr.Adam(0.03), **how})


def document(html):
    made = json.loads(re.search(r'id="contract">(.*?)</script>', html, re.DOTALL)[1])
    check(made)
    return made


@pytest.mark.parametrize("case", CASES)
def test_a_run_opens_with_its_own_optimizer(assets, case):
    optimizer, key = CASES[case]
    made = document(run_page(Course(assets), fitted(optimizer=optimizer, seed=4, batch_size=2)))
    method = next(m for m in made["methods"] if m["key"] == made["start"]["method"])
    assert method["key"] == key
    assert method["learningRate"] == 0.03
    assert (made["start"]["seed"], made["start"]["steps"], made["start"]["batchSize"]) == (4, 12, 2)


def test_a_run_opens_at_its_start_and_at_its_last_step(assets):
    run = fitted(params={"w": 0.5, "b": -1.5})
    html = run_page(Course(assets), run)
    assert document(html)["start"]["params"] == {"w": 0.5, "b": -1.5}
    assert 'data-state="step=12"' in html
    assert "12 steps of Adam(learning_rate=0.03), seed 0, took the loss from" in html


def test_a_table_keeps_its_names_and_units(assets):
    run = cr.fit(models.univariate, "old_faithful.csv", target="waiting_min", steps=3)
    made = document(run_page(Course(assets), run))["data"]
    assert (made["features"], made["targets"]) == (["eruption (min)"], ["waiting (min)"])
    assert set(made["units"]) == {"eruption (min)", "waiting (min)"}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"optimizer": cr.RandomSearch()}, "RandomSearch(scale=1.0, local=False) follows no gradient"),
        ({"dtype": "float32", "engine": "numpy"}, "The run was made in float32"),
        ({"steps": 20_000}, "The page plays the first 10,000 of the run's 20,000 steps"),
    ],
)  # fmt: skip
def test_in_what_the_page_is_not_the_run(assets, how, said):
    assert said in unescape(run_page(Course(assets), fitted(**how)))


def test_a_sample_of_the_data_is_told(assets, monkeypatch):
    monkeypatch.setattr("chainrule.course.samples.MOST", 4)
    html = run_page(Course(assets), fitted())
    assert "descends on a sample of the data" in html
    assert "A fixed random sample of 4 of its 5 rows." in html


def test_a_run_without_its_data_says_what_to_do(assets, tmp_path):
    fitted().save(tmp_path / "run")
    again = cr.load(tmp_path / "run")
    with pytest.raises(DataError, match=r"Load it with cr\.load\(folder, data=\.\.\.\)"):
        run_page(Course(assets), again)
    assert "A run" in run_page(Course(assets), cr.load(tmp_path / "run", data=DATA))


# -- where it is seen
def test_as_a_file(found, tmp_path):
    file = tmp_path / "run.html"
    assert fitted().show(file) == file
    html = file.read_text(encoding="utf-8")
    assert '<link rel="stylesheet"' not in html
    assert 'href="index.html"' not in html


def test_a_session_goes_on(found, monkeypatch, capsys):
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert fitted().show(browser=False) is None
    assert re.search(
        r"open at http://127\.0\.0\.1:\d+/your-own-model\.html$", capsys.readouterr().out.strip()
    )


def test_a_script_waits_for_ctrl_c(found, monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(
        server, "_forever", lambda: type("E", (), {"wait": staticmethod(interrupted)})
    )
    assert fitted().show(browser=False) is None
    assert "(Ctrl-C ends it)" in capsys.readouterr().out


def test_the_command_line_shows_the_run(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(cr.Run, "show", lambda run: shown.append(run))
    words = "fit univariate old_faithful.csv --target waiting_min --optimizer adam --steps 3 --show"
    assert cli.main(words.split()) == 0
    assert [run.steps for run in shown] == [3]


def test_in_a_notebook(tmp_path):
    code = (
        "import chainrule as cr, numpy as np\n"
        "X = np.array([[0.3, -1.2, 2.1]])\n"
        "run = cr.fit(cr.models.univariate, {'x': X, 'y': 2 * X}, steps=3, optimizer=cr.Adam(0.03))\n"
        "run.show()"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = notebook.cells[0].outputs
    frame = output.data["text/html"]
    page = unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert document(page)["start"]["steps"] == 3
    assert output.data["text/plain"].startswith(
        "<run of univariate: Adam(learning_rate=0.03), 3 steps"
    )


def test_in_a_marimo_cell(found, monkeypatch):
    shown = []
    marimo = ModuleType("marimo")
    marimo.running_in_notebook = lambda: True
    marimo.Html = lambda html: html
    marimo.output = SimpleNamespace(append=shown.append)
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    assert fitted().show() is None
    assert shown[0].startswith("<iframe title=")
