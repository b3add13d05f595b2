"""Work, Position, Stretch: what an engine is given, where it stands, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainrule.emit.terms import Program
from chainrule.engines.batches import Batches
from chainrule.engines.flat import Flat
from chainrule.optim.optimizer import Optimizer

Array = NDArray[Any]


@dataclass(frozen=True)
class Work:
    """One descent: the program of loss and gradients, its data, the optimizer, and the batches (None: all examples).

    `data`: arrays by argument name. `flat`: the layout of the parameters. `dtype`: "float64" or "float32".
    """

    program: Program
    data: Mapping[str, Any]
    optimizer: Optimizer
    flat: Flat
    batches: Batches | None = None
    dtype: str = "float64"

    @cached_property
    def update(self) -> Program:
        """The program of one update."""
        return self.optimizer.program()


@dataclass(frozen=True)
class Position:
    """Where a descent stands after `step` updates: the parameters and each slot of the state, as flat vectors."""

    step: int
    vector: Array
    state: Mapping[str, Array]

    @classmethod
    def start(cls, work: Work, params: Mapping[str, Any]) -> Position:
        """Return the position before the first step: state zero."""
        vector = work.flat.join(params, work.dtype)
        return cls(0, vector, {slot: np.zeros_like(vector) for slot in work.optimizer.slots})

    def row(self) -> Array:
        """Return parameters and state as one row, for the record."""
        return np.concatenate([self.vector, *self.state.values()])

    @classmethod
    def from_row(cls, step: int, row: Array, slots: tuple[str, ...]) -> Position:
        """Return the position that a row of the record holds."""
        parts = np.split(row, 1 + len(slots))
        return cls(step, parts[0], dict(zip(slots, parts[1:], strict=True)))


@dataclass(frozen=True)
class Stretch:
    """What a stretch of steps gave: where it ended, the loss that each step saw, and a record every so many steps.

    `rows[k]` and `norms[k]` belong to the position before the k-th window of steps. `settled`: the gradient's norm fell
    to the threshold, and the steps after that were not made.
    """

    end: Position
    losses: Array
    rows: Array
    norms: Array
    settled: bool = False


class Engine(Protocol):
    """What runs stretches. One stretch may have `most` steps and `rows` windows."""

    name: str
    most: int
    rows: int

    def advance(
        self, start: Position, windows: int, length: int, threshold: float | None
    ) -> Stretch:
        """Make windows x length steps from a position; stop where the gradient's norm is at most `threshold`."""
        ...
