"""How long derivations, derived gradients and the import take: measured, compared with the goals, and printed.

python benchmarks/derive.py            a table
python benchmarks/derive.py --quick    small and few, to see that it runs
python benchmarks/derive.py --write    also writes its section of docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import page
from measure import seconds, side_by_side

from chainrule.model import derive
from chainrule.models import deep_mlp, two_layer_sigmoid

PACKAGES = ("chainrule", "numpy", "jax")
SIZES = {"n_x": 16, "n_h": 64, "m": 2048}


@dataclass(frozen=True)
class Row:
    """One measurement: what, how much in words, and the goal with whether it was met (None: no goal)."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """The last column."""
        return "" if self.met is None else "met" if self.met else "MISSED"


def derivations(layers: Sequence[int], runs: int) -> list[Row]:
    """Deep networks: traced, derived, every step's equation and the LaTeX written. Nothing is kept between runs."""
    goals = {50: 0.2, 1000: 5.0}
    rows: list[Row] = []
    first = 0.0
    for count in layers:

        def work(count: int = count) -> None:
            derivation = derive(deep_mlp(count))
            assert len([step.equation for step in derivation.steps]) > 3 * count
            assert derivation.to("latex")

        took = seconds(work, runs if count < 500 else min(runs, 3))
        first = first or took / count
        growth = f"{took:.3f} s, {took / count / first:.2f} times linear growth from {layers[0]}"
        goal = goals.get(count)
        rows.append(
            Row(
                f"{count} layers: trace, all steps, LaTeX",
                growth,
                f"< {goal:g} s" if goal else "",
                took < goal if goal else None,
            )
        )
    return rows


def _example() -> tuple[dict[str, Any], dict[str, Any]]:
    random = np.random.default_rng(0)
    data = {
        "X": random.normal(size=(SIZES["n_x"], SIZES["m"])),
        "Y": random.normal(size=(1, SIZES["m"])),
    }
    return data, two_layer_sigmoid.init(data, n_h=SIZES["n_h"])


def by_hand(X: Any, Y: Any, W1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Any, dict[str, Any]]:
    """The same network's loss and gradients, as a person writes them in NumPy."""
    Z1 = W1 @ X + b1
    A1 = 1 / (1 + np.exp(-Z1))
    E = w2 @ A1 + b2 - Y
    dY_hat = (2 / E.size) * E
    dZ1 = (w2.T @ dY_hat) * A1 * (1 - A1)
    grads = {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }
    return np.mean(E**2), grads


def _loaded(text: str) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(compile(text, "<emitted>", "exec"), scope)
    return scope["loss_and_gradients"]


def _agree(one: Any, other: Any, names: Sequence[str], tolerance: float) -> None:
    np.testing.assert_allclose(one[0], other[0], rtol=tolerance)
    for name in names:
        a, b = np.asarray(one[1][name]), np.asarray(other[1][name])
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def against_hand(runs: int) -> list[Row]:
    """The derived NumPy program and hand-written NumPy, on the same arrays."""
    data, params = _example()
    program = _loaded(derive(two_layer_sigmoid).to("numpy"))
    arrays = {**data, **params}
    _agree(program(**arrays), by_hand(**arrays), list(params), 1e-10)
    ours, theirs, ratio = side_by_side(
        lambda: program(**arrays), lambda: by_hand(**arrays), runs * 8
    )
    text = f"{ours * 1e3:.2f} ms against {theirs * 1e3:.2f} ms, ratio {ratio:.2f}"
    return [Row("two-layer net: derived NumPy, by hand", text)]


