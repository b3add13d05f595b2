"""The other figures of the printed notes, each drawn from a chapter's own descents: losses, methods, operations in small."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.notes.entry import Entry
from chainrule.course.scope import Case
from chainrule.handout.chart import DASHES, FORWARD, GRADIENT, HUES, INK, RULE, Chart
from chainrule.handout.figure import TALL, WIDE, Figure
from chainrule.handout.landscapes import ways
from chainrule.handout.numbers import descend

METHODS = ("gradient-descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
_VARIABLE = re.compile(r"var\(--\w+, (#[0-9a-f]+)\)")


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
    name = name.replace("_", " ")
    method = OPTIMIZERS[run["setting"]["method"]][0].lower().replace("adam", "Adam")
    if name.lower() == method.lower():
        return f"{name}, α = {shown(float(run['rate']), '.3g')}"
    return f"{'' if name == 'run' else f'{name}: '}{method}, α = {shown(float(run['rate']), '.3g')}"


def methods(case: Case) -> list[Figure]:
    """Return the losses of six methods on one loss from one start, and the ways of four of them over two parameters."""
    cases = {key: Case(case.setting.but({"method": key, "rate": None, "steps": 60, "batch_size": None})) for key in METHODS}  # fmt: skip
    drawn = losses({OPTIMIZERS[key][0]: one.run() for key, one in cases.items()})
    found = [ways({key: descend(one) for key, one in cases.items()})]
    return [figure for figure in (found[0], drawn) if figure]


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


__all__ = ["losses", "methods", "printed", "small"]
