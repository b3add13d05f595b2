"""What would break a lesser page: it says something sensible, and goes on answering."""

import numpy as np
import pytest
from browser.instrument import Reader, until
from browser.reader import slide

from chainrule import models
from chainrule.course.own import model_page
from chainrule.course.samples import Sample, made_up
from chainrule.course.site import OWN, Course, write_assets
from chainrule.models.gallery import deep_mlp

CHAPTER = "1-univariate-regression.html"
LONG_TASKS = """(() => {
    window.tasks = [0];
    new PerformanceObserver((list) => list.getEntries().forEach((e) => window.tasks.push(e.duration)))
        .observe({ type: 'longtask' });
})()"""
ANSWERS = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => done('here'))))"


def own(reader, text):
    dialog = reader.more("table, own data")
    dialog.get_by_text("Your own data").click()
    dialog.locator("textarea").fill(text)
    return dialog


def test_divergence(visit):
    reader = Reader(visit(CHAPTER, "#steps=2000&rate=3"))
    run = reader.run()
    assert run["diverged"] is not None
    assert len(run["losses"]) == run["steps"] + 1 < 2001
    assert f"diverged at step {run['diverged']}" in reader.figure("Descent").text_content()
    reader.drive("step", run["steps"])
    assert "Infinity" not in reader.page.locator(".chainrule").first.inner_text()
    assert "NaN" not in reader.page.locator(".chainrule").first.inner_text()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "There is nothing in it"),
        ("eruption_min,waiting_min\n", "no rows of numbers"),
        ("a,b\n1,x\n2,y\n", 'holds text ("x" in row 1)'),
        ("a\n1\n2\n", "This model reads 2 columns"),
    ],
    ids=["empty", "head-alone", "text-column", "too-few-columns"],
)
def test_tables_that_cannot_be_used(table, said, visit):
    reader = Reader(visit(CHAPTER))
    before = reader.run()
    dialog = own(reader, "a,b\n1,2\n3,4")
    dialog.locator("textarea").fill(table)
    use = dialog.get_by_role("button", name="Use these")
    if use.count():
        use.click()
    until(lambda: dialog.get_by_role("alert").count(), 1)
    assert said in dialog.get_by_role("alert").inner_text()
    dialog.get_by_role("button", name="close").click()
    assert reader.run() == before


def test_one_row(visit):
    reader = Reader(visit(CHAPTER))
    dialog = own(reader, "eruption_min,waiting_min\n3,60")
    dialog.get_by_role("button", name="Use this row").click()
    dialog.get_by_role("button", name="close").click()
    run = reader.run()
    assert np.isfinite(run["losses"]).all()
    assert (
        "1 example"
        in reader.figure("Data and fit").inner_text() + reader.figure("Data and fit").text_content()
    )
    assert "NaN" not in reader.page.locator(".chainrule").first.inner_text()


def test_a_hundred_thousand_points(visit):
    reader = Reader(visit(CHAPTER))
    x = np.linspace(1, 5, 100_000)
    rows = [f"{a:.4f},{30 + 10 * a:.4f}" for a in x]
    dialog = own(reader, "eruption_min,waiting_min\n1,2")
    big = "\n".join(["eruption_min,waiting_min", *rows])
    dialog.locator("input[type=file]").set_input_files(
        {"name": "big.csv", "mimeType": "text/csv", "buffer": big.encode()}
    )
    dialog.get_by_role("button", name="Use these 100000 rows").click()
    assert "Too many for a link" in dialog.get_by_role("status").inner_text()
    dialog.get_by_role("button", name="close").click()
    assert reader.page.evaluate(ANSWERS) == "here"
    reader.button("one step").click()
    assert reader.step == 1
    assert reader.page.locator(".chainrule circle").count() < 3000


def test_a_network_on_a_hundred_thousand_points(visit, tmp_path):
    """Recorded and drawn bit by bit: at once it would take many seconds (a step takes some 30 ms, a landscape 300 losses)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (2, 100_000))
    y = (np.sum(x**2, axis=0, keepdims=True) < 2).astype(float)
    course = Course()
    write_assets(course.assets, tmp_path)
    html = model_page(course, models.two_layer_sigmoid, Sample({"X": x, "Y": y}), {"n_h": 8})
    (tmp_path / OWN).write_text(html, encoding="utf-8")
    reader = Reader(visit(OWN, "#steps=40", base=tmp_path.as_uri()))
    page, busy = reader.page, reader.page.locator(".chainrule[aria-busy=true]")
    page.evaluate(LONG_TASKS)
    slide(page, "learning rate", 300)
    until(busy.count, 1)
    assert "steps so far" in reader.figure("Descent").text_content()
    assert "working it out" in reader.figure("Landscape").text_content()
    reader.button("one step").click()
    assert reader.step == 1
    until(busy.count, 0)
    until(reader.part(".landscape canvas.late").count, 0)
    assert "steps so far" not in reader.figure("Descent").text_content()
    assert "working it out" not in reader.figure("Landscape").text_content()
    assert len(reader.run()["losses"]) > 20
    assert page.evaluate("Math.max(...window.tasks)") < 2500  # ms, on a loaded machine


def test_fifty_layers(visit, tmp_path):
    model = deep_mlp(50)
    sizes = {dim: 2 for dim in model.dims if dim.startswith("n_")}
    told = {k: v for k, v in sizes.items() if k not in ("n_x", "n_y")}
    course = Course()
    write_assets(course.assets, tmp_path)
    (tmp_path / OWN).write_text(
        model_page(course, model, made_up(model, **sizes), told), encoding="utf-8"
    )
    reader = Reader(visit(OWN, base=tmp_path.as_uri()))
    reader.button("one step").click()
    assert reader.step == 1
    assert np.isfinite(reader.run()["losses"]).all()
    assert reader.page.evaluate(ANSWERS) == "here"


def test_a_model_without_data(visit, tmp_path):
    course = Course()
    write_assets(course.assets, tmp_path)
    bowl = models.terrain()[next(iter(models.terrain()))]
    (tmp_path / OWN).write_text(model_page(course, bowl, None, {}), encoding="utf-8")
    reader = Reader(visit(OWN, base=tmp_path.as_uri()))
    reader.button("one step").click()
    assert reader.step == 1


@pytest.mark.parametrize("state", ["#step=99999", "#method=none&rate=x", "#seed=-4&steps=1e9", "#own=|||", "#axes=Z[9];q", "#moved=1", "#start=1,2,3,4,5"])  # fmt: skip
def test_a_broken_link_opens_what_is_left_of_it(state, visit):
    reader = Reader(visit(CHAPTER, state))
    assert len(reader.run()["losses"]) > 1
