"""`fit`: from a model and data to a recorded run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.errors import DataError, ShapeError, unknown
from chainrule.fit.descent import SAVE_EVERY, examples, go
from chainrule.fit.inputs import read
from chainrule.fit.loading import load
from chainrule.fit.progress import Tick
from chainrule.fit.run import Run, Settings
from chainrule.fit.streaming import streamed, wanted
from chainrule.model import Model
from chainrule.model import model as as_model
from chainrule.optim.checks import at_least_zero, count
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.names import Method, method
from chainrule.start import check_arrays

STEPS = 1000  # where neither steps nor epochs are given


def fit(
    model: Model | Callable[..., Any],
    data: Any,
    *,
    target: str | list[str] | None = None,
    features: str | list[str] | None = None,
    positive: object = None,
    drop_missing: bool = False,
    standardise: bool = True,
    stream: bool | None = None,
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
        stream: for Parquet files and models linear in the data: read the file once, in pieces, and keep a few examples
            with the same mean second moments; None where it would take more than 1 GiB.
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
        standardise=standardise, stream=stream, optimizer=optimizer, steps=steps, epochs=epochs, batch_size=batch_size, seed=seed,
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
    stream: bool | None = None,
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
    if stream and batch_size is not None:
        raise DataError(
            "stream=True keeps second moments, not examples to draw batches from. Leave batch_size out."
        )
    if batch_size is None and target is not None and wanted(data, stream):
        targets = [target] if isinstance(target, str) else list(target)
        inputs = streamed(chosen_model, Path(data), targets, features, standardise, sizes)
    else:
        inputs = read(chosen_model, data, target, features, positive, drop_missing, standardise)
    arrays, start = _start(chosen_model, inputs.arrays, params, seed, init, sizes)
    m = examples(chosen_model, arrays)[1]
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
