"""A third batch of wrong backward passes, again written before the diagnosis had seen any of them."""

import numpy as np
from practice.corpus.entry import wrong
from practice.corpus.modern import batch_norm

import chainrule as cr
from chainrule.models import (
    attention,
    huber_regression,
    layer_norm,
    logistic,
    multivariate,
    perceptron,
    ridge,
    softmax_classifier,
    two_layer_linear,
    two_layer_sigmoid,
    univariate,
)


def logit_inverse(t):
    return np.exp(t) / (1 + np.exp(t))


@wrong(univariate, "y_hat", "missing-factor-2", ("b", "missing-1-over-m"))
def sums_and_halves(x, y, w, b):
    """Half the squared error, and the bias not averaged."""
    n = np.size(x)
    grad_w, grad_b = 0, 0
    for xi, yi in zip(x.ravel(), y.ravel()):
        d = (w * xi + b) - yi
        grad_w += d * xi / n
        grad_b += d
    return grad_w, grad_b


@wrong(univariate, "w", "doubled-factor")
def x_squared(x, y, w, b):
    """x twice."""
    n = x.shape[1]
    r = w * x + b - y
    return {"w": 2 / n * np.sum(r * x**2), "b": 2 / n * np.sum(r)}


@wrong(univariate, "y_hat", "missing-term")
def intercept_left_out(x, y, w, b):
    """The prediction without b."""
    n = x.shape[1]
    r = w * x - y
    return {"w": 2 / n * np.sum(r * x), "b": 2 / n * np.sum(r)}


@wrong(multivariate, "Y_hat", "missing-1-over-m")
def shape_zero_of_a_row(X, Y, w, b):
    """Y.shape[0] is 1."""
    g = 2 * (w.dot(X) + b - Y) / Y.shape[0]
    return {"w": g.dot(X.T), "b": g.sum()}


@wrong(multivariate, "b", "sign")
def bias_ascends(X, Y, w, b):
    """Minus in the bias only."""
    m = X.shape[1]
    g = 2 * (w.dot(X) + b - Y) / m
    gw = g.dot(X.T)
    gb = -g.sum()
    return gw, gb


@wrong(multivariate, "w", "wrong-value")
def label_times_input(X, Y, w, b):
    """Hebb's rule in place of the delta rule, in one line."""
    m = X.shape[1]
    dY_hat = 2 * (w @ X + b - Y) / m
    dw = Y @ X.T
    db = np.sum(dY_hat)
    return {"w": dw, "b": db}


@wrong(logistic, "Z", "missing-term")
def no_labels(X, Y, w, b):
    """The labels are left out."""
    m = X.shape[1]
    a = logit_inverse(w @ X + b)
    dz = a / m
    return {"dw": dz @ X.T, "db": dz.sum()}


@wrong(logistic, "A", "sign")
def cross_entropy_upside_down(X, Y, w, b):
    """The log-likelihood's derivative, carried on correctly."""
    m = X.shape[1]
    a = logit_inverse(w @ X + b)
    da = (Y / a - (1 - Y) / (1 - a)) / m
    dz = da * a * (1 - a)
    return {"dw": dz @ X.T, "db": dz.sum()}


@wrong(logistic, "Z", "another-activation-derivative")
def tanh_slope(X, Y, w, b):
    """1 - a² after the cross-entropy's own derivative."""
    m = X.shape[1]
    a = logit_inverse(w @ X + b)
    da = (-Y / a + (1 - Y) / (1 - a)) / m
    dz = da * (1 - a**2)
    return {"dw": dz @ X.T, "db": dz.sum()}


@wrong(logistic, "w", "missing-keepdims")
def vector_of_weights(X, Y, w, b):
    """A rank-1 array."""
    m = X.shape[1]
    a = logit_inverse(w @ X + b)
    dz = (a - Y).ravel() / m
    return {"w": X.dot(dz), "b": dz.sum()}


@wrong(two_layer_linear, "w2", "extra-1-over-m", ("W1", "extra-1-over-m"))
def weights_averaged_twice(X, Y, W1, b1, w2, b2):
    """1/m once in the error and once more in each weight matrix."""
    m = X.shape[1]
    hid = W1 @ X + b1
    err = 2 * (w2 @ hid + b2 - Y) / m
    back = w2.T @ err
    return {
        "W1": back @ X.T / m,
        "b1": back.sum(axis=1, keepdims=True),
        "w2": err @ hid.T / m,
        "b2": err.sum(),
    }


