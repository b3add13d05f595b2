"""Writes contract/optimizers.json: descents of chapter 8 that the browser must repeat, and rates of convergence. `make contract`.

The numbers are those of the optimizers' own `update` and the models' own gradients, in NumPy; the rates are roots of the
published characteristic polynomials.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.course.notes.optimizer_facts import raced, variants
from chainrule.course.notes.optimizer_methods import METHODS, methods
from chainrule.course.notes.optimizer_terrain import case, document
from chainrule.course.notes.optimizers import PAIRS
from chainrule.engines.flat import Flat
from chainrule.fit.fitting import fit

HERE = Path(__file__).parent
TERRAINS = ("ravine", "saddle", "line", "moons")
STEPS = 30


def run(terrain: str, key: str, batch: int | None) -> dict[str, Any]:
    """Return one descent with the method's usual settings."""
    found = case(terrain)
    fitted = fit(
        found.model, found.sample.arrays, params=found.start, optimizer=METHODS[key].optimizer, steps=STEPS,
        batch_size=batch, seed=3, engine="numpy",
    )  # fmt: skip
    final = Flat(found.start).join(fitted.params)
    return {
        "terrain": terrain,
        "method": key,
        "rate": 0.1,
        "batch": batch,
        "losses": fitted.losses.tolist(),
        "end": float(found.model.loss(found.sample.arrays, fitted.params)),
        "final": final.tolist(),
    }


def rate(key: str, alpha: float, beta: float, curvature: float) -> dict[str, Any]:
    """Return the size of the largest root. Source: Lessard, Recht and Packard 2016, section 2.2 (Polyak, Nesterov)."""
    left = 1 - alpha * curvature
    polynomial = {
        "momentum": [1, -(beta + left), beta],
        "nesterov": [1, -(1 + beta) * left, beta * left],
    }[key]
    radius = float(np.max(np.abs(np.roots(polynomial))))
    return {
        "method": key,
        "rate": alpha,
        "momentum": beta,
        "curvature": curvature,
        "radius": radius,
    }


def whole() -> dict[str, Any]:
    """Return the file's content."""
    runs = [run("saddle", key, None) for key in METHODS]
    runs += [
        run("line", key, batch) for key in ("gradient-descent", "adam") for batch in (None, 16)
    ]
    runs += [run("moons", key, None) for key in ("momentum", "adamw")]
    grid = [(a, b) for a in (0.01, 0.05, 0.1, 0.14) for b in (0.0, 0.3, 0.8)]
    rates = [
        rate(k, a, b, c) for k in ("momentum", "nesterov") for a, b in grid for c in (1.0, 25.0)
    ]
    return {
        "version": 1,
        "methods": [
            {k: x for k, x in one.items() if k not in ("code", "differs", "source")}
            for one in methods()
        ],
        "pairs": PAIRS,
        "terrains": {key: document(key) for key in TERRAINS},
        "runs": runs,
        "races": [
            {"terrain": terrain, "method": key, **raced(terrain, key)}
            for terrain, key in (("ravine", "momentum"), ("ravine", "adam"), ("moons", "momentum"))
        ],
        "variants": {
            key: variants()[key.replace("-", "_")]() for key in ("momentum", "correction", "decay")
        },
        "rates": rates,
    }


if __name__ == "__main__":
    text = json.dumps(whole(), separators=(",", ":"), allow_nan=False)
    (HERE / "optimizers.json").write_text(text + "\n", encoding="utf-8")
