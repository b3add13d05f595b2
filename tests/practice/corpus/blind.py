"""A blind batch, written and labelled before any of it was run: docs/diagnosis.md keeps the figure of that first run.

The labels are what a teacher would write in the margin; some had no key in the catalogue then.
"""

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

FIRST = {"on": "1 December 2026", "passes": 42, "step": 37, "mistake": 18}
RELABELLED = {
    "root_of_the_mean": "another loss has a name of its own now",
    "one_degree_of_freedom_less": "the residual is right, each of the two sums is divided by m - 1 on its own",
    "quotient_without_square": "e/(1 + e) lacks the factor 1/(1 + e), which is as true as a missing square",
    "derivative_by_the_quotient_rule": "the same",
    "outer_product_with_the_row": "w2 is there twice, as was written, and not transposed, as was labelled",
    "relu_for_its_derivative": "a mistake with a name of its own now",
    "squared_error_at_the_output": "2(A2 - Y) is the gradient before the sigmoid, twice: the name that such a pass has in the rest of the corpus",
    "squares_for_exponentials": "it has no name, and none should be guessed",
    "shift_scaled": "dY ∘ gamma is dZ_hat, so dZ_hat stands where dY is meant",
    "scaled_twice": "the scale in dS is the one too many",
}


def sigma(t):
    return 1.0 / (1.0 + np.exp(-t))


@wrong(univariate, "w", "wrong-average", ("b", "wrong-average"))
def one_degree_of_freedom_less(x, y, w, b):
    """Divided by m - 1, as for a sample variance."""
    n = x.size
    resid = w * x + b - y
    return {"dw": 2 * (resid * x).sum() / (n - 1), "db": 2 * resid.sum() / (n - 1)}


@wrong(univariate, "b", "extra-factor")
def copied_line(x, y, w, b):
    """The line of w copied for b, with its x."""
    n = x.size
    err = w * x + b - y
    slope_w = (2 / n) * np.sum(err * x)
    slope_b = (2 / n) * np.sum(err * x)
    return slope_w, slope_b


@wrong(univariate, "w", "missing-example", ("b", "missing-example"))
def last_point_left_out(x, y, w, b):
    """range(m - 1)."""
    xs, ys = x.ravel(), y.ravel()
    m = len(xs)
    gw = gb = 0.0
    for i in range(m - 1):
        gap = w * xs[i] + b - ys[i]
        gw += 2 * gap * xs[i] / m
        gb += 2 * gap / m
    return gw, gb


@wrong(multivariate, "w", "missing-term")
def only_the_prediction(X, Y, w, b):
    """Y_hat in place of Y_hat - Y, in the weights' line alone."""
    m = X.shape[1]
    Y_hat = w @ X + b
    return {"w": 2 / m * Y_hat @ X.T, "b": 2 / m * np.sum(Y_hat - Y)}


@wrong(multivariate, "Y_hat", "another-loss")
def root_of_the_mean(X, Y, w, b):
    """The gradient of the root of the mean squared error."""
    m = X.shape[1]
    e = w @ X + b - Y
    rmse = np.sqrt(np.mean(e**2))
    dY_hat = e / (m * rmse)
    return {"w": dY_hat @ X.T, "b": dY_hat.sum()}


@wrong(multivariate, "w", "wrong-axis")
def elementwise_and_over_features(X, Y, w, b):
    """(e * X) summed over the features: one number per example, in a row."""
    m = X.shape[1]
    e = w.dot(X) + b - Y
    return {"w": 2 * np.sum(e * X, axis=0, keepdims=True) / m, "b": 2 * e.mean()}


@wrong(multivariate, "b", "missing-factor-2")
def two_in_one_place(X, Y, w, b):
    """The 2 is in the weights' line only."""
    n_x, m = X.shape
    diff = np.dot(w, X) + b - Y
    dw = (2.0 / m) * np.dot(diff, X.T)
    db = (1.0 / m) * np.sum(diff)
    return dw, db


@wrong(logistic, "A", "sign")
def plus_in_the_middle(X, Y, w, b):
    """-Y/A - (1 - Y)/(1 - A)."""
    m = X.shape[1]
    A = sigma(w @ X + b)
    dA = (-Y / A - (1 - Y) / (1 - A)) / m
    dZ = dA * A * (1 - A)
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "A", "wrong-coefficient")
def common_logarithms(X, Y, w, b):
    """The derivative of log10."""
    m = X.shape[1]
    A = sigma(w @ X + b)
    dA = -(Y / A - (1 - Y) / (1 - A)) / (m * np.log(10))
    dZ = dA * A * (1 - A)
    dw = dZ @ X.T
    return {"w": dw, "b": dZ.sum()}


