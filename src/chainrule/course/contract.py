"""The contract: one plain JSON document per instrument, from any model and its data; web/src/contract.ts is its schema.

Formulas, code, tapes and numbers are the engine's; nothing here knows a chapter or a page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.course.forward import tangent_tape
from chainrule.course.methods import OPTIMIZERS, learning_rates, methods, own
from chainrule.course.reasons import operations
from chainrule.course.rows import Written, rows, symbol_math, teaching_tape
from chainrule.course.samples import Sample, examples_dim, nested
from chainrule.derive.conventions import (
    CONVENTIONS,
    LAYOUTS,
    with_convention,
    with_examples,
    written_layout,
)
from chainrule.derive.instances import equal, implied_domains
from chainrule.derive.prediction import features_of, prediction, target_of
from chainrule.engines.curvature import LARGEST_HESSIAN, Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.least_squares import solve
from chainrule.errors import DataError, LossError, unknown
from chainrule.explain.derivation import Derivation
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name
from chainrule.graph.trace import Graph
from chainrule.model import Model
from chainrule.optim.optimizer import Optimizer
from chainrule.start import bind_sizes, check_arrays, fan_in

VERSION = 1
STEPS = 100
LARGEST = 60  # named values; beyond it only the model as written is derived, no other convention
LARGEST_CURVATURE = 20_000  # parameters; beyond it the curvature is not computed


@dataclass(frozen=True)
class Settings:
    """The state in which an instrument opens; `learning_rate` None: the rule of `learning_rates`.

    `optimizer`: one with settings of its own, in place of `method` and `learning_rate`.
    """

    seed: int = 0
    method: str = "gradient-descent"
    learning_rate: float | None = None
    steps: int = STEPS
    batch_size: int | None = None
    optimizer: Optimizer | None = None


def contract(
    model: Model,
    data: Sample | Mapping[str, Any],
    *,
    params: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    title: str = "",
    **sizes: int,
) -> dict[str, Any]:
    """Return the document of an instrument.

    Args:
        model: any model.
        data: a Sample, or arrays in the model's own layout.
        params: where to start; None for the model's random start of the seed.
        settings: the state in which the instrument opens.
        title: "" for the model's own.
        **sizes: sizes that the data do not tell, such as n_h=16.

    Raises:
        DataError, ShapeError, UnknownNameError: something given does not fit; says what to write instead.
    """
    found = data if isinstance(data, Sample) else Sample(data, "the arrays")
    state, more = _with_optimizer(settings or Settings())
    _check(state, more)
    start = _random(model, found, state.seed, sizes) if params is None else dict(params)
    arrays = check_arrays(model.graph, found.arrays, start)
    given = {name: arrays[name] for name in model.data}
    start = {name: arrays[name] for name in model.parameters}
    graph, predicted = model.graph, _prediction(model.graph)
    known = facts(model, given, start)
    return {
        "version": VERSION,
        "model": model.name,
        "title": title or _title(model),
        "examples": examples_dim(graph),
        "features": features_of(graph) if len(graph.data) > 1 else None,
        "target": target_of(graph),
        "prediction": predicted.label if predicted else "",
        "kind": _kind(graph, predicted),
        "values": _values(graph, predicted),
        "variants": _variants(model, predicted),
        "methods": [*_methods(known, start, state), *more],
        "data": found.document(graph),
        "start": _start(graph, given, start, state),
        "facts": known,
    }


def _random(model: Model, data: Sample, seed: int, sizes: Mapping[str, int]) -> dict[str, Any]:
    arrays = {k: v for k, v in data.arrays.items() if not isinstance(v, list)}
    return model.init({**arrays, **sizes}, seed=seed)


def _check(state: Settings, more: list[dict[str, Any]]) -> None:
    if state.method not in OPTIMIZERS and not more:
        raise unknown("method", state.method, OPTIMIZERS)
    if state.steps < 1:
        raise DataError(f"the number of steps is {state.steps}: it must be at least 1.")


# -- the model
def _title(model: Model) -> str:
    """Return the first words of what a model says of itself: up to a colon, a comma or a full stop."""
    words = re.split(r"[:,.]", model.__doc__ or "")[0].strip()
    return words or model.name.replace("_", " ").capitalize()


def _prediction(graph: Graph) -> Name | None:
    try:
        return prediction(graph)
    except LossError:
        return None


def _kind(graph: Graph, predicted: Name | None) -> str:
    target = target_of(graph)
    if target is None or predicted is None:
        return "other"
    if implied_domains(graph).get(target) in ("label", "one-hot"):
        return "classification"
    shapes = graph.data[target]
    return "regression" if len(graph.data) > 1 and predicted.shape == shapes else "other"


def _values(graph: Graph, predicted: Name | None) -> list[dict[str, Any]]:
    found: dict[Input | Name, dict[str, Any]] = {}
    named = graph.values
    more = [predicted] if predicted is not None and predicted not in named else []
    for node in (*graph.inputs, *more, *named):
        inner = nodes.inside(node.inner) if isinstance(node, Name) else []
        reads = [n for n in inner if isinstance(n, Input | Name)]
        found[node] = {
            "label": _label(node),
            "kind": _role(node, graph),
            "shape": list(node.shape),
            "mathml": symbol_math(node),
            "reads": [_label(n) for n in reads],
            "level": 1 + max((found[n]["level"] for n in reads), default=0) if inner else 0,
            "op": operations(node.inner) if isinstance(node, Name) else "",
        }
    return list(found.values())


def _label(node: Input | Name) -> str:
    return node.name if isinstance(node, Input) else node.label


def _role(node: Input | Name, graph: Graph) -> str:
    if isinstance(node, Input):
        return node.role
    return "loss" if node is graph.loss else "value"


# -- the conventions
def _variants(model: Model, predicted: Name | None) -> list[dict[str, Any]]:
    graph = model.graph
    convention, layout = written_convention(graph), written_layout(graph)
    found = [_variant(convention, layout, model.derivation, predicted)]
    if len(graph.values) > LARGEST:
        return found
    layouts = LAYOUTS if examples_dim(graph) else (layout,)
    for other in (convention, *(c for c in CONVENTIONS if c != convention)):
        changed = graph if other == convention else with_convention(graph, other)
        if other != convention and changed.loss is graph.loss:
            continue
        for way in (layout, *(x for x in layouts if x != layout)):
            if (other, way) != (convention, layout):
                turned = with_examples(changed, way)
                derivation = Derivation(turned)
                found.append(_variant(other, way, derivation, _prediction(turned)))
    return found


def written_convention(graph: Graph) -> str:
    """Return the convention in which a model is written: that which changes nothing; "mean" where none fits."""
    for convention in CONVENTIONS:
        changed = with_convention(graph, convention).loss
        if changed is graph.loss:
            return convention
        if len(graph.values) <= LARGEST and equal(changed, graph.loss, graph, trials=1):
            return convention
    return CONVENTIONS[0]


def _variant(
    convention: str, layout: str, derivation: Derivation, predicted: Name | None
) -> dict[str, Any]:
    written = Written(derivation)
    return {
        "convention": convention,
        "examples": layout,
        "rows": rows(written),
        "tape": teaching_tape(written, [predicted] if predicted else []),
        "forward": tangent_tape(derivation.graph),
        "programs": {**written.sources, "latex": derivation.to("latex")},
    }


# -- numbers
def _methods(
    known: Mapping[str, Any], start: Mapping[str, Any], state: Settings
) -> list[dict[str, Any]]:
    far = None
    if known["optimum"]:
        flat = nested(dict.fromkeys(start, ()), start)
        best = known["optimum"]["params"]
        far = max(float(np.abs(np.subtract(best[k], flat[k])).max(initial=0.0)) for k in flat)
    rates = learning_rates(known["largestCurvature"], far, state.steps)
    if state.learning_rate is not None:
        rates[state.method] = state.learning_rate
    return methods(rates)


def _with_optimizer(state: Settings) -> tuple[Settings, list[dict[str, Any]]]:
    """Return the state with its optimizer by key, and that optimizer's description where it has settings of its own."""
    if state.optimizer is None:
        return state, []
    key, rate, more = own(state.optimizer)
    return replace(state, method=key, learning_rate=rate), more