@wrong(two_layer_linear, "b1", "summed-everything")
def one_bias_for_all(X, Y, W1, b1, w2, b2):
    """np.sum(back)."""
    m = X.shape[1]
    hid = W1 @ X + b1
    err = 2 * (w2 @ hid + b2 - Y) / m
    back = w2.T @ err
    return [back @ X.T, np.sum(back), err @ hid.T, np.sum(err)]


@wrong(two_layer_linear, "H", "wrong-value")
def uses_the_gradient_of_the_weights(X, Y, W1, b1, w2, b2):
    """dw2 where w2 is meant."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 * (w2 @ H + b2 - Y) / m
    dw2 = dY @ H.T
    dH = dw2.T @ dY
    return {"W1": dH @ X.T, "b1": dH.sum(axis=1, keepdims=True), "w2": dw2, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "Z1", "missing-factor")
def first_factor_only(X, Y, W1, b1, w2, b2):
    """a, not a(1 - a)."""
    m = X.shape[1]
    a = logit_inverse(W1 @ X + b1)
    e = 2 * (w2 @ a + b2 - Y) / m
    d = (w2.T @ e) * a
    return d @ X.T, d.sum(axis=1, keepdims=True), e @ a.T, e.sum()


@wrong(two_layer_sigmoid, "Z1", "divided-by-derivative")
def divides_by_the_slope(X, Y, W1, b1, w2, b2):
    """/ where * is meant."""
    m = X.shape[1]
    a = logit_inverse(W1 @ X + b1)
    e = 2 * (w2 @ a + b2 - Y) / m
    dz = (w2.T @ e) / (a * (1 - a))
    return dz @ X.T, dz.sum(axis=1, keepdims=True), e @ a.T, e.sum()


@wrong(two_layer_sigmoid, "A1", "missing-factor")
def forgets_the_output_weights(X, Y, W1, b1, w2, b2):
    """The residual is used for every hidden unit alike."""
    m = X.shape[1]
    A = logit_inverse(W1 @ X + b1)
    e = 2 * (w2 @ A + b2 - Y) / m
    dZ = e * A * (1 - A)
    return dZ @ X.T, dZ.sum(axis=1, keepdims=True), e @ A.T, e.sum()


@wrong(two_layer_sigmoid, "Y_hat", "extra-activation")
def sigmoid_on_top(X, Y, W1, b1, w2, b2):
    """A sigmoid at the output, where the model is linear."""
    m = X.shape[1]
    A1 = logit_inverse(W1 @ X + b1)
    Y_hat = logit_inverse(w2 @ A1 + b2)
    dY_hat = 2 * (Y_hat - Y) / m
    dZ1 = (w2.T @ dY_hat) * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "W1", "wrong-value")
def labels_for_inputs(X, Y, W1, b1, w2, b2):
    """The residual's inputs mixed up: A1 in place of dZ1."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = logit_inverse(Z1)
    dY_hat = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = (w2.T @ dY_hat) * A1 * (1 - A1)
    dW1 = A1 @ X.T
    return {"W1": dW1, "b1": dZ1.sum(1, keepdims=True), "w2": dY_hat @ A1.T, "b2": dY_hat.sum()}


@wrong(perceptron, "A1", "already-updated-weights")
def layer_by_layer_update(X, Y, W1, b1, w2, b2):
    """A class whose layers update themselves on the way back."""

    class Layer:
        def __init__(self, W, b):
            self.W, self.b = W.copy(), b

        def forward(self, A):
            self.A_in = A
            self.A = logit_inverse(self.W @ A + self.b)
            return self.A

        def backward(self, dZ, rate=0.3):
            self.dW = dZ @ self.A_in.T
            self.db = dZ.sum(axis=1, keepdims=True)
            self.W -= rate * self.dW
            return self.W.T @ dZ

    first, second = Layer(W1, b1), Layer(w2, b2)
    out = second.forward(first.forward(X))
    back = second.backward((out - Y) / X.shape[1])
    first.backward(back * first.A * (1 - first.A))
    return {"W1": first.dW, "b1": first.db, "w2": second.dW, "b2": second.db}