@wrong(logistic, "w", "missing-keepdims")
def mean_of_the_products(X, Y, w, b):
    """np.mean(dZ * X, axis=1) is a vector."""
    A = sigma(w @ X + b)
    dZ = A - Y
    dw = np.mean(dZ * X, axis=1)
    db = np.mean(dZ)
    return dw, db


@wrong(logistic, "Z", "missing-factor")
def quotient_without_square(X, Y, w, b):
    """e^-z / (1 + e^-z), where the denominator is squared."""
    m = X.shape[1]
    Z = w @ X + b
    E = np.exp(-Z)
    A = 1 / (1 + E)
    dA = ((1 - Y) / (1 - A) - Y / A) / m
    dZ = dA * E / (1 + E)
    return {"dw": dZ.dot(X.T), "db": dZ.sum()}


@wrong(logistic, "A", "sign")
def exponent_without_minus(X, Y, w, b):
    """1 / (1 + e^z)."""
    m = X.shape[1]
    Z = np.dot(w, X) + b
    A = 1 / (1 + np.exp(Z))
    dZ = (A - Y) / m
    return {"w": np.dot(dZ, X.T), "b": np.sum(dZ)}


@wrong(logistic, "b", "extra-activation-derivative")
def slope_in_the_bias_line(X, Y, w, b):
    """a(1 - a) in db only."""
    m = X.shape[1]
    a = sigma(w @ X + b)
    d = a - Y
    grad_w = d @ X.T / m
    grad_b = np.sum(d * a * (1 - a)) / m
    return {"w": grad_w, "b": grad_b}


@wrong(two_layer_linear, "w2", "missing-term")
def hidden_values_without_bias(X, Y, W1, b1, w2, b2):
    """dw2 from W1 X, not from W1 X + b1."""
    m = X.shape[1]
    out = w2 @ (W1 @ X + b1) + b2
    g = 2 * (out - Y) / m
    gh = w2.T @ g
    return {
        "w2": g @ (W1 @ X).T,
        "b2": g.sum(),
        "W1": gh @ X.T,
        "b1": gh.sum(axis=1, keepdims=True),
    }


@wrong(two_layer_linear, "H", "doubled-factor")
def outer_product_with_the_row(X, Y, W1, b1, w2, b2):
    """w2 is used as it lies, the result turned round to fit."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 * (w2 @ H + b2 - Y) / m
    dH = (dY.T @ w2).T * w2.T
    return {
        "W1": dH @ X.T,
        "b1": dH.sum(1, keepdims=True),
        "w2": dY @ H.T,
        "b2": dY.sum(),
    }


@wrong(two_layer_linear, "b1", "wrong-value")
def bias_from_the_output_error(X, Y, W1, b1, w2, b2):
    """db1 is summed from dY, not from dH."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY_hat = 2 * (w2 @ H + b2 - Y) / m
    dw2 = dY_hat @ H.T
    db2 = np.sum(dY_hat)
    dH = w2.T @ dY_hat
    dW1 = dH @ X.T
    db1 = np.sum(dY_hat, axis=1, keepdims=True) * np.ones_like(b1)
    return dW1, db1, dw2, db2


