"""Figures of runs, with matplotlib (the extra `plot`): the loss, the fit or the boundary, the path over the landscape."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# matplotlib, and NumPy's grids, come without types that strict checking could follow.

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from chainrule.errors import DataError, missing_extra, unknown
from chainrule.fit.arrange import roles

if TYPE_CHECKING:
    from chainrule.fit.run import Run

KINDS = ("loss", "fit", "path")
INK, LINE, SOFT, WARM = "#22303c", "#1f6feb", "#c9d1d9", "#d9480f"


def figure(run: Run, kind: str | None = None, **options: Any) -> Any:
    """Return a figure of a run.

    Args:
        run: the run.
        kind: "loss", "fit" (predictions over the data: a line for one feature, a boundary for two features and two
            classes, predicted against actual otherwise) or "path" (over the landscape of two parameters); None for
            all that apply.
        **options: for "path": p, q and those of `landscape`.

    Raises:
        MissingExtraError: matplotlib is not installed.
        UnknownNameError: no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise unknown("figure", kind, KINDS)
    if options and kind != "path":
        raise DataError(
            f"{next(iter(options))}= belongs to the figure 'path'. Write run.plot('path', ...)."
        )
    wanted = [kind] if kind else [k for k in KINDS if _applies(run, k)]
    made, axes = _canvas(len(wanted))
    for axis, one in zip(axes, wanted, strict=True):
        {"loss": _loss, "fit": _fit, "path": _path}[one](run, axis, **options)
    return made


def comparison(runs: Mapping[str, Run]) -> Any:
    """Return one figure of the losses of several runs."""
    made, (axis,) = _canvas(1)
    for label, run in runs.items():
        axis.plot(
            np.arange(len(run.losses)),
            run.losses,
            lw=1.5,
            label=f"{label}: {type(run.settings.optimizer).__name__}",
        )
    _dress(axis, "step", "loss", "Losses")
    if all(np.all(run.losses > 0) for run in runs.values()):
        axis.set_yscale("log")
    axis.legend(frameon=False)
    return made


def written(made: Any, path: str) -> None:
    """Write a figure to a file: PNG, SVG or PDF by its suffix."""
    if Path(path).suffix.lower() not in (".png", ".svg", ".pdf"):
        raise DataError(
            f"{path} does not tell what to write. Name a file that ends in .png, .svg or .pdf."
        )
    try:
        made.savefig(path, dpi=150)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None


def _canvas(count: int) -> tuple[Any, list[Any]]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise missing_extra("matplotlib", "plot") from None
    made = cast("Any", Figure(figsize=(5.2 * count, 4.0), layout="constrained"))
    return made, list(np.ravel(made.subplots(1, count, squeeze=False)))


def _dress(axis: Any, x: str, y: str, title: str) -> None:
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_title(title, loc="left", color=INK, fontsize=11)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(color=SOFT, lw=0.5, alpha=0.6)
    axis.set_axisbelow(True)


def _applies(run: Run, kind: str) -> bool:
    if kind == "loss":
        return len(run.losses) > 1
    if kind == "path":
        return 2 <= run.flat.size <= 3 and len(run.record.rows) > 1
    return run.data is not None and _pair(run) is not None


def _loss(run: Run, axis: Any) -> None:
    axis.plot(np.arange(len(run.losses)), run.losses, color=LINE, lw=1.5)
    if np.all(run.losses > 0):
        axis.set_yscale("log")
    _dress(axis, "step", "loss" if not run.settings.batch_size else "loss of the batch", "Loss")


def _pair(run: Run) -> tuple[str, str, str] | None:
    try:
        return roles(run.model)
    except DataError:
        return None


def _rows(run: Run, name: str, dim: str) -> Any:
    """Return a data array as (numbers, examples)."""
    shape = cast("tuple[str, ...]", run.model.data[name])
    x = np.asarray((run.data or {})[name], dtype=np.float64)
    return np.moveaxis(x, shape.index(dim), -1).reshape(-1, x.shape[shape.index(dim)])


def _predicted(run: Run, rows: Any, name: str, dim: str) -> Any:
    shape = cast("tuple[str, ...]", run.model.data[name])
    x = rows[0] if len(shape) == 1 else rows if shape[-1] == dim else rows.T
    found = run.model.predict({name: x}, run.params)
    return np.atleast_2d(found if np.ndim(found) < 2 or shape[-1] == dim else found.T)


