"""The race of chapter 0: random search against gradient descent on one loss, counted in loss evaluations, in 1 to 50 parameters.

It takes longer than a page may take to open, so it is kept in lessons/0-why-follow-the-gradient/race.json; a test repeats
it. `python -m chainrule.course.race FILE` writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.emit import program as programs
from chainrule.fit.fitting import fit
from chainrule.graph import nodes
from chainrule.graph.nodes import Ein
from chainrule.model import Model, parse
from chainrule.optim.baselines import RandomSearch
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.threefry import normal

COUNTS = (1, 2, 5, 10, 20, 50)
EVALUATIONS = 600
EXAMPLES = 100
SHARE = 0.01  # of the loss at the start: what counts as arrived

Array = NDArray[Any]


def model() -> Model:
    """Return the loss of the race: a linear model without a bias, so that it has exactly n parameters."""
    return parse(
        "Y_hat = w @ X; L = mean((Y_hat - Y)**2)",
        data={"X": "n m", "Y": "1 m"},
        parameters={"w": "1 n"},
        name="race",
    )


def data(n: int) -> dict[str, Array]:
    """Return made-up data of n features: independent, of variance 1; targets without noise, so that the least loss is 0."""
    X = normal(0, 100 + n, n * EXAMPLES).reshape(n, EXAMPLES)
    truth = normal(0, 200 + n, n).reshape(1, n)
    return {"X": X, "Y": truth / np.linalg.norm(truth) @ X}


def race() -> dict[str, Any]:
    """Return the race.

    Returns:
        {"counts": [n, ...], "share": SHARE, "budget": EVALUATIONS, "price": losses per gradient step, "lanes":
        [{"n", "anywhere", "nearby", "descent": {"evaluations": [...], "loss": [...], "arrived": number or None}}]};
        losses are the best so far, as a share of that at the start.
    """
    racer = model()
    lanes = [_lane(racer, n) for n in COUNTS]
    return {
        "counts": list(COUNTS),
        "share": SHARE,
        "budget": EVALUATIONS,
        "price": price(racer, {"n": COUNTS[-1], "m": EXAMPLES}),
        "lanes": lanes,
    }


def _lane(racer: Model, n: int) -> dict[str, Any]:
    arrays, start = data(n), {"w": np.zeros((1, n))}
    cost = price(racer, {"n": n, "m": EXAMPLES})
    first = racer.loss(arrays, start)
    settings: dict[str, Any] = {"params": start, "engine": "numpy"}
    found: dict[str, Any] = {"n": n}
    for name, search in (("anywhere", RandomSearch(n**-0.5)), ("nearby", _nearby(n))):
        losses = fit(racer, arrays, optimizer=search, steps=EVALUATIONS, **settings).losses
        found[name] = _track(np.arange(1, len(losses) + 1), losses / first)
    descent = GradientDescent(rate(arrays["X"]))
    steps = int(EVALUATIONS / cost)
    run = fit(racer, arrays, optimizer=descent, steps=steps, **settings)
    found["descent"] = _track(cost * (1 + np.arange(len(run.losses))), run.losses / first)
    return found


def rate(X: Array) -> float:
    """Return the best constant learning rate for features X, 2/(λmin + λmax)."""
    curvature = np.linalg.eigvalsh(2 * X @ X.T / EXAMPLES)
    return 2 / float(curvature[0] + curvature[-1])


def _nearby(n: int) -> RandomSearch:
    """Return local search with steps of a third of the way to go: short enough to be taken often, long enough to arrive."""
    return RandomSearch(0.3 * n**-0.5, local=True)


def _track(evaluations: Array, losses: Array) -> dict[str, Any]:
    best = np.minimum.accumulate(np.minimum(losses, 1.0))
    there = np.flatnonzero(best <= SHARE)
    arrived = float(evaluations[there[0]]) if there.size else None
    falls = np.flatnonzero(np.diff(best, prepend=2.0) < 0)  # where it got better: the rest is flat
    kept = np.union1d(falls, [len(best) - 1])
    return {
        "evaluations": [round(float(x), 3) for x in evaluations[kept]],
        "loss": [float(f"{x:.6g}") for x in best[kept]],
        "arrived": arrived,
    }


def price(racer: Model, sizes: Mapping[str, int]) -> float:
    """Return what loss and gradient together cost, in losses: products counted on both programs' tapes."""
    both, alone = racer.derivation.program(), loss_alone(racer)
    return work(both, sizes) / work(alone, sizes)


def loss_alone(racer: Model) -> programs.Program:
    """Return the program that computes the loss and nothing else."""
    loss = racer.derivation.stable_loss()
    values = [n for n in nodes.topological([loss]) if isinstance(n, nodes.Name)]
    return programs.build(racer.name, racer.graph, loss, values, {}, [])


def work(program: programs.Program, sizes: Mapping[str, int]) -> int:
    """Return how many numbers a program touches: for a product, one for every combination of its letters."""
    every = {x for line in program.lines for x in nodes.inside(line.formula)}
    return sum(_touched(node, sizes) for node in every if not nodes.is_leaf(node))


def _touched(node: nodes.Node, sizes: Mapping[str, int]) -> int:
    dims = node.dims.values() if isinstance(node, Ein) else node.shape
    count = 1
    for dim in dims:
        count *= int(dim) if dim.isdigit() else sizes[dim]
    return count


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(race()) + "\n", encoding="utf-8")

__all__ = [
    "COUNTS",
    "EVALUATIONS",
    "EXAMPLES",
    "SHARE",
    "data",
    "loss_alone",
    "model",
    "price",
    "race",
    "rate",
    "work",
]