@wrong(two_layer_sigmoid, "A1", "sign")
def sigmoid_upside_down(X, Y, W1, b1, w2, b2):
    """1 / (1 + e^z) for the hidden layer."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = 1 / (1 + np.exp(Z1))
    dY_hat = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = (w2.T @ dY_hat) * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "Z1", "missing-factor")
def derivative_by_the_quotient_rule(X, Y, W1, b1, w2, b2):
    """The square of the denominator is forgotten, in a helper."""

    def dsigma(z):
        return np.exp(-z) / (1 + np.exp(-z))

    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigma(Z1)
    dY = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = w2.T @ dY * dsigma(Z1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dY @ A1.T,
        "b2": dY.sum(),
    }


@wrong(two_layer_sigmoid, "Y_hat", "missing-term")
def second_bias_forgotten(X, Y, W1, b1, w2, b2):
    """The forward pass without b2."""
    m = Y.shape[1]
    cache = {}
    cache["A1"] = sigma(W1 @ X + b1)
    cache["Y_hat"] = w2 @ cache["A1"]
    grads = {}
    d2 = (cache["Y_hat"] - Y) * 2 / m
    grads["dw2"] = d2 @ cache["A1"].T
    grads["db2"] = d2.sum()
    d1 = (w2.T @ d2) * cache["A1"] * (1 - cache["A1"])
    grads["dW1"] = d1 @ X.T
    grads["db1"] = d1.sum(axis=1, keepdims=True)
    return grads


@wrong(two_layer_sigmoid, "W1", "wrong-value")
def activations_for_inputs(X, Y, W1, b1, w2, b2):
    """dZ1 @ A1.T: the layer's output where its input is meant."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigma(Z1)
    dY_hat = (2 / m) * (w2 @ A1 + b2 - Y)
    dZ1 = np.multiply(w2.T @ dY_hat, A1 * (1 - A1))
    dW1 = dZ1 @ A1.T
    return {"W1": dW1, "b1": dZ1.sum(1, keepdims=True), "w2": dY_hat @ A1.T, "b2": dY_hat.sum()}


@wrong(two_layer_sigmoid, "Z1", None)
def clipped_to_be_safe(X, Y, W1, b1, w2, b2):
    """np.clip against exploding gradients, tight enough to bite."""
    m = X.shape[1]
    A1 = sigma(W1 @ X + b1)
    dY_hat = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = np.clip((w2.T @ dY_hat) * A1 * (1 - A1), -0.01, 0.01)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "W1", "missing-example", ("b1", "missing-example"))
def loop_starts_at_one(X, Y, W1, b1, w2, b2):
    """The hidden layer's loop runs over range(1, m)."""
    m = X.shape[1]
    A1 = sigma(W1 @ X + b1)
    dY = 2 * (w2 @ A1 + b2 - Y) / m
    gW1, gb1 = np.zeros_like(W1), np.zeros_like(b1)
    for i in range(1, m):
        dz = (w2.T * dY[0, i]) * (A1[:, [i]] * (1 - A1[:, [i]]))
        gW1 += dz @ X[:, [i]].T
        gb1 += dz
    return gW1, gb1, dY @ A1.T, dY.sum()


@wrong(tanh_perceptron, "Z1", "derivative-at-output")
def tanh_of_a_tanh(X, Y, W1, b1, w2, b2):
    """1 - tanh(A1)²."""
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = sigma(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * (1 - np.tanh(A1) ** 2)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": dZ2.sum(),
    }


@wrong(perceptron, "", "not-deterministic")
def dropout_left_on(X, Y, W1, b1, w2, b2):
    """A random mask on the hidden layer."""
    m = X.shape[1]
    A1 = sigma(W1 @ X + b1) * (np.random.rand(W1.shape[0], m) < 0.8)
    A2 = sigma(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": dZ2.sum(),
    }


