"""Losses and penalties: plain functions of the operations below them, one record each."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The rows of the tables are lambdas over Tensors, whose types pyright cannot infer from `Callable[..., Tensor]`.

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from chainrule.graph.tensor import Tensor, elementwise, lift
from chainrule.ops.axes import logsumexp_value
from chainrule.ops.multilinear import Axes, axes_of, dot, einsum, matmul, mean, outer, sum
from chainrule.ops.record import Composite
from chainrule.ops.smooth import softplus_value

Rows = Any  # nested lists of floats


def squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared error: (1/n) ‖prediction - target‖²."""
    return mean((lift(prediction) - target) ** 2)


def absolute_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error: (1/n) Σ |prediction - target|."""
    return mean(abs(lift(prediction) - target))


def huber_error(prediction: Tensor, target: Tensor, delta: float = 1.0) -> Tensor:
    """Return the mean Huber error: (1/n) Σ huber(prediction - target)."""
    from chainrule.ops.functions import huber

    return mean(huber(lift(prediction) - target, delta))


def binary_cross_entropy(probability: Tensor, label: Tensor) -> Tensor:
    """Return -(1/n) Σ (y log a + (1 - y) log(1 - a)); a in (0, 1), y in {0, 1}."""
    a, y = lift(probability), lift(label)
    log_a, log_rest = elementwise("log", [a]), elementwise("log", [1 - a])
    return -mean(y * log_a + (1 - y) * log_rest)


def binary_cross_entropy_with_logits(logit: Tensor, label: Tensor) -> Tensor:
    """Return (1/n) Σ (softplus(z) - y z): the cross-entropy of sigmoid(z), without overflow."""
    z = lift(logit)
    return mean(elementwise("softplus", [z]) - label * z)


def categorical_cross_entropy(probability: Tensor, label: Tensor, axis: Axes = 0) -> Tensor:
    """Return -(1/m) Σ y log p, with the classes along `axis` and m examples; y one-hot."""
    p = lift(probability)
    return -_over_examples(lift(label) * elementwise("log", [p]), axis)


def categorical_cross_entropy_with_logits(logit: Tensor, label: Tensor, axis: Axes = 0) -> Tensor:
    """Return -(1/m) Σ y log_softmax(z), with the classes along `axis` and m examples; y one-hot."""
    from chainrule.ops.functions import log_softmax

    return -_over_examples(lift(label) * log_softmax(lift(logit), axis=axis), axis)


def _over_examples(x: Tensor, axis: Axes) -> Tensor:
    return mean(sum(x, axis=axes_of(x, axis, "cross-entropy")))


def l2(x: Tensor) -> Tensor:
    """Return the squared Euclidean norm: Σ x²."""
    return sum(lift(x) ** 2)


def l1(x: Tensor) -> Tensor:
    """Return the sum of absolute values: Σ |x|."""
    return sum(abs(lift(x)))


def l2_norm(x: Tensor) -> Tensor:
    """Return the Euclidean norm: √Σ x²."""
    return l2(x) ** 0.5


def _flat(rows: Rows) -> list[float]:
    if isinstance(rows, list):
        found: list[float] = []
        for row in rows:  # pyright: ignore[reportUnknownVariableType] - nested lists of any depth
            found += _flat(row)
        return found
    return [float(rows)]


def _average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _pairs(a: Rows, b: Rows) -> list[tuple[float, float]]:
    return list(zip(_flat(a), _flat(b), strict=True))


def _bce(a: Rows, y: Rows) -> float:
    return _average([-(t * math.log(p) + (1 - t) * math.log(1 - p)) for p, t in _pairs(a, y)])


def _huber_mean(a: Rows, y: Rows) -> float:
    gaps = [abs(p - t) for p, t in _pairs(a, y)]
    return _average([r * r / 2 if r <= 1 else r - 0.5 for r in gaps])


def _cce_logits(z: Rows, y: Rows) -> float:
    total = 0.0
    for column in range(len(z[0])):
        scores = [row[column] for row in z]
        total += math.fsum(
            y[k][column] * (logsumexp_value(scores) - s) for k, s in enumerate(scores)
        )
    return total / len(z[0])


def _cce(p: Rows, y: Rows) -> float:
    return -math.fsum(t * math.log(q) for q, t in _pairs(p, y)) / len(p[0])


_MATRIX = {"A": "n m", "B": "n m"}
_REAL = "differentiable everywhere"
_STANDARD = "Goodfellow, Bengio and Courville 2016, Deep learning, chapters 5 and 6"

COMPOSITES = (
    Composite("sum", "sum(x, axis=None, keepdims=False)", sum, "Σ x", "d Σz = Σ dz",
              "every entry of a sum gets the same gradient: broadcast it", "L = sum(A)", {"A": "n m"},
              lambda A: math.fsum(_flat(A)), _REAL, "Petersen and Pedersen 2012, The matrix cookbook", family="multilinear"),
    Composite("mean", "mean(x, axis=None, keepdims=False)", mean, "(1/n) Σ x", "d mean(z) = mean(dz)",
              "as a sum, with 1/n in front", "L = mean(A)", {"A": "n m"},
              lambda A: _average(_flat(A)), _REAL, "Petersen and Pedersen 2012, The matrix cookbook", family="multilinear"),
    Composite("matmul", "a @ b", matmul, "Σₖ aᵢₖ bₖⱼ", "d(AB) = dA B + A dB",
              "each factor's gradient is the upstream one times the other factor, transposed", "L = sum(square(A @ C))", {"A": "n m", "C": "m k"},
              lambda A, C: math.fsum(math.fsum(x * y for x, y in zip(row, column, strict=True)) ** 2 for row in A for column in zip(*C, strict=True)),
              _REAL, "Giles 2008, Collected matrix derivative results for forward and reverse mode", family="multilinear"),
    Composite("dot", "dot(a, b)", dot, "Σ a b", "d(a·b) = da·b + a·db", "each factor's gradient is the other one",
              "L = dot(A, B)", _MATRIX, lambda A, B: math.fsum(x * y for x, y in _pairs(A, B)), _REAL,
              "Petersen and Pedersen 2012, The matrix cookbook", family="multilinear"),
    Composite("outer", "outer(a, b)", outer, "aᵢ bⱼ", "d(abᵀ) = da bᵀ + a dbᵀ", "each factor's gradient contracts the upstream one with the other",
              "L = sum(square(outer(u, v)))", {"u": "n", "v": "m"},
              lambda u, v: math.fsum((x * y) ** 2 for x in u for y in v), _REAL, "Petersen and Pedersen 2012, The matrix cookbook", family="multilinear"),
    Composite("einsum", 'einsum("ij,jk->ik", a, b)', einsum, "Einstein's summation", "swap the factor's letters with the output's",
              "the gradient of a factor is the same contraction with its letters and the output's exchanged",
              'L = sum(square(einsum("ij,kj->ik", A, C)))', {"A": "n m", "C": "k m"},
              lambda A, C: math.fsum(math.fsum(x * y for x, y in zip(a, c, strict=True)) ** 2 for a in A for c in C), _REAL,
              "Laue, Mitterreiter and Giesen 2018, Computing higher order derivatives of matrix and tensor expressions", family="multilinear"),
    Composite("squared_error", "squared_error(prediction, target)", squared_error, "(1/n) ‖ŷ - y‖²", "dŷ = (2/n)(ŷ - y)",
              "twice the residual, over the number of entries", "L = squared_error(A, B)", _MATRIX,
              lambda A, B: _average([(x - y) ** 2 for x, y in _pairs(A, B)]), _REAL, _STANDARD),
    Composite("absolute_error", "absolute_error(prediction, target)", absolute_error, "(1/n) Σ |ŷ - y|", "dŷ = (1/n) sign(ŷ - y)",
              "the sign of the residual, over the number of entries", "L = absolute_error(A, B)", _MATRIX,
              lambda A, B: _average([abs(x - y) for x, y in _pairs(A, B)]), "kink where the residual is 0, where we take 0", _STANDARD),
    Composite("huber_error", "huber_error(prediction, target, delta=1)", huber_error, "(1/n) Σ huber(ŷ - y)", "dŷ = (1/n) clip(ŷ - y, -δ, δ)",
              "the clipped residual, over the number of entries", "L = huber_error(A, B)", _MATRIX, _huber_mean,
              "differentiable; the second derivative jumps", "Huber 1964, Robust estimation of a location parameter"),
    Composite("binary_cross_entropy", "binary_cross_entropy(probability, label)", binary_cross_entropy,
              "-(1/n) Σ (y ln a + (1 - y) ln(1 - a))", "da = (1/n)(a - y) / (a(1 - a))", "with a = σ(z) it collapses to dz = (a - y)/n",
              "L = binary_cross_entropy(A, B)", _MATRIX, _bce, "defined for 0 < a < 1", _STANDARD, {"A": "probability", "B": "label"}),
    Composite("binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits(logit, label)", binary_cross_entropy_with_logits,
              "(1/n) Σ (softplus(z) - y z)", "dz = (1/n)(σ(z) - y)", "probability minus label, over the number of entries",
              "L = binary_cross_entropy_with_logits(A, B)", _MATRIX,
              lambda A, B: _average([softplus_value(z) - y * z for z, y in _pairs(A, B)]), _REAL, _STANDARD, {"B": "label"}),
    Composite("categorical_cross_entropy", "categorical_cross_entropy(probability, label, axis=0)", categorical_cross_entropy,
              "-(1/m) Σ y ln p", "dp = -(1/m) y / p", "with p = softmax(z) it collapses to dz = (p - y)/m",
              "L = categorical_cross_entropy(A, B)", _MATRIX, _cce, "defined for p > 0", _STANDARD, {"A": "probability", "B": "one-hot"}),
    Composite("categorical_cross_entropy_with_logits", "categorical_cross_entropy_with_logits(logit, label, axis=0)",
              categorical_cross_entropy_with_logits, "-(1/m) Σ y ln softmax(z)", "dz = (1/m)(p - y)", "probability minus label, over the number of examples",
              "L = categorical_cross_entropy_with_logits(A, B)", _MATRIX, _cce_logits, _REAL, _STANDARD, {"B": "one-hot"}),
    Composite("l2", "l2(x)", l2, "Σ x²", "dx = 2x", "twice the weight: weight decay", "L = l2(A)", {"A": "n m"},
              lambda A: math.fsum(x * x for x in _flat(A)), _REAL, "Krogh and Hertz 1992, A simple weight decay can improve generalization"),
    Composite("l1", "l1(x)", l1, "Σ |x|", "dx = sign(x)", "a constant pull towards zero", "L = l1(A)", {"A": "n m"},
              lambda A: math.fsum(abs(x) for x in _flat(A)), "kink at 0, where we take 0", "Tibshirani 1996, Regression shrinkage and selection via the lasso"),
    Composite("l2_norm", "l2_norm(x)", l2_norm, "√Σ x²", "dx = x / ‖x‖", "the unit vector along x", "L = l2_norm(A)", {"A": "n m"},
              lambda A: math.sqrt(math.fsum(x * x for x in _flat(A))), "not differentiable at the zero vector", "Petersen and Pedersen 2012, The matrix cookbook"),
)  # fmt: skip
