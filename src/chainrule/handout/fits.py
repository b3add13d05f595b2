"""Data and fit: a curve over one feature, a boundary over two, else predictions against targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.scope import Case
from chainrule.fit.run import Run
from chainrule.handout.chart import DATA, FORWARD, GRADIENT, INK, RULE, SOFT, Chart
from chainrule.handout.figure import TALL, WIDE, Figure


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


__all__ = ["fitted"]
