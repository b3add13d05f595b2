"""Starting parameters: the schemes' variances, zeros for biases, the same numbers for the same seed."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainRuleError

NET = cr.models.two_layer_sigmoid
SIZES = {"n_x": 200, "n_h": 300}
WANTED = {
    "fan-in": (1 / 200, 1 / 300),
    "xavier": (2 / 500, 2 / 301),
    "he": (2 / 200, 2 / 300),
    "normal": (1, 1),
}


@pytest.mark.parametrize("scheme", WANTED)
def test_variances(scheme):
    params = NET.init(SIZES, seed=4, scheme=scheme)
    for name, variance in zip(("W1", "w2"), WANTED[scheme], strict=True):
        entries = params[name].size
        # the variance of n normal numbers is within 5 standard errors, sqrt(2/n) each, for this fixed seed
        assert params[name].var() == pytest.approx(variance, rel=5 * (2 / entries) ** 0.5), name
    assert not params["b1"].any()
    assert not params["b2"].any()


def test_zeros_and_seeds():
    assert not any(np.any(x) for x in NET.init(SIZES, scheme="zeros").values())
    one, same, other = (NET.init(SIZES, seed=s)["W1"] for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    he, fan = (NET.init(SIZES, scheme=s)["W1"] for s in ("he", "fan-in"))
    np.testing.assert_allclose(he, np.sqrt(2) * fan, rtol=4e-16)  # the same draw, on another scale
    with pytest.raises(ChainRuleError, match="unknown scheme of initialisation: 'kaiming'"):
        NET.init(SIZES, scheme="kaiming")


def test_fit_takes_a_scheme():
    data = {"X": np.ones((2, 5)), "Y": np.ones((1, 5))}
    run = cr.fit(NET, data, n_h=3, init="zeros", steps=5)
    hidden = run.params["W1"]
    assert np.array_equal(hidden[0], hidden[1])  # zero start: the hidden units stay alike
