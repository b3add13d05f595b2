"""The commands `fit`, `predict` and `compare`. What they print is what happened."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np

from chainrule.engines.curvature import Curvature
from chainrule.errors import DataError, DivergenceError, ParseError
from chainrule.fit import report
from chainrule.fit.baselines import least_squares
from chainrule.fit.descent import go
from chainrule.fit.fitting import plan
from chainrule.fit.loading import load
from chainrule.fit.run import Run
from chainrule.fit.streaming import wanted
from chainrule.model import Model
from chainrule.modelfile import parse_names, parse_sizes
from chainrule.optim.names import Method, method
from chainrule.optim.optimizer import Optimizer
from chainrule.tables.table import find

STEPS = 100_000  # the most steps of a full-batch descent that settles by itself
TOLERANCE = 1e-10


def fit_table(model: Model, options: argparse.Namespace) -> int:
    """Run `chainrule fit` and return its exit status."""
    _refuse_nonsense(options)
    run = _planned(model, options)
    curvature = Curvature(model.derivation, run.data or {}, run.flat)
    if not options.json:
        print("\n".join([*run.notes, *_announced(run, options)]))
    try:
        go(run, progress=not options.json, save=options.save)
    except DivergenceError as error:
        if options.save:
            raise DivergenceError(f"{error} What was done is in {options.save}.") from None
        raise
    solution = least_squares(run)
    closed = None if solution is None else run.flat.split(solution.vector)
    if options.json:
        print(json.dumps(_document(run, closed), indent=1))
    else:
        for line in _finished(run, closed, curvature):
            print(line)
        if options.save:
            print(f"saved in {options.save}")
    if run.stopped == "interrupted":
        return 130
    if options.show:
        run.show()
    return 0


def _planned(model: Model, options: argparse.Namespace) -> Run:
    batched = options.batch_size is not None
    named = None if options.steps or options.epochs else STEPS if not batched else None
    sizes: dict[str, Any] = parse_sizes(options.size)
    return plan(
        model,
        options.data if wanted(options.data, options.stream) else find(options.data),
        target=list(options.target),
        features=parse_names(options.features),
        positive=options.positive,
        drop_missing=options.drop_missing,
        standardise=not options.raw,
        stream=options.stream,
        optimizer=_method(options),
        steps=options.steps or named,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        init=options.init,
        engine=options.engine,
        dtype=options.dtype,
        tolerance=None
        if batched
        else TOLERANCE
        if options.tolerance is None
        else options.tolerance,
        patience=options.patience,
        save=options.save,
        resume=options.resume,
        **sizes,
    )


def _method(options: argparse.Namespace) -> Method | None:
    """Return the method that was named; None for gradient descent with a learning rate from the curvature."""
    settings = dict(_setting(pair) for pair in options.settings)
    if options.learning_rate is not None:
        settings["learning_rate"] = options.learning_rate
    if options.optimizer is None and not settings:
        return None
    return method(options.optimizer or "gradient-descent", **settings)


def _setting(pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    words = {"true": True, "false": False, "yes": True, "no": False}
    if not equals or not name.strip() or not text.strip():
        raise ParseError(f"--with {pair}: write NAME=VALUE, as in --with beta1=0.8.")
    if text.lower() in words:
        return name, words[text.lower()]
    try:
        number = float(text)
    except ValueError:
        return name, text
    return name, number


def _refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse numbers that make no sense before anything is read."""
    rate = options.learning_rate
    if rate is not None and not 0 < rate < math.inf:
        raise DataError(f"the learning rate is {rate}: it must be a positive number, such as 0.1.")
    for name in ("steps", "epochs", "batch_size", "patience"):
        value = getattr(options, name)
        if value is not None and value < 1:
            words = name.replace("_", " ")
            raise DataError(
                f"the number of {words} is {value}: it must be at least 1."
                if name != "batch_size"
                else f"the batch size is {value}: it must be at least 1."
            )
    if options.tolerance is not None and not 0 <= options.tolerance < math.inf:
        raise DataError(
            f"the tolerance is {options.tolerance}: it must be a number >= 0, such as 1e-10."
        )
    if options.resume and not options.save:
        raise DataError("--resume needs to know where the run was saved. Give --save DIR too.")


def _announced(run: Run, options: argparse.Namespace) -> list[str]:
    reading, settings = run.reading, run.settings
    assert reading is not None
    rows = reading.streamed or max(max(np.shape(x), default=0) for x in (run.data or {}).values())
    lines = [
        f"{run.model.name}: {', '.join(reading.targets)} from {', '.join(reading.features)}, {rows} examples"
    ]
    optimizer = settings.optimizer
    if isinstance(optimizer, Optimizer) and _method(options) is None:
        rate = optimizer.rate(1)
        lines.append(
            f"gradient descent, learning rate {rate:.6g} (1/λmax, λmax = {1 / rate:.6g} being the largest curvature at the start)"
        )
    else:
        told = repr(optimizer)
        if isinstance(optimizer, Optimizer) and "learning_rate" not in told:
            told = f"{told}, learning rate {optimizer.rate(1):g}"
        lines.append(told)
    if settings.batch_size:
        lines.append(f"batches of {settings.batch_size}, seed {settings.seed}")
    if run.steps:
        lines.append(f"resumed after {run.steps} steps")
    return lines


_WHY = {
    "settled": "the gradient vanished",
    "steps": "the limit of steps",
    "patience": "no better loss for as long as patience allows",
    "interrupted": "interrupted",
    "callback": "asked to stop",
}


