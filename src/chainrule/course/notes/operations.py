"""Every operation as chapter 5 and the handout show it: a small model of it alone, derived by the engine, and where to look at it.

One entry for each record of the table, by construction; what a new record does not say is taken from its example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np

from chainrule.course.reasons import rule_sentence, sentence
from chainrule.explain.derivation import Step
from chainrule.explain.formulas import Equation, render
from chainrule.graph.trace import Shapes
from chainrule.model import Model, parse
from chainrule.ops.record import Composite, Elementwise, Record, Reduction
from chainrule.ops.table import records

Values = float | list[float] | list[list[float]]
_SIZES = {"k": 3, "n": 2, "m": 2}


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
        from chainrule.emit import text
        from chainrule.emit.symbols import symbol

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
        sizes = dict(_SIZES)
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


# -- arithmetic: written with signs, so it has no record of its own
_ARITHMETIC = {
    "add": ("a + b", "a + b"),
    "subtract": ("a - b", "a − b"),
    "multiply": ("a * b", "a · b"),
    "divide": ("a / b", "a / b"),
    "negate": ("-a", "−a"),
}


def _arithmetic() -> Iterator[Entry]:
    for name, (code, call) in _ARITHMETIC.items():
        inputs = {x: "" for x in "ab" if x in code}
        yield Entry(
            name, call, "arithmetic", f"y = {code}; L = g * y", inputs, {"a": 1.0, "b": 2.0} if "b" in inputs else {"a": 1.0},
            tuple((x, 0) for x in inputs), (-4, 4), (-6, 6), data={"g": ""},
            kink="not defined at b = 0" if name == "divide" else "differentiable everywhere", corners=(0.0,) if name == "divide" else (), code=code.replace("a", "{0}").replace("b", "{1}"),
        )  # fmt: skip


# -- entry by entry
_WINDOWS = {
    "positive": (-0.75, 4.25),
    "real": (-4.0, 4.0),
    "kinked": (-3.0, 3.0),
    "nonzero": (-3.0, 3.0),
    "flag": (-1.0, 2.0),
}
_FRAMES = {
    "exp": (-1.0, 8.0), "log": (-3.5, 5.0), "sqrt": (-0.4, 2.6), "square": (-6.0, 9.0), "power": (-1.0, 9.0), "pow": (-1.0, 9.0),
    "reciprocal": (-5.0, 5.0), "tanh": (-1.3, 1.3), "sigmoid": (-0.2, 1.2), "softplus": (-0.5, 4.2), "sin": (-1.4, 1.4),
    "cos": (-1.4, 1.4), "huber": (-1.5, 2.6), "floor": (-3.3, 3.3),
}  # fmt: skip
_STARTS = {"positive": 1.5, "real": 1.0, "kinked": 1.0, "nonzero": 1.0, "flag": 1.0}


def _elementwise(record: Elementwise) -> Entry:
    names = {1: ["x"], 2: ["a", "b"], 3: ["c", "a", "b"]}[record.arity]
    numbers = {key: float(Fraction(value)) for key, value in record.parameters.items()}
    given = "".join(f", {key}={value:g}" for key, value in numbers.items())
    code = (
        f"x ** {numbers['exponent']:g}"
        if record.name == "power"
        else f"{record.name}({', '.join(names)}{given})"
    )
    start = {
        name: _STARTS[d] + 0.5 * i
        for i, (name, d) in enumerate(zip(names, record.domain, strict=True))
    }
    corners: tuple[float | str, ...] = ()
    if record.domain[0] in ("kinked", "flag", "positive", "nonzero"):
        held = sorted({0.0, *numbers.values(), *(-v for v in numbers.values())})
        corners = ("whole",) if record.name == "floor" else (*held, *names[1:])
    low = (
        0 if record.name != "where" else 1
    )  # nothing flows into a condition: the first choice is moved
    vary = tuple((name, 0) for name in [*names[low:], *names[:low]])
    return Entry(
        record.name, record.signature, record.family if record.domain[0] not in ("kinked", "flag") else "with a corner or a jump",
        f"y = {code}; L = g * y", dict.fromkeys(names, ""), start, vary, _WINDOWS[record.domain[low]],
        _FRAMES.get(record.name, (-2.2, 3.2)), record.sentence, record.kink, record.source, corners, {"g": ""}, record,
        code.replace("x", "{0}", 1) if record.name == "power" else f"{record.name}({', '.join(f'{{{i}}}' for i in range(len(names)))}{given})",
    )  # fmt: skip


# -- along an axis, and what is made of other operations
def _reduction(record: Reduction) -> Entry:
    call = f"{record.name}(z, axis=0)"
    text = f"y = {call}; L = {'sum(g * y)' if record.keeps else 'g * y'}"
    return Entry(
        record.name, record.signature, record.family, text, {"z": "k"}, {"z": [1.0, 0.5, -1.0]}, (("z", 0), ("z", 1), ("z", 2)),
        (-4, 4), {"softmax": (-0.3, 1.2), "log_softmax": (-6.0, 1.5)}.get(record.name, (-1.5, 4.5)), record.sentence, record.kink,
        record.source, (1.0, 0.5, -1.0) if "kinked" in record.domain else (), {"g": "k" if record.keeps else ""}, record,
    )  # fmt: skip


_VECTOR = [1.0, 0.5, -1.0]
_ALONE: dict[str, tuple[str, dict[str, str], dict[str, Values], dict[str, str]]] = {
    "sum": ("y = sum(x); L = g * y", {"x": "k"}, {"x": _VECTOR}, {"g": ""}),
    "mean": ("y = mean(x); L = g * y", {"x": "k"}, {"x": _VECTOR}, {"g": ""}),
    "dot": ("y = dot(a, b); L = g * y", {"a": "k", "b": "k"}, {"a": _VECTOR, "b": [2.0, 1.0, 0.5]}, {"g": ""}),
    "outer": ("Y = outer(a, b); L = sum(g * Y)", {"a": "n", "b": "m"}, {"a": [1.0, -0.5], "b": [2.0, 1.0]}, {"g": "n m"}),
    "matmul": ("Y = A @ B; L = sum(g * Y)", {"A": "n k", "B": "k m"}, {"A": [[1.0, 0.5], [-1.0, 2.0]], "B": [[2.0, 0.0], [1.0, -1.0]]}, {"g": "n m"}),
    "einsum": ('Y = einsum("ij,jk->ik", A, B); L = sum(g * Y)', {"A": "n k", "B": "k m"}, {"A": [[1.0, 0.5], [-1.0, 2.0]], "B": [[2.0, 0.0], [1.0, -1.0]]}, {"g": "n m"}),
    "l2": ("y = l2(w); L = g * y", {"w": "k"}, {"w": _VECTOR}, {"g": ""}),
    "l1": ("y = l1(w); L = g * y", {"w": "k"}, {"w": _VECTOR}, {"g": ""}),
    "l2_norm": ("y = l2_norm(w); L = g * y", {"w": "k"}, {"w": _VECTOR}, {"g": ""}),
    "squared_error": ("L = squared_error(y_hat, y)", {"y_hat": "m"}, {"y_hat": [1.0, -0.5], "y": [0.0, 0.5]}, {"y": "m"}),
    "absolute_error": ("L = absolute_error(y_hat, y)", {"y_hat": "m"}, {"y_hat": [1.0, -0.5], "y": [0.0, 0.5]}, {"y": "m"}),
    "huber_error": ("L = huber_error(y_hat, y)", {"y_hat": "m"}, {"y_hat": [2.0, -0.5], "y": [0.0, 0.0]}, {"y": "m"}),
    "binary_cross_entropy": ("L = binary_cross_entropy(a, y)", {"a": "m"}, {"a": [0.7, 0.4], "y": [1.0, 0.0]}, {"y": "m"}),
    "binary_cross_entropy_with_logits": ("L = binary_cross_entropy_with_logits(z, y)", {"z": "m"}, {"z": [1.0, -0.5], "y": [1.0, 0.0]}, {"y": "m"}),
    "categorical_cross_entropy": ("L = categorical_cross_entropy(P, Y)", {"P": "k m"}, {"P": [[0.6], [0.3], [0.1]], "Y": [[1.0], [0.0], [0.0]]}, {"Y": "k m"}),
    "categorical_cross_entropy_with_logits": ("L = categorical_cross_entropy_with_logits(Z, Y)", {"Z": "k m"}, {"Z": [[1.0], [0.5], [-1.0]], "Y": [[1.0], [0.0], [0.0]]}, {"Y": "k m"}),
}  # fmt: skip
_PROBABILITIES = ("binary_cross_entropy", "categorical_cross_entropy")


def _composite(record: Composite) -> Entry:
    text, inputs, start, data = _ALONE.get(record.name) or _from_example(record)
    first = next(iter(inputs))
    vary = tuple((first, i) for i in range(np.size(start[first])))
    window = (-0.12, 1.12) if record.name in _PROBABILITIES else (-4.0, 4.0)
    corners = (0.0, 1.0, -1.0, 0.5) if "kink" in record.kink or "not diff" in record.kink else ()
    family = "sums and products" if record.family == "multilinear" else "losses and penalties"
    frame = (-3.0, 5.0) if record.name not in _PROBABILITIES else (-4.0, 4.0)
    return Entry(
        record.name, record.signature, family, text, inputs, start, vary, window, frame,
        record.sentence, record.kink, record.source, corners, data, record,
    )  # fmt: skip


def _from_example(
    record: Composite,
) -> tuple[str, dict[str, str], dict[str, Values], dict[str, str]]:
    """Return what the record's own example says, with small numbers in it."""
    start: dict[str, Values] = {}
    for name, dims in record.shapes.items():
        shape = tuple(_SIZES.get(d, 2) for d in dims.split())
        start[name] = cast(
            "Values", (np.arange(1, int(np.prod(shape)) + 1).reshape(shape) / 4).tolist()
        )
    labels = {
        k: v for k, v in record.shapes.items() if record.domains.get(k) in ("label", "one-hot")
    }
    return (
        record.example,
        {k: v for k, v in record.shapes.items() if k not in labels},
        start,
        labels,
    )


def _entry(record: Record) -> Entry:
    match record:
        case Elementwise():
            return _elementwise(record)
        case Reduction():
            return _reduction(record)
        case Composite():
            return _composite(record)


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Return arithmetic and every operation of the table by name, in teaching order."""
    return {e.name: e for e in (*_arithmetic(), *map(_entry, records()))}


def maths(step: Step, tongue: str) -> str:
    """Return a step's equation in a tongue of mathematics, without sides that read alike."""
    sides = {render(Equation(None, (side,)), "text"): side for side in step.sides}
    return render(Equation(step.node, tuple(sides.values())), tongue)


__all__ = ["Entry", "entries", "maths"]
