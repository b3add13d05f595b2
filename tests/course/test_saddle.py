"""The level curves of chapter 3's picture, at the saddle too."""

import numpy as np
import pytest

from chainrule.course.saddle import _at, _segments


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("noise", [0.0, 1e-16])
def test_level_curves_cross_at_a_saddle_and_cut_no_corner(turn, noise):
    axis = np.linspace(-2, 2, 21)
    rng = np.random.default_rng(0)
    height = turn * np.outer(axis, axis) + noise * rng.choice([-1, 1], (21, 21))
    found = _segments(height, axis)
    x, y = _at(0, 0)
    assert found
    for one, other in found:  # every segment lies on one of the two axes
        assert (
            min(max(abs(p[0] - x) for p in (one, other)), max(abs(p[1] - y) for p in (one, other)))
            < 1e-6
        )
    ends = {(round(p[0], 6), round(p[1], 6)) for pair in found for p in pair}
    assert (round(x, 6), round(y, 6)) in ends


def test_a_circle_is_one():
    axis = np.linspace(-2, 2, 41)
    found = _segments(axis[:, None] ** 2 + axis**2 - 1, axis)
    x, y = _at(0, 0)
    one = _at(1, 0)[0] - x
    away = [np.hypot(p[0] - x, p[1] - y) / one for pair in found for p in pair]
    assert np.allclose(away, 1, atol=0.01)
