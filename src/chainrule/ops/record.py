"""What the table says of one operation. Everything that can be generated from a record is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.graph.tensor import Tensor

TONGUES = ("numpy", "jax", "torch", "js")
MATHS = ("text", "latex", "mathml", "typst")


@dataclass(frozen=True)
class Notation:
    """How an operation is written in mathematics.

    `form` is "function" (symbol and argument), "abs", "root", "square", "power", "reciprocal", "infix", "cases" or
    "subscript" (symbol with the axis below it). `symbol` gives the symbol in each maths tongue, "text" at least.
    """

    form: str
    symbol: Mapping[str, str] = field(default_factory=dict[str, str])

    def sign(self, tongue: str) -> str:
        """Return the symbol in a tongue."""
        return self.symbol.get(tongue, self.symbol.get("text", ""))


@dataclass(frozen=True)
class Mistake:
    """A common wrong derivative: a stable key, what it means in words, and its builder (as a derivative's)."""

    key: str
    message: str
    build: Callable[..., Tensor]


@dataclass(frozen=True)
class Elementwise:
    """An operation done entry by entry.

    `derivatives` has one builder per argument: (arguments..., y, **parameters) -> graph of the partial derivative, or
    None where it is zero. `value` computes one entry. `rounding` bounds the error of one evaluation, in units of
    the last place. `code` holds one template per tongue, over {0}, {1} and the parameters' names.
    """

    name: str
    signature: str
    value: Callable[..., float]
    derivatives: tuple[Callable[..., Tensor] | None, ...]
    formula: str
    rule: str
    sentence: str
    code: Mapping[str, str]
    notation: Notation
    domain: tuple[str, ...]
    kink: str
    source: str
    mistakes: tuple[Mistake, ...]
    rounding: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    reuses: str = "input"  # which cached value the rule reads: "input", "output" or "nothing"
    family: str = "elementwise"

    @property
    def arity(self) -> int:
        """The number of arguments."""
        return len(self.derivatives)


@dataclass(frozen=True)
class Reduction:
    """An operation along axes.

    `value` maps the entries along the axes to one number, or to as many numbers when `keeps`. `pull` is the reverse
    rule (g, x, y, axis) -> graph, `push` the forward rule (t, x, y, axis) -> graph.
    """

    name: str
    signature: str
    value: Callable[[Sequence[float]], Any]
    pull: Callable[..., Tensor]
    push: Callable[..., Tensor]
    keeps: bool
    formula: str
    rule: str
    sentence: str
    code: Mapping[str, str]
    notation: Notation
    domain: tuple[str, ...]
    kink: str
    source: str
    mistakes: tuple[Mistake, ...]
    rounding: float = 4.0
    reuses: str = "output"
    family: str = "along axes"


@dataclass(frozen=True)
class Composite:
    """An operation made of others; the graph shows what it is made of.

    `build` is the function itself; `example` is (model text, shapes) that uses it, `value` its meaning on the example's
    arrays, given as nested lists, written without the graph.
    """

    name: str
    signature: str
    build: Callable[..., Any]
    formula: str
    rule: str
    sentence: str
    example: str
    shapes: Mapping[str, str]
    value: Callable[..., float]
    kink: str
    source: str
    domains: Mapping[str, str] = field(default_factory=dict[str, str])
    family: str = "composite"


Record = Elementwise | Reduction | Composite