@wrong(perceptron, "Z2", "sign", ("Z1", "missing-activation-derivative"))
def two_at_once(X, Y, W1, b1, w2, b2):
    """The residual turned round and the hidden slope forgotten."""
    m = X.shape[1]
    H = logit_inverse(W1 @ X + b1)
    P = logit_inverse(w2 @ H + b2)
    d_out = (Y - P) / m
    d_hid = w2.T @ d_out
    return d_hid @ X.T, d_hid.sum(1, keepdims=True), d_out @ H.T, d_out.sum()


@wrong(perceptron, "b1", "mean-for-sum")
def hidden_bias_mean(X, Y, W1, b1, w2, b2):
    """np.mean for the hidden bias."""
    m = X.shape[1]
    H = logit_inverse(W1 @ X + b1)
    d2 = (logit_inverse(w2 @ H + b2) - Y) / m
    d1 = (w2.T @ d2) * (H * (1 - H))
    return {"W1": d1 @ X.T, "b1": d1.mean(axis=1, keepdims=True), "w2": d2 @ H.T, "b2": d2.sum()}


leaky = perceptron.with_options(hidden=cr.leaky_relu)


@wrong(leaky, "Z1", "relu-for-leaky")
def no_leak(X, Y, W1, b1, w2, b2):
    """relu's derivative for a leaky relu."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.where(Z1 > 0, Z1, 0.01 * Z1)
    dZ2 = (logit_inverse(w2 @ A1 + b2) - Y) / m
    dZ1 = (w2.T @ dZ2) * (Z1 > 0)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(softmax_classifier, "Z", "wrong-average")
def averaged_over_everything(X, Y, W, b):
    """Y.size counts the classes as well."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0)
    g = (P - Y) / Y.size
    return {"W": g @ X.T, "b": g.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "Z", "extra-factor-2")
def squared_error_two(X, Y, W, b):
    """A 2 from another loss."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0)
    g = 2 * (P - Y) / X.shape[1]
    return {"W": g @ X.T, "b": g.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "b", "missing-keepdims")
def flat_biases(X, Y, W, b):
    """The biases' gradient as a vector."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0)
    g = (P - Y) / X.shape[1]
    return {"W": np.dot(g, X.T), "b": np.sum(g, axis=1)}


@wrong(softmax_classifier, "Z", "wrong-axis")
def jacobian_over_examples(X, Y, W, b):
    """The softmax's sum over the examples."""
    m = X.shape[1]
    Z = W @ X + b
    E = np.exp(Z)
    P = E / E.sum(axis=0)
    dP = -Y / P / m
    dZ = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(ridge, "w", "wrong-coefficient")
def penalty_ten_times(X, Y, w, b):
    """0.01 for 0.1."""
    m = X.shape[1]
    E = w @ X + b - Y
    return {"w": 2 / m * E @ X.T + 2 * 0.01 * w, "b": 2 / m * E.sum()}


@wrong(huber_regression, "Y_hat", "wrong-case")
def only_signs(X, Y, w, b):
    """The absolute error's derivative."""
    m = X.shape[1]
    g = np.sign(w @ X + b - Y) / m
    return {"w": g @ X.T, "b": g.sum()}


@wrong(batch_norm, "Z_hat", "missing-factor")
def gamma_forgotten_on_the_way(X, Y, W, gamma, beta):
    """gamma is left out of the closed form."""
    m = X.shape[1]
    Z = W @ X
    s = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
    Zn = (Z - Z.mean(axis=1, keepdims=True)) / s
    G = 2 * (gamma * Zn + beta - Y) / Y.size
    dg, db = (G * Zn).sum(1, keepdims=True), G.sum(1, keepdims=True)
    dZ = (m * G - db - Zn * dg) / (m * s)
    return {"W": dZ @ X.T, "gamma": dg, "beta": db}


