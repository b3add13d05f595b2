"""Random search and the closed form, recorded like any run: what they evaluate is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from chainrule.engines.curvature import LARGEST_HESSIAN, Curvature
from chainrule.engines.least_squares import Solution, solve
from chainrule.engines.work import Position
from chainrule.errors import DataError
from chainrule.optim.baselines import RandomSearch
from chainrule.start import bind_sizes
from chainrule.threefry import normal

if TYPE_CHECKING:
    from chainrule.fit.run import Run

SEARCH = 0x40000000  # the first stream of random search; step t uses SEARCH + t


def random_search(run: Run) -> None:
    """Draw parameters step by step and keep the best; `losses` are of what each step drew."""
    search = cast("RandomSearch", run.settings.optimizer)
    best, vector = run.loss_at(run.position.vector), run.position.vector
    losses = list(run.record.losses)
    for step in range(run.position.step, run.settings.steps):
        drawn = search.scale * normal(run.settings.seed, SEARCH + step, vector.size)
        candidate = vector + drawn if search.local else drawn
        loss = run.loss_at(candidate)
        losses.append(loss)
        run.record.steps.append(step)
        run.record.rows.append(vector)
        if loss < best:
            best, vector = loss, candidate
    run.record.losses = np.array(losses)
    run.position = Position(run.settings.steps, vector, {})
    run.stopped, run.engine, run.why = "steps", "numpy", "random search evaluates the loss alone"
    run.evaluations["loss"] = len(losses) + 1


def closed_form(run: Run) -> None:
    """Go to the minimiser in one step."""
    solution = least_squares(run)
    if solution is None:
        raise DataError(
            f"{run.model.name} has no closed form: its loss is not a sum of squares of values affine in the parameters. "
            "Use an optimizer, such as cr.Adam(0.01)."
        )
    run.record.losses = np.array([run.loss_at(run.position.vector)])
    run.record.steps, run.record.rows = [0], [run.position.vector]
    run.position = Position(1, solution.vector, {})
    run.condition = solution.condition
    run.stopped, run.engine = "settled", "numpy"
    run.why = "one orthogonal least squares solve"
    run.evaluations["residual"] = run.flat.size + 1


def least_squares(run: Run) -> Solution | None:
    """Return the minimiser of the run's loss where it is a sum of squares affine in the parameters, else None."""
    if run.flat.size > LARGEST_HESSIAN:
        return None
    data = run.data or {}
    if not Curvature(run.model.derivation, data, run.flat).quadratic:
        return None
    shapes = {n.name: n.shape for n in run.model.graph.inputs if n.role == "parameter"}
    learned = {
        dim: size
        for name, shape in zip(run.flat.names, run.flat.shapes, strict=True)
        for dim, size in zip(shapes[name], shape, strict=True)
        if not dim.isdigit()
    }
    return solve(run.model.graph, data, run.flat, bind_sizes(run.model.graph, data, learned))
