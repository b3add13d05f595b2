"""Landscapes of a loss over two parameters, with the ways of descents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.scope import Case
from chainrule.fit.landscape import Landscape
from chainrule.fit.run import Run
from chainrule.handout.chart import DASHES, HUES, INK, OPTIMUM, PARAMETER, SOFT, Chart
from chainrule.handout.figure import TALL, WIDE, Figure
from chainrule.handout.numbers import descend


def landscape(run: Run) -> Figure | None:
    """Return the loss over two parameters with the way of the descent."""
    places = _places(run)
    if places is None:
        return None
    seen = run.landscape(*places, points=61)
    finite = seen.loss[np.isfinite(seen.loss)]
    if finite.size < 100 or not np.ptp(finite) > 0:
        return None
    chart = Chart(WIDE, TALL, _ends(seen.p_values), _ends(seen.q_values), labels=(seen.p, seen.q))
    low, high = float(finite.min()), float(np.quantile(finite, 0.97))
    levels = [low + (high - low) * ((k + 0.4) / 11) ** 2 for k in range(11)]
    chart.contours(seen.p_values, seen.q_values, seen.loss, levels)
    _path(chart, seen)
    every = run.flat.size == 2
    slice_ = (
        ""
        if every
        else "The other parameters are as at the end, so the way does not lie on this slice."
    )
    return Figure(
        chart.svg(), f"The loss over {seen.p} and {seen.q}, and the way of the descent. {slice_}".strip(),
        f"Contours of the loss from {shown(low)} to {shown(high)}; the way goes from ({shown(float(seen.path[0, 0]))}, {shown(float(seen.path[0, 1]))}) "
        f"to ({shown(float(seen.path[-1, 0]))}, {shown(float(seen.path[-1, 1]))}).",
    )  # fmt: skip


def ways(runs: Mapping[str, Run]) -> Figure | None:
    """Return the ways of several descents over two parameters."""
    first = next(iter(runs.values()))
    places = _places(first)
    if places is None:
        return None
    seen = {key: run.landscape(*places, points=2).path for key, run in runs.items()}
    every = np.concatenate(list(seen.values()))
    room = 0.15 * np.ptp(every, axis=0)
    (p0, q0), (p1, q1) = every.min(axis=0) - room, every.max(axis=0) + room
    ground = first.landscape(*places, p_range=(p0, p1), q_range=(q0, q1), points=61)
    chart = Chart(WIDE, TALL + 60, (p0, p1), (q0, q1), labels=places, below=60)
    low, high = float(ground.loss.min()), float(np.quantile(ground.loss, 0.97))
    levels = [low + (high - low) * ((k + 0.4) / 11) ** 2 for k in range(11)]
    chart.contours(ground.p_values, ground.q_values, ground.loss, levels, SOFT)
    for i, (key, path) in enumerate(seen.items()):
        chart.line(path[:, 0], path[:, 1], HUES[i], 1.1, DASHES[i])
        y = chart.bottom + 33 + 10 * i
        chart.parts.append(f'<path d="M{chart.left:.1f} {y - 2.5:.1f}h18" stroke="{HUES[i]}" stroke-width="1.4" stroke-dasharray="{DASHES[i]}"/>')  # fmt: skip
        chart.text((chart.left + 22, y), OPTIMIZERS[key][0], colour=INK, size=8)
    ends = "; ".join(f"{OPTIMIZERS[k][0]} ends at ({shown(float(p[-1, 0]))}, {shown(float(p[-1, 1]))})" for k, p in seen.items())  # fmt: skip
    return Figure(chart.svg(), f"The ways of six methods from one start, {first.steps} steps each.", f"Ways over the loss. {ends}.")  # fmt: skip


def cover(case: Case) -> Figure:
    """Return the picture of the title page: a landscape and the way down."""
    run = descend(case)
    places = _places(run)
    assert places is not None
    seen = run.landscape(*places, points=81)
    chart = Chart(300, 200, _ends(seen.p_values), _ends(seen.q_values), ticks=False)
    low, high = float(seen.loss.min()), float(np.quantile(seen.loss, 0.985))
    chart.contours(
        seen.p_values,
        seen.q_values,
        seen.loss,
        [low + (high - low) * ((k + 0.3) / 18) ** 2 for k in range(18)],
    )
    _path(chart, seen)
    return Figure(
        chart.svg(), "", "Lines of equal loss, and the way of a descent to the lowest point."
    )


def _path(chart: Chart, seen: Landscape) -> None:
    chart.line(seen.path[:, 0], seen.path[:, 1], PARAMETER, 1.2)
    few = seen.path[:: max(1, len(seen.path) // 40)]
    chart.dots(few[:, 0], few[:, 1], PARAMETER, 1.3)
    chart.cross(float(seen.path[-1, 0]), float(seen.path[-1, 1]), OPTIMUM)


def _ends(values: Any) -> tuple[float, float]:
    return float(values[0]), float(values[-1])


def _places(run: Run) -> tuple[str, str] | None:
    """Return the two parameters to draw: the first two, by their first entries."""
    names: list[str] = []
    for name, value in run.params.items():
        if isinstance(value, list):
            return None
        shape = np.shape(value)
        names.append(f"{name}[{', '.join('0' for _ in shape)}]" if shape else name)
        if len(shape) and np.size(value) > 1 and len(names) == 1 and len(run.params) < 3:
            names.append(f"{name}[{', '.join(['0'] * (len(shape) - 1) + ['1'])}]")
    found = [names[0], names[2]] if len(names) > 3 else names[:2]
    return (found[0], found[1]) if len(found) == 2 else None


__all__ = ["cover", "landscape", "ways"]
