"""Figures: what they draw are the run's own numbers."""

import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainRuleError
from chainrule.tables.table import find


@pytest.fixture(scope="module")
def line():
    return cr.fit(cr.models.univariate, "old_faithful.csv", target="waiting_min", optimizer=cr.Momentum(0.05),
                  steps=60, params={"w": -0.5, "b": 1.0})  # fmt: skip


@pytest.fixture(scope="module")
def classes():
    return cr.fit(cr.models.perceptron, "penguins.csv", target="sex", features=["body_mass_g", "bill_depth_mm"],
                  drop_missing=True, optimizer=cr.Adam(0.05), steps=50, n_h=4)  # fmt: skip


def titles(figure):
    return [axis.get_title(loc="left") for axis in figure.axes]


def test_a_line_gets_all_three(line, tmp_path):
    figure = line.plot()
    assert titles(figure) == ["Loss", "Fit", "Path over the landscape"]
    loss, fit, path = figure.axes
    assert np.array_equal(loss.lines[0].get_ydata(), line.losses)
    table = find("old_faithful.csv")
    drawn = fit.lines[0]
    np.testing.assert_allclose(drawn.get_xdata(), table.numeric(["eruption_min"])[0], rtol=1e-12)
    np.testing.assert_allclose(drawn.get_ydata(), table.numeric(["waiting_min"])[0], rtol=1e-12)
    x, y = fit.lines[1].get_data()
    slope, start = line.reading.scaling.undo_line(
        line.params["w"][None, None], line.params["b"][None]
    )
    np.testing.assert_allclose(y, start + slope[0] * x, rtol=1e-10)
    np.testing.assert_allclose(path.lines[0].get_xdata()[[0, -1]], [-0.5, line.params["w"]])
    figure.savefig(tmp_path / "run.png")
    assert (tmp_path / "run.png").stat().st_size > 10_000


def test_two_features_and_two_classes_get_a_boundary(classes):
    figure = classes.plot("fit")
    axis = figure.axes[0]
    assert titles(figure) == ["Boundary at probability 1/2"]
    assert axis.get_xlabel() == "body_mass_g"
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["female", "male"]
    assert sum(len(points.get_xdata()) for points in axis.lines) == classes.data["Y"].size
    assert axis.lines[0].get_xdata().min() > 2000  # in grams


def test_many_features_get_predicted_against_actual():
    run = cr.fit(cr.models.multivariate, "diabetes.csv", target="progression", steps=20)
    figure = run.plot()
    assert titles(figure) == ["Loss", "Fit"]
    points = figure.axes[1].lines[0]
    np.testing.assert_allclose(
        points.get_ydata(), run.model.predict({"X": run.data["X"]}, run.params)[0]
    )


def test_the_path_of_any_two_parameters(classes):
    figure = classes.plot("path", p="W1[0, 0]", q="b2")
    axis = figure.axes[0]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("W1[0, 0]", "b2")
    assert axis.lines[0].get_xdata()[0] == classes.start["W1"][0, 0]
    with pytest.raises(
        ChainRuleError, match=r"name two of them, as in run.plot\('path', p='W1\[0, 0\]'"
    ):
        classes.plot("path")


def test_refusals(line, monkeypatch):
    with pytest.raises(ChainRuleError, match="unknown figure: 'pie'"):
        line.plot("pie")
    with pytest.raises(ChainRuleError, match="belongs to the figure 'path'"):
        line.plot("loss", p="w")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ChainRuleError, match=r"pip install 'chainrule\[plot\]'"):
        line.plot()
