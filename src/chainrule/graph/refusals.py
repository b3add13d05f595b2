"""What a traced value is not: no array, no number, no truth value. Every refusal says what to write instead."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

from chainrule.errors import MissingAttributeError, TraceError
from chainrule.graph import shapes
from chainrule.graph.nodes import Shape

if TYPE_CHECKING:
    from chainrule.graph.trace import Trace

PASS_ARRAYS = "Pass arrays as data or parameters of the model, with their shapes."
_SYNONYMS = {
    "amax": "max", "absolute": "abs", "fabs": "abs", "expit": "sigmoid", "power": "pow", "dot": "matmul", "amin": "min",
    "clip": "clip", "einsum": "einsum", "norm": "l2_norm",
}  # fmt: skip
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "power": operator.pow,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "matmul": operator.matmul,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    "negative": operator.neg,
    "absolute": operator.abs,
    "greater": operator.gt,
    "less": operator.lt,
}


class Refusals:
    """The half of a traced value that refuses: what it would mean in Python, in NumPy, in PyTorch and in JAX."""

    __slots__ = ()

    if TYPE_CHECKING:
        trace: Trace | None

        @property
        def dims(self) -> Shape:
            """The names of the dims."""
            ...

        def __getitem__(self, key: Any) -> Any: ...

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TraceError(
            "a traced value cannot be written in place: it stands for a formula, and formulas do not change. "
            "Give the new value a name of its own, or choose entries with cr.where(condition, a, b)."
        )

    def __bool__(self) -> NoReturn:
        raise TraceError(
            "a traced value has no truth value: `if`, `while`, `and`, `or` and `not` run once, before any number is known. "
            "Write cr.where(condition, a, b) to choose entry by entry."
        )

    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        raise TraceError(
            "== on a traced value is not traced. Write cr.equal(a, b) for a 0/1 value."
        )

    __hash__ = object.__hash__

    def __float__(self) -> NoReturn:
        raise TraceError(
            "a traced value has no number yet: float(), int() and the math module cannot take it. "
            "Use chainrule's function of that name, such as cr.exp(x)."
        )

    __int__ = __index__ = __float__

    def __len__(self) -> int:
        if self.dims and self.dims[0].isdigit():
            return int(self.dims[0])
        raise TraceError(
            f"the length of {shapes.show(self.dims)} is a dim, not a number. Write x.shape[0] for the symbolic size."
        )

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getattr__(self, name: str) -> Any:
        raise MissingAttributeError(f"a traced value has no .{name}. {self._instead(name)}")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TraceError(
            f"a traced value cannot become a NumPy array: it has no numbers yet. {PASS_ARRAYS}"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        ours = _OPERATORS.get(ufunc.__name__)
        if method == "__call__" and ours and all(isinstance(x, Refusals | Real) for x in inputs):
            return ours(*inputs)
        if ours:
            raise TraceError(f"a NumPy array cannot be mixed with a traced value. {PASS_ARRAYS}")
        return self._refuse(f"np.{ufunc.__name__}", ufunc.__name__)

    def __array_function__(self, function: Any, *_: Any) -> NoReturn:
        self._refuse(f"np.{function.__name__}", function.__name__)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> NoReturn:
        me = next(arg for arg in args if isinstance(arg, cls))
        me._refuse(f"torch.{function.__name__}", function.__name__)

    def __jax_array__(self) -> NoReturn:
        raise TraceError(
            "a function of JAX cannot take a traced value. Use chainrule's function of that name, such as cr.exp(x)."
        )

    def _refuse(self, foreign: str, name: str) -> NoReturn:
        raise TraceError(
            f"{foreign} cannot take a traced value: its derivative would be lost. {self._instead(name)}"
        )

    def _instead(self, name: str) -> str:
        names: Mapping[str, object] = self.trace.functions if self.trace else {}
        ours = _SYNONYMS.get(name, name)
        if ours in names:
            return f"Write cr.{ours}(...) instead."
        return f"chainrule has no operation {name!r}; it has: {', '.join(sorted(names))}."
