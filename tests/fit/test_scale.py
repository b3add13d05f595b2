"""Standardised columns have mean 0 and deviation 1, and a fit in their units can be said in the data's."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import models
from chainrule.errors import DataError
from chainrule.fit.scale import Standardisation
from chainrule.tables.table import find

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 40)) * [[1.0], [20.0], [0.01]] + [[5.0], [-300.0], [0.0]]
Y = RNG.normal(size=(2, 40)) + [[9.0], [-1.0]]
NAMES, TARGETS = ["a", "b", "c"], ["y", "z"]


def test_standardised_columns_have_mean_zero_and_deviation_one():
    scaled = Standardisation.of(X, NAMES, Y, TARGETS).apply(X, Y)
    for rows in scaled:
        # 1e-13: the rounding of a sum of 40 terms, at most 300 deviations of magnitude
        np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-13)
        np.testing.assert_allclose((rows**2).mean(axis=1), 1, rtol=1e-13)


def test_labels_are_left_as_they_are():
    labels = np.array([[0.0, 1.0] * 20])
    scaling = Standardisation.of(X, NAMES, None, ["k"])
    assert scaling.apply(X, labels)[1] is labels
    assert [line.split()[0] for line in scaling.lines()] == NAMES


def test_the_lines_name_every_column():
    scaling = Standardisation.of(np.array([[0.0, 2.0]]), ["x"], np.array([[3.0, 4.0]]), ["height"])
    assert scaling.lines() == ["x       1, 1", "height  3.5, 0.5"]


def test_a_constant_column_cannot_be_standardised():
    with pytest.raises(DataError) as caught:
        Standardisation.of(X, NAMES, np.full((1, 40), 0.1), ["y"])
    assert str(caught.value) == (
        "column 'y' is 0.1 in every row, so it cannot be standardised. "
        "Choose another column, or leave the columns as they are with --raw."
    )


def test_a_line_says_the_same_in_both_units():
    scaling = Standardisation.of(X, NAMES, Y, TARGETS)
    inputs, _ = scaling.apply(X, Y)
    slopes, intercepts = RNG.normal(size=(2, 3)), RNG.normal(size=2)
    steep, start = scaling.undo_line(slopes, intercepts)
    said = steep @ X + start[:, None]
    # 1e-12: both sides are sums of four terms of magnitude up to 300
    np.testing.assert_allclose(
        scaling.apply(X, said)[1], slopes @ inputs + intercepts[:, None], atol=1e-12
    )


def test_least_squares_comes_back_as_least_squares():
    x, y = find("old_faithful").numeric(["eruption_min", "waiting_min"])
    scaling = Standardisation.of(x[None], ["eruption_min"], y[None], ["waiting_min"])
    (u,), (v,) = scaling.apply(x[None], y[None])
    params = {
        "w": np.float64((u * v).mean()),
        "b": np.float64(0.0),
    }  # the line, where both are standardised
    # lm(waiting ~ eruptions, faithful) in R: 33.474 + 10.730 eruptions
    assert scaling.undo(models.univariate, params) == [
        "waiting_min = 33.4744 + 10.72964 · eruption_min"
    ]


def test_a_linear_network_is_a_line_and_a_sigmoid_network_is_not():
    scaling = Standardisation.of(X, NAMES, Y[:1], ["y"])
    for model, is_line in ((models.two_layer_linear, True), (models.two_layer_sigmoid, False)):
        params = model.init({"n_x": 3, "n_h": 4}, seed=1)
        said = scaling.undo(model, params)
        assert (said is not None) == is_line


def test_what_is_said_of_a_linear_network_is_what_it_predicts():
    scaling = Standardisation.of(X, NAMES, Y[:1], ["y"])
    params = models.two_layer_linear.init({"n_x": 3, "n_h": 4}, seed=1)
    said = scaling.undo(models.two_layer_linear, params)
    assert said is not None
    predicted = models.two_layer_linear.predict({"X": scaling.apply(X, Y[:1])[0]}, params)
    in_data_units = predicted * Y[0].std() + Y[0].mean()
    line = eval(said[0].removeprefix("y = ").replace("·", "*"), dict(zip(NAMES, X, strict=True)))
    # 1e-4: the line is printed with 7 digits, and its terms are as large as 300
    np.testing.assert_allclose(line, in_data_units[0], atol=1e-4)


def test_a_classifier_has_no_line():
    scaling = Standardisation.of(X, NAMES, None, ["k"])
    params = models.logistic.init({"n_x": 3}, seed=0)
    assert scaling.undo(models.logistic, params) is None
