"""The figures of the printed notes, each drawn from a chapter's own data and descents: (SVG, caption, alternative text)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.notes.operations import Entry
from chainrule.course.scope import Case
from chainrule.fit.landscape import Landscape
from chainrule.fit.run import Run
from chainrule.handout.chart import (
    DASHES,
    DATA,
    FORWARD,
    GRADIENT,
    HUES,
    INK,
    OPTIMUM,
    PARAMETER,
    RULE,
    SOFT,
    Chart,
)
from chainrule.handout.numbers import descend

WIDE, TALL = 176.0, 142.0  # three stand beside each other on a page
_VARIABLE = re.compile(r"var\(--\w+, (#[0-9a-f]+)\)")


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, what is said under it, and what it shows in words."""

    svg: str
    caption: str
    about: str
    wide: bool = False


def printed(svg: str) -> str:
    """Return a picture of a lesson with its colours fixed and its type that of print."""
    svg = _VARIABLE.sub(r"\1", svg)
    return svg.replace("Inter, system-ui, sans-serif", "Libertinus Serif")


def losses(runs: Mapping[str, Mapping[str, Any]]) -> Figure | None:
    """Return the losses of the descents that a lesson names, against the step."""
    held = {k: np.array(r["losses"], dtype=float) for k, r in runs.items() if len(r["losses"]) > 1}
    if not held:
        return None
    finite = np.concatenate([x[np.isfinite(x) & (x > 0)] for x in held.values()])
    starts = max(float(x[0]) for x in held.values())
    high = min(float(finite.max()), 30 * starts)
    low = max(float(finite.min()), high * 1e-6)
    if high / low < 1.05:
        return None
    steps, some = max(len(x) for x in held.values()), list(held.items())[:6]
    long = steps > 3 * min(len(x) for x in held.values())
    chart = Chart(
        WIDE, TALL + 10 * len(some), (1 if long else 0, steps), (low * 0.9, high * 1.1), log="xy" if long else "y",
        labels=("step", "loss"), below=10 * len(some),
    )  # fmt: skip
    for i, (name, values) in enumerate(some):
        chart.line(np.arange(len(values), dtype=np.float64) + long, values, HUES[i], 1.3, DASHES[i])
        x, y = chart.left, chart.bottom + 33 + 10 * i
        chart.parts.append(f'<path d="M{x:.1f} {y - 2.5:.1f}h18" stroke="{HUES[i]}" stroke-width="1.4" stroke-dasharray="{DASHES[i]}"/>')  # fmt: skip
        chart.text((x + 22, y), _way(name, runs[name]), colour=INK, size=8)
    about = "; ".join(f"{_way(k, runs[k])}: from {shown(float(x[0]))} to {shown(float(x[-1]))} in {len(x)} steps" for k, x in some)  # fmt: skip
    return Figure(
        chart.svg(), "The loss, step by step; scales that grow by factors.", f"Losses. {about}."
    )


def _way(name: str, run: Mapping[str, Any]) -> str:
    method = OPTIMIZERS[run["setting"]["method"]][0].lower().replace("adam", "Adam")
    if name.lower() == method.lower():
        return f"{name}, α = {shown(float(run['rate']), '.3g')}"
    return f"{'' if name == 'run' else f'{name}: '}{method}, α = {shown(float(run['rate']), '.3g')}"


def fitted(case: Case, run: Run) -> Figure | None:
    """Return data and fit: a curve over one feature, a boundary over two, else predictions against targets."""
    names = list(case.model.data)
    if len(names) != 2:
        return None
    X, Y = (np.asarray(case.sample.arrays[n], dtype=float) for n in names)
    if Y.size != X.shape[-1] or X.ndim != 2:
        return None
    if X.shape[0] == 1:
        return _curve(case, run, names, X, Y)
    if X.shape[0] == 2 and set(np.unique(Y)) <= {0.0, 1.0}:
        return _boundary(case, run, names, X, Y)
    return _against(case, run, names, X, Y)


def _curve(case: Case, run: Run, names: list[str], X: Any, Y: Any) -> Figure:
    low, high = float(X.min()), float(X.max())
    room, tall = 0.05 * (high - low), 0.08 * float(np.ptp(Y))
    label = case.sample.features[0] if case.sample.features else names[0]
    target = case.sample.targets[0] if case.sample.targets else names[1]
    chart = Chart(WIDE, TALL, (low - room, high + room), (float(Y.min()) - tall, float(Y.max()) + tall), labels=(f"{label}, scaled", f"{target}, scaled"))  # fmt: skip
    chart.dots(X, Y)
    grid = np.linspace(low - room, high + room, 240)
    for params, colour, dash in ((case.start, SOFT, "4 2.5"), (run.params, FORWARD, "")):
        found = np.ravel(case.model.predict({names[0]: grid[None, :]}, params))
        chart.line(grid, found, colour, 1.7 if not dash else 1.1, dash)
    return Figure(
        chart.svg(), f"Data, the model at the start (dashed) and after {run.steps} steps.",
        f"{Y.size} points; the fit after {run.steps} steps has the loss {shown(float(run.loss))}.",
    )  # fmt: skip


