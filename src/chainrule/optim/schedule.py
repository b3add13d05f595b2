"""Schedules: the learning rate as a function of the step t = 1, 2, ..., written in the operations of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from chainrule.graph import nodes
from chainrule.graph.tensor import Tensor
from chainrule.ops.functions import cos, floor, minimum
from chainrule.optim.checks import at_least_zero, count, positive

_SYMBOLS = {
    "start": "alpha0",
    "end": "alpha_end",
    "factor": "gamma",
    "every": "k",
    "steps": "T",
    "rate": "alpha0",
}


@dataclass(frozen=True)
class Schedule:
    """A learning rate that changes with the step. `at(t)` works on numbers and on traced values alike."""

    pi: ClassVar[Any] = math.pi
    before: ClassVar[Any] = 0.5  # what is taken from t before a floor: see StepDecay.at

    def at(self, t: Any) -> Any:
        """Return the learning rate of step t = 1, 2, ..."""
        raise NotImplementedError

    def with_symbols(self) -> Schedule:
        """Return a copy with symbols for its numbers, for formulas."""
        copy = object.__new__(type(self))
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Schedule):
                value = value.with_symbols()
            elif value != 0:
                value = Tensor(nodes.input_node(_SYMBOLS[one.name], (), "symbol"))
            object.__setattr__(copy, one.name, value)
        object.__setattr__(copy, "pi", Tensor(nodes.input_node("pi", (), "symbol")))
        object.__setattr__(copy, "before", 1)
        return copy


@dataclass(frozen=True)
class Constant(Schedule):
    """The same learning rate at every step: α(t) = rate. A plain number does the same.

    Args:
        rate: > 0.

    >>> Constant(0.1).at(7)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        positive("rate", self.rate)

    def at(self, t: Any) -> Any:
        """Return the rate."""
        return self.rate


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Multiply the learning rate by `factor` every so many steps: α(t) = start · factor^⌊(t - 1)/every⌋.

    Args:
        start: the learning rate of the first steps, > 0.
        factor: > 0, usually below 1.
        every: the number of steps between two changes, >= 1.

    Differs: as torch.optim.lr_scheduler.StepLR, stepped once per update.

    >>> [StepDecay(0.8, 0.5, every=2).at(t) for t in (1, 2, 3, 5)]
    [0.8, 0.8, 0.4, 0.2]
    """

    start: float
    factor: float = 0.1
    every: int = 1000

    def __post_init__(self) -> None:
        positive("start", self.start)
        positive("factor", self.factor)
        count("every", self.every)

    def at(self, t: Any) -> Any:
        """Return start · factor^⌊(t - 1)/every⌋."""
        # programs take t - 1/2 in place of t - 1: the same floor for whole t, and no rounding error can cross it;
        # formulas show t - 1
        return self.start * self.factor ** floor((t - self.before) / self.every)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Fall along half a cosine from `start` to `end` over `steps` steps, and stay: no restarts.

    α(t) = end + (start - end)/2 · (1 + cos(π min(t - 1, T)/T)).

    Args:
        start: the learning rate of the first step, > 0.
        steps: T, the number of steps until the end is reached, >= 1.
        end: the learning rate from then on, >= 0.

    Differs: as torch.optim.lr_scheduler.CosineAnnealingLR up to step T, where that one rises again.
    Source: Loshchilov and Hutter 2017, SGDR, equation 5.

    >>> [round(Cosine(1.0, steps=2).at(t), 12) for t in (1, 2, 3, 9)]
    [1.0, 0.5, 0.0, 0.0]
    """

    start: float
    steps: int
    end: float = 0.0

    def __post_init__(self) -> None:
        positive("start", self.start)
        count("steps", self.steps)
        at_least_zero("end", self.end)

    def at(self, t: Any) -> Any:
        """Return end + (start - end)/2 · (1 + cos(π min(t - 1, T)/T))."""
        wave = 1 + cos(self.pi * (minimum(t - 1, self.steps) / self.steps))
        if not isinstance(self.end, Tensor) and self.end == 0:
            return self.start / 2 * wave
        return self.end + (self.start - self.end) / 2 * wave


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Rise linearly to a learning rate over the first steps, then follow it: α(t) = min(1, t/T) · then(t).

    Args:
        then: the learning rate or schedule to reach.
        steps: T, the number of steps of the rise, >= 1.

    Source: Goyal and others 2017, Accurate, large minibatch SGD, section 2.2.

    >>> [WarmUp(0.4, steps=4).at(t) for t in (1, 2, 4, 9)]
    [0.1, 0.2, 0.4, 0.4]
    """

    then: float | Schedule
    steps: int = 1000

    def __post_init__(self) -> None:
        if not isinstance(self.then, Schedule):
            positive("then", self.then)
        count("steps", self.steps)

    def at(self, t: Any) -> Any:
        """Return min(1, t/T) · then(t)."""
        goal = self.then.at(t) if isinstance(self.then, Schedule) else self.then
        return minimum(1, t / self.steps) * goal
