"""Elementwise operations with a kink or a jump, and what is taken there."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The rows of the tables are lambdas over Tensors, whose types pyright cannot infer from `Callable[..., Tensor]`.

from __future__ import annotations

import math
from typing import Any

from chainrule.graph.tensor import Tensor, elementwise
from chainrule.ops.record import Elementwise, Mistake, Notation

_SUBGRADIENT = "Bottou, Curtis and Nocedal 2018, Optimization methods for large-scale machine learning, section 7 (subgradients)"
_FLAT = "flat except for jumps: the derivative is taken as 0 everywhere, the jumps included"


def _op(op: str, *args: Any, **parameters: Any) -> Tensor:
    return elementwise(op, args, tuple(parameters.items()))


def _nan_or(x: float, value: float) -> float:
    return value if x == x else x


def _forgot() -> Mistake:
    return Mistake(
        "missing-activation-derivative",
        "the derivative of this operation was left out",
        lambda x, *_, **__: x * 0 + 1,
    )


ABS = Elementwise(
    "abs", "abs(x)", abs, (lambda x, y: _op("sign", x),),  # pyright: ignore[reportArgumentType] - abs of a float
    "|x|", "d |z| = sign(z) dz", "the slope of the absolute value is the sign",
    {"numpy": "np.abs({0})", "jax": "jnp.sign({0}) * {0}", "torch": "torch.abs({0})", "js": "abs({0})"},
    Notation("abs"), ("kinked",), "kink at 0, where we take 0", _SUBGRADIENT,
    (_forgot(), Mistake("sign", "the sign is wrong", lambda x, y: -_op("sign", x))),
)  # fmt: skip
SIGN = Elementwise(
    "sign", "sign(x)", lambda x: _nan_or(x, float((x > 0) - (x < 0))), (None,),
    "sign x", "d sign(z) = 0", "the sign is flat: nothing flows back",
    {"numpy": "np.sign({0})", "jax": "jnp.sign({0})", "torch": "torch.sign({0})", "js": "sign({0})"},
    Notation("function", {"text": "sign", "latex": r"\operatorname{sign}", "typst": 'op("sign")'}), ("kinked",), _FLAT, _SUBGRADIENT,
    (), reuses="nothing", rounding=0,
)  # fmt: skip
RELU = Elementwise(
    "relu", "relu(x)", lambda x: _nan_or(x, max(x, 0.0)), (lambda x, y: _op("step", x),),
    "max(0, x)", "d relu(z) = [z > 0] dz", "the gradient passes where the input is positive and stops elsewhere",
    {"numpy": "np.maximum({0}, 0)", "jax": "jax.nn.relu({0})", "torch": "torch.relu({0})", "js": "relu({0})"},
    Notation("function", {"text": "relu", "latex": r"\operatorname{relu}", "typst": 'op("relu")'}), ("kinked",),
    "kink at 0, where we take relu'(0) = 0", "Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines",
    (_forgot(), Mistake("relu-at-negative", "the gradient was let through where the input is negative", lambda x, y: 1 - _op("step", x))),
)  # fmt: skip
LEAKY_RELU = Elementwise(
    "leaky_relu", "leaky_relu(x, slope=0.01)", lambda x, slope: x if not x <= 0 else float(slope) * x,
    (lambda x, y, slope: slope + (1 - slope) * _op("step", x),),
    "x for x > 0, else slope · x", "d leaky(z) = (z > 0 ? 1 : slope) dz", "slope 1 where the input is positive, the small slope elsewhere",
    {"numpy": "np.where({0} > 0, {0}, {slope} * {0})", "jax": "jnp.where({0} > 0, {0}, {slope} * {0})",
     "torch": "torch.where({0} > 0, {0}, {slope} * {0})", "js": "leakyRelu({0}, {slope})"},
    Notation("function", {"text": "leaky", "latex": r"\operatorname{leaky}", "typst": 'op("leaky")'}), ("kinked",),
    "kink at 0, where we take the small slope", "Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic models",
    (_forgot(), Mistake("relu-for-leaky", "relu's derivative was used", lambda x, y, slope: _op("step", x))),
    parameters={"slope": "1/100"},
)  # fmt: skip
STEP = Elementwise(
    "step", "step(x)", lambda x: 1.0 if x > 0 else 0.0, (None,),
    "[x > 0]", "d [z > 0] = 0", "a step is flat: nothing flows back",
    {"numpy": "np.where({0} > 0, 1.0, 0.0)", "jax": "jnp.where({0} > 0, 1.0, 0.0)",
     "torch": "({0} > 0).to({0}.dtype)", "js": "step({0})"},
    Notation("indicator", {"text": "> 0", "latex": "> 0", "typst": "> 0"}), ("kinked",), _FLAT, _SUBGRADIENT, (), reuses="nothing", rounding=0,
)  # fmt: skip
FLOOR = Elementwise(
    "floor", "floor(x)", lambda x: float(math.floor(x)) if math.isfinite(x) else x, (None,),
    "⌊x⌋", "d ⌊z⌋ = 0", "rounding down is flat: nothing flows back",
    {"numpy": "np.floor({0})", "jax": "jnp.floor({0})", "torch": "torch.floor({0})", "js": "floor({0})"},
    Notation("function", {"text": "floor", "latex": r"\operatorname{floor}", "typst": 'op("floor")'}), ("kinked",), _FLAT, _SUBGRADIENT,
    (), reuses="nothing", rounding=0,
)  # fmt: skip
CLIP = Elementwise(
    "clip", "clip(x, low, high)", lambda x, low, high: _nan_or(x, min(max(x, float(low)), float(high))),
    (lambda x, y, low, high: _op("inside", x, low=low, high=high),),
    "min(max(x, low), high)", "d clip(z) = [low < z < high] dz", "the gradient passes between the two bounds",
    {"numpy": "np.clip({0}, {low}, {high})", "jax": "jnp.where({0} >= {high}, {high}, jnp.where({0} <= {low}, {low}, {0}))", "torch": "torch.where({0} >= {high}, {high}, torch.where({0} <= {low}, {low}, {0}))",
     "js": "clip({0}, {low}, {high})"},
    Notation("function", {"text": "clip", "latex": r"\operatorname{clip}", "typst": 'op("clip")'}), ("kinked",),
    "kinks at both bounds, where we take 0", _SUBGRADIENT, (_forgot(),), parameters={"low": "-1", "high": "1"}, rounding=0,
)  # fmt: skip
INSIDE = Elementwise(
    "inside", "inside(x, low, high)", lambda x, low, high: 1.0 if low < x < high else 0.0, (None,),
    "[low < x < high]", "d [low < z < high] = 0", "an indicator is flat: nothing flows back",
    {"numpy": "np.where(({0} > {low}) & ({0} < {high}), 1.0, 0.0)", "jax": "jnp.where(({0} > {low}) & ({0} < {high}), 1.0, 0.0)",
     "torch": "(({0} > {low}) & ({0} < {high})).to({0}.dtype)", "js": "inside({0}, {low}, {high})"},
    Notation("function", {"text": "inside", "latex": r"\operatorname{inside}", "typst": 'op("inside")'}), ("kinked",), _FLAT, _SUBGRADIENT,
    (), parameters={"low": "-1", "high": "1"}, reuses="nothing", rounding=0,
)  # fmt: skip


def _huber(x: float, delta: Any) -> float:
    bound = float(delta)
    return x * x / 2 if abs(x) <= bound else bound * (abs(x) - bound / 2)


HUBER = Elementwise(
    "huber", "huber(x, delta=1)", _huber, (lambda x, y, delta: _op("clip", x, low=-delta, high=delta),),
    "x²/2 for |x| ≤ δ, else δ(|x| - δ/2)", "d huber(z) = clip(z, -δ, δ) dz", "a square near zero, a line outside: the slope is the clipped residual",
    {"numpy": "np.where(np.abs({0}) <= {delta}, {0} ** 2 / 2, {delta} * (np.abs({0}) - {delta} / 2))",
     "jax": "jnp.where(jnp.abs({0}) <= {delta}, {0} ** 2 / 2, {delta} * (jnp.abs({0}) - {delta} / 2))",
     "torch": "torch.where(torch.abs({0}) <= {delta}, {0} ** 2 / 2, {delta} * (torch.abs({0}) - {delta} / 2))", "js": "huber({0}, {delta})"},
    Notation("function", {"text": "huber", "latex": r"\operatorname{huber}", "typst": 'op("huber")'}), ("kinked",),
    "differentiable; the second derivative jumps at ±δ", "Huber 1964, Robust estimation of a location parameter",
    (_forgot(), Mistake("not-clipped", "the residual was not clipped", lambda x, y, delta: x)), parameters={"delta": "1"}, rounding=4,
)  # fmt: skip
MAXIMUM = Elementwise(
    "maximum", "maximum(a, b)", lambda a, b: math.nan if a != a or b != b else max(a, b), (lambda a, b, y: _share(a, b, "greater"), lambda a, b, y: _share(b, a, "greater")),
    "max(a, b)", "the larger one takes the gradient", "the gradient goes to the larger entry; a tie is shared evenly",
    {"numpy": "np.maximum({0}, {1})", "jax": "jnp.maximum({0}, {1})", "torch": "torch.maximum({0}, {1})", "js": "maximum({0}, {1})"},
    Notation("function", {"text": "max", "latex": r"\max", "typst": "max"}), ("kinked", "kinked"), "kink where a = b: each side takes one half", _SUBGRADIENT,
    (Mistake("swapped", "the gradient went to the smaller entry", lambda a, b, y: _share(a, b, "less")),), rounding=0,
)  # fmt: skip
MINIMUM = Elementwise(
    "minimum", "minimum(a, b)", lambda a, b: math.nan if a != a or b != b else min(a, b), (lambda a, b, y: _share(a, b, "less"), lambda a, b, y: _share(b, a, "less")),
    "min(a, b)", "the smaller one takes the gradient", "the gradient goes to the smaller entry; a tie is shared evenly",
    {"numpy": "np.minimum({0}, {1})", "jax": "jnp.minimum({0}, {1})", "torch": "torch.minimum({0}, {1})", "js": "minimum({0}, {1})"},
    Notation("function", {"text": "min", "latex": r"\min", "typst": "min"}), ("kinked", "kinked"), "kink where a = b: each side takes one half", _SUBGRADIENT,
    (Mistake("swapped", "the gradient went to the larger entry", lambda a, b, y: _share(a, b, "greater")),), rounding=0,
)  # fmt: skip


def _share(a: Tensor, b: Tensor, op: str) -> Tensor:
    return _op(op, a, b) + _op("equal", a, b) / 2


def _comparison(name: str, sign: str, latex: str, value: Any) -> Elementwise:
    python = {
        "greater": ">",
        "greater_equal": ">=",
        "less": "<",
        "less_equal": "<=",
        "equal": "==",
    }[name]
    js = {"greater_equal": "greaterEqual", "less_equal": "lessEqual"}.get(name, name)
    return Elementwise(
        name, f"{name}(a, b)", value, (None, None),
        f"[a {sign} b]", f"d [a {sign} b] = 0", "a comparison is flat: nothing flows back",
        {"numpy": f"np.where({{0}} {python} {{1}}, 1.0, 0.0)", "jax": f"jnp.where({{0}} {python} {{1}}, 1.0, 0.0)",
         "torch": f"({{0}} {python} {{1}}).to({{0}}.dtype)", "js": f"{js}({{0}}, {{1}})"},
        Notation("indicator", {"text": sign, "latex": latex, "typst": {"≥": ">=", "≤": "<="}.get(sign, sign)}),
        ("kinked", "kinked"), _FLAT, _SUBGRADIENT, (), reuses="nothing", rounding=0,
    )  # fmt: skip


GREATER = _comparison("greater", ">", ">", lambda a, b: float(a > b))
GREATER_EQUAL = _comparison("greater_equal", "≥", r"\ge", lambda a, b: float(a >= b))
LESS = _comparison("less", "<", "<", lambda a, b: float(a < b))
LESS_EQUAL = _comparison("less_equal", "≤", r"\le", lambda a, b: float(a <= b))
EQUAL = _comparison("equal", "=", "=", lambda a, b: float(a == b))

WHERE = Elementwise(
    "where", "where(condition, a, b)", lambda c, a, b: a if c else b,
    (None, lambda c, a, b, y: _op("where", c, c * 0 + 1, c * 0), lambda c, a, b, y: _op("where", c, c * 0, c * 0 + 1)),
    "a where the condition holds, else b", "the chosen one takes the gradient", "the gradient follows the choice",
    {"numpy": "np.where({0}, {1}, {2})", "jax": "jnp.where({0}, {1}, {2})", "torch": "torch.where({0} != 0, {1}, {2})", "js": "where({0}, {1}, {2})"},
    Notation("function", {"text": "where", "latex": r"\operatorname{where}", "typst": 'op("where")'}), ("flag", "real", "real"),
    "jumps where the condition changes; nothing flows into the condition", _SUBGRADIENT, (), rounding=0,
)  # fmt: skip

KINKED = (
    ABS, SIGN, RELU, LEAKY_RELU, STEP, FLOOR, CLIP, INSIDE, HUBER, MAXIMUM, MINIMUM,
    GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, EQUAL, WHERE,
)  # fmt: skip
