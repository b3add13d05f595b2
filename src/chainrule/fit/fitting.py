"""`fit`: from a model and data to a recorded run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.engines.batches import Batches
from chainrule.engines.choose import Prepared, prepare
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.moments import example_dims
from chainrule.engines.work import Position
from chainrule.errors import DataError, DivergenceError, ShapeError, unknown
from chainrule.fit import loop
from chainrule.fit.baselines import closed_form, random_search
from chainrule.fit.inputs import read
from chainrule.fit.progress import Tick, shown
from chainrule.fit.run import Run, Settings, load
from chainrule.model import Model
from chainrule.model import model as as_model
from chainrule.optim.baselines import ClosedForm, RandomSearch
from chainrule.optim.checks import at_least_zero, count
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.names import Method, method
from chainrule.optim.optimizer import Optimizer
from chainrule.start import check_arrays

STEPS = 1000  # where neither steps nor epochs are given
SAVE_EVERY = 10.0  # seconds


def fit(
    model: Model | Callable[..., Any],
    data: Any,
    *,
    target: str | list[str] | None = None,
    features: str | list[str] | None = None,
    positive: object = None,
    drop_missing: bool = False,
    standardise: bool = True,
    optimizer: Method | str | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    params: Mapping[str, Any] | None = None,
    init: str = "fan-in",
    engine: str = "auto",
    dtype: str = "float64",
    tolerance: float | None = None,
    patience: int | None = None,
    callback: Callable[[int, float, dict[str, Any]], bool | None] | None = None,
    progress: bool | Tick = False,
    save: str | Path | None = None,
    save_every: float = SAVE_EVERY,
    resume: bool = False,
    **sizes: int,
) -> Run:
    """Fit a model to data by gradient descent, and record the run.

    w ← w - α dL/dw, or what the optimizer makes of it, `steps` times.

    Args:
        model: a Model, or a function that `@cr.model` would accept.
        data: a mapping of arrays in the model's own layout, {"X": X, "Y": Y}; or a table with examples as rows: a
            pandas, polars or Arrow frame, or the path of a CSV or Parquet file, and then `target`.
        target, features: for tables: the columns to predict, and to predict from (all others).
        positive: for tables: the class that counts as 1.
        drop_missing: for tables: leave out rows with missing values.
        standardise: for tables: bring columns to mean 0 and deviation 1, and undo it in reports and predictions.
        optimizer: a method such as cr.Adam(0.01), or its name; None for gradient descent with the learning rate
            1/λmax, from the curvature at the start.
        steps, epochs: how long, >= 1; 1000 steps where neither is given. Without a batch size an epoch is a step.
        batch_size: examples per step, 1 to m; None for all. Every epoch shuffles anew; its last batch may be short.
        seed: for the start, the batches and random search.
        params: where to start, by name; None for `model.init(data, seed=seed, scheme=init)`.
        init: how to draw the start: "fan-in", "xavier", "he", "normal" or "zeros".
        engine: "auto", "numpy", "jax" or "moments".
        dtype: "float64" or "float32".
        tolerance: stop where the gradient's norm is this fraction of its first (of 1, if that is larger); full batch.
        patience: stop after this many epochs without a better mean loss.
        callback: called with (step, loss, params) about a hundred times, or every epoch; True stops the run.
        progress: True for a progress bar on a terminal.
        save: a folder to save the run in, at the end and on the way.
        save_every: seconds between two saves on the way.
        resume: continue the run saved there, if there is one: the result is as if it had never stopped.
        **sizes: sizes that the data do not tell, such as n_h=16.

    Returns:
        A Run.

    Raises:
        DataError, ShapeError, UnknownNameError: something given does not fit; says what to write instead.
        DivergenceError: the loss left the finite numbers or grew a billionfold; its `run` holds what was done.

    >>> import chainrule as cr
    >>> x, y = [[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]]
    >>> run = cr.fit(cr.models.univariate, {"x": x, "y": y}, optimizer=cr.GradientDescent(0.3), steps=200)
    >>> print(f"{float(run.params['w']):.6f} {float(run.params['b']):.6f}")
    2.000000 1.000000
    """
    run = plan(
        model, data, target=target, features=features, positive=positive, drop_missing=drop_missing,
        standardise=standardise, optimizer=optimizer, steps=steps, epochs=epochs, batch_size=batch_size, seed=seed,
        params=params, init=init, engine=engine, dtype=dtype, tolerance=tolerance, patience=patience, save=save, resume=resume,
        **sizes,
    )  # fmt: skip
    return go(run, callback=callback, progress=progress, save=save, save_every=save_every)


def plan(
    model: Model | Callable[..., Any],
    data: Any,
    *,
    target: str | list[str] | None = None,
    features: str | list[str] | None = None,
    positive: object = None,
    drop_missing: bool = False,
    standardise: bool = True,
    optimizer: Method | str | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    params: Mapping[str, Any] | None = None,
    init: str = "fan-in",
    engine: str = "auto",
    dtype: str = "float64",
    tolerance: float | None = None,
    patience: int | None = None,
    save: str | Path | None = None,
    resume: bool = False,
    **sizes: int,
) -> Run:
    """Return the run that `fit` will make, everything checked and nothing done; for the arguments see `fit`."""
    if not isinstance(seed, int) or isinstance(seed, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"the seed is {seed!r}: it must be a whole number, such as 0.")
    chosen_model = model if isinstance(model, Model) else as_model(model)
    inputs = read(chosen_model, data, target, features, positive, drop_missing, standardise)
    arrays, start = _start(chosen_model, inputs.arrays, params, seed, init, sizes)
    m = _examples(chosen_model, arrays)[1]
    _check(steps, epochs, batch_size, m, dtype, tolerance, patience, resume, save)
    chosen = method(optimizer) if isinstance(optimizer, str) else optimizer
    if chosen is not None and not isinstance(chosen, Method):  # pyright: ignore[reportUnnecessaryIsInstance] - a class, say
        raise DataError(
            f"the optimizer is {optimizer!r}: pass a method such as cr.Adam(0.01), or its name."
        )
    settings = Settings(
        optimizer=chosen if chosen is not None else _default(chosen_model, arrays, start),
        steps=_steps(steps, epochs, batch_size, m),
        batch_size=batch_size,
        seed=seed,
        engine=engine,
        dtype=dtype,
        tolerance=tolerance,
        patience=patience,
    )
    run = Run(chosen_model, settings, start, arrays, inputs.reading)
    run.notes = inputs.notes
    if resume and save is not None and (Path(save) / "run.json").exists():
        run = _continued(run, load(save, model=chosen_model, data=arrays))
    return run


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
    dim, m = _examples(run.model, run.data or {})
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


def _examples(model: Model, data: Mapping[str, Any]) -> tuple[str | None, int]:
    """Return the dim that counts examples and how many there are; (None, 0) where there is none."""
    shapes = {name: s for name, s in model.data.items() if isinstance(s, tuple) and s}
    dims = example_dims(model.graph)
    shared = [dim for dim in dims if all(dim in shape for shape in shapes.values())]
    for dim in [*shared, *(dims if len(dims) == 1 else ())]:
        name = next(name for name, shape in shapes.items() if dim in shape)
        return dim, int(np.shape(data[name])[shapes[name].index(dim)])
    return None, 0


def _start(
    model: Model,
    data: Mapping[str, Any],
    params: Mapping[str, Any] | None,
    seed: int,
    init: str,
    sizes: dict[str, int],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data and the parameters to start from, as checked arrays."""
    if params is None:
        start = model.init(data, seed=seed, scheme=init, **sizes)
    elif sizes:
        raise ShapeError(
            f"{next(iter(sizes))}= was given beside params, which tell all sizes. Leave it out."
        )
    else:
        start = dict(params)
    checked = check_arrays(model.graph, data, start)
    names = (model.data, model.parameters)
    return tuple({name: checked[name] for name in group} for group in names)  # type: ignore[return-value]


