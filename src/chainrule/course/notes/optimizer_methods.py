"""The optimizers of chapter 8 as the browser needs them: tapes that also read settings, formulas, and who does it so."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any, NamedTuple

from chainrule.course.methods import OPTIMIZERS, phases, update_program
from chainrule.emit import program as programs
from chainrule.optim.adam import Adam
from chainrule.optim.adaptive import AdaGrad, RMSprop
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Constant, Cosine, StepDecay, WarmUp

BUDGET = 60  # gradients of a race
STEPS = 240  # of a run under a schedule: the schedules are written for so many


class Entry(NamedTuple):
    """A method: what it is called, the optimizer, and the settings that stay open."""

    title: str
    optimizer: Optimizer
    free: tuple[str, ...] = ()


_FREE = {
    "momentum": ("momentum",), "momentum-average": ("momentum",), "momentum-velocity": ("momentum",),
    "nesterov": ("momentum",), "adagrad": ("epsilon",), "rmsprop": ("epsilon",), "adam": ("beta1", "beta2", "epsilon"),
    "adamw": ("weight_decay",),
}  # fmt: skip

METHODS: dict[str, Entry] = {
    **{
        key: Entry(title, optimizer, _FREE.get(key, ()))
        for key, (title, optimizer) in OPTIMIZERS.items()
    },
    "nesterov-velocity": Entry("Nesterov, velocity form", Nesterov(0.1, form="velocity"), ("momentum",)),
    "adagrad-inside": Entry("AdaGrad, ε inside", AdaGrad(0.1, epsilon_inside=True), ("epsilon",)),
    "rmsprop-inside": Entry("RMSprop, ε inside", RMSprop(0.1, epsilon_inside=True), ("epsilon",)),
    "adam-inside": Entry("Adam, ε inside", Adam(0.1, epsilon_inside=True), ("epsilon",)),
    "adam-uncorrected": Entry("Adam, not corrected", Adam(0.1, bias_correction=False), ("beta2",)),
    "adam-l2": Entry("Adam, decay in the gradient", Adam(0.1, weight_decay=0.01), ("weight_decay",)),
    "constant": Entry("constant", GradientDescent(Constant(0.1))),
    "step": Entry("steps down", GradientDescent(StepDecay(0.1, 0.3, every=STEPS // 4))),
    "cosine": Entry("cosine", GradientDescent(Cosine(0.1, STEPS))),
    "warm-up": Entry("warm-up, then cosine", GradientDescent(WarmUp(Cosine(0.1, STEPS), STEPS // 8))),
    "momentum-cosine": Entry("momentum, cosine", Momentum(Cosine(0.1, STEPS))),
    "momentum-velocity-cosine": Entry("momentum, velocity form, cosine", Momentum(Cosine(0.1, STEPS), form="velocity")),
}  # fmt: skip
SCHEDULES = ("constant", "step", "cosine", "warm-up")


@cache
def method(key: str) -> dict[str, Any]:
    """Return a method as web/src/notes/optimizers/model.ts describes it."""
    title, optimizer, free = METHODS[key]
    program = update_program(optimizer, free)
    return {
        "key": key,
        "title": title,
        "slots": list(optimizer.slots),
        "free": {name: getattr(optimizer, name) for name in free},
        "tape": programs.write(program, "tape"),
        "phases": phases(optimizer, program),
        "differs": told(type(optimizer), "Differs"),
        "source": told(type(optimizer), "Source"),
        "code": {tongue: programs.write(program, tongue) for tongue in ("numpy", "jax", "torch")},
    }


def methods(keys: tuple[str, ...] = tuple(METHODS)) -> list[dict[str, Any]]:
    """Return methods in the order of their keys."""
    return [method(key) for key in keys]


def told(kind: type[Optimizer], section: str) -> str:
    """Return a section of an optimizer's own documentation: who "Differs", the "Source"."""
    text = inspect.cleandoc(kind.__doc__ or "")
    found = re.search(rf"^{section}: (.+?)(?=^\S|^\s*$|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def formulas(keys: tuple[str, ...]) -> str:
    """Return methods and their rules as HTML, for a reader without scripts."""
    rows = "".join(
        f"<tr><th>{METHODS[key].title}</th><td>{'<br>'.join(_maths(x['mathml']) for x in method(key)['phases'])}</td></tr>"
        for key in keys
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _maths(inner: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{inner}</mrow></math>'


__all__ = [
    "BUDGET",
    "METHODS",
    "SCHEDULES",
    "STEPS",
    "Entry",
    "formulas",
    "method",
    "methods",
    "told",
]
