"""`run.show()` in a real browser: the page's descent is the run itself, in a file and in a notebook's frame."""

from __future__ import annotations

import numpy as np
import pytest
from browser.reader import close, ready, step, until, whole_run

import chainrule as cr
from chainrule import models
from chainrule.course.seat import frame

RUNS = {
    "schedule": {"optimizer": cr.Adam(cr.WarmUp(cr.Cosine(0.05, steps=60), steps=5), beta1=0.8)},
    "clipped": {"optimizer": cr.GradientDescent(0.3, clip_norm=0.2), "batch_size": 64},
    "decay": {"optimizer": cr.RMSprop(0.01, weight_decay=0.1, centered=True, momentum=0.9)},
}


def fitted(name):
    return cr.fit(
        models.two_layer_sigmoid, "diabetes.csv", target="progression", n_h=3, seed=5, **{"steps": 60, **RUNS[name]},
    )  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_every_step_of_the_page_is_the_runs(name, visit, tmp_path):
    run = fitted(name)
    file = run.show(tmp_path / "run.html")
    page = visit(file.name, base=tmp_path.as_uri())
    ready(page)
    assert step(page) == run.steps
    shown = whole_run(page)
    for k in range(run.steps + 1):
        assert close(shown["path"][k], run.flat.join(run.at(k)), 1e-12 * (1 + k)), k
    assert close(shown["losses"][-1:], [run.loss], 1e-12)
    seen = shown["batchLosses" if "batch_size" in RUNS[name] else "losses"]
    assert close(seen[: run.steps], run.losses, 1e-11)


def test_a_frame_in_a_notebook(visit, tmp_path):
    (tmp_path / "cell.html").write_text(
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>cell</title>{frame(fitted("schedule"))}</html>',
        encoding="utf-8",
    )
    page = visit("cell.html", base=tmp_path.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("[data-row]").first.wait_for()
    scrub = inside.get_by_role("slider", name="step", exact=True)
    assert scrub.input_value() == "60"
    inside.get_by_role("button", name="one step back", exact=True).click()
    assert scrub.input_value() == "59"
    inside.get_by_role("button", name="Dark").click()
    assert inside.get_by_role("button", name="code, pictures, run").is_visible()
    assert inside.get_by_role("button", name="a teacher's link").count() == 0  # to what?
    page.wait_for_timeout(500)  # the address is written a moment after a change: here there is none
    until(page, "document.querySelector('iframe').getBoundingClientRect().height > 800")


def test_a_diverged_run_shows_how(visit, tmp_path):
    X = np.array([[0.3, -1.2, 2.1, 0.8, -0.4]])
    with pytest.raises(cr.DivergenceError) as error:
        cr.fit(models.univariate, {"x": X, "y": 2 * X}, steps=5000, optimizer=cr.Momentum(9.0))
    run = error.value.run
    page = visit("run.html", base=run.show(tmp_path / "run.html").parent.as_uri())
    ready(page)
    assert "diverged" in page.locator(".chainrule").first.inner_text()
