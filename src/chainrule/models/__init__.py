"""The course's models and the gallery: plain functions, as a reader would write them. `names()` lists them."""

from __future__ import annotations

from chainrule.model import Model
from chainrule.models.course import (
    logistic,
    multivariate,
    perceptron,
    softmax_classifier,
    two_layer_linear,
    two_layer_sigmoid,
    univariate,
)
from chainrule.models.gallery import (
    attention,
    deep,
    deep_mlp,
    huber_regression,
    layer_norm,
    matrix_factorization,
    poisson,
    ridge,
    rnn,
)
from chainrule.models.terrain import plateau, ravine, saddle, terrain, turned_ravine

COURSE = (
    univariate,
    multivariate,
    two_layer_linear,
    two_layer_sigmoid,
    logistic,
    perceptron,
    softmax_classifier,
)
GALLERY = (deep, ridge, huber_regression, poisson, matrix_factorization, rnn, attention, layer_norm)


def names() -> dict[str, Model]:
    """Return every built-in model by name."""
    return {model.name: model for model in (*COURSE, *GALLERY)}


__all__ = [
    "COURSE", "GALLERY", "attention", "deep", "deep_mlp", "huber_regression", "layer_norm", "logistic", "matrix_factorization",
    "multivariate", "names", "perceptron", "plateau", "poisson", "ravine", "ridge", "rnn", "saddle", "softmax_classifier", "terrain",
    "turned_ravine", "two_layer_linear", "two_layer_sigmoid", "univariate",
]  # fmt: skip
