"""Optimizer: a value with a pure update rule, written in the operations of the table, so it is shown, emitted and run.

Every method is one `rule(w, dw, alpha, t, **state)`: arrays of any one shape in, {"w": new w, slot: new state} out.
The formulas, the programs in every language and the numbers all come from that one definition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from chainrule import ops
from chainrule.emit import program as programs
from chainrule.errors import unknown
from chainrule.explain.formulas import Equation, render
from chainrule.graph import nodes
from chainrule.graph.coefficient import exact
from chainrule.graph.naming import relabel
from chainrule.graph.nodes import Input, Name
from chainrule.graph.tensor import Tensor
from chainrule.graph.trace import Graph, Trace, run_traced
from chainrule.ops.functions import minimum
from chainrule.optim.checks import at_least_zero, positive
from chainrule.optim.schedule import Schedule
from chainrule.start import pieces_of

if TYPE_CHECKING:
    Arrays = Mapping[str, Any]

MATHS = ("text", "latex", "typst", "mathml")
CODE = ("numpy", "jax", "torch", "js", "tape")
_SYMBOLS = {"learning_rate": "alpha", "momentum": "beta", "decay": "rho", "beta1": "beta1", "beta2": "beta2",
            "epsilon": "epsilon", "weight_decay": "lambda", "clip_norm": "c"}  # fmt: skip


@dataclass(frozen=True)
class Update:
    """A traced rule: its inputs by name, and the new value of w and of every slot."""

    inputs: Mapping[str, Input]
    results: Mapping[str, Name]

    @property
    def values(self) -> list[Name]:
        """The named values, each after those it reads."""
        return [n for n in nodes.topological(self.results.values()) if isinstance(n, Name)]


@dataclass(frozen=True)
class Optimizer:
    """What every method has: a learning rate or a schedule, weight decay, clipping, and its rule.

    `weight_decay` λ >= 0 adds λw to the gradient (L2 in the loss; AdamW decouples it instead). `clip_norm` c > 0
    scales the gradient of all parameters together by min(1, c/‖g‖) before anything else.
    """

    learning_rate: float | Schedule
    weight_decay: float = field(default=0.0, kw_only=True)
    clip_norm: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.learning_rate, Schedule):
            positive("learning_rate", self.learning_rate)
        at_least_zero("weight_decay", self.weight_decay)
        if self.clip_norm is not None:
            positive("clip_norm", self.clip_norm)

    # -- what a method defines
    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the arrays that the method keeps for each parameter; each starts at zero."""
        return ()

    def rule(
        self, w: Tensor, dw: Tensor, alpha: Any, t: Tensor, **state: Tensor
    ) -> dict[str, Tensor]:
        """Return the new w and the new state, each written with operations of the table."""
        raise NotImplementedError

    @property
    def decoupled(self) -> bool:
        """Whether the rule itself applies weight decay, to w and not to the gradient."""
        return False

    # -- what follows from it
    @cached_property
    def traced(self) -> Update:
        """The rule as graph, with this optimizer's numbers in it."""
        return _trace(_with_numbers(self), self.slots, self.decoupled)

    @cached_property
    def symbolic(self) -> Update:
        """The rule as graph, with α, β, ε for the numbers."""
        return _trace(_with_symbols(self), self.slots, self.decoupled, shown=True)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What one update reads: w, dw, the state, and t and the gradient's norm where the rule needs them."""
        return tuple(self.traced.inputs)

    def program(self) -> programs.Program:
        """Return the program `update(w, dw, ...) -> {"w": ..., slot: ...}`."""
        update = self.traced
        graph = Graph(
            repr(self),
            {k: node.shape for k, node in update.inputs.items()},
            {},
            update.results["w"],
        )
        return programs.build(
            repr(self), graph, update.results["w"], update.values, update.results, [],
            loss_too=False, function="update", rebinds=True,
        )  # fmt: skip

    def to(self, format: str) -> Any:
        """Return the rule in a format: "text", "latex", "typst", "mathml"; "numpy", "jax", "torch", "js", "tape"."""
        if format in CODE:
            return programs.write(self.program(), format)
        if format not in MATHS:
            raise unknown("format", format, (*MATHS, *CODE))
        arrow = (
            "<mo>←</mo>"
            if format == "mathml"
            else {"latex": r" \leftarrow ", "typst": " <- "}.get(format, " ← ")
        )
        lines = [
            arrow.join(render(Equation(None, (side,)), format) for side in (value, value.inner))
            for value in self.symbolic.values
            if value.role == "value"
        ]
        return "\n".join(lines)

    def init(self, params: Arrays) -> dict[str, Any]:
        """Return the state before the first step: t = 0, and zeros of each parameter's shape in every slot."""
        zeros = {
            name: _packed(value, [piece * 0.0 for piece in pieces_of(value)])
            for name, value in params.items()
        }
        return {"t": 0, **{slot: dict(zeros) for slot in self.slots}}

    def update(
        self, params: Arrays, gradients: Arrays, state: Arrays
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the parameters and the state after one step; nothing that is passed in is changed.

        Args:
            params: arrays (or lists of arrays) by name.
            gradients: of the same names and shapes.
            state: what `init` or the step before returned.

        Returns:
            (parameters, state).

        >>> import chainrule as cr
        >>> momentum = cr.Momentum(learning_rate=0.5, momentum=0.9)
        >>> params, state = {"w": 2.0}, momentum.init({"w": 2.0})
        >>> for _ in range(2):
        ...     params, state = momentum.update(params, {"w": 1.0}, state)
        >>> params, state["v"]
        ({'w': 0.55}, {'w': 1.9})
        """
        norm = gradient_norm(gradients) if "norm" in self.arguments else 0.0
        moved: dict[str, Any] = {}
        after: dict[str, Any] = {"t": state["t"] + 1, **{slot: {} for slot in self.slots}}
        for name, value in params.items():
            pieces = [
                pieces_of(value),
                pieces_of(gradients[name]),
                *(pieces_of(state[s][name]) for s in self.slots),
            ]
            new = [self._one(list(row), after["t"], norm) for row in zip(*pieces, strict=True)]
            moved[name] = _packed(value, [one["w"] for one in new])
            for slot in self.slots:
                after[slot][name] = _packed(value, [one[slot] for one in new])
        return moved, after

    def _one(self, arrays: list[Any], t: int, norm: float) -> dict[str, Any]:
        import numpy as np

        given = dict(
            zip(("w", "dw", *self.slots), arrays, strict=True), t=float(t), norm=np.float64(norm)
        )
        with np.errstate(all="ignore"):
            return self._compiled.run(given)

    @cached_property
    def _compiled(self) -> programs.Callable_:
        return programs.compiled(self.program())

    def rate(self, t: int) -> float:
        """Return the learning rate of step t = 1, 2, ..."""
        rate = self.learning_rate
        return float(rate.at(float(t))) if isinstance(rate, Schedule) else float(rate)

    def __str__(self) -> str:
        return f"{self!r}\n{self.to('text')}"

    def __repr__(self) -> str:
        """Return the call that makes this value, with what differs from the defaults."""
        shown = [
            f"{f.name}={getattr(self, f.name)!r}"
            for f in fields(self)
            if getattr(self, f.name) != f.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def gradient_norm(gradients: Arrays) -> float:
    """Return the Euclidean norm of all gradients together."""
    import numpy as np

    squares = [
        float(np.sum(np.square(piece)))
        for value in gradients.values()
        for piece in pieces_of(value)
    ]
    return math.sqrt(math.fsum(squares)) if all(map(math.isfinite, squares)) else math.inf


def _trace(
    optimizer: Optimizer, slots: tuple[str, ...], decoupled: bool, shown: bool = False
) -> Update:
    shapes = {"w": ("n",), "dw": ("n",), **dict.fromkeys(slots, ("n",)), "t": (), "norm": ()}
    trace = Trace(shapes, {}, ops.FUNCTIONS)  # type: ignore[arg-type]
    w, dw, t, norm = (trace.inputs[name] for name in ("w", "dw", "t", "norm"))
    state = {slot: trace.inputs[slot] for slot in slots}
    if shown:  # printed as the gradient of w, not as a letter of its own
        dw = Tensor(nodes.named("dw", dw.node, "gradient", "w"), trace)
    result = cast(
        "dict[str, Tensor]",
        run_traced(one_step, trace, [optimizer, decoupled, w, dw, t, norm, state], {}),
    )
    labels = {key: given.wish for key, given in trace.given.items()}
    results: dict[str, Name] = {}
    for name, value in result.items():
        node = relabel(value.node, labels)
        node = node if isinstance(node, Name) and node.label == name else nodes.named(name, node)
        results[name] = cast("Name", node)
    read = {node.name for node in nodes.topological(results.values()) if isinstance(node, Input)}
    kept = {
        name: cast("Input", x.node) for name, x in trace.inputs.items() if x.dims or name in read
    }
    return Update(kept, results)


def one_step(
    optimizer: Any,
    decoupled: bool,
    w: Tensor,
    dw: Tensor,
    t: Tensor,
    norm: Tensor,
    state: dict[str, Tensor],
) -> dict[str, Tensor]:
    """Return what one step makes of w and the state: clipping, decay and schedule, then the optimizer's own rule."""
    if optimizer.clip_norm is not None:
        dw = minimum(1, optimizer.clip_norm / norm) * dw
    if not decoupled and _present(optimizer.weight_decay):
        dw = dw + optimizer.weight_decay * w
    alpha = optimizer.learning_rate
    if isinstance(alpha, Schedule):
        alpha = alpha.at(t)
    return optimizer.rule(w, dw, alpha, t, **state)


def _present(number: Any) -> bool:
    """Tell whether a number does anything: symbols do."""
    return isinstance(number, Tensor) or number != 0


def _with_numbers(optimizer: Optimizer) -> Optimizer:
    """Return a copy whose numbers are exact fractions: 1 - 0.9 is then 0.1, in the programs too."""
    copy = object.__new__(type(optimizer))
    for one in fields(optimizer):
        value = getattr(optimizer, one.name)
        object.__setattr__(copy, one.name, exact(value) if isinstance(value, float) else value)
    return copy


def _with_symbols(optimizer: Optimizer) -> Optimizer:
    """Return a copy whose numbers are symbols; a zero or None stays, because it leaves its term out."""
    copy = object.__new__(type(optimizer))
    for one in fields(optimizer):
        value = getattr(optimizer, one.name)
        if (
            one.name in _SYMBOLS
            and isinstance(value, int | float)
            and not isinstance(value, bool)
            and value != 0
        ):
            value = Tensor(nodes.input_node(_SYMBOLS[one.name], (), "symbol"))
        elif isinstance(value, Schedule):
            value = value.with_symbols()
        object.__setattr__(copy, one.name, value)
    return copy


def _packed(like: Any, pieces: list[Any]) -> Any:
    return pieces if isinstance(like, list | tuple) else pieces[0]


__all__ = ["Optimizer", "Update", "gradient_norm", "one_step"]