@wrong(relu_perceptron, "Z1", "activation-for-derivative")
def relu_for_its_derivative(X, Y, W1, b1, w2, b2):
    """The gradient is multiplied by relu(z), not by its slope."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    A2 = sigma(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * np.maximum(0, Z1)
    return {
        "W1": dZ1 @ X.T,
        "b1": np.sum(dZ1, axis=1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": np.sum(dZ2),
    }


@wrong(perceptron, "Z2", "missing-1-over-m", ("A1", "already-updated-weights"))
def a_training_step_in_one_go(X, Y, W1, b1, w2, b2):
    """Not averaged, and w2 is updated before it is used."""
    A1 = sigma(np.dot(W1, X) + b1)
    A2 = sigma(np.dot(w2, A1) + b2)
    dZ2 = A2 - Y
    dw2 = np.dot(dZ2, A1.T)
    w2 = w2 - 0.5 * dw2
    dA1 = np.dot(w2.T, dZ2)
    dZ1 = dA1 * A1 * (1 - A1)
    return {
        "W1": np.dot(dZ1, X.T),
        "b1": np.sum(dZ1, axis=1, keepdims=True),
        "w2": dw2,
        "b2": np.sum(dZ2),
    }


@wrong(perceptron, "A2", "extra-activation-derivative", ("A2", "extra-factor-2"))
def squared_error_at_the_output(X, Y, W1, b1, w2, b2):
    """2(A2 - Y), the derivative of another loss, and all the rest right."""
    m = X.shape[1]
    A1 = sigma(W1 @ X + b1)
    A2 = sigma(w2 @ A1 + b2)
    dA2 = 2 * (A2 - Y) / m
    dZ2 = dA2 * A2 * (1 - A2)
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": dZ2.sum(),
    }


@wrong(softmax_classifier, "Z", "softmax-elementwise")
def minus_labels_times_the_rest(X, Y, W, b):
    """-Y(1 - P): each class on its own."""
    m = X.shape[1]
    Z = W @ X + b
    P = np.exp(Z - Z.max(axis=0)) / np.exp(Z - Z.max(axis=0)).sum(axis=0)
    dZ = -Y * (1 - P) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "W", "extra-term")
def weight_decay_out_of_habit(X, Y, W, b):
    """+ W, and the model has no penalty."""
    m = X.shape[1]
    Z = W @ X + b
    P = np.exp(Z) / np.exp(Z).sum(axis=0)
    dZ = (P - Y) / m
    return {"W": dZ @ X.T + 0.1 * W, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "P", "another-activation")
def one_sigmoid_per_class(X, Y, W, b):
    """Sigmoids where the model has a softmax."""
    m = X.shape[1]
    P = sigma(W @ X + b)
    G = (P - Y) / m
    return G @ X.T, G.sum(axis=1, keepdims=True)


@wrong(softmax_classifier, "P", None)
def squares_for_exponentials(X, Y, W, b):
    """z² / Σz²."""
    m = X.shape[1]
    Z = W @ X + b
    P = Z**2 / np.sum(Z**2, axis=0, keepdims=True)
    dZ = (P - Y) / m
    return {"dW": dZ @ X.T, "db": dZ.sum(axis=1, keepdims=True)}


@wrong(batch_norm, "var", "wrong-average")
def sample_variance(X, Y, W, gamma, beta):
    """ddof=1."""
    m = X.shape[1]
    Z = W @ X
    mu = Z.mean(axis=1, keepdims=True)
    var = Z.var(axis=1, keepdims=True, ddof=1)
    std = np.sqrt(var + 1e-5)
    N = (Z - mu) / std
    dY = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY * gamma
    dZ = (dN - dN.mean(1, keepdims=True) - N * (dN * N).sum(1, keepdims=True) / (m - 1)) / std
    return {
        "W": dZ @ X.T,
        "gamma": (dY * N).sum(1, keepdims=True),
        "beta": dY.sum(1, keepdims=True),
    }


@wrong(batch_norm, "C", "missing-1-over-m")
def variance_not_averaged_back(X, Y, W, gamma, beta):
    """dC += dvar 2C, without 1/m."""
    Z = W @ X
    mu = np.mean(Z, axis=1, keepdims=True)
    C = Z - mu
    var = np.mean(C**2, axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dgamma = np.sum(dY_hat * Z_hat, axis=1, keepdims=True)
    dbeta = np.sum(dY_hat, axis=1, keepdims=True)
    dZ_hat = dY_hat * gamma
    dvar = np.sum(dZ_hat * C * (-0.5) * (var + 1e-5) ** (-1.5), axis=1, keepdims=True)
    dC = dZ_hat / std + dvar * 2 * C
    dZ = dC - dC.mean(axis=1, keepdims=True)
    return dZ @ X.T, dgamma, dbeta


@wrong(batch_norm, "Z", "missing-1-over-m")
def mean_not_averaged_back(X, Y, W, gamma, beta):
    """dZ = dC + dmu, without 1/m."""
    m = X.shape[1]
    Z = W @ X
    mu = np.mean(Z, axis=1, keepdims=True)
    C = Z - mu
    var = np.mean(C**2, axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    dstd = -np.sum(dZ_hat * C, axis=1, keepdims=True) / std**2
    dvar = dstd / (2 * std)
    dC = dZ_hat / std + dvar * 2 * C / m
    dmu = -np.sum(dC, axis=1, keepdims=True)
    dZ = dC + dmu
    return {
        "W": dZ @ X.T,
        "gamma": np.sum(dY_hat * Z_hat, axis=1, keepdims=True),
        "beta": np.sum(dY_hat, axis=1, keepdims=True),
    }


@wrong(batch_norm, "beta", "wrong-value")
def shift_scaled(X, Y, W, gamma, beta):
    """dbeta with gamma in it."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
    Zn = (Z - Z.mean(axis=1, keepdims=True)) / std
    g = 2 * (gamma * Zn + beta - Y) / Y.size
    dgamma = (g * Zn).sum(axis=1, keepdims=True)
    dbeta = (g * gamma).sum(axis=1, keepdims=True)
    gn = g * gamma
    gz = (m * gn - gn.sum(1, keepdims=True) - Zn * (gn * Zn).sum(1, keepdims=True)) / (m * std)
    return {"W": gz @ X.T, "gamma": dgamma, "beta": dbeta}