def _start(
    graph: Graph, data: Mapping[str, Any], start: Mapping[str, Any], state: Settings
) -> dict[str, Any]:
    return {
        "seed": state.seed,
        "params": nested(graph.parameters, start),
        "init": _init(graph, sizes_of(graph, data, start)),
        "method": state.method,
        "steps": state.steps,
        "batchSize": state.batch_size,
    }


def sizes_of(graph: Graph, data: Mapping[str, Any], start: Mapping[str, Any]) -> dict[str, int]:
    """Return the size of every dim, from data and parameters."""
    learned: dict[str, int] = {}
    for name, shape in graph.parameters.items():
        many = isinstance(shape, list)
        pairs = zip(start[name], shape, strict=True) if many else [(start[name], shape)]
        for array, dims in pairs:
            learned.update(
                (dim, n) for dim, n in zip(dims, np.shape(array), strict=True) if not dim.isdigit()
            )
    return bind_sizes(graph, {k: v for k, v in data.items() if not isinstance(v, list)}, learned)


def _init(graph: Graph, sizes: Mapping[str, int]) -> list[dict[str, Any]]:
    fans = fan_in(graph)
    found: list[dict[str, Any]] = []
    for stream, node in enumerate(n for n in graph.inputs if n.role == "parameter"):
        dims = fans.get(node)
        fan = math.prod(int(d) if d.isdigit() else sizes.get(d, 1) for d in dims or ())
        found.append(
            {
                "label": node.name,
                "kind": "zeros" if dims is None else "normal",
                "fan": max(fan, 1),
                "stream": stream,
            }
        )
    return found


def facts(model: Model, data: Mapping[str, Any], start: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is computed of a loss at its data and start: its curvature, and the closed form where there is one."""
    flat = Flat(start)
    found: dict[str, Any] = {
        "largestCurvature": None,
        "smallestCurvature": None,
        "quadratic": False,
        "optimum": None,
    }
    if not 0 < flat.size <= LARGEST_CURVATURE:
        return found
    with np.errstate(all="ignore"):
        curvature = Curvature(model.derivation, data, flat)
        low, high = curvature.extremes(start)
    if math.isfinite(low) and math.isfinite(high) and max(abs(low), abs(high)) > 0:
        found["largestCurvature"], found["smallestCurvature"] = max(abs(low), abs(high)), low
    found["quadratic"] = curvature.quadratic
    if curvature.quadratic and flat.size <= LARGEST_HESSIAN:
        found["optimum"] = _optimum(model, data, start, flat)
    return found


def _optimum(
    model: Model, data: Mapping[str, Any], start: Mapping[str, Any], flat: Flat
) -> dict[str, Any] | None:
    found = solve(model.graph, data, flat, sizes_of(model.graph, data, start))
    if found is None:
        return None
    params = flat.split(found.vector)
    loss = model.loss(data, params)
    return {"params": nested(model.graph.parameters, params), "loss": loss}


__all__ = ["VERSION", "Settings", "contract", "facts", "sizes_of", "written_convention"]
