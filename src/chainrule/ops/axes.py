"""Operations along axes: softmax and its relatives, the maximum. Reduced axes stay as unit axes in the graph."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The rows of the tables are lambdas over Tensors, whose types pyright cannot infer from `Callable[..., Tensor]`.

from __future__ import annotations

import math
from collections.abc import Sequence

from chainrule.graph.tensor import Tensor, elementwise
from chainrule.ops.multilinear import spread_sum
from chainrule.ops.record import Mistake, Notation, Reduction

_EVERYWHERE = "differentiable everywhere"
_SOURCE = "Bridle 1990, Probabilistic interpretation of feedforward classification network outputs"


def logsumexp_value(entries: Sequence[float]) -> float:
    """Return log(sum(exp(entries))) without overflow."""
    top = max(entries)
    if top != top or math.isinf(top):
        return top if top == top else math.nan
    return top + math.log(sum(math.exp(x - top) for x in entries))


def _softmax(entries: Sequence[float]) -> list[float]:
    total = logsumexp_value(entries)
    return [math.exp(x - total) for x in entries]


def _log_softmax(entries: Sequence[float]) -> list[float]:
    total = logsumexp_value(entries)
    return [x - total for x in entries]


def _ties(x: Tensor, y: Tensor, axis: tuple[int, ...]) -> Tensor:
    """Return 1/k at each of the k largest entries, 0 elsewhere."""
    largest = elementwise("equal", [x, y])
    return largest / spread_sum(largest, axis)


SOFTMAX = Reduction(
    "softmax", "softmax(x, axis=0)", _softmax,
    lambda g, x, y, axis: y * (g - spread_sum(g * y, axis)),
    lambda t, x, y, axis: y * (t - spread_sum(t * y, axis)),
    True, "pᵢ = eˣⁱ / Σₖ eˣᵏ", "dz = p ∘ (dp - Σ dp ∘ p)",
    "every probability depends on every score: from each upstream entry take away their p-weighted mean, then scale by p",
    {"numpy": "softmax({0}, {axis})", "jax": "jax.nn.softmax({0}, axis={axis})", "torch": "torch.softmax({0}, dim={axis})", "js": "softmax({0}, {axis})"},
    Notation("function", {"text": "softmax", "latex": r"\operatorname{softmax}", "typst": 'op("softmax")'}), ("real",), _EVERYWHERE, _SOURCE,
    (Mistake("softmax-elementwise", "softmax was treated entry by entry: p(1 - p)", lambda g, x, y, axis: g * y * (1 - y)),
     Mistake("missing-activation-derivative", "the derivative of softmax was left out", lambda g, x, y, axis: g)),
    rounding=8,
)  # fmt: skip
LOG_SOFTMAX = Reduction(
    "log_softmax", "log_softmax(x, axis=0)", _log_softmax,
    lambda g, x, y, axis: g - elementwise("exp", [y]) * spread_sum(g, axis),
    lambda t, x, y, axis: t - spread_sum(elementwise("exp", [y]) * t, axis),
    True, "xᵢ - ln Σₖ eˣᵏ", "dz = dy - softmax(z) Σ dy", "each entry passes its gradient on; the shared normaliser takes the sum, weighted by the probabilities",
    {"numpy": "log_softmax({0}, {axis})", "jax": "jax.nn.log_softmax({0}, axis={axis})", "torch": "torch.log_softmax({0}, dim={axis})", "js": "logSoftmax({0}, {axis})"},
    Notation("function", {"text": "log softmax", "latex": r"\operatorname{log\,softmax}", "typst": 'op("log softmax")'}), ("real",), _EVERYWHERE, _SOURCE,
    (Mistake("missing-normaliser", "the gradient of the normaliser was left out", lambda g, x, y, axis: g),), rounding=8,
)  # fmt: skip
LOGSUMEXP = Reduction(
    "logsumexp", "logsumexp(x, axis=None)", logsumexp_value,
    lambda g, x, y, axis: g * elementwise("exp", [x - y]),
    lambda t, x, y, axis: spread_sum(t * elementwise("exp", [x - y]), axis, unit=True),
    False, "ln Σₖ eˣᵏ", "dz = dy softmax(z)", "the gradient is shared out in proportion to the exponentials",
    {"numpy": "logsumexp({0}, {axis})", "jax": "jax.nn.logsumexp({0}, axis={axis}, keepdims=True)",
     "torch": "torch.logsumexp({0}, dim={axis}, keepdim=True)", "js": "logsumexp({0}, {axis})"},
    Notation("function", {"text": "logsumexp", "latex": r"\operatorname{logsumexp}", "typst": 'op("logsumexp")'}), ("real",), _EVERYWHERE,
    "Blanchard, Higham and Higham 2021, Accurately computing the log-sum-exp and softmax functions",
    (Mistake("all-alike", "the gradient was given to every entry in full", lambda g, x, y, axis: g * elementwise("exp", [(x - y) * 0])),), rounding=8,
)  # fmt: skip
MAX = Reduction(
    "max", "max(x, axis=None)", lambda entries: math.nan if any(x != x for x in entries) else max(entries),
    lambda g, x, y, axis: g * _ties(x, y, axis),
    lambda t, x, y, axis: spread_sum(t * _ties(x, y, axis), axis, unit=True),
    False, "max over the axis", "the largest entry takes the gradient", "the gradient goes to the largest entry; ties share it evenly",
    {"numpy": "np.max({0}, axis={axis}, keepdims=True)", "jax": "jnp.max({0}, axis={axis}, keepdims=True)",
     "torch": "torch.amax({0}, dim={axis}, keepdim=True)", "js": "max({0}, {axis})"},
    Notation("function", {"text": "max", "latex": r"\max", "typst": "max"}), ("kinked",),
    "kink where the largest entry is not unique: the tied entries share evenly, as in JAX and torch.amax",
    "Boyd and Vandenberghe 2004, Convex optimization, section 3.2.3 (pointwise maximum)",
    (Mistake("all-alike", "the gradient was given to every entry", lambda g, x, y, axis: g * ((x - x) + 1)),), rounding=0,
)  # fmt: skip

REDUCTIONS = (SOFTMAX, LOG_SOFTMAX, LOGSUMEXP, MAX)
