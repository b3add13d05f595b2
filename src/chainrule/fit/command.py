"""The `fit` command: read, scale, descend, report. What it prints is what happened."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from chainrule.errors import DataError, ParseError
from chainrule.fit import report
from chainrule.fit.arrange import placed, roles, target_rows
from chainrule.fit.curvature import Curvature
from chainrule.fit.descend import Descent, descend
from chainrule.fit.scale import Standardisation
from chainrule.fit.table import Table, find
from chainrule.model import Model


def fit_table(model: Model, options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    sizes = _checked_options(options)
    table = find(options.data)
    targets = list(options.target)
    table.require(targets)
    features = _features(table, options.features, targets)
    if options.drop_missing:
        table, gone = table.drop_missing([*features, *targets])
        print(f"dropped {gone} rows with missing values" if gone else "no row has missing values")
    data, scaling = _data(model, table, features, targets, options)
    params = model.init(data, seed=options.seed, **sizes)
    curvature = Curvature(model, data)
    largest = curvature.largest(params)
    rate = (
        options.learning_rate
        if options.learning_rate is not None
        else 1 / largest
        if largest
        else 1.0
    )
    _announce(model, table, features, targets, rate, largest, options.learning_rate is None)
    started = time.perf_counter()
    with _progress(options.steps) as on_step:
        result = descend(
            model, data, params, rate, options.steps, options.tolerance, largest, on_step
        )
    seconds = time.perf_counter() - started
    _finish(model, data, result, seconds, curvature.closed_form(params), scaling)
    return 0


def _features(table: Table, chosen: str | None, targets: list[str]) -> list[str]:
    if chosen is None:
        features = [name for name in table.names if name not in targets]
        if not features:
            raise DataError("no column is left to predict from: every column is a target.")
        return features
    features = [name.strip() for name in chosen.split(",") if name.strip()]
    table.require(features)
    both = [name for name in features if name in targets]
    if both:
        raise DataError(
            f"the column {both[0]!r} is both a feature and the target. Take it out of --features."
        )
    return features


def _data(
    model: Model, table: Table, features: list[str], targets: list[str], options: argparse.Namespace
) -> tuple[dict[str, Any], Standardisation | None]:
    X, Y, examples = roles(model)
    inputs = table.numeric(features, constant_ok=options.raw)
    outputs, encoding = target_rows(table, model, Y, targets, options.positive)
    if encoding:
        print(encoding)
    scaling = None
    if not options.raw:
        scaling = Standardisation.of(inputs, features, None if encoding else outputs, targets)
        inputs, outputs = scaling.apply(inputs, outputs)
        print("standardised (mean, standard deviation):")
        print("\n".join(f"  {line}" for line in scaling.lines()))
    columns = targets if not encoding else [f"class {i}" for i in range(len(outputs))]
    return {
        X: placed(inputs, X, model, examples, features, "--features"),
        Y: placed(outputs, Y, model, examples, columns, "--target"),
    }, scaling


def _checked_options(options: argparse.Namespace) -> dict[str, int]:
    """Return the sizes given, having refused numbers that make no sense before anything is read."""
    rate = options.learning_rate
    if rate is not None and not 0 < rate < float("inf"):
        raise DataError(f"the learning rate is {rate}: it must be a positive number, such as 0.1.")
    if options.steps < 1:
        raise DataError(f"the number of steps is {options.steps}: it must be at least 1.")
    if not 0 <= options.tolerance < float("inf"):
        raise DataError(
            f"the tolerance is {options.tolerance}: it must be a number >= 0, such as 1e-10."
        )
    return _sizes(options.size)


def _sizes(pairs: list[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for pair in pairs:
        dim, _, size = pair.partition("=")
        if not (size.isascii() and size.isdigit()):
            raise ParseError(f"--size {pair}: write DIM=N, as in --size n_h=8.")
        sizes[dim] = int(size)
    return sizes


def _announce(
    model: Model,
    table: Table,
    features: list[str],
    targets: list[str],
    rate: float,
    largest: float,
    chosen: bool,
) -> None:
    origin = (
        f"1/λmax, λmax = {largest:.6g} being the largest curvature at the start"
        if chosen
        else "as given"
    )
    print(f"{model.name}: {', '.join(targets)} from {', '.join(features)}, {table.n_rows} examples")
    print(f"gradient descent, learning rate {rate:.6g} ({origin})")


def _finish(
    model: Model,
    data: Mapping[str, Any],
    result: Descent,
    seconds: float,
    closed: dict[str, Any] | None,
    scaling: Standardisation | None,
) -> None:
    why = (
        "the gradient vanished"
        if result.settled
        else "the limit of steps; the gradient has not vanished yet"
    )
    rate = f", {result.steps / seconds:,.0f} steps/s" if seconds and result.steps else ""
    print(f"stopped after {result.steps} steps in {seconds:.2f} s{rate}: {why}")
    print(f"loss {report.number(result.losses[0])} -> {report.number(result.losses[-1])}")
    if closed is not None:
        print(
            f"closed form loss {report.number(model.loss(data, closed))}, farthest parameter {report.farthest(result.params, closed):.2g} away"
        )
    print("parameters" + (" (of the standardised columns)" if scaling else ""))
    print("\n".join(report.parameter_lines(result.params, closed)))
    line = scaling.undo(model, result.params) if scaling else None
    if line:
        print("in the units of the data\n" + "\n".join(f"  {row}" for row in line))


@contextmanager
def _progress(steps: int) -> Generator[Callable[[int, float], None] | None]:
    """Show loss, speed and time left on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("step {task.completed:>7,.0f}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.6g}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fit", total=steps, loss=float("nan"))

        def on_step(step: int, loss: float) -> None:
            if step % 64 == 0:
                bar.update(task, completed=step, loss=loss)

        yield on_step