def against_jax(runs: int) -> list[Row]:
    """The emitted JAX program and JAX's own differentiation, both jitted, with loss and gradients."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return [Row("two-layer net: emitted JAX, jax.grad", "not measured: jax is not installed")]
    data, params = _example()
    program = jax.jit(_loaded(derive(two_layer_sigmoid).to("jax")))
    arrays = {name: jnp.asarray(value) for name, value in {**data, **params}.items()}
    fixed = {name: arrays.pop(name) for name in data}

    def loss(p: Any, d: Any) -> Any:
        A1 = jax.nn.sigmoid(p["W1"] @ d["X"] + p["b1"])
        return jnp.mean((p["w2"] @ A1 + p["b2"] - d["Y"]) ** 2)

    auto = jax.jit(jax.value_and_grad(loss))
    _agree(program(**fixed, **arrays), auto(arrays, fixed), list(params), 1e-3)  # both in float32
    ours, theirs, ratio = side_by_side(
        lambda: jax.block_until_ready(program(**fixed, **arrays)),
        lambda: jax.block_until_ready(auto(arrays, fixed)),
        runs * 20,
    )
    text = f"{ours * 1e3:.3f} ms against {theirs * 1e3:.3f} ms, ratio {ratio:.3f}"
    what = f"two-layer net: emitted JAX, jax.grad ({jax.default_backend()})"
    return [Row(what, text, "<= 1.05", ratio <= 1.05)]


def import_time(runs: int) -> list[Row]:
    """What `import chainrule` adds to bare Python, and what it takes until a model is derived."""

    def run(program: str) -> Callable[[], Any]:
        return lambda: subprocess.run([sys.executable, "-c", program], check=True)

    bare = run("pass")
    rows: list[Row] = []
    for what, program, goal in (
        ("import chainrule, over bare Python", "import chainrule", 0.1),
        (
            "import and derive multivariate, over bare Python",
            "import chainrule as cr; cr.derive(cr.models.multivariate)",
            None,
        ),
    ):
        full, empty, _ = side_by_side(run(program), bare, runs)
        added = full - empty
        met = added < goal if goal else None
        rows.append(Row(what, f"{added:.3f} s", f"< {goal:g} s" if goal else "", met))
    return rows


def section(rows: Sequence[Row]) -> str:
    """The section of docs/benchmarks.md."""
    missed = [row for row in rows if row.met is False]
    word = f"{len(missed)} goals missed" if len(missed) != 1 else "1 goal missed"
    sizes = ", ".join(f"{dim}={n}" for dim, n in SIZES.items())
    return f"""`python benchmarks/derive.py --write`, {page.today()}: {word if missed else "all goals met"}.

Machine: {page.machine(PACKAGES)}.

{table(rows)}

- Linear growth: the time per layer, divided by that of the smallest network; 1 is linear, below 1 is better.
- Derived NumPy and JAX programs and their rivals compute loss and all gradients of `two_layer_sigmoid`
  ({sizes}), and agree before they are timed. They run in turn; the ratio is the median of the pairs'
  ratios, and below 1 the derived program is faster.
- The hand-written NumPy takes the plain 1 / (1 + exp(-z)), as most people do, which overflows for very negative z;
  the derived program takes a form that does not. The rest of the two is the same.
"""


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    cells = [[row.what, row.measured, row.goal, row.verdict] for row in rows]
    return page.table(["", "measured", "goal", ""], cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page if asked; return 0, whether the goals are met or not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small and few: does it run at all?")
    parser.add_argument("--runs", type=int, help="runs per median (default 7; 1 with --quick)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{page.PAGE.name}")
    options = parser.parse_args(arguments)
    runs = options.runs or (1 if options.quick else 7)
    if runs < 1:
        parser.error("--runs must be at least 1")
    if options.write and options.quick:
        parser.error("--quick measures too little to be written down")
    layers = [5, 10] if options.quick else [10, 50, 100, 1000]
    rows: list[Row] = []
    for measured in (
        lambda: derivations(layers, runs),
        lambda: against_hand(runs),
        lambda: against_jax(runs),
        lambda: import_time(runs),
    ):
        rows += measured()
    print(page.machine(PACKAGES))
    print(table(rows))
    if options.write:
        page.write("Derivation", section(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
