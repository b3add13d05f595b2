"""The functions that a model calls: `cr.sigmoid(Z)`. On a plain number they give a number."""

from __future__ import annotations

from numbers import Real
from typing import Any

from chainrule.errors import TraceError
from chainrule.graph import nodes
from chainrule.graph.coefficient import exact
from chainrule.graph.tensor import Tensor, elementwise
from chainrule.ops.multilinear import Axes, axes_of, reduced
from chainrule.ops.table import ALONG, TABLE


def _apply(op: str, *operands: Any, **parameters: Any) -> Any:
    record = TABLE[op]
    fixed = tuple((name, exact(value)) for name, value in parameters.items())
    if all(isinstance(x, Real) for x in operands):
        return record.value(*map(float, operands), **dict(fixed))
    for x in operands:
        if not isinstance(x, Tensor | Real):
            raise TraceError(
                f"cr.{op} takes the values of a model (or plain numbers), not {type(x).__name__}. "
                "Write it inside a function under @cr.model, and pass arrays as data or parameters."
            )
    return elementwise(op, operands, fixed)


def _along(op: str, x: Any, axis: Axes, keepdims: bool = True) -> Tensor:
    record = ALONG[op]
    if not isinstance(x, Tensor):
        raise TraceError(
            f"cr.{op} takes a value of a model, not {type(x).__name__}. Write it inside a function under @cr.model."
        )
    axes = axes_of(x, axis, op)
    result = Tensor(nodes.along(op, x.node, axes, record.keeps), x.trace)
    return result if record.keeps or keepdims else reduced(result, axes, False, op)


def exp(x: Any) -> Any:
    """Return eˣ, entry by entry; the derivative is the output itself."""
    return _apply("exp", x)


def log(x: Any) -> Any:
    """Return the natural logarithm, entry by entry; x > 0."""
    return _apply("log", x)


def sqrt(x: Any) -> Any:
    """Return the square root, entry by entry; x >= 0."""
    return x**0.5 if isinstance(x, Tensor) else _apply("sqrt", x)


def square(x: Any) -> Any:
    """Return x², entry by entry."""
    return x**2 if isinstance(x, Tensor) else _apply("square", x)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent, entry by entry."""
    return _apply("tanh", x)


def sigmoid(x: Any) -> Any:
    """Return 1/(1 + e⁻ˣ), entry by entry, without overflow."""
    return _apply("sigmoid", x)


def softplus(x: Any) -> Any:
    """Return ln(1 + eˣ), entry by entry, without overflow."""
    return _apply("softplus", x)


def sin(x: Any) -> Any:
    """Return the sine, entry by entry; x in radians."""
    return _apply("sin", x)


def cos(x: Any) -> Any:
    """Return the cosine, entry by entry; x in radians."""
    return _apply("cos", x)


def abs(x: Any) -> Any:
    """Return |x|, entry by entry; derivative 0 taken at 0."""
    return _apply("abs", x)


def floor(x: Any) -> Any:
    """Return the greatest whole number not above x, entry by entry; its derivative is taken as 0."""
    return _apply("floor", x)


def sign(x: Any) -> Any:
    """Return -1, 0 or 1, entry by entry; nothing flows back."""
    return _apply("sign", x)


def relu(x: Any) -> Any:
    """Return max(0, x), entry by entry; derivative 0 taken at 0."""
    return _apply("relu", x)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where positive, slope · x elsewhere."""
    return _apply("leaky_relu", x, slope=slope)


def step(x: Any) -> Any:
    """Return 1 where x > 0, else 0; nothing flows back."""
    return _apply("step", x)


def clip(x: Any, low: float, high: float) -> Any:
    """Return x held between two bounds."""
    return _apply("clip", x, low=low, high=high)


def inside(x: Any, low: float, high: float) -> Any:
    """Return 1 where low < x < high, else 0; nothing flows back."""
    return _apply("inside", x, low=low, high=high)


def huber(x: Any, delta: float = 1.0) -> Any:
    """Return x²/2 where |x| <= delta, else delta(|x| - delta/2)."""
    return _apply("huber", x, delta=delta)


def maximum(a: Any, b: Any) -> Any:
    """Return the larger entry; a tie shares the gradient evenly."""
    return _apply("maximum", a, b)


def minimum(a: Any, b: Any) -> Any:
    """Return the smaller entry; a tie shares the gradient evenly."""
    return _apply("minimum", a, b)


def greater(a: Any, b: Any) -> Any:
    """Return 1 where a > b, else 0."""
    return _apply("greater", a, b)


def greater_equal(a: Any, b: Any) -> Any:
    """Return 1 where a >= b, else 0."""
    return _apply("greater_equal", a, b)


def less(a: Any, b: Any) -> Any:
    """Return 1 where a < b, else 0."""
    return _apply("less", a, b)


def less_equal(a: Any, b: Any) -> Any:
    """Return 1 where a <= b, else 0."""
    return _apply("less_equal", a, b)


def equal(a: Any, b: Any) -> Any:
    """Return 1 where a = b, else 0."""
    return _apply("equal", a, b)


def where(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition is not 0, else b."""
    return _apply("where", condition, a, b)


def pow(x: Any, b: Any) -> Any:
    """Return x to the power b, entry by entry; x > 0 where b is a value of the model."""
    return (
        x**b
        if isinstance(x, Tensor | Real) and isinstance(b, Tensor | Real)
        else _apply("pow", x, b)
    )


def reciprocal(x: Any) -> Any:
    """Return 1/x, entry by entry."""
    return 1 / x if isinstance(x, Tensor) else _apply("reciprocal", x)


def softmax(x: Any, axis: Axes = 0) -> Tensor:
    """Return eˣ / Σ eˣ along an axis: probabilities that add up to 1."""
    return _along("softmax", x, axis)


def log_softmax(x: Any, axis: Axes = 0) -> Tensor:
    """Return the logarithm of softmax, computed without overflow."""
    return _along("log_softmax", x, axis)


def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Return ln Σ eˣ along an axis, computed without overflow."""
    return _along("logsumexp", x, axis, keepdims)


def max(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Return the largest entry along an axis; ties share the gradient evenly."""
    return _along("max", x, axis, keepdims)