def _finished(run: Run, closed: dict[str, Any] | None, curvature: Curvature) -> list[str]:
    why = _WHY.get(run.stopped, run.stopped)
    if (
        run.stopped == "steps"
        and not run.settings.batch_size
        and isinstance(run.settings.optimizer, Optimizer)
    ):
        why += "; the gradient has not vanished yet"
    speed = f", {run.steps / run.seconds:,.0f} steps/s" if run.seconds and run.steps > 1 else ""
    lines = [
        f"stopped after {run.steps} step{'s' * (run.steps != 1)} in {run.seconds:.2f} s{speed}: {why}",
        f"engine {run.engine}: {run.why}",
    ]
    first = run.losses[0] if len(run.losses) else math.nan
    lines.append(f"loss {report.number(float(first))} -> {report.number(run.loss)}")
    if closed is not None:
        lines += _beside(run, closed, curvature)
    lines.append("parameters" + (" (of the standardised columns)" if _scaled(run) else ""))
    lines += report.parameter_lines(run.params, closed)
    undone = _undone(run)
    if undone:
        lines += ["in the units of the data", *(f"  {row}" for row in undone)]
    return lines


def _beside(run: Run, closed: dict[str, Any], curvature: Curvature) -> list[str]:
    data = run.data or {}
    loss = run.model.loss(data, closed)
    far = report.farthest(run.params, closed)
    lines = [f"closed form loss {report.number(loss)}, farthest parameter {far:.2g} away"]
    if run.condition is not None and 1 <= run.condition < math.inf:
        digits = math.floor(15.95 - math.log10(run.condition))  # float64 has 15.95
        lines.append(
            f"condition number of the columns {run.condition:.4g}: the closed form keeps about {max(0, digits)} of 16 digits"
        )
    low, high = curvature.extremes(run.params)
    if low > 0:
        condition = high / low
        lines.append(
            f"condition number λmax/λmin = {condition:.4g}: gradient descent at 1/λmax takes about "
            f"{max(1, math.ceil(condition * math.log(10))):,} steps for each further digit"
        )
    return lines


def _scaled(run: Run) -> bool:
    return run.reading is not None and run.reading.scaling is not None


def _undone(run: Run) -> list[str] | None:
    scaling = run.reading.scaling if run.reading else None
    return scaling.undo(run.model, run.params) if scaling else None


def _document(run: Run, closed: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "model": run.model.name,
        "optimizer": repr(run.settings.optimizer),
        "steps": run.steps,
        "stopped": run.stopped,
        "seconds": run.seconds,
        "engine": run.engine,
        "why": run.why,
        "first_loss": float(run.losses[0]) if len(run.losses) else None,
        "loss": run.loss,
        "parameters": _listed(run.params),
        "condition": run.condition if run.condition and math.isfinite(run.condition) else None,
        "closed_form": None if closed is None else _listed(closed),
        "in_units_of_the_data": _undone(run),
    }


def _listed(params: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return (
            [plain(x) for x in cast("list[Any]", value)]
            if isinstance(value, list)
            else np.asarray(value).tolist()
        )

    return {name: plain(value) for name, value in params.items()}


# -- predict
def predict_table(options: argparse.Namespace) -> int:
    """Run `chainrule predict` and return its exit status: the predictions as CSV, one row per example."""
    run = load(options.run_folder)
    if run.reading is None:
        raise DataError(
            f"the run in {options.run_folder} was fitted to arrays, not to a table. Predict in Python: cr.load(...).predict(X)."
        )
    values = run.predict(find(options.data), probabilities=options.probabilities)
    rows: Any = np.asarray(values, dtype=object)
    columns = list(run.reading.targets)
    classes = run.reading.encoding.classes
    if rows.ndim > 1:
        columns = [f"{columns[0]} {c}" for c in classes] if classes else columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells: list[Any] = list(row) if rows.ndim > 1 else [row]
        writer.writerow([x if isinstance(x, str) else repr(float(x)) for x in cells])
    if options.to is None:
        sys.stdout.write(text.getvalue())
        return 0
    try:
        Path(options.to).write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{options.to} cannot be written: {error.strerror}.") from None
    print(f"{len(rows)} predictions in {options.to}")
    return 0


# -- compare
def compare_runs(options: argparse.Namespace) -> int:
    """Run `chainrule compare` and return its exit status: a table, and a figure where one was asked for."""
    runs = {str(folder): load(folder) for folder in options.runs}
    header = (
        "run",
        "model",
        "optimizer",
        "steps",
        "first loss",
        "loss",
        "seconds",
        "engine",
        "losses",
    )
    rows: list[tuple[str, ...]] = [header]
    best = min((run.loss for run in runs.values() if run.loss == run.loss), default=math.nan)
    for folder, run in runs.items():
        first = report.number(float(run.losses[0])) if len(run.losses) else ""
        mark = "*" if run.loss == best and len(runs) > 1 else ""
        rows.append((
            folder, run.model.name, repr(run.settings.optimizer), f"{run.steps}", first, report.number(run.loss) + mark,
            f"{run.seconds:.2f}", run.engine, report.sparkline(run.losses),
        ))  # fmt: skip
    widths = [max(len(row[k]) for row in rows) for k in range(len(header))]
    for row in rows:
        print("  ".join(f"{cell:<{wide}}" for cell, wide in zip(row, widths, strict=True)).rstrip())
    if len(runs) > 1 and best == best:
        print("* the lowest loss")
    if options.figure:
        from chainrule.fit.plot import comparison, written

        written(comparison(runs), options.figure)
        print(f"figure in {options.figure}")
    return 0


__all__ = ["compare_runs", "fit_table", "predict_table"]
