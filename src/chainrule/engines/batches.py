"""Batches: which examples each step sees. The same seed gives the same batches in Python and in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chainrule.threefry import permutation

SHUFFLE = 0x80000000  # the first stream of shuffles; epoch e uses SHUFFLE + e


@lru_cache(maxsize=4)
def order(seed: int, epoch: int, m: int) -> NDArray[np.int64]:
    """Return the examples in the order of an epoch 0, 1, ..."""
    return permutation(seed, (SHUFFLE + epoch) & 0xFFFFFFFF, m)


@dataclass(frozen=True)
class Batches:
    """Mini-batches: every epoch runs once through all examples in a new order; its last batch may be short.

    `axes`: the axis of the examples in each data array that has one.
    """

    m: int
    size: int
    seed: int
    axes: Mapping[str, int]

    @property
    def per_epoch(self) -> int:
        """The number of batches, and so of steps, in an epoch."""
        return -(-self.m // self.size)

    @property
    def short(self) -> int:
        """The size of the last batch of an epoch, 0 where it is as long as the others."""
        return self.m % self.size

    def indices(self, step: int) -> NDArray[np.int64]:
        """Return the examples of step 0, 1, ..."""
        epoch, place = divmod(step, self.per_epoch)
        return order(self.seed, epoch, self.m)[place * self.size : (place + 1) * self.size]

    def table(self, start: int, count: int) -> NDArray[np.int32]:
        """Return the examples of `count` steps, shape (count, size); short batches are filled up with 0."""
        found = np.zeros((count, self.size), dtype=np.int32)
        for i in range(count):
            rows = self.indices(start + i)
            found[i, : len(rows)] = rows
        return found
