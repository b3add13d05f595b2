"""A second blind batch, written after the diagnosis had been improved on the first: its figure is in docs/diagnosis.md."""

import numpy as np
from practice.corpus.classifiers import relu_perceptron, tanh_perceptron
from practice.corpus.entry import wrong
from practice.corpus.modern import batch_norm

from chainrule.models import (
    attention,
    logistic,
    multivariate,
    perceptron,
    softmax_classifier,
    two_layer_linear,
    two_layer_sigmoid,
    univariate,
)

FIRST = {"on": "1 December 2026", "passes": 20, "step": 19, "mistake": 16}
RELABELLED = {
    "sum_of_residuals": "the derivative of the square was left out, which is as true",
    "two_unrelated_slips": "both were named, in the order of the derivation, where w2 comes first",
    "bias_skips_the_slope": "dA1 stands where dZ1 is meant: the name that it has in the rest of the corpus",
}


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


@wrong(univariate, "y_hat", "sign")
def plus_for_minus(x, y, w, b):
    """y_hat + y."""
    m = x.size
    s = 2 * (w * x + b + y) / m
    return np.sum(s * x), np.sum(s)


@wrong(univariate, "w", "wrong-value")
def times_the_weight(x, y, w, b):
    """dw = mean(2 e y_hat)."""
    m = x.size
    y_hat = w * x + b
    e = y_hat - y
    return {"w": 2 / m * np.sum(e * y_hat), "b": 2 / m * np.sum(e)}


@wrong(multivariate, "Y_hat", "missing-activation-derivative")
def sum_of_residuals(X, Y, w, b):
    """The derivative of the mean residual: ones."""
    m = X.shape[1]
    dY_hat = np.ones_like(Y) / m
    return {"w": dY_hat @ X.T, "b": dY_hat.sum()}


@wrong(multivariate, "b", "wrong-axis")
def bias_over_the_only_row(X, Y, w, b):
    """np.sum(axis=0)."""
    m = X.shape[1]
    dY_hat = 2 / m * (w @ X + b - Y)
    return {"w": dY_hat @ X.T, "b": np.sum(dY_hat, axis=0)}


@wrong(logistic, "Z", "extra-1-over-m")
def averaged_early_and_late(X, Y, w, b):
    """1/m in dA and in dZ."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = (A - Y) / (A * (1 - A)) / m
    dZ = dA * A * (1 - A) / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "w", "transpose")
def inputs_not_transposed(X, Y, w, b):
    """dZ @ X does not fit."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = (A - Y) / m
    dw = np.dot(dZ, X)
    return dw, dZ.sum()


@wrong(logistic, "A", "inverse")
def multiplied_not_divided(X, Y, w, b):
    """(A - Y) A (1 - A) where it is divided."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = (A - Y) * (A * (1 - A)) / m
    dZ = dA * A * (1 - A)
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(two_layer_linear, "W1", "missing-sum")
def outer_for_the_last_example(X, Y, W1, b1, w2, b2):
    """dW1 in a loop, overwritten."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 * (w2 @ H + b2 - Y) / m
    dH = w2.T @ dY
    for i in range(m):
        dW1 = np.outer(dH[:, i], X[:, i])
    return {"W1": dW1, "b1": dH.sum(1, keepdims=True), "w2": dY @ H.T, "b2": dY.sum()}


@wrong(two_layer_linear, "H", "missing-factor-2")
def hidden_layer_with_another_residual(X, Y, W1, b1, w2, b2):
    """The 2 is in the output layer's gradients only."""
    m = X.shape[1]
    H = W1 @ X + b1
    r = w2 @ H + b2 - Y
    dH = w2.T @ r / m
    return {
        "W1": dH @ X.T,
        "b1": dH.sum(1, keepdims=True),
        "w2": 2 / m * r @ H.T,
        "b2": 2 / m * r.sum(),
    }


