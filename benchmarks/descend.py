"""How fast chainrule descends: against NumPy, JAX, PyTorch and scikit-learn as one writes them by hand, in one run.

python benchmarks/descend.py                  tables
python benchmarks/descend.py --quick          small and few, to see that it runs
python benchmarks/descend.py --only linear    one of the comparisons
python benchmarks/descend.py --write          also writes its section of docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import derive
import epochs
import page
import sides
import streamed
import tasks
from comparison import Comparison, Line, line, lines
from measure import Steps, race
from sides import Task

import chainrule as cr

os.environ.setdefault("JAX_ENABLE_COMPILATION_CACHE", "false")  # first calls compile, on all sides
PACKAGES = ("chainrule", "numpy", "jax", "torch", "scikit-learn", "optax", "pyarrow")
Sides = Mapping[str, Callable[[], Steps]]


@dataclass(frozen=True)
class Pace:
    """How thoroughly to measure: rounds of a race and seconds for a side's turn; `quick` takes small sizes, too."""

    quick: bool = False

    @property
    def rounds(self) -> int:
        """The turns of each side."""
        return 2 if self.quick else 11

    @property
    def turn(self) -> float:
        """Seconds."""
        return 0.01 if self.quick else 0.3

    def size(self, full: int, quick: int) -> int:
        """Return a size."""
        return quick if self.quick else full


def by_hand(task: Task, quick: bool) -> Sides:
    """Return the networks' rivals."""
    found: dict[str, Callable[[], Steps]] = {
        "NumPy by hand": lambda: sides.by_numpy(task),
        "JAX by hand": lambda: sides.by_jax(task),
        "JAX by hand, scan unrolled by 8": lambda: sides.by_jax(task, 8),
        "PyTorch": lambda: sides.by_torch(task),
    }
    if quick:  # compiling takes longer than all the rest
        return {**found, "torch.compile (aot_eager)": lambda: sides.by_torch_compile(task, backend="aot_eager")}  # fmt: skip
    return {
        **found,
        "torch.compile": lambda: sides.by_torch_compile(task),
        "torch.compile, 8 steps in a call": lambda: sides.by_torch_compile(task, 8),
    }


def sigmoid(pace: Pace) -> list[Comparison]:
    """Two-layer sigmoid networks, all examples at once."""
    sizes = [
        ("tiny", 2, 8, 200, "float64", 20.0),
        ("middle", 20, 64, 2000, "float64", 2.0),
        ("middle", 20, 64, 2000, "float32", 2.0),
        ("large", 100, 256, 10_000, "float32", 2.0),
    ]
    if pace.quick:
        sizes = [("tiny", 2, 8, 50, "float64", 20.0), ("small", 4, 8, 50, "float32", 2.0)]
    found: list[Comparison] = []
    for name, n_x, n_h, m, dtype, torch in sizes:
        task = tasks.sigmoid_network(n_x, n_h, m, dtype)
        entrants = {
            "chainrule (auto)": lambda task=task: sides.chainrule(task),
            "chainrule, numpy engine": lambda task=task: sides.chainrule(task, "numpy"),
            **by_hand(task, pace.quick),
            "scikit-learn MLPRegressor": lambda task=task: sides.by_scikit_learn(task),
        }
        laps = race(
            entrants, pace.rounds, pace.turn, agree=24, tolerance=1e-9 if dtype == "float64" else 1e-4
        )  # fmt: skip
        goals = {"JAX": 0.95, "PyTorch": torch, "torch.compile": 1.0, "scikit": 1.0}
        work = f"Two-layer sigmoid network, {name}: n_x {n_x}, n_h {n_h}, m {m:,}, {dtype}"
        found.append(Comparison(work, "a step", lines(laps, goals)))
    return found


