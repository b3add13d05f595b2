"""The convention of the loss is the same, however a mean is spelled, and touches nothing but the loss's reduction."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.emit.program import compiled

M = 5
X = np.linspace(-1.0, 2.0, M).reshape(1, M)
Y = np.array([[0.5, -1.0, 2.0, 0.25, 3.0]])
W = np.array([[0.7]])
DATA, PARAMS = {"x": X, "y": Y}, {"w": W}
SQUARES = float(((W * X - Y) ** 2).sum())
HALVES = {"mean": 1 / M, "sum": 1.0, "half-mean": 0.5 / M}


def mean_written(x: "1 m", y: "1 m", *, w: "1 1"):
    return cr.mean((w * x - y) ** 2)


def size_in_front(x: "1 m", y: "1 m", *, w: "1 1"):
    return 1 / x.shape[1] * cr.sum((w * x - y) ** 2)


def divided(x: "1 m", y: "1 m", *, w: "1 1"):
    return cr.sum((w * x - y) ** 2) / x.shape[1]


def sum_written(x: "1 m", y: "1 m", *, w: "1 1"):
    return cr.sum((w * x - y) ** 2)


def half_in_front(x: "1 m", y: "1 m", *, w: "1 1"):
    return 0.5 * cr.mean((w * x - y) ** 2)


def half_and_size(x: "1 m", y: "1 m", *, w: "1 1"):
    return 1 / (2 * x.shape[1]) * cr.sum((w * x - y) ** 2)


def named_in_steps(x: "1 m", y: "1 m", *, w: "1 1"):
    total = cr.sum((w * x - y) ** 2)
    half = total / 2
    return half / x.shape[1]


SPELLINGS = [
    mean_written,
    size_in_front,
    divided,
    sum_written,
    half_in_front,
    half_and_size,
    named_in_steps,
]


def loss_and_slope(function, convention):
    loss, grads = values(function, convention, {**DATA, **PARAMS})
    return float(loss), grads["w"].item()


def values(function, convention, arrays):
    return compiled(cr.derive(function, convention=convention).program()).run(arrays)


@pytest.mark.parametrize("convention", HALVES)
@pytest.mark.parametrize("function", SPELLINGS, ids=lambda f: f.__name__)
def test_every_spelling_of_a_mean_is_the_same_mean(function, convention):
    loss, slope = loss_and_slope(function, convention)
    assert loss == pytest.approx(HALVES[convention] * SQUARES, rel=1e-14)
    expected = HALVES[convention] * 2 * float(((W * X - Y) * X).sum())
    assert slope == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("convention", HALVES)
def test_a_weight_of_the_readers_own_stays(convention):
    def weighted(x: "1 m", y: "1 m", *, w: "1 1"):
        return 3 * cr.mean((w * x - y) ** 2) - 0.25 * cr.sum((w * x) ** 2) / x.shape[1]

    loss, _ = loss_and_slope(weighted, convention)
    assert loss == pytest.approx(
        HALVES[convention] * (3 * SQUARES - 0.25 * float(((W * X) ** 2).sum())), rel=1e-13
    )


@pytest.mark.parametrize("convention", HALVES)
def test_a_penalty_stays_under_any_spelling(convention):
    def ridge(x: "1 m", y: "1 m", *, w: "1 1"):
        return (cr.sum((w * x - y) ** 2) + 4 * cr.sum(w**2)) / x.shape[1]

    loss, _ = loss_and_slope(ridge, convention)
    penalty = 4 * 0.49 / M
    assert loss == pytest.approx(HALVES[convention] * SQUARES + penalty, rel=1e-13)


def test_a_loss_used_twice_keeps_its_factor_outside():
    def twice(x: "1 m", y: "1 m", *, w: "1 1"):
        error = cr.sum((w * x - y) ** 2)
        return error / x.shape[1] + cr.sqrt(error)

    loss, _ = loss_and_slope(twice, "sum")
    assert loss == pytest.approx(SQUARES / M + SQUARES**0.5, rel=1e-13)


def test_the_average_over_examples_is_set_not_the_sum_over_outputs():
    def outputs(Y: "n_y m", *, b: "n_y 1"):
        return cr.sum((Y - b) ** 2) / (2 * Y.shape[1])

    Z, b = np.arange(6.0).reshape(2, 3), np.ones((2, 1))
    squares = float(((Z - b) ** 2).sum())
    for convention, factor in {"mean": 1 / 3, "sum": 1.0, "half-mean": 1 / 6}.items():
        loss, _ = values(outputs, convention, {"Y": Z, "b": b})
        assert loss == pytest.approx(factor * squares)