@wrong(batch_norm, "gamma", "swapped-gradients", ("beta", "swapped-gradients"))
def swapped_scale_and_shift(X, Y, W, gamma, beta):
    """dgamma and dbeta returned in each other's place."""
    m = X.shape[1]
    Z = W @ X
    s = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
    Zn = (Z - Z.mean(axis=1, keepdims=True)) / s
    G = 2 * (gamma * Zn + beta - Y) / Y.size
    dgamma, dbeta = (G * Zn).sum(1, keepdims=True), G.sum(1, keepdims=True)
    dZ = gamma * (m * G - dbeta - Zn * dgamma) / (m * s)
    return {"W": dZ @ X.T, "gamma": dbeta, "beta": dgamma}


@wrong(layer_norm, "gamma", "missing-term")
def only_through_the_input(X, Y, gamma, beta):
    """gamma's second use alone."""
    V = X * gamma
    C = V - V.mean(axis=0, keepdims=True)
    s = np.sqrt((C**2).mean(axis=0, keepdims=True) + 1e-5)
    N = C / s
    G = 2 * (gamma * N + beta - Y) / Y.size
    dN = G * gamma
    dV = (dN - dN.mean(axis=0, keepdims=True) - N * (dN * N).mean(axis=0, keepdims=True)) / s
    return {"gamma": (dV * X).sum(1, keepdims=True), "beta": G.sum(1, keepdims=True)}


def _soft(S):
    E = np.exp(S)
    return E / E.sum(axis=1, keepdims=True)


@wrong(attention, "V", "missing-factor")
def values_without_weights(X, Y, W_Q, W_K, W_V):
    """dV = dO: the attention weights are left out."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    r = np.sqrt(W_Q.shape[1])
    A = _soft(Q @ K.T / r)
    dO = 2 * (A @ V - Y) / Y.size
    dA = dO @ V.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True)) / r
    return {"W_Q": X.T @ dS @ K, "W_K": X.T @ dS.T @ Q, "W_V": X.T @ dO}


@wrong(attention, "S", "missing-term")
def softmax_without_its_sum(X, Y, W_Q, W_K, W_V):
    """dS = A dA."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    r = np.sqrt(W_Q.shape[1])
    A = _soft(Q @ K.T / r)
    dO = 2 * (A @ V - Y) / Y.size
    dA = dO @ V.T
    dS = A * dA
    return {"W_Q": X.T @ dS @ K / r, "W_K": X.T @ dS.T @ Q / r, "W_V": X.T @ A.T @ dO}


@wrong(attention, "K", "wrong-value")
def keys_with_keys(X, Y, W_Q, W_K, W_V):
    """dSᵀ K where dSᵀ Q is meant."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    r = np.sqrt(W_Q.shape[1])
    A = _soft(Q @ K.T / r)
    dO = 2 * (A @ V - Y) / Y.size
    dA = dO @ V.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True)) / r
    dQ, dK, dV = dS @ K, dS.T @ K, A.T @ dO
    return {"W_Q": X.T @ dQ, "W_K": X.T @ dK, "W_V": X.T @ dV}


text_model = cr.parse(
    "Z = w @ X + b; A = tanh(Z); L = mean(log(1 + (A - Y)**2))",
    data={"X": "n m", "Y": "1 m"},
    parameters={"w": "1 n", "b": ""},
    name="cauchy",
)


@wrong(text_model, "A", "missing-activation-derivative")
def robust_loss_not_divided(X, Y, w, b):
    """The derivative of the logarithm is forgotten."""
    m = X.shape[1]
    A = np.tanh(w @ X + b)
    dA = 2 * (A - Y) / m
    dZ = dA * (1 - A**2)
    return {"w": dZ @ X.T, "b": dZ.sum()}


vectors = cr.parse(
    "y = X @ w + c; L = mean((y - t)**2) / 2",
    data={"X": "m n", "t": "m"},
    parameters={"w": "n", "c": ""},
    name="vectors",
)


@wrong(vectors, "w", "extra-factor-2", ("c", "extra-factor-2"))
def half_forgotten(X, t, w, c):
    """The loss has a half, the gradient a 2."""
    r = X @ w + c - t
    return {"w": 2 * X.T @ r / len(t), "c": 2 * r.mean()}


@wrong(vectors, "w", "wrong-axis")
def summed_over_features(X, t, w, c):
    """axis=1 adds up the features."""
    r = X @ w + c - t
    return {"w": (X * r[:, None]).sum(axis=1) / len(t), "c": r.mean()}
