"""Optimizers for the browser: formula, code and a tape that reads the learning rate, so that a slider can move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, cast

from chainrule import ops
from chainrule.emit import program as programs
from chainrule.emit.program import Program
from chainrule.explain.formulas import Equation, render
from chainrule.graph import nodes
from chainrule.graph.coefficient import exact
from chainrule.graph.naming import relabel
from chainrule.graph.nodes import Input, Name
from chainrule.graph.tensor import Tensor
from chainrule.graph.trace import Graph, Trace, run_traced
from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.adaptive import AdaGrad, RMSprop
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer, one_step
from chainrule.optim.schedule import Schedule

OPTIMIZERS: dict[str, tuple[str, Optimizer]] = {
    "gradient-descent": ("Gradient descent", GradientDescent(0.1)),
    "momentum": ("Momentum", Momentum(0.1)),
    "momentum-average": ("Momentum, (1 − β) form", Momentum(0.1, form="average")),
    "momentum-velocity": ("Momentum, velocity form", Momentum(0.1, form="velocity")),
    "nesterov": ("Nesterov", Nesterov(0.1)),
    "adagrad": ("AdaGrad", AdaGrad(0.1)),
    "rmsprop": ("RMSprop", RMSprop(0.1)),
    "adam": ("Adam", Adam(0.1)),
    "adamw": ("AdamW", AdamW(0.1)),
}
OWN = "own"  # the key of a method that is none of those
_RATE = "alpha"
_LEADS = ("rate", "start", "then")  # of a schedule: what it begins at


def methods(rates: dict[str, float]) -> list[dict[str, Any]]:
    """Return every method as web/src/contract.ts describes it; `rates` are the learning rates by key."""
    return [{**_method(key), "learningRate": rates[key]} for key in OPTIMIZERS]


def own(optimizer: Optimizer) -> tuple[str, float, list[dict[str, Any]]]:
    """Return the key and the learning rate of somebody's optimizer, and its description where it is none of OPTIMIZERS."""
    for key, (_, known) in OPTIMIZERS.items():
        if not isinstance(optimizer.learning_rate, Schedule) and optimizer == replace(
            known, learning_rate=optimizer.learning_rate
        ):
            return key, float(optimizer.learning_rate), []
    rate = _begins(optimizer.learning_rate)
    title = f"{type(optimizer).__name__}, as fitted"
    return OWN, rate, [{**_described(OWN, title, optimizer), "learningRate": rate}]


def _begins(rate: float | Schedule) -> float:
    """Return the number that `_led` puts alpha in the place of."""
    if not isinstance(rate, Schedule):
        return float(rate)
    leads = (getattr(rate, one.name) for one in fields(rate) if one.name in _LEADS)
    return _begins(next(leads))


def learning_rates(largest: float | None, far: float | None, steps: int) -> dict[str, float]:
    """Return a sensible learning rate for every method.

    Gradient descent: 1/λmax. Momentum and Nesterov: a tenth of it, because
    β = 0.9 adds up ten gradients (not in the (1 - β) form). The others move
    every parameter by about α a step whatever the gradient: enough to reach the optimum in a quarter of the steps where it
    is known, else 0.05; AdaGrad, whose steps shrink, ten times that.

    Args:
        largest: λmax at the start, None where it is not known.
        far: how far the farthest parameter is from the optimum, None where it is not known.
        steps: how many steps are recorded.
    """
    plain = 1 / largest if largest else 0.01
    own = _rounded(4 * far / max(steps, 1)) if far else 0.05
    return {
        "gradient-descent": plain,
        "momentum": plain / 10,
        "momentum-average": plain,
        "momentum-velocity": plain / 10,
        "nesterov": plain / 10,
        "adagrad": 10 * own,
        "rmsprop": own,
        "adam": own,
        "adamw": own,
    }


def _rounded(rate: float) -> float:
    return float(f"{min(max(rate, 1e-3), 1.0):.1g}")


@cache
def _method(key: str) -> dict[str, Any]:
    return _described(key, *OPTIMIZERS[key])


def _described(key: str, title: str, optimizer: Optimizer) -> dict[str, Any]:
    program = update_program(optimizer)
    hidden = ("learning_rate", "clip_norm")
    return {
        "key": key,
        "title": title,
        "slots": list(optimizer.slots),
        "settings": {
            f.name: getattr(optimizer, f.name) for f in fields(optimizer) if f.name not in hidden
        },
        "learningRate": 0.0,
        "tape": programs.write(program, "tape"),
        "phases": phases(optimizer, program),
    }


