"""An operation as chapter 5 and the handout show it: a small model of it alone, derived by the engine, and where to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np

from chainrule.course.reasons import rule_sentence, sentence
from chainrule.emit import text
from chainrule.emit.symbols import symbol
from chainrule.explain.derivation import Step
from chainrule.explain.formulas import Equation, render
from chainrule.graph.trace import Shapes
from chainrule.model import Model, parse
from chainrule.ops.record import Record

Values = float | list[float] | list[list[float]]
SIZES = {"k": 3, "n": 2, "m": 2}


@dataclass(frozen=True)
class Entry:
    """One operation: its record (None for arithmetic, which needs no function), a model of it, where its inputs start.

    `vary` are the entries that a reader may move, as (input, flat index); `corners` where the slope may jump: numbers,
    names of inputs, or "whole" for every whole number.
    """

    name: str
    call: str
    family: str
    text: str
    inputs: Mapping[str, str]
    start: Mapping[str, Values]
    vary: tuple[tuple[str, int], ...]
    window: tuple[float, float]
    frame: tuple[float, float]
    words: str = ""
    kink: str = "differentiable everywhere"
    source: str = ""
    corners: tuple[float | str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict[str, str])
    record: Record | None = None
    code: str = ""  # how a model calls it on numbers: "sigmoid({0})"; "" where it takes arrays

    @cached_property
    def model(self) -> Model:
        """The operation as a model: its output y, weighted by what comes back from above, is the loss."""
        given = cast("dict[str, Shapes]", dict(self.data))
        return parse(self.text, data=given, parameters=cast("dict[str, Shapes]", dict(self.inputs)))

    @property
    def output(self) -> str:
        """The name of its output: y, or the loss itself."""
        values = self.model.graph.values
        return values[-2 if self.has_upstream else -1].label

    @property
    def forward(self) -> list[Step]:
        """The steps forward to its output."""
        forward = self.model.derivation.forward
        return forward[:-1] if self.has_upstream else forward

    @property
    def has_upstream(self) -> bool:
        """Whether something is multiplied in from above; a loss is the end of the way."""
        return "g" in self.data

    @property
    def steps(self) -> list[Step]:
        """The steps back from its output to its inputs."""
        return [s for s in self.model.derivation.steps if s.target != self.output]

    @property
    def sentence(self) -> str:
        """The rule in words."""
        if self.words:
            return sentence(self.words)
        said = dict.fromkeys(rule_sentence(rule) for step in self.steps for rule in step.rule)
        return sentence("; ".join(said))

    @property
    def corner(self) -> str:
        """Where it has no slope, and what is taken there, as a sentence."""
        return sentence(self.kink.replace("<=", "≤").replace(">=", "≥"))

    @property
    def reads(self) -> list[str]:
        """The values that the way back reads again, without gradients."""
        found = {label for step in self.steps for label in step.reuses}
        names = [*self.inputs, *self.data, *(v.label for v in self.model.graph.values)]
        return [x for x in names if x in found and x != "g"]

    @property
    def reuse(self) -> str:
        """What is kept for the way back, in words."""
        kept = [text.render(symbol(x)) for x in self.reads]
        if not kept:
            return "Nothing is kept for the way back."
        what = {True: "the output", False: "the input"}[self.reads == [self.output]]
        if self.output in self.reads and len(kept) > 1:
            what = "output and input"
        names = kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} and {kept[-1]}"
        plural = "s" if len(kept) > 1 and what == "the input" else ""
        return f"The way back reads {what}{plural} again: {names} must be kept."

    def arrays(
        self, output: int = 0, upstream: float = 1.0
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return (data, parameters) at the start; what comes back arrives at one entry of the output."""
        params = {name: np.array(self.start[name], dtype=np.float64) for name in self.inputs}
        data = {
            name: np.array(self.start[name], dtype=np.float64) for name in self.data if name != "g"
        }
        if self.has_upstream:
            g = np.zeros(self.shape(self.data["g"]))
            g.flat[output] = upstream
            data["g"] = g
        return data, params

    def shape(self, dims: str) -> tuple[int, ...]:
        """Return the shape that dims have here."""
        sizes = dict(SIZES)
        for name, value in self.start.items():
            told = {**self.inputs, **self.data}[name].split()
            sizes.update(zip(told, np.shape(value), strict=True))
        return tuple(sizes[d] for d in dims.split())

    def at(self, x: float, which: int = 0) -> tuple[float, float]:
        """Return (value, slope) with the moved input at x; other inputs stay at the start."""
        name, index = self.vary[which]
        data, params = self.arrays()
        params[name].flat[index] = x
        with np.errstate(all="ignore"):
            loss, gradients = self.model.value_and_grad(data, params)
        return float(loss), float(np.ravel(gradients[name])[index])


def maths(step: Step, tongue: str) -> str:
    """Return a step's equation in a tongue of mathematics, without sides that read alike."""
    sides = {render(Equation(None, (side,)), "text"): side for side in step.sides}
    return render(Equation(step.node, tuple(sides.values())), tongue)
