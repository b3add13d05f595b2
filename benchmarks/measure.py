"""Timing: one call again and again, two calls in turn, or many sides in rounds. Knows nothing of what is timed."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Steps = Callable[
    [int], Any
]  # makes so many steps, always from the same start, and returns their losses


@dataclass(frozen=True)
class Lap:
    """What a side took: seconds for a step, its median ratio to the first side's in the same round, and for its first call.

    `why_not`: why nothing was measured.
    """

    side: str
    seconds: float = 0.0
    ratio: float = 1.0
    first: float = 0.0
    why_not: str = ""


def seconds(work: Callable[[], Any], runs: int) -> float:
    """Return the median time of one call, of `runs` calls after one that warms up."""
    work()
    times: list[float] = []
    for _ in range(runs):
        gc.collect()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def side_by_side(
    a: Callable[[], Any], b: Callable[[], Any], runs: int
) -> tuple[float, float, float]:
    """Return the median times of two calls run in turn, and the median of their ratios a/b.

    In turn, a first and b first alternately, so that a change of the machine's pace meets both.
    """
    a(), b()
    pairs: list[tuple[float, float]] = []
    for i in range(runs):
        times = {}
        for work in (a, b) if i % 2 else (b, a):
            started = time.perf_counter()
            work()
            times[work] = time.perf_counter() - started
        pairs.append((times[a], times[b]))
    ratio = statistics.median(first / second for first, second in pairs)
    return (*(statistics.median(column) for column in zip(*pairs, strict=True)), ratio)


def race(
    sides: Mapping[str, Callable[[], Steps]],
    rounds: int,
    turn: float,
    *,
    agree: int = 0,
    tolerance: float = 0.0,
    most: int = 1 << 20,
) -> list[Lap]:
    """Time many sides in rounds: every round gives each side one turn, and begins with another side.

    Args:
        sides: by name, what makes a side ready; the first is the one that the others are compared with. A side that
            raises ImportError or RuntimeError is reported as not measured.
        rounds: how many.
        turn: the seconds that a turn takes, roughly; a turn is at least one step.
        agree: the steps whose losses all sides must share, before they are timed; 0 for none.
        tolerance: how far they may be apart, relative to the first loss.
        most: the most steps in a turn.
    """
    ready: dict[str, Steps] = {}
    first: dict[str, float] = {}
    missing: dict[str, str] = {}
    known: tuple[str, Any] | None = None
    for name, make in sides.items():
        try:
            run = make()
            started = time.perf_counter()
            losses = np.asarray(run(max(agree, 1)), dtype=np.float64)
            first[name] = time.perf_counter() - started
        except (ImportError, RuntimeError) as error:
            missing[name] = f"{type(error).__name__}: {error}".splitlines()[0][:80]
            continue
        ready[name] = run
        if agree:
            known = known or (name, losses)
            _agree(known, (name, losses), tolerance)
    counts = {name: _steps(run, turn, most) for name, run in ready.items()}
    times: dict[str, list[float]] = {name: [] for name in ready}
    names = list(ready)
    for i in range(rounds):
        for name in [*names[i % len(names) :], *names[: i % len(names)]]:
            times[name].append(_turn(ready[name], counts[name]))
    base = times[names[0]]
    return [
        Lap(name, why_not=missing[name])
        if name in missing
        else Lap(
            name,
            statistics.median(times[name]),
            statistics.median(x / y for x, y in zip(times[name], base, strict=True)),
            first[name],
        )
        for name in sides
    ]


def _agree(known: tuple[str, Any], new: tuple[str, Any], tolerance: float) -> None:
    (one, expected), (other, found) = known, new
    assert np.isfinite(expected).all(), f"{one} diverged"
    worst = float(np.max(np.abs(found - expected)) / abs(expected[0]))
    assert worst <= tolerance, f"the losses of {other} and {one} are {worst:.1e} apart"


def _turn(run: Steps, steps: int) -> float:
    time.sleep(0.05)  # until the threads of the side before have stopped spinning
    started = time.perf_counter()
    run(steps)
    return (time.perf_counter() - started) / steps


def _steps(run: Steps, turn: float, most: int) -> int:
    """Return how many steps a turn takes; the last run of that many warms the side up."""
    steps = 1
    while True:
        run(steps)  # compiles, where the number of steps is part of what is compiled
        took = _turn(run, steps)
        if steps * took > turn / 2 or steps == most:
            return steps
        steps = min(most, steps * 16, max(steps + 1, round(turn / took)))