def _boundary(case: Case, run: Run, names: list[str], X: Any, Y: Any) -> Figure:
    (x0, x1), (y0, y1) = ((float(r.min()) - 0.3, float(r.max()) + 0.3) for r in X)
    labels = tuple(f"{f}, scaled" for f in case.sample.features) if len(case.sample.features) == 2 else tuple("12")  # fmt: skip
    chart = Chart(WIDE, TALL, (x0, x1), (y0, y1), labels=(labels[0], labels[1]))
    xs, ys = np.linspace(x0, x1, 90), np.linspace(y0, y1, 90)
    grid = np.stack([g.ravel() for g in np.meshgrid(xs, ys)])
    found = np.reshape(case.model.predict({names[0]: grid}, run.params), (90, 90))
    chart.contours(xs, ys, found, [0.1, 0.25, 0.75, 0.9])
    chart.contours(xs, ys, found, [0.5], INK)
    labels_ = np.ravel(Y)
    chart.dots(X[0, labels_ == 0], X[1, labels_ == 0], DATA, 1.7, hollow=True)
    chart.dots(X[0, labels_ == 1], X[1, labels_ == 1], GRADIENT, 1.7)
    told = np.asarray(case.model.predict({names[0]: X}, run.params), dtype=float).ravel() > 0.5
    right = float(np.count_nonzero(told == (labels_ == 1)) / labels_.size)
    return Figure(
        chart.svg(), f"Two classes and the boundary after {run.steps} steps (dark: probability one half).",
        f"{labels_.size} examples of two classes; {right:.0%} are on their side of the boundary.",
    )  # fmt: skip


def _against(case: Case, run: Run, names: list[str], X: Any, Y: Any) -> Figure:
    found = np.ravel(case.model.predict({names[0]: X}, run.params))
    low, high = (float(f([Y.min(), found.min()])) if f is np.min else float(f([Y.max(), found.max()])) for f in (np.min, np.max))  # fmt: skip
    chart = Chart(WIDE, TALL, (low, high), (low, high), labels=("target, scaled", "prediction"))
    chart.line([low, high], [low, high], RULE, 1)
    chart.dots(Y, found, FORWARD, 1.2)
    return Figure(
        chart.svg(), f"Predictions after {run.steps} steps against the targets; on the line they would be equal.",
        f"{Y.size} examples; the loss is {shown(float(run.loss))}.",
    )  # fmt: skip


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


METHODS = ("gradient-descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def methods(case: Case) -> list[Figure]:
    """Return the losses of six methods on one loss from one start, and the ways of four of them over two parameters."""
    cases = {key: Case(case.setting.but({"method": key, "rate": None, "steps": 60, "batch_size": None})) for key in METHODS}  # fmt: skip
    drawn = losses({OPTIMIZERS[key][0]: one.run() for key, one in cases.items()})
    found = [_ways({key: descend(one) for key, one in cases.items()})]
    return [figure for figure in (found[0], drawn) if figure]


def _ways(runs: Mapping[str, Run]) -> Figure | None:
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


def small(entry: Entry) -> str:
    """Return an operation in small: its value and, dashed, its slope."""
    low, high = entry.window
    xs = np.linspace(low, high, 121)
    found = np.array([entry.at(float(x)) for x in xs])
    found[~np.isfinite(found[:, 0]), 1] = np.nan
    chart = Chart(74, 40, entry.window, entry.frame, ticks=False)
    chart.line([low, high], [0, 0], RULE, 0.6)
    chart.line(xs, _cut(found[:, 1]), GRADIENT, 1.0, "3 1.6")
    chart.line(xs, _cut(found[:, 0]), FORWARD, 1.3)
    return chart.svg()


def _cut(values: Sequence[float] | Any) -> Any:
    """Return numbers with a gap where they jump, so that a jump is not drawn as a slope."""
    held = np.array(values, dtype=float)
    steps = np.abs(np.diff(held))
    usual = np.nanmedian(steps) if np.isfinite(steps).any() else 0.0
    jump = np.flatnonzero((steps > 0.4) & (steps > 6 * usual))
    held[jump] = np.nan
    return held


__all__ = ["Figure", "cover", "fitted", "landscape", "losses", "methods", "printed", "small"]
