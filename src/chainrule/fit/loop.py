"""The loop: stretches of an engine one after the other, the record they leave, and every reason to stop."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.engines.work import Engine, Position, Stretch

Array = NDArray[Any]

MOST_RECORDS = 1024  # positions that a run records at most
MOST_BYTES = 64 * 2**20  # and the memory that they may take
STRETCH = 0.2  # seconds between two looks at the clock, the callback and Ctrl-C
GROWTH = 1e9  # a loss this many times the first one (or 1) has diverged


@dataclass
class Record:
    """What a descent leaves behind: the loss that each step saw, and every `every` steps the position and the gradient's norm."""

    every: int
    losses: Array = field(default_factory=lambda: np.zeros(0))
    steps: list[int] = field(default_factory=list[int])
    rows: list[Array] = field(default_factory=list[Array])
    norms: list[float] = field(default_factory=list[float])

    def add(self, start: int, length: int, stretch: Stretch, upto: int) -> None:
        """Take in a stretch that began at a step, as far as step `upto`."""
        self.losses = np.concatenate([self.losses, stretch.losses[: upto - start]])
        for k, (row, norm) in enumerate(zip(stretch.rows, stretch.norms, strict=True)):
            at = start + k * length
            if at % self.every == 0 and at <= upto and (not self.steps or at > self.steps[-1]):
                self.steps.append(at)
                self.rows.append(row)
                self.norms.append(float(norm))

    def thinned(self, every: int) -> Record:
        """Return the record with positions further apart; `every` is a multiple of this one's."""
        kept = [i for i, at in enumerate(self.steps) if at % every == 0]
        return Record(
            every,
            self.losses,
            [self.steps[i] for i in kept],
            [self.rows[i] for i in kept],
            [self.norms[i] for i in kept],
        )


def spacing(steps: int, width: int, itemsize: int = 8) -> int:
    """Return how many steps apart positions are recorded: a power of two, so that they fit the budget.

    >>> spacing(1000, 33), spacing(100_000, 33), spacing(1000, 10**6)
    (1, 128, 128)
    """
    most = max(2, min(MOST_RECORDS, MOST_BYTES // max(width * itemsize, 1)))
    return 1 << max(0, math.ceil(math.log2(max(steps, 1) / most)))


@dataclass(frozen=True)
class Limits:
    """When to stop: after `steps`; where the gradient's norm is at most `threshold`; without a better loss for `patience` epochs."""

    steps: int
    threshold: float | None = None
    patience: int | None = None
    epoch: int = 1  # steps in an epoch


@dataclass(frozen=True)
class Outcome:
    """Where a descent ended and why: "steps", "settled", "patience", "callback", "interrupted" or "diverged"."""

    position: Position
    stopped: str


Callback = Callable[[int, float, Position], bool | None]


def descend(
    engine: Engine,
    start: Position,
    limits: Limits,
    record: Record,
    on_stretch: Callback | None = None,
    every: int | None = None,
) -> Outcome:
    """Run an engine from a position until a limit is reached.

    Args:
        engine: what makes the steps.
        start: where to begin; its step counts towards the limits.
        limits: when to stop.
        record: filled as the descent goes.
        on_stretch: called with (step, loss, position) after every stretch; True stops.
        every: end a stretch at each multiple of this many steps, so that calls are predictable.

    Returns:
        The last position, and why it is the last.
    """
    position, speed, first = start, 256.0, record.losses[0] if len(record.losses) else None
    with interruptions() as interrupted:
        while position.step < limits.steps:
            windows, length = _plan(
                engine, position.step, limits.steps, record.every, int(speed), every
            )
            began = time.perf_counter()
            stretch = engine.advance(position, windows, length, limits.threshold)
            speed = _speed(speed, len(stretch.losses), time.perf_counter() - began)
            if first is None and len(stretch.losses):
                first = float(stretch.losses[0])
            bad = _diverged(stretch.losses, first or 0.0)
            if bad is not None:
                before = _replayed(engine, position, bad)
                record.add(position.step, length, stretch, position.step + bad)
                return Outcome(before, "diverged")
            tired = _tired(record.losses, stretch.losses, position.step, limits)
            if tired is not None:
                record.add(position.step, length, stretch, tired)
                return Outcome(_replayed(engine, position, tired - position.step), "patience")
            record.add(position.step, length, stretch, stretch.end.step)
            position = stretch.end
            if stretch.settled:
                return Outcome(position, "settled")
            if on_stretch and on_stretch(position.step, float(record.losses[-1]), position):
                return Outcome(position, "callback")
            if interrupted.is_set():
                return Outcome(position, "interrupted")
    return Outcome(position, "steps")


def _plan(
    engine: Engine, step: int, steps: int, every: int, wanted: int, stop: int | None
) -> tuple[int, int]:
    """Return (windows, steps in a window) of the next stretch: windows begin where positions are recorded."""
    left = steps - step
    if stop:
        left = min(left, stop - step % stop)
    to_record = every - step % every
    if to_record < every or every > left or every > engine.most:
        return 1, min(left, to_record, engine.most)
    most = min(left, engine.most, engine.rows * every, max(wanted, every))
    return most // every, every


def _speed(before: float, steps: int, seconds: float) -> float:
    """Return how many steps the next stretch should have: as many as fit its time, at most four times as many."""
    if seconds <= 0 or not steps:
        return before
    return float(max(1.0, min(4 * max(before, steps), steps / seconds * STRETCH)))


def _diverged(losses: Array, first: float) -> int | None:
    wrong = ~np.isfinite(losses) | (np.abs(losses) > GROWTH * max(abs(first), 1.0))
    return int(np.argmax(wrong)) if wrong.any() else None


def _replayed(engine: Engine, start: Position, steps: int) -> Position:
    """Return the position some steps after another: the same numbers again."""
    return engine.advance(start, 1, steps, None).end if steps else start


def _tired(before: Array, new: Array, start: int, limits: Limits) -> int | None:
    """Return the step at which no epoch had improved on the best for `patience` epochs, if it is among the new ones."""
    if limits.patience is None:
        return None
    losses = np.concatenate([before, new])
    epochs = len(losses) // limits.epoch
    means = losses[: epochs * limits.epoch].reshape(epochs, limits.epoch).mean(axis=1)
    best = np.minimum.accumulate(np.concatenate([[math.inf], means[:-1]]))
    numbers = np.arange(epochs)
    last_better = np.maximum.accumulate(np.where(means < best, numbers, 0))
    enough = (numbers - last_better >= limits.patience) & ((numbers + 1) * limits.epoch > start)
    return int(np.argmax(enough) + 1) * limits.epoch if enough.any() else None


@contextmanager
def interruptions() -> Generator[threading.Event]:
    """Turn the first Ctrl-C into a flag, so that a stretch ends and what was done is kept; the second one is Python's."""
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(number: int, frame: Any) -> None:
        flag.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, before)