def linear(pace: Pace) -> list[Comparison]:
    """Linear networks on many examples: per step, and 10,000 steps with the pass over the data."""
    n_x, m, steps = pace.size(100, 5), pace.size(200_000, 2000), pace.size(10_000, 100)
    works = [
        (f"Multivariate regression: n_x {n_x}, m {m:,}, float64", tasks.regression(n_x, m)),
        (
            f"Two-layer linear network: n_x {n_x}, n_h 16, m {m:,}, float64",
            tasks.linear_network(n_x, 16, m),
        ),
    ]
    found: list[Comparison] = []
    for work, task in works:
        entrants = {
            "chainrule (auto: moments)": lambda task=task: sides.chainrule(task),
            "NumPy by hand": lambda task=task: sides.by_numpy(task),
            "JAX by hand": lambda task=task: sides.by_jax(task),
            "PyTorch": lambda task=task: sides.by_torch(task),
        }
        laps = race(entrants, pace.rounds, pace.turn, agree=8, tolerance=1e-9)
        others = {lap.side: 1000.0 for lap in laps[1:]}
        found.append(Comparison(work, "a step", lines(laps, others)))
        ours = _whole_fit(task, steps, 1 if pace.quick else 3)
        rows = [line("chainrule: cr.fit in all", ours, None, None)]
        rows += [
            line(f"{lap.side}, extrapolated", steps * lap.seconds, steps * lap.seconds / ours, 100)
            for lap in laps[1:]
            if not lap.why_not
        ]
        found.append(Comparison(f"The same, {steps:,} steps with all preparations", "in all", rows))
    return found


def _whole_fit(task: Task, steps: int, runs: int) -> float:
    """Return the median seconds of cr.fit from the arrays to the recorded run."""
    times: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        run = cr.fit(
            task.model, task.data, params=task.start, optimizer=cr.GradientDescent(task.rate), steps=steps
        )  # fmt: skip
        times.append(time.perf_counter() - started)
        assert run.engine == "moments"
    return statistics.median(times)


def adam(pace: Pace) -> list[Comparison]:
    """Mini-batch Adam: time of an epoch, and the loss after three."""
    shape = (20, 8, 3, 300, 32) if pace.quick else (784, 128, 10, 60_000, 128)
    lesson = epochs.lesson(*shape)
    entrants = {
        "chainrule (auto)": lambda: epochs.by_chainrule(lesson),
        "PyTorch, fused Adam": lambda: epochs.by_torch(lesson),
        "PyTorch, Adam as it is by default": lambda: epochs.by_torch(lesson, fused=False),
        "JAX and optax by hand": lambda: epochs.by_jax(lesson),
    }
    rows = lines(race(entrants, pace.rounds, pace.turn), {"PyTorch": 2.0, "JAX": 0.95})
    try:
        ours, theirs = epochs.last_losses(lesson, 3)
    except ImportError:
        ours = theirs = None
    if ours is not None and theirs is not None:
        text = f"{ours:.6f}, PyTorch's {theirs:.6f}"
        close = abs(ours - theirs) <= 1e-3 * theirs
        rows.append(
            Line("mean loss of the third epoch, same batches", text, "", "equal to 1e-3", close)
        )
    n_x, n_h, n_y, m, size = shape
    work = (
        f"Mini-batch Adam: {n_x}-{n_h}-{n_y} classifier, {m:,} examples, batches of {size}, float32"
    )
    return [Comparison(work, "an epoch", rows)]


def gradient(pace: Pace) -> list[Comparison]:
    """The derived gradient against JAX's own differentiation: the comparison that derive.py makes."""
    rows = derive.against_jax(1 if pace.quick else 7)
    found = [Line(row.what, row.measured, "", row.goal, row.met) for row in rows]
    return [Comparison("Loss and gradients, compiled", "time", found)]


def univariate(pace: Pace) -> list[Comparison]:
    """One feature and a hundred examples: what a step costs where there is next to nothing to compute."""
    task = tasks.line(100)
    entrants = {
        "chainrule, jax engine": lambda: sides.chainrule(task, "jax"),
        "chainrule, moments engine (auto)": lambda: sides.chainrule(task),
        "chainrule, numpy engine": lambda: sides.chainrule(task, "numpy"),
        "NumPy by hand": lambda: sides.by_numpy(task),
        "JAX by hand": lambda: sides.by_jax(task),
        "JAX by hand, scan unrolled by 8": lambda: sides.by_jax(task, 8),
        "PyTorch": lambda: sides.by_torch(task),
    }
    laps = race(entrants, pace.rounds, pace.turn, agree=24, tolerance=1e-9)
    work = "Univariate regression: m 100, float64"
    return [Comparison(work, "a step", lines(laps, {"JAX": 0.95, "PyTorch": 20}))]


