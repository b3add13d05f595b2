"""Carrying a run on: the engine made ready, the loop watched, saved on the way, and a divergence explained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.engines.batches import Batches
from chainrule.engines.choose import Prepared, prepare
from chainrule.engines.moments import example_dims
from chainrule.engines.work import Position
from chainrule.errors import DivergenceError
from chainrule.fit import loop
from chainrule.fit.baselines import closed_form, random_search
from chainrule.fit.progress import Tick, shown
from chainrule.model import Model
from chainrule.optim.baselines import ClosedForm, RandomSearch
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from chainrule.fit.run import Run, Settings

SAVE_EVERY = 10.0  # seconds between two saves on the way


def go(
    run: Run,
    *,
    callback: Callable[[int, float, dict[str, Any]], bool | None] | None = None,
    progress: bool | Tick = False,
    save: str | Path | None = None,
    save_every: float = SAVE_EVERY,
) -> Run:
    """Carry a run on from where it stands to the number of steps in its settings."""
    settings = run.settings
    if save is not None:
        run.claim(save)
    if isinstance(settings.optimizer, RandomSearch):
        random_search(run)
    elif isinstance(settings.optimizer, ClosedForm):
        closed_form(run)
    else:
        _descend(run, settings.optimizer, callback, progress, save, save_every)
    if save is not None:
        run.save(save)
    if run.stopped == "diverged":
        raise _divergence(run)
    return run


def _descend(
    run: Run,
    optimizer: Optimizer,
    callback: Callable[[int, float, dict[str, Any]], bool | None] | None,
    progress: bool | Tick,
    save: str | Path | None,
    save_every: float,
) -> None:
    settings = run.settings
    ready = prepared(run, optimizer)
    run.engine, run.why = ready.name, ready.why
    run.attach(ready)
    record = run.record
    every = loop.spacing(settings.steps, run.flat.size * (1 + len(optimizer.slots)))
    if every > record.every:
        run.record = record = record.thinned(every)
    epoch = 1 if ready.work.batches is None else ready.work.batches.per_epoch
    limits = loop.Limits(settings.steps, _threshold(run, ready), settings.patience, epoch)
    beat = epoch if epoch > 1 else max(1, settings.steps // 100)
    saved = began = time.perf_counter()
    before = run.seconds

    with shown(progress, settings.steps) as tick:

        def on_stretch(step: int, loss: float, position: Position) -> bool:
            nonlocal saved
            now = time.perf_counter()
            run.position, run.seconds = position, before + now - began
            if save is not None and now - saved > save_every:
                run.save(save)
                saved = time.perf_counter()
            if tick:
                tick(step, loss)
            if callback and step % beat == 0:
                return bool(callback(step, loss, run.flat.split(position.vector.copy())))
            return False

        outcome = loop.descend(
            ready.engine, run.position, limits, record, on_stretch, beat if callback else None
        )
    run.position, run.stopped = outcome.position, outcome.stopped
    run.seconds = before + time.perf_counter() - began
    run.evaluations["gradient"] = len(record.losses)


def prepared(run: Run, optimizer: Optimizer) -> Prepared:
    """Return the engine of a run, ready."""
    settings = run.settings
    dim, m = examples(run.model, run.data or {})
    batches = None
    if settings.batch_size is not None and dim is not None:
        axes = {
            name: shape.index(dim)
            for name, shape in run.model.data.items()
            if isinstance(shape, tuple) and dim in shape
        }
        batches = Batches(m, settings.batch_size, settings.seed, axes)
    return prepare(
        run.model.derivation, run.data or {}, run.flat, optimizer,
        engine=run.engine or settings.engine, steps=_expected(settings), batches=batches, dtype=settings.dtype, m=m,
    )  # fmt: skip


def _expected(settings: Settings) -> int:
    """Return how many steps to reckon with: a tolerance usually ends a run long before its limit."""
    return settings.steps if settings.tolerance is None else max(1, settings.steps // 5)


def examples(model: Model, data: Mapping[str, Any]) -> tuple[str | None, int]:
    """Return the dim that counts examples and how many there are; (None, 0) where there is none."""
    shapes = {name: s for name, s in model.data.items() if isinstance(s, tuple) and s}
    dims = example_dims(model.graph)
    shared = [dim for dim in dims if all(dim in shape for shape in shapes.values())]
    for dim in [*shared, *(dims if len(dims) == 1 else ())]:
        name = next(name for name, shape in shapes.items() if dim in shape)
        return dim, int(np.shape(data[name])[shapes[name].index(dim)])
    return None, 0


def _threshold(run: Run, ready: Prepared) -> float | None:
    if run.settings.tolerance is None:
        return None
    gradient = ready.curvature.gradient.run({**ready.work.data, **run.start})[1]
    return run.settings.tolerance * max(float(np.linalg.norm(run.flat.join(gradient))), 1.0)


def _divergence(run: Run) -> DivergenceError:
    optimizer = run.settings.optimizer
    at, loss = run.steps, run.losses[-1] if len(run.losses) else float("nan")
    text = f"the descent diverged: after {at} steps the loss is {float(loss):.4g}."
    if isinstance(optimizer, Optimizer):
        rate = optimizer.rate(max(at, 1))
        text += f" The learning rate {rate:g} is too large"
        largest = run.curvature_at_start()
        if largest and rate > 2 / largest and isinstance(optimizer, GradientDescent):
            text += (
                f": it is above 2/λmax = {2 / largest:.4g}, where every step overshoots more than it gains. "
                f"Try {1 / largest:.3g}."
            )
        else:
            text += f". Try a tenth of it, {rate / 10:g}."
    error = DivergenceError(text)
    error.run = run
    return error
