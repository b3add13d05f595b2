"""Data that the course makes: the same numbers everywhere, of the shape that they say."""

import numpy as np
import pytest

from chainrule.course.made import MADE, moons, xor
from chainrule.course.scope import Case, Setting
from chainrule.errors import DataError, UnknownNameError


def test_moons_without_noise_are_half_circles():
    made = moons(200, 0.0, 0)
    X, first = made["X"], made["Y"][0] == 0
    assert first.sum() == 100
    for side, centre, up in ((first, (-0.5, -0.25), 1), (~first, (0.5, 0.25), -1)):
        away = X[:, side] - np.array(centre)[:, None]
        assert np.allclose(np.hypot(*away), 1)
        assert (up * away[1] >= -1e-12).all()


def test_noise_is_added_to_the_same_moons():
    away = moons(4000, 0.1, 5)["X"] - moons(4000, 0.0, 5)["X"]
    assert away.std() == pytest.approx(0.1, rel=0.02)
    assert abs(away.mean()) < 0.005


def test_no_line_parts_xor():
    made = xor(80, 0.0, 0)
    X, Y = made["X"], made["Y"][0]
    assert ((X[0] * X[1] < 0) == (Y == 1)).all()
    design = np.vstack([X, np.ones(80)])
    weights = np.linalg.lstsq(design.T, 2 * Y - 1, rcond=None)[0]
    assert np.allclose(weights, 0)  # the best line says nothing at all


@pytest.mark.parametrize("name", MADE)
def test_a_lesson_may_name_them(name):
    case = Case(Setting(model="perceptron", data=name, sizes={"n_h": 2}))
    arrays = case.sample.arrays
    assert arrays["X"].shape == (2, arrays["Y"].size)
    assert MADE[name]().arrays["X"].tobytes() == arrays["X"].tobytes()
    assert case.sample.classes == ("first", "second")


# -- what else a lesson's setting may say
PENGUINS = {"model": "logistic", "data": "penguins", "target": "species"}
BILL = {"features": ("bill_length_mm", "bill_depth_mm")}


def test_two_of_three_classes_are_kept():
    case = Case(Setting(**PENGUINS, **BILL, classes=("Adelie", "Chinstrap")))
    assert case.sample.classes == ("Adelie", "Chinstrap")
    assert case.sample.arrays["X"].shape == (2, 219)
    assert case.sample.arrays["Y"].sum() == 68
    with pytest.raises(DataError, match="'Emperor' in column 'species'"):
        _ = Case(Setting(**PENGUINS, **BILL, classes=("Emperor",))).sample


def test_options_are_operations_by_name():
    setting = Setting(model="perceptron", data="two_moons", options={"hidden": "tanh"})
    assert Case(setting).model.derivation.forward[1].equation == "A₁ = tanh(Z₁)"
    with pytest.raises(UnknownNameError, match="unknown operation: 'tanhh'"):
        _ = Case(setting.but({"options": {"hidden": "tanhh"}})).model
