"""Smooth elementwise operations. Each record is one line of calculus: value, derivative, how it is written."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The rows of the tables are lambdas over Tensors, whose types pyright cannot infer from `Callable[..., Tensor]`.

from __future__ import annotations

import math
from typing import Any

from chainrule.graph.tensor import Tensor, elementwise, power
from chainrule.ops.record import Elementwise, Mistake, Notation

_EVERYWHERE = "differentiable everywhere"
_CALCULUS = "any calculus text; Baydin et al. 2018, Automatic differentiation in machine learning: a survey, table 3"


def _unary(x: Any, op: str) -> Tensor:
    return elementwise(op, [x])


def sigmoid_value(x: float) -> float:
    """Return 1 / (1 + exp(-x)) without overflow."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    small = math.exp(x)
    return small / (1 + small)


def softplus_value(x: float) -> float:
    """Return log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _forgot(build: Any) -> Mistake:
    return Mistake(
        "missing-activation-derivative", "the derivative of this operation was left out", build
    )


def _at_output(build: Any) -> Mistake:
    return Mistake(
        "derivative-at-output", "the derivative was taken at the output instead of the input", build
    )


EXP = Elementwise(
    "exp", "exp(x)", _exp, (lambda x, y: y,),
    "eˣ", "d eᶻ = eᶻ dz", "the exponential is its own derivative: reuse the output",
    {"numpy": "np.exp({0})", "jax": "jnp.exp({0})", "torch": "torch.exp({0})", "js": "exp({0})"},
    Notation("function", {"text": "exp", "latex": r"\exp", "typst": "exp"}), ("real",), _EVERYWHERE, _CALCULUS,
    (_forgot(lambda x, y: y * 0 + 1), Mistake("exp-power-rule", "the power rule was used on an exponential", lambda x, y: x * y)),
    reuses="output",
)  # fmt: skip
LOG = Elementwise(
    "log", "log(x)", lambda x: math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan), (lambda x, y: 1 / x,),
    "ln x", "d ln z = dz / z", "the derivative of the natural logarithm is one over its argument",
    {"numpy": "np.log({0})", "jax": "jnp.log({0})", "torch": "torch.log({0})", "js": "log({0})"},
    Notation("function", {"text": "log", "latex": r"\log", "typst": "log"}), ("positive",),
    "defined for x > 0 only; at 0 the value is -inf", _CALCULUS,
    (_forgot(lambda x, y: x * 0 + 1), Mistake("inverse-forgotten", "x was written where 1/x is meant", lambda x, y: x)),
)  # fmt: skip
SQRT = Elementwise(
    "sqrt", "sqrt(x)", lambda x: math.sqrt(x) if x >= 0 else math.nan, (lambda x, y: 1 / (2 * y),),
    "√x", "d √z = dz / (2√z)", "one over twice the root: reuse the output",
    {"numpy": "np.sqrt({0})", "jax": "jnp.sqrt({0})", "torch": "torch.sqrt({0})", "js": "sqrt({0})"},
    Notation("root"), ("positive",), "defined for x >= 0; at 0 the derivative is infinite", _CALCULUS,
    (Mistake("missing-half", "the factor 1/2 was left out", lambda x, y: 1 / y), _forgot(lambda x, y: x * 0 + 1)),
    reuses="output",
)  # fmt: skip
SQUARE = Elementwise(
    "square", "square(x)", lambda x: x * x, (lambda x, y: 2 * x,),
    "x²", "d z² = 2z dz", "the square brings its exponent down as a factor 2",
    {"numpy": "{0} ** 2", "jax": "{0} ** 2", "torch": "{0} ** 2", "js": "square({0})"},
    Notation("square"), ("real",), _EVERYWHERE, _CALCULUS,
    (Mistake("missing-factor-2", "the 2 of the square was left out", lambda x, y: x), _forgot(lambda x, y: x * 0 + 1)),
)  # fmt: skip
POWER = Elementwise(
    "power", "x ** p", lambda x, exponent: _power(x, float(exponent)), (lambda x, y, exponent: exponent * power(x, exponent - 1),),
    "xᵖ", "d zᵖ = p zᵖ⁻¹ dz", "the exponent comes down as a factor and falls by one",
    {"numpy": "{0} ** {exponent}", "jax": "{0} ** {exponent}", "torch": "{0} ** {exponent}", "js": "power({0}, {exponent})"},
    Notation("power"), ("positive",), "for x <= 0 only whole exponents are defined", _CALCULUS,
    (Mistake("exponent-kept", "the exponent was not lowered by one", lambda x, y, exponent: exponent * y),
     Mistake("exponent-factor", "the exponent was not brought down", lambda x, y, exponent: power(x, exponent - 1))),
    parameters={"exponent": "3"}, rounding=2,
)  # fmt: skip
RECIPROCAL = Elementwise(
    "reciprocal", "1 / x", lambda x: 1 / x if x else math.copysign(math.inf, x), (lambda x, y: -(1 / x**2),),
    "1/x", "d (1/z) = -dz / z²", "dividing by a value: minus one over its square",
    {"numpy": "1 / {0}", "jax": "1 / {0}", "torch": "1 / {0}", "js": "reciprocal({0})"},
    Notation("reciprocal"), ("nonzero",), "not defined at 0", _CALCULUS,
    (Mistake("sign", "the minus sign was left out", lambda x, y: 1 / x**2), Mistake("missing-square", "the square below the line was left out", lambda x, y: -y)),
)  # fmt: skip
TANH = Elementwise(
    "tanh", "tanh(x)", math.tanh, (lambda x, y: 1 - y**2,),
    "tanh x", "d tanh z = (1 - tanh² z) dz", "one minus the square of the output: reuse the output",
    {"numpy": "np.tanh({0})", "jax": "jnp.tanh({0})", "torch": "torch.tanh({0})", "js": "tanh({0})"},
    Notation("function", {"text": "tanh", "latex": r"\tanh", "typst": "tanh"}), ("real",), _EVERYWHERE, _CALCULUS,
    (_forgot(lambda x, y: x * 0 + 1), Mistake("derivative-at-input", "1 - z² was written where 1 - tanh² z is meant", lambda x, y: 1 - x**2)),
    reuses="output", rounding=3,
)  # fmt: skip
SIGMOID = Elementwise(
    "sigmoid", "sigmoid(x)", sigmoid_value, (lambda x, y: y * (1 - y),),
    "σ(x) = 1/(1 + e⁻ˣ)", "dσ(z) = σ(z)(1 - σ(z)) dz", "output times one minus output: reuse the output",
    {"numpy": "sigmoid({0})", "jax": "jax.nn.sigmoid({0})", "torch": "torch.sigmoid({0})", "js": "sigmoid({0})"},
    Notation("function", {"text": "σ", "latex": r"\sigma", "typst": "sigma"}), ("real",), _EVERYWHERE,
    "Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors",
    (_forgot(lambda x, y: x * 0 + 1), _at_output(lambda x, y: _unary(y, "sigmoid") * (1 - _unary(y, "sigmoid"))),
     Mistake("derivative-at-input", "z(1 - z) was written where a(1 - a) is meant", lambda x, y: x * (1 - x))),
    reuses="output", rounding=6,
)  # fmt: skip
SOFTPLUS = Elementwise(
    "softplus", "softplus(x)", softplus_value, (lambda x, y: _unary(x, "sigmoid"),),
    "ln(1 + eˣ)", "d softplus(z) = σ(z) dz", "the derivative of softplus is the sigmoid of its input",
    {"numpy": "np.logaddexp(0, {0})", "jax": "jnp.logaddexp(0, {0})", "torch": "torch.logaddexp(torch.zeros_like({0}), {0})",
     "js": "softplus({0})"},
    Notation("function", {"text": "softplus", "latex": r"\operatorname{softplus}", "typst": 'op("softplus")'}), ("real",), _EVERYWHERE,
    "Dugas et al. 2001, Incorporating second-order functional knowledge for better option pricing",
    (_forgot(lambda x, y: x * 0 + 1), _at_output(lambda x, y: _unary(y, "sigmoid"))),
    rounding=6,
)  # fmt: skip
SIN = Elementwise(
    "sin", "sin(x)", math.sin, (lambda x, y: _unary(x, "cos"),),
    "sin x", "d sin z = cos z dz", "the sine's slope is the cosine of its input",
    {"numpy": "np.sin({0})", "jax": "jnp.sin({0})", "torch": "torch.sin({0})", "js": "sin({0})"},
    Notation("function", {"text": "sin", "latex": r"\sin", "typst": "sin"}), ("real",), _EVERYWHERE, _CALCULUS,
    (Mistake("sign", "the sign is wrong", lambda x, y: -_unary(x, "cos")), _at_output(lambda x, y: _unary(y, "cos"))),
)  # fmt: skip
COS = Elementwise(
    "cos", "cos(x)", math.cos, (lambda x, y: -_unary(x, "sin"),),
    "cos x", "d cos z = -sin z dz", "the cosine's slope is minus the sine of its input",
    {"numpy": "np.cos({0})", "jax": "jnp.cos({0})", "torch": "torch.cos({0})", "js": "cos({0})"},
    Notation("function", {"text": "cos", "latex": r"\cos", "typst": "cos"}), ("real",), _EVERYWHERE, _CALCULUS,
    (Mistake("sign", "the minus sign was left out", lambda x, y: _unary(x, "sin")), _at_output(lambda x, y: -_unary(y, "sin"))),
)  # fmt: skip
POW = Elementwise(
    "pow", "x ** b", lambda x, b: _power(x, b),
    (lambda x, b, y: b * elementwise("pow", [x, b - 1]), lambda x, b, y: y * _unary(x, "log")),
    "xᵇ", "d xᵇ = b xᵇ⁻¹ dx + xᵇ ln x db", "a power of two variables: the power rule for the base, an exponential for the exponent",
    {"numpy": "{0} ** {1}", "jax": "{0} ** {1}", "torch": "{0} ** {1}", "js": "pow({0}, {1})"},
    Notation("power"), ("positive", "real"), "defined for x > 0", _CALCULUS,
    (Mistake("exponent-kept", "the exponent was not lowered by one", lambda x, b, y: b * y),),
    rounding=4,
)  # fmt: skip


def _power(x: float, exponent: float) -> float:
    try:
        return math.pow(x, exponent)
    except ValueError:
        return math.nan if x else math.inf
    except OverflowError:
        return math.inf


SMOOTH = (EXP, LOG, SQRT, SQUARE, POWER, RECIPROCAL, TANH, SIGMOID, SOFTPLUS, SIN, COS, POW)
