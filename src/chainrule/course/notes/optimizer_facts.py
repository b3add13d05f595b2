"""What chapter 8 says in numbers: races with every method's best learning rate, rates of convergence, differences of variants."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, partial
from typing import Any, cast

import numpy as np

from chainrule.course.methods import update_program
from chainrule.course.notes.optimizer_methods import BUDGET, METHODS, SCHEDULES, STEPS
from chainrule.course.notes.optimizer_terrain import TERRAINS, case, spectrum
from chainrule.course.notes.optimizers import PAIRS
from chainrule.course.notes.widget import fact
from chainrule.emit import program as programs
from chainrule.engines.flat import Flat
from chainrule.errors import DivergenceError
from chainrule.fit.fitting import fit
from chainrule.optim.momentum import Momentum
from chainrule.optim.optimizer import Optimizer

# as in web/src/notes/optimizers/model.ts
RATES = tuple(float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 2, 5))
BATCH = 16
MOST_DECAY = 0.02  # of a weight in a step: more would do the descent's work wherever the lowest point is at zero
VARIANT_STEPS = 120


@cache
def raced(
    terrain: str, key: str, rate: float | None = None, budget: int = BUDGET
) -> dict[str, float]:
    """Return a method's rate and its loss after so many gradients: of the rates of the list, the one that ends lowest."""
    found = case(terrain)

    def end(alpha: float) -> float:
        if alpha * METHODS[key].optimizer.weight_decay > MOST_DECAY:
            return math.inf
        optimizer = replace(METHODS[key].optimizer, learning_rate=alpha)
        try:
            run = fit(
                found.model, found.sample.arrays, params=found.start, optimizer=optimizer, steps=budget, engine="numpy",
            )  # fmt: skip
        except DivergenceError:
            return math.inf
        return float(found.model.loss(found.sample.arrays, run.params))

    ends = {alpha: end(alpha) for alpha in ((rate,) if rate else RATES)}
    best = min(ends, key=ends.__getitem__)
    return {"rate": best, "loss": ends[best]}


@fact("race")
def race() -> dict[str, Any]:
    """Return `note.race.TERRAIN.METHOD.loss` and `.rate`, each computed when asked for; `note.race.budget`; `.listed`, how many rates."""
    keys = [key for key in METHODS if not METHODS[key].title.startswith(("constant", "steps"))]
    lanes = {
        terrain: {key.replace("-", "_"): partial(raced, terrain, key) for key in keys}
        for terrain in TERRAINS
    }
    return {"budget": BUDGET, "listed": len(RATES), **lanes}


@fact("lowest")
def lowest() -> dict[str, Any]:
    """Return `note.lowest.TERRAIN`: which of gradient descent, momentum and Adam ends lowest there."""
    keys = ("gradient-descent", "momentum", "adam")

    def winner(terrain: str) -> str:
        return min(keys, key=lambda key: raced(terrain, key)["loss"]).replace("-", "_")

    return {terrain: partial(winner, terrain) for terrain in TERRAINS}


@cache
def slowest(key: str, alpha: float, beta: float, terrain: str) -> float:
    """Return the spectral radius of a method's update on quadratic terrain: its matrix, column by column, from its rule."""
    _, optimizer, free = METHODS[key]
    run = programs.compiled(update_program(optimizer, free)).run
    slots, curvatures = optimizer.slots, np.array(spectrum(terrain))
    given = {"alpha": alpha, "momentum": beta, "t": 1.0}
    columns: list[Any] = []
    for unit in np.eye(1 + len(slots)):
        w, *state = (np.full_like(curvatures, x) for x in unit)
        arrays = {"w": w, "dw": curvatures * w, **dict(zip(slots, state, strict=True))}
        after = run({**given, **arrays})
        columns.append([after[name] for name in ("w", *slots)])
    matrices = np.moveaxis(np.array(columns), 2, 0)
    return float(np.abs(np.linalg.eigvals(matrices)).max())


@fact("rates")
def rates() -> dict[str, Any]:
    """Return `note.rates.TERRAIN`: condition, limits of the rate of plain descent and of momentum, and what it and momentum leave at their best."""
    return {terrain: partial(_best_rates, terrain) for terrain in ("ravine", "line", "patients")}


def _best_rates(terrain: str) -> dict[str, Any]:
    low, high = (found := spectrum(terrain) or [])[0], found[-1]
    root = math.sqrt(high / low)
    alpha = 4 / (math.sqrt(high) + math.sqrt(low)) ** 2
    heavy = {"alpha": alpha, "beta": ((root - 1) / (root + 1)) ** 2}
    plain = {"alpha": 2 / (low + high), "beta": 0.0}
    momentum = cast(Momentum, METHODS["momentum"].optimizer)
    return {
        "condition": high / low,
        "limit": 2 / high,
        "heavy_limit": 2 * (1 + momentum.momentum) / high,
        "plain": {**plain, **_speed(plain, terrain)},
        "momentum": {**heavy, **_speed(heavy, terrain)},
    }


def _speed(at: dict[str, float], terrain: str) -> dict[str, float]:
    radius = slowest("momentum", at["alpha"], at["beta"], terrain)
    return {"radius": radius, "tenth": math.log(10) / -math.log(radius)}


@fact("schedules")
def schedules() -> dict[str, Any]:
    """Return how far above the lowest loss each schedule ends on the line of chapter 1, in batches; and of how many."""
    found = case("line")
    lowest = float(found.optimum["loss"]())
    ends: dict[str, Any] = {"steps": STEPS, "batch": BATCH, "rate": 0.1}
    for key in SCHEDULES:
        run = fit(
            found.model, found.sample.arrays, params=found.start, optimizer=METHODS[key].optimizer, steps=STEPS,
            batch_size=BATCH, engine="numpy",
        )  # fmt: skip
        end = float(found.model.loss(found.sample.arrays, run.params))
        ends[key.replace("-", "_")] = end - lowest
    return ends


@fact("variants")
def variants() -> dict[str, Any]:
    """Return `note.variants.PAIR.largest` and `.last`: how far apart two rules of one name are, at their usual settings."""
    return {key.replace("-", "_"): _difference(key) for key in PAIRS}


def _difference(key: str) -> Any:
    def made() -> dict[str, float]:
        pair = PAIRS[key]
        one, other = (
            _path(pair["terrain"], METHODS[pair[side]].optimizer, pair["rate"])
            for side in ("left", "right")
        )
        apart = np.linalg.norm(one - other, axis=1)
        return {"largest": float(apart.max()), "last": float(apart[-1])}

    return made


def _path(terrain: str, optimizer: Optimizer, alpha: float) -> Any:
    found = case(terrain)
    params, state, flat = found.start, optimizer.init(found.start), Flat(found.start)
    rate: Any = optimizer.learning_rate
    if not isinstance(rate, float):
        alpha = replace(rate, start=alpha)  # pyright: ignore[reportUnknownVariableType]
    optimizer = replace(optimizer, learning_rate=alpha)
    path = [flat.join(params)]
    for _ in range(VARIANT_STEPS):
        _, slopes = found.model.value_and_grad(found.sample.arrays, params)
        params, state = optimizer.update(params, slopes, state)
        path.append(flat.join(params))
    return np.array(path)


__all__ = [
    "BUDGET",
    "RATES",
    "lowest",
    "race",
    "raced",
    "rates",
    "schedules",
    "slowest",
    "variants",
]