@wrong(batch_norm, "std", "missing-function")
def divided_by_the_variance(X, Y, W, gamma, beta):
    """The square root is forgotten, forwards and backwards."""
    m = X.shape[1]
    Z = W @ X
    C = Z - Z.mean(axis=1, keepdims=True)
    v = np.mean(C**2, axis=1, keepdims=True) + 1e-5
    N = C / v
    dY = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY * gamma
    dv = -np.sum(dN * C, axis=1, keepdims=True) / v**2
    dC = dN / v + 2 * C * dv / m
    dZ = dC - dC.mean(axis=1, keepdims=True)
    return {
        "W": dZ @ X.T,
        "gamma": (dY * N).sum(axis=1, keepdims=True),
        "beta": dY.sum(axis=1, keepdims=True),
    }


@wrong(batch_norm, "W", "wrong-value")
def normalised_gradient_for_the_weights(X, Y, W, gamma, beta):
    """dZ_hat where dZ is meant."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
    Z_hat = (Z - Z.mean(axis=1, keepdims=True)) / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    s1 = dZ_hat.sum(axis=1, keepdims=True)
    s2 = (dZ_hat * Z_hat).sum(axis=1, keepdims=True)
    dZ = (dZ_hat - s1 / m - Z_hat * s2 / m) / std
    dW = dZ_hat @ X.T
    return dW, (dY_hat * Z_hat).sum(1, keepdims=True), dY_hat.sum(1, keepdims=True)


@wrong(attention, "S", "wrong-exponent")
def divided_by_d_k(X, Y, W_Q, W_K, W_V):
    """1/d_k where 1/√d_k is meant, forwards and backwards."""
    d_k = W_K.shape[1]
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    S = Q @ K.T / d_k
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return {
        "W_Q": X.T @ (dS @ K / d_k),
        "W_K": X.T @ (dS.T @ Q / d_k),
        "W_V": X.T @ (P.T @ dO),
    }


@wrong(attention, "W_Q", "transposed-result")
def query_weights_turned(X, Y, W_Q, W_K, W_V):
    """dQᵀ X."""
    scale = 1 / np.sqrt(W_K.shape[1])
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    E = np.exp(Q @ K.T * scale)
    P = E / E.sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    dQ = dS @ K * scale
    dK = dS.T @ Q * scale
    return {"W_Q": dQ.T @ X, "W_K": X.T @ dK, "W_V": X.T @ dV}


@wrong(attention, "S", "wrong-coefficient")
def scaled_twice(X, Y, W_Q, W_K, W_V):
    """1/√d_k in dS and again in dQ and dK."""
    scale = 1 / np.sqrt(W_K.shape[1])
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    S = Q @ K.T * scale
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True)) * scale
    dQ = dS @ K * scale
    dK = dS.T @ Q * scale
    return X.T @ dQ, X.T @ dK, X.T @ dV


@wrong(attention, "P", "transpose")
def values_not_transposed(X, Y, W_Q, W_K, W_V):
    """dO @ V does not fit."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    scale = Q.shape[1] ** -0.5
    S = Q @ K.T * scale
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dV = P.T @ dO
    dP = dO @ V
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return X.T @ (dS @ K * scale), X.T @ (dS.T @ Q * scale), X.T @ dV


@wrong(attention, "P", None)
def causal_mask(X, Y, W_Q, W_K, W_V):
    """Later positions are masked, and the model does not do that."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    scale = Q.shape[1] ** -0.5
    S = Q @ K.T * scale
    E = np.tril(np.exp(S))
    P = E / E.sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return X.T @ (dS @ K * scale), X.T @ (dS.T @ Q * scale), X.T @ (P.T @ dO)