def update_program(optimizer: Optimizer, free: Sequence[str] = ()) -> Program:
    """Return the program of one update, with the learning rate `alpha` as an argument beside w, dw, the slots and t.

    A schedule begins at `alpha`. The settings named in `free`, such as "momentum" or "epsilon", are arguments too.
    """
    shapes = {"w": ("n",), "dw": ("n",), **dict.fromkeys(optimizer.slots, ("n",))}
    scalars = {_RATE: (), **dict.fromkeys(free, ()), "t": (), "norm": ()}
    trace = Trace({**shapes, **scalars}, {}, ops.FUNCTIONS)
    w, dw, t, norm = (trace.inputs[name] for name in ("w", "dw", "t", "norm"))
    state = {slot: trace.inputs[slot] for slot in optimizer.slots}
    given = _with_inputs(optimizer, {name: trace.inputs[name] for name in (_RATE, *free)})
    arguments = [given, optimizer.decoupled, w, dw, t, norm, state]
    result = cast("dict[str, Tensor]", run_traced(one_step, trace, arguments, {}))
    labels = {key: given.wish for key, given in trace.given.items()}
    results: dict[str, Name] = {}
    for name, value in result.items():
        node = relabel(value.node, labels)
        node = node if isinstance(node, Name) and node.label == name else nodes.named(name, node)
        results[name] = cast("Name", node)
    order = nodes.topological(results.values())
    read = {node.name for node in order if isinstance(node, Input)} | {_RATE}
    kept = {name: x.node.shape for name, x in trace.inputs.items() if x.dims or name in read}
    graph = Graph(type(optimizer).__name__, kept, {}, results["w"])
    values = [n for n in order if isinstance(n, Name)]
    return programs.build(
        graph.name, graph, results["w"], values, results, [],
        loss_too=False, function="update", rebinds=True,
    )  # fmt: skip


def _with_inputs(optimizer: Optimizer, inputs: Mapping[str, Tensor]) -> Optimizer:
    """Return a copy that reads some of its numbers; the others are exact fractions: 1 - 0.9 is then 0.1, in the tape too."""
    copy = object.__new__(type(optimizer))
    for one in fields(optimizer):
        value = getattr(optimizer, one.name)
        if one.name == "learning_rate":
            value = _led(value, inputs[_RATE])
        value = exact(value) if isinstance(value, float) else value
        object.__setattr__(copy, one.name, inputs.get(one.name, value))
    return copy


def _led(rate: float | Schedule, alpha: Tensor) -> Any:
    """Return alpha, or a schedule that begins at it."""
    if not isinstance(rate, Schedule):
        return alpha
    copy = object.__new__(type(rate))
    for one in fields(rate):
        value = getattr(rate, one.name)
        leads = one.name in _LEADS
        object.__setattr__(copy, one.name, _led(value, alpha) if leads else value)
    return copy


def phases(optimizer: Optimizer, program: Program) -> list[dict[str, str]]:
    """Return the assignments of one update in order, each as formula and as the line of the NumPy program."""
    shown = [v for v in optimizer.symbolic.values if v.role == "value"]
    lines = _lines(program)
    assert [v.label for v in shown] == [label for label, _ in lines]
    return [
        {"target": label, "mathml": _assignment(value), "numpy": line}
        for value, (label, line) in zip(shown, lines, strict=True)
    ]


def _assignment(value: Name) -> str:
    sides = (render(Equation(None, (side,)), "mathml") for side in (value, value.inner))
    return "<mo>←</mo>".join(sides)


def _lines(program: Program) -> list[tuple[str, str]]:
    source: str = programs.write(program, "numpy")
    written = [
        line.rpartition("  # (")[0].strip()
        for line in source.split("\n")
        if line.startswith("    ") and "  # (" in line
    ]
    found: list[tuple[str, str]] = []
    before: list[str] = []
    for line, assignment in zip(program.lines, written, strict=True):
        before.append(assignment)
        if line.value.role != "lifted":
            found.append((line.value.label, "\n".join(before)))
            before = []
    return found


__all__ = ["OPTIMIZERS", "learning_rates", "methods", "own", "phases", "update_program"]