def parquet(pace: Pace) -> list[Comparison]:
    """A Parquet file's second moments against reading the file alone, and the memory for two sizes."""
    columns, rows = pace.size(20, 3), [pace.size(500_000, 10_000), pace.size(2_000_000, 40_000)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = [streamed.written(Path(folder) / f"{n}.parquet", n, columns) for n in rows]
        except ImportError as error:
            return [Comparison("Streamed Parquet", "", [Line("", f"not measured: {error}")])]
        size = files[-1].stat().st_size / 2**20
        entrants: dict[str, Any] = {
            "chainrule: stream, and the triangle of second moments": lambda: streamed.moments(files[-1]),
            "chainrule: stream alone": lambda: streamed.streaming(files[-1]),
            "pyarrow alone": lambda: streamed.reading(files[-1]),
            "pyarrow alone, memory-mapped": lambda: streamed.reading(files[-1], memory_map=True),
        }  # fmt: skip
        found = lines(race(entrants, pace.rounds, pace.turn), {"pyarrow": 0.7})
        memory = [streamed.most_memory(file) / 2**20 for file in files]
    growth = memory[1] / memory[0]
    found += [
        Line(f"chainrule's highest memory, {rows[0]:,} rows", f"{memory[0]:.0f} MiB"),
        Line(
            f"chainrule's highest memory, {rows[1]:,} rows", f"{memory[1]:.0f} MiB", f"{growth:.2f}", "<= 1.1", growth <= 1.1
        ),
    ]  # fmt: skip
    work = f"Streamed Parquet: {rows[-1]:,} rows of {columns} numbers, {size:.0f} MiB"
    return [Comparison(work, "a reading", found)]


WORKS: dict[str, Callable[[Pace], list[Comparison]]] = {
    "sigmoid": sigmoid,
    "linear": linear,
    "adam": adam,
    "gradient": gradient,
    "univariate": univariate,
    "parquet": parquet,
}
NOTES = """- Times chainrule's: the median, over the rounds, of a side's time divided by that of the first row in the same round;
  above 1 chainrule is faster. Each round gives every side a turn of about 0.3 s.
- All sides of a gradient descent start from the same parameters and see the same losses, which is checked first.
- chainrule's step is that of `cr.fit` in a run of a million steps: its loop, with every loss and the thinned record of
  positions; an epoch is one by itself. JAX by hand is one `lax.scan` of `value_and_grad` steps under `jit`; PyTorch is a loop of `autograd.grad` and one in-place update;
  torch.compile compiles loss, gradients and update as one graph; scikit-learn has one batch and no momentum.
- First call: the first few steps, with compilation. JAX's cache of compiled code on disk was off, for chainrule too;
  torch.compile's was on.
- Extrapolated: the time of a step, measured above, times the steps; without any preparation.
- pyarrow alone reads and decodes every column by `iter_batches` and does nothing with them. A file's random numbers do not
  compress, so that decoding is as cheap as it can be.
"""


def section(found: Sequence[Comparison], load: float) -> str:
    """Return the section of docs/benchmarks.md."""
    lost = sum(row.met is False for comparison in found for row in comparison.lines)
    word = "all goals met" if not lost else f"{lost} goals LOST" if lost > 1 else "1 goal LOST"
    tables = "\n".join(str(comparison) for comparison in found)
    return f"""`python benchmarks/descend.py --write`, {page.today()}: {word}.

Machine: {page.machine(PACKAGES)}; load average at the start {load:.1f}.

{tables}
{NOTES}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the section if asked; return 0, whether the goals are met or not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small and few: does it run at all?")
    parser.add_argument("--only", choices=WORKS, metavar="NAME", help=f"one of {', '.join(WORKS)}")
    parser.add_argument("--write", action="store_true", help=f"write docs/{page.PAGE.name}")
    options = parser.parse_args(arguments)
    if options.write and (options.quick or options.only):
        parser.error("only a whole run is written down: leave out --quick and --only")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    pace = Pace(options.quick)
    found: list[Comparison] = []
    for name, work in WORKS.items():
        for comparison in work(pace) if options.only in (None, name) else ():
            print(comparison.unjudged() if pace.quick else comparison, flush=True)
            found.append(comparison)
    print(page.machine(PACKAGES))
    if pace.quick:
        print("quick: too small and too few to be judged")
    if options.write:
        page.write("Descent", section(found, load))
    return 0


if __name__ == "__main__":
    sys.exit(main())