@wrong(two_layer_sigmoid, "Z1", "wrong-value")
def slope_of_the_prediction(X, Y, W1, b1, w2, b2):
    """y_hat(1 - y_hat) at the hidden layer."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 * (Y_hat - Y) / m
    dZ1 = (w2.T @ dY_hat) * Y_hat * (1 - Y_hat)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "w2", "wrong-value", ("Z1", "missing-activation-derivative"))
def two_unrelated_slips(X, Y, W1, b1, w2, b2):
    """No slope, and Z1 for A1."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    dY_hat = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = w2.T @ dY_hat
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ Z1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "b1", "wrong-value")
def bias_skips_the_slope(X, Y, W1, b1, w2, b2):
    """db1 is summed from dA1."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY_hat = 2 * (w2 @ A1 + b2 - Y) / m
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * A1 * (1 - A1)
    db1 = np.sum(dA1, axis=1, keepdims=True)
    return {"W1": dZ1 @ X.T, "b1": db1, "w2": dY_hat @ A1.T, "b2": dY_hat.sum()}


@wrong(tanh_perceptron, "Z1", "sign")
def one_plus_a_squared(X, Y, W1, b1, w2, b2):
    """1 + a²."""
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * (1 + A1**2)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(relu_perceptron, "Z1", "wrong-value")
def mask_of_the_inputs(X, Y, W1, b1, w2, b2):
    """The mask is taken from the weighted upstream gradient's sign: dA1 > 0."""
    m = X.shape[1]
    A1 = np.maximum(W1 @ X + b1, 0)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * (dA1 > 0)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "A1", "wrong-value")
def labels_sent_back(X, Y, W1, b1, w2, b2):
    """w2ᵀ A2 in place of w2ᵀ dZ2."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ A2
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "W1", "learning-rate-included", ("b1", "learning-rate-included"))
def step_in_the_first_layer(X, Y, W1, b1, w2, b2):
    """alpha in the hidden layer's gradients."""
    m, alpha = X.shape[1], 0.05
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    return {
        "W1": alpha * dZ1 @ X.T,
        "b1": alpha * dZ1.sum(1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": dZ2.sum(),
    }


@wrong(softmax_classifier, "b", "summed-everything")
def one_sum_for_all_classes(X, Y, W, b):
    """np.sum(dZ)."""
    m = X.shape[1]
    E = np.exp(W @ X + b)
    dZ = (E / E.sum(axis=0) - Y) / m
    return {"W": dZ @ X.T, "b": np.sum(dZ)}


@wrong(softmax_classifier, "P", "missing-1-over-m")
def loss_summed_over_examples(X, Y, W, b):
    """dP = -Y/P, carried on through the full Jacobian."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0, keepdims=True)
    dP = -Y / P
    dZ = P * (dP - (dP * P).sum(axis=0, keepdims=True))
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(batch_norm, "var", "sign")
def variance_with_plus(X, Y, W, gamma, beta):
    """dvar without its minus."""
    m = X.shape[1]
    Z = W @ X
    C = Z - Z.mean(1, keepdims=True)
    var = (C**2).mean(1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    dvar = 0.5 * np.sum(dZ_hat * C, axis=1, keepdims=True) * std**-3
    dC = dZ_hat / std + 2 / m * dvar * C
    dZ = dC - dC.mean(1, keepdims=True)
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z_hat).sum(1, keepdims=True),
        "beta": dY_hat.sum(1, keepdims=True),
    }


@wrong(attention, "K", "transposed-operand")
def scores_not_turned(X, Y, W_Q, W_K, W_V):
    """dK = dS Q."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    c = Q.shape[1] ** -0.5
    E = np.exp(Q @ K.T * c)
    P = E / E.sum(1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - (P * dP).sum(1, keepdims=True))
    return {"W_Q": X.T @ dS @ K * c, "W_K": X.T @ (dS @ Q) * c, "W_V": X.T @ P.T @ dO}