def _check(
    steps: Any,
    epochs: Any,
    batch_size: Any,
    m: int,
    dtype: str,
    tolerance: Any,
    patience: Any,
    resume: bool,
    save: Any,
) -> None:
    for name, value in (
        ("steps", steps),
        ("epochs", epochs),
        ("batch_size", batch_size),
        ("patience", patience),
    ):
        if value is not None:
            count(name, value)
    if steps is not None and epochs is not None:
        raise DataError("steps and epochs were both given. Give one of them.")
    if dtype not in ("float64", "float32"):
        raise unknown("dtype", str(dtype), ("float64", "float32"))
    if batch_size is not None and not m:
        raise DataError(
            "a batch size was given, and no dim of the data counts examples. Leave batch_size out."
        )
    if batch_size is not None and batch_size > m:
        raise DataError(
            f"batch_size is {batch_size}, and there are {m} examples. Choose one of at most {m}, or leave it out for all examples."
        )
    if tolerance is not None:
        at_least_zero("tolerance", tolerance)
        if batch_size is not None:
            raise DataError(
                "tolerance looks at the gradient of all examples, and a batch size was given. Use patience= with mini-batches."
            )
    if resume and save is None:
        raise DataError("resume=True needs to know where the run was saved. Give save= too.")


def _steps(steps: int | None, epochs: int | None, batch_size: int | None, m: int) -> int:
    if epochs is None:
        return steps or STEPS
    return epochs * (-(-m // batch_size) if batch_size else 1)


def _default(model: Model, data: Mapping[str, Any], start: Mapping[str, Any]) -> GradientDescent:
    """Return gradient descent with the learning rate 1/λmax of the curvature at the start."""
    largest = Curvature(model.derivation, data, Flat(start)).largest(start)
    return GradientDescent(1 / largest if largest > 0 and np.isfinite(largest) else 0.01)


def _threshold(run: Run, ready: Prepared) -> float | None:
    if run.settings.tolerance is None:
        return None
    gradient = ready.curvature.gradient.run({**ready.work.data, **run.start})[1]
    return run.settings.tolerance * max(float(np.linalg.norm(run.flat.join(gradient))), 1.0)


def _continued(fresh: Run, saved: Run) -> Run:
    """Return a saved run with the settings of a fresh one that may differ: how long, and nothing else."""
    before, now = saved.settings, fresh.settings
    for name in ("optimizer", "batch_size", "seed", "dtype"):
        if getattr(before, name) != getattr(now, name):
            raise DataError(
                f"the saved run was made with {name}={getattr(before, name)!r}, and now {name}={getattr(now, name)!r} was given. "
                "Give the same, or save the new run in another folder."
            )
    if not np.array_equal(saved.flat.join(saved.start), fresh.flat.join(fresh.start)):
        raise DataError(
            "the saved run started from other parameters. Give the same start, or save in another folder."
        )
    saved.settings = now
    saved.reading = fresh.reading
    return saved


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


__all__ = ["fit", "go", "plan", "prepared"]