def _fit(run: Run, axis: Any) -> None:
    pair = _pair(run)
    if pair is None or run.data is None:
        raise DataError(
            "this model has no features and target to show a fit of. Plot the loss or the path."
        )
    X, Y, dim = pair
    inputs, outputs = _rows(run, X, dim), _rows(run, Y, dim)
    if len(inputs) == 1 and len(outputs) == 1:
        _line(run, axis, inputs, outputs, X, Y, dim)
    elif len(inputs) == 2 and len(outputs) == 1 and set(np.unique(outputs)) <= {0.0, 1.0}:
        _boundary(run, axis, inputs, outputs, X, dim)
    else:
        found = _predicted(run, inputs, X, dim)
        axis.plot(outputs.ravel(), found.ravel(), "o", ms=3, alpha=0.5, color=LINE)
        ends = [float(outputs.min()), float(outputs.max())]
        axis.plot(ends, ends, color=INK, lw=1)
        _dress(axis, f"{Y} in the data", f"{Y} predicted", "Fit")


def _line(run: Run, axis: Any, inputs: Any, outputs: Any, X: str, Y: str, dim: str) -> None:
    grid = np.linspace(inputs.min(), inputs.max(), 200)[None, :]
    found = _predicted(run, grid, X, dim)
    names = run.reading
    axis.plot(
        _unit(run, inputs)[0],
        _unit(run, outputs, True)[0],
        "o",
        ms=3.5,
        alpha=0.55,
        color=INK,
        mew=0,
    )
    axis.plot(_unit(run, grid)[0], _unit(run, found, True)[0], color=WARM, lw=2)
    _dress(axis, names.features[0] if names else X, names.targets[0] if names else Y, "Fit")


def _boundary(run: Run, axis: Any, inputs: Any, outputs: Any, X: str, dim: str) -> None:
    spans = [np.linspace(row.min() - 0.3, row.max() + 0.3, 120) for row in inputs]
    rows = np.stack([x.ravel() for x in np.meshgrid(*spans)])
    found = _predicted(run, rows, X, dim)[0].reshape(120, 120)
    first, second = (x.reshape(120, 120) for x in _unit(run, rows))
    axis.contourf(first, second, found, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.35)
    axis.contour(first, second, found, levels=[0.5], colors=INK, linewidths=1.5)
    shown = _unit(run, inputs)
    classes = run.reading.encoding.classes if run.reading else ()
    for label, colour, mark in ((0.0, LINE, "o"), (1.0, WARM, "^")):
        chosen = shown[:, outputs[0] == label]
        name = classes[int(label)] if classes else f"{label:g}"
        axis.plot(chosen[0], chosen[1], mark, ms=4, color=colour, mew=0, alpha=0.8, label=name)
    axis.legend(frameon=False, loc="upper right")
    names = run.reading.features if run.reading else (f"{X}[0]", f"{X}[1]")
    _dress(axis, names[0], names[1], "Boundary at probability 1/2")


def _unit(run: Run, rows: Any, target: bool = False) -> Any:
    """Return columns in the units of the data, where they were standardised."""
    scaling = run.reading.scaling if run.reading else None
    if scaling is None:
        return rows
    if target:
        return scaling.undo_targets(rows)
    return rows * np.array(scaling.deviations)[:, None] + np.array(scaling.means)[:, None]


def _path(run: Run, axis: Any, p: str | None = None, q: str | None = None, **options: Any) -> None:
    names = _entries(run)
    if (p is None or q is None) and len(names) > 3:
        raise DataError(
            f"the model has {len(names)} numbers to learn: name two of them, as in run.plot('path', p={names[0]!r}, q={names[1]!r})."
        )
    first = p or next(name for name in names if name != q)
    second = q or next(name for name in names if name != first)
    surface = run.landscape(first, second, points=61, **options)
    low = surface.loss - surface.loss.min()
    levels = np.geomspace(max(low.max() * 1e-4, 1e-300), max(low.max(), 1e-299), 18)
    axis.contour(
        surface.p_values, surface.q_values, low, levels=levels, colors=SOFT, linewidths=0.9
    )
    axis.plot(surface.path[:, 0], surface.path[:, 1], "-o", ms=2.5, lw=1.2, color=LINE)
    axis.plot(*surface.path[-1], "o", ms=6, color=WARM)
    _dress(axis, first, second, "Path over the landscape")


def _entries(run: Run) -> list[str]:
    found: list[str] = []
    for name, shape in zip(run.flat.names, run.flat.shapes, strict=True):
        size = int(np.prod(shape, dtype=np.int64))
        places = [np.unravel_index(i, shape) for i in range(size)] if size > 1 else []
        found += [f"{name}[{', '.join(map(str, place))}]" for place in places] or [name]
    return found
