"""Which engine runs a descent, and why: `auto` decides by what the graph allows and what the work is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np

from chainrule.engines import moments
from chainrule.engines.batches import Batches
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.jax_loop import JaxEngine
from chainrule.engines.numpy_loop import NumpyEngine
from chainrule.engines.quadratic import QuadraticPath
from chainrule.engines.work import Engine, Position, Work
from chainrule.errors import DataError, unknown
from chainrule.explain.derivation import Derivation, derive_graph
from chainrule.graph import nodes
from chainrule.graph.nodes import Ein
from chainrule.optim.optimizer import Optimizer
from chainrule.start import size_of_dim

ENGINES = ("auto", "numpy", "jax", "moments")
# Rough speeds of the NumPy engine, only to tell seconds from minutes when JAX's compilation (about a second) is weighed.
_CALL, _FLOPS, _ENTRIES, _COMPILE = 1.5e-6, 8e9, 5e8, 2.0


@dataclass(frozen=True)
class Prepared:
    """An engine ready to run, its name and why it was chosen; `derivation` and `data` are those it runs on."""

    engine: Engine
    name: str
    why: str
    work: Work
    derivation: Derivation

    @cached_property
    def curvature(self) -> Curvature:
        """The curvature of the loss at the data that the engine runs on."""
        return Curvature(self.derivation, self.work.data, self.work.flat)

    def path(self, start: Position) -> QuadraticPath | None:
        """Return the closed form of the whole path from a start, where loss, update and batches allow one."""
        if self.work.batches is not None or self.work.dtype != "float64":
            return None
        if not QuadraticPath.fits(self.curvature, self.work.optimizer):
            return None
        return QuadraticPath(self.curvature, self.work.optimizer, start)


def prepare(
    derivation: Derivation,
    data: Mapping[str, Any],
    flat: Flat,
    optimizer: Optimizer,
    *,
    engine: str = "auto",
    steps: int = 1000,
    batches: Batches | None = None,
    dtype: str = "float64",
    m: int = 0,
) -> Prepared:
    """Return the engine for a descent.

    Args:
        derivation: of the model's gradients.
        data: arrays by name, checked.
        flat: the layout of the parameters.
        optimizer: the method.
        engine: "auto", "numpy", "jax" or "moments".
        steps: how many steps are planned: compiling is not worth it for few.
        batches: the mini-batches, None for all examples at once.
        dtype: "float64" or "float32".
        m: the number of examples, 0 where there are none.

    Raises:
        UnknownNameError: no such engine.
        DataError: "moments" for a model that does not allow it; says why.
        MissingExtraError: "jax" without JAX.
    """
    if engine not in ENGINES:
        raise unknown("engine", engine, ENGINES)
    cast = {name: _as(value, dtype) for name, value in data.items()}
    work = Work(derivation.program(), cast, optimizer, flat, batches, dtype)
    if engine in ("auto", "moments"):
        found = _moments(derivation, data, work, m)
        if not isinstance(found, str):
            small, smaller = found
            inner, why = _loop(smaller, steps, "auto")
            k = next(iter(smaller.data.values())).shape[-1]
            return Prepared(
                inner, "moments",
                f"squared error, linear in the data: {m} examples enter through their second moments, as {k}; {why}",
                smaller, small,
            )  # fmt: skip
        if engine == "moments":
            raise DataError(
                f'engine="moments" does not fit: {found}. Use engine="auto", or "numpy" or "jax".'
            )
    chosen, why = _loop(work, steps, engine)
    return Prepared(chosen, chosen.name, why, work, derivation)


def _moments(
    derivation: Derivation, data: Mapping[str, Any], work: Work, m: int
) -> tuple[Derivation, Work] | str:
    if work.batches is not None:
        return "moments need all examples at every step, and a batch size was given"
    if not m:
        return "the model has no examples"
    found = moments.recognised(derivation.graph, m)
    if isinstance(found, str):
        return found
    width = 1 + sum(
        int(np.size(data[name])) // m
        for name, shape in derivation.graph.data.items()
        if found.examples in shape
    )
    if m < 2 * width:
        return f"{m} examples of {width - 1} numbers would not get fewer"
    small = derive_graph(found.graph, None, None, None, "d")
    shrunk = {name: _as(x, work.dtype) for name, x in moments.shrink(found, data).items()}
    return small, Work(small.program(), shrunk, work.optimizer, work.flat, None, work.dtype)


def _loop(work: Work, steps: int, engine: str) -> tuple[Engine, str]:
    if engine == "numpy":
        return NumpyEngine(work), "asked for"
    if engine == "jax":
        return JaxEngine(work), "asked for"
    seconds = steps * seconds_per_step(work)
    if seconds < _COMPILE:
        done = "1 step is" if steps == 1 else f"{steps} steps are"
        return NumpyEngine(work), f"{done} done before JAX would have compiled"
    if find_spec("jax") is None:
        return NumpyEngine(work), "JAX is not installed (chainrule[jax] would be faster)"
    return JaxEngine(work), f"{steps} steps are worth a compilation"


def seconds_per_step(work: Work) -> float:
    """Return a rough estimate of one step of the NumPy engine, from the sizes in its program."""
    sizes = _sizes(work)
    seconds = 12e-6
    for line in work.program.lines:
        for node in nodes.inside(line.formula):
            if nodes.is_leaf(node):
                continue
            entries = float(np.prod([size_of_dim(d, sizes) for d in node.shape]))
            seconds += _CALL + entries / _ENTRIES
            if isinstance(node, Ein) and len(node.args) > 1 and node.summed:
                flops = float(np.prod([size_of_dim(d, sizes) for d in node.dims.values()]))
                seconds += 2 * flops / _FLOPS
    return seconds


def _sizes(work: Work) -> dict[str, int]:
    sizes: dict[str, int] = {}
    leaves = dict(zip(work.flat.names, work.flat.shapes, strict=True))
    for node in work.program.graph.inputs:
        shape = leaves.get(node.name) or np.shape(work.data.get(node.name, 0.0))
        sizes.update({d: n for d, n in zip(node.shape, shape, strict=False) if not d.isdigit()})
    if work.batches is not None:
        for name, axis in work.batches.axes.items():
            shape = work.program.graph.data[name]
            if isinstance(shape, tuple):
                sizes[shape[axis]] = work.batches.size
    return sizes


def _as(value: Any, dtype: str) -> Any:
    if isinstance(value, list):
        return [np.asarray(x, dtype=dtype) for x in value]  # pyright: ignore[reportUnknownVariableType]
    return np.asarray(value, dtype=dtype)
