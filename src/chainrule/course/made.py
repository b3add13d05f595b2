"""Data that the course makes itself, by name: two moons and XOR, from the project's own generator, the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.course.samples import Sample
from chainrule.threefry import normal, uniform

Array = NDArray[np.float64]
FEATURES = ("x 1", "x 2")


def moons(m: int, noise: float, seed: int) -> dict[str, Array]:
    """Return two half circles that reach into each other.

    X = centre + (cos t, sin t) + noise, t uniform in [0, pi]; the second moon is turned by pi and moved by (1, 1/2).

    Args:
        m: the number of examples, half of each moon (the first has one more where m is odd).
        noise: the standard deviation of what is added to both coordinates.
        seed: of the streams 0 (angles) and 1 (noise).

    Returns:
        {"X": (2, m), "Y": (1, m)}, the coordinates centred; the moons alternate, so that any beginning has both.

    >>> moons(4, 0.0, 0)["Y"]
    array([[0., 1., 0., 1.]])
    """
    t = np.pi * uniform(seed, 0, m)
    second = np.arange(m) % 2 == 1
    x1 = np.where(second, 1 - np.cos(t), np.cos(t)) - 0.5
    x2 = np.where(second, 0.5 - np.sin(t), np.sin(t)) - 0.25
    X = np.stack([x1, x2]) + noise * normal(seed, 1, 2 * m).reshape(2, m)
    return {"X": X, "Y": second[None].astype(np.float64)}


def xor(m: int, noise: float, seed: int) -> dict[str, Array]:
    """Return four heaps at (±1, ±1), of class 1 where the signs differ: no line parts them.

    Args:
        m: the number of examples, spread evenly over the heaps.
        noise: the standard deviation within a heap.
        seed: of stream 0.

    Returns:
        {"X": (2, m), "Y": (1, m)}.
    """
    heap = np.arange(m) % 4
    centres = np.stack([np.where(heap < 2, -1.0, 1.0), np.where(heap % 2 == 0, -1.0, 1.0)])
    labels = (centres[0] != centres[1])[None].astype(np.float64)
    return {"X": centres + noise * normal(seed, 0, 2 * m).reshape(2, m), "Y": labels}


def _sample(arrays: Mapping[str, Any], name: str, how: str) -> Sample:
    source = f"made by chainrule's own generator, Threefry-2x32: {how}"
    return Sample(arrays, name, source, FEATURES, ("class",), {}, ("first", "second"))


def two_moons() -> Sample:
    """Return the data of chapter 7."""
    return _sample(
        moons(120, 0.16, 3), "Two moons", "two half circles with normal noise of deviation 0.16"
    )


def four_heaps() -> Sample:
    """Return exclusive or, as four heaps of points."""
    return _sample(xor(80, 0.28, 1), "XOR", "four heaps with normal noise of deviation 0.28")


MADE: Mapping[str, Callable[[], Sample]] = {"two_moons": two_moons, "xor": four_heaps}

__all__ = ["MADE", "four_heaps", "moons", "two_moons", "xor"]
