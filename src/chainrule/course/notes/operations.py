"""The entries of all operations: one for each record of the table, by construction; what a new record does not say is taken from
its example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import cast

import numpy as np

from chainrule.course.notes.entry import SIZES, Entry, Values
from chainrule.ops.record import Composite, Elementwise, Record, Reduction
from chainrule.ops.table import records

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
        shape = tuple(SIZES.get(d, 2) for d in dims.split())
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
