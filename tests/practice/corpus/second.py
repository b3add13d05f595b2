"""A second batch of wrong backward passes, written before the diagnosis had seen any of them."""

import numpy as np
from practice.corpus.entry import wrong
from practice.corpus.modern import batch_norm

import chainrule as cr
from chainrule.models import (
    attention,
    huber_regression,
    layer_norm,
    logistic,
    matrix_factorization,
    multivariate,
    perceptron,
    poisson,
    ridge,
    rnn,
    softmax_classifier,
    two_layer_linear,
    two_layer_sigmoid,
    univariate,
)


def sig(z):
    return 1.0 / (1.0 + np.exp(-z))


@wrong(logistic, "w", "missing-1-over-m")
def only_the_bias_averaged(X, Y, w, b):
    """One mean, one sum."""
    y_pred = sig(np.dot(w, X) + b)
    error = y_pred - Y
    grad_w = np.dot(error, X.T)
    grad_b = error.mean()
    return {"w": grad_w, "b": grad_b}


@wrong(logistic, "w", "extra-factor-2")
def two_in_one_line(X, Y, w, b):
    """A 2 in the weights' line."""
    m = Y.shape[1]
    yhat = sig(w @ X + b)
    dw = 2 * (yhat - Y) @ X.T / m
    db = np.sum(yhat - Y) / m
    return dw, db


@wrong(logistic, "Z", "sign")
def likelihood_ascent(X, Y, w, b):
    """The gradient of the log-likelihood."""
    p = sig(w @ X + b)
    n = X.shape[1]
    return {"w": (Y - p) @ X.T / n, "b": (Y - p).sum() / n}


@wrong(logistic, "Z", "wrong-value")
def hard_decisions(X, Y, w, b):
    """Predicted classes in place of probabilities."""
    m = X.shape[1]
    A = sig(w @ X + b)
    labels = (A > 0.5) * 1.0
    dZ = (labels - Y) / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "A", "another-activation")
def tanh_for_sigmoid(X, Y, w, b):
    """tanh where the model has a sigmoid."""
    m = X.shape[1]
    Z = w @ X + b
    A = np.tanh(Z)
    dZ = (A - Y) / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "b", "wrong-axis")
def first_axis(X, Y, w, b):
    """axis=0 of a row adds nothing up."""
    m = X.shape[1]
    dZ = (sig(w @ X + b) - Y) / m
    return {"w": dZ @ X.T, "b": np.sum(dZ, axis=0)}


@wrong(logistic, "Z", "missing-parentheses")
def precedence(X, Y, w, b):
    """A - Y / m: only Y is divided."""
    m = X.shape[1]
    A = sig(w @ X + b)
    dZ = A - Y / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(univariate, "w", "averaged-too-early")
def product_of_means(x, y, w, b):
    """mean(e) mean(x) is not mean(e x)."""
    e = w * x + b - y
    dw = 2 * e.mean() * x.mean()
    db = 2 * e.mean()
    return dw, db


@wrong(univariate, "w", "learning-rate-included", ("b", "learning-rate-included"))
def step_for_gradient(x, y, w, b):
    """The step, not the gradient."""
    lr = 0.05
    e = w * x + b - y
    dw = lr * 2 * (e * x).mean()
    db = lr * 2 * e.mean()
    return {"w": dw, "b": db}


@wrong(multivariate, "w", "updated-weights-returned", ("b", "updated-weights-returned"))
def returns_the_new_weights(X, Y, w, b):
    """The updated parameters, not their gradients."""
    alpha = 0.1
    m = X.shape[1]
    E = w @ X + b - Y
    w = w - alpha * 2 / m * E @ X.T
    b = b - alpha * 2 / m * E.sum()
    return {"w": w, "b": b}


@wrong(two_layer_sigmoid, "W1", "transposed-result")
def inputs_first(X, Y, W1, b1, w2, b2):
    """X dZ1ᵀ."""
    n = X.shape[1]
    hidden = sig(W1 @ X + b1)
    out = w2 @ hidden + b2
    d_out = 2 * (out - Y) / n
    d_hidden_in = (w2.T @ d_out) * hidden * (1 - hidden)
    return {
        "W1": X @ d_hidden_in.T,
        "b1": d_hidden_in.sum(axis=1, keepdims=True),
        "w2": d_out @ hidden.T,
        "b2": d_out.sum(),
    }


@wrong(two_layer_sigmoid, "b2", "missing-sum")
def output_bias_not_summed(X, Y, W1, b1, w2, b2):
    """db2 is the whole row."""
    n = X.shape[1]
    hidden = sig(W1 @ X + b1)
    d_out = 2 * (w2 @ hidden + b2 - Y) / n
    d_in = (w2.T @ d_out) * hidden * (1 - hidden)
    return d_in @ X.T, d_in.sum(axis=1, keepdims=True), d_out @ hidden.T, d_out


@wrong(two_layer_sigmoid, "Z1", "another-activation-derivative")
def relu_slope(X, Y, W1, b1, w2, b2):
    """The derivative of relu for a sigmoid."""
    m = X.shape[1]
    z = np.dot(W1, X) + b1
    h = sig(z)
    e = 2 * (np.dot(w2, h) + b2 - Y) / m
    g = np.dot(w2.T, e)
    g[z <= 0] = 0
    return {
        "dW1": np.dot(g, X.T),
        "db1": g.sum(axis=1, keepdims=True),
        "dw2": np.dot(e, h.T),
        "db2": e.sum(),
    }


@wrong(two_layer_sigmoid, "Y_hat", "missing-1-over-m")
def rows_of_the_labels(X, Y, W1, b1, w2, b2):
    """m = Y.shape[0] is 1."""
    m = Y.shape[0]
    A1 = sig(W1 @ X + b1)
    dY = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = (w2.T @ dY) * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "w2", "transposed-result")
def column_for_a_row(X, Y, W1, b1, w2, b2):
    """A1 dYᵀ."""
    m = X.shape[1]
    A1 = sig(W1 @ X + b1)
    err = w2 @ A1 + b2 - Y
    dw2 = 2 / m * A1 @ err.T
    db2 = 2 / m * err.sum()
    dZ1 = 2 / m * (w2.T @ err) * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dw2, "b2": db2}


@wrong(two_layer_sigmoid, "A1", "transpose")
def no_transpose_of_w2(X, Y, W1, b1, w2, b2):
    """np.dot(w2, dY) does not fit."""
    m = X.shape[1]
    A1 = sig(np.dot(W1, X) + b1)
    dY = 2 / m * (np.dot(w2, A1) + b2 - Y)
    dA1 = np.dot(w2, dY)
    dZ1 = dA1 * A1 * (1 - A1)
    return {
        "W1": np.dot(dZ1, X.T),
        "b1": dZ1.sum(1, keepdims=True),
        "w2": np.dot(dY, A1.T),
        "b2": dY.sum(),
    }


@wrong(two_layer_sigmoid, "w2", "missing-sum")
def weights_not_summed(X, Y, W1, b1, w2, b2):
    """A flat residual times the activations, no sum."""
    m = X.shape[1]
    A1 = sig(W1 @ X + b1)
    d = (2 * (w2 @ A1 + b2 - Y) / m).ravel()
    dZ1 = w2.T * d * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": d * A1, "b2": d.sum()}


@wrong(two_layer_sigmoid, "Y_hat", None)
def one_average_example(X, Y, W1, b1, w2, b2):
    """The residual is averaged over the examples before it is sent back."""
    A1 = sig(W1 @ X + b1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 * np.mean(Y_hat - Y) * np.ones_like(Y) / X.shape[1]
    dZ1 = (w2.T @ dY_hat) * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_linear, "b2", "sign", ("b1", "sign"))
def biases_subtracted(X, Y, W1, b1, w2, b2):
    """The biases' gradients with a minus."""
    m = X.shape[1]
    H = W1 @ X + b1
    g = 2 / m * (w2 @ H + b2 - Y)
    k = w2.T @ g
    return {"W1": k @ X.T, "b1": -k.sum(1, keepdims=True), "w2": g @ H.T, "b2": -g.sum()}


@wrong(two_layer_linear, "W1", "wrong-value")
def residual_for_hidden_gradient(X, Y, W1, b1, w2, b2):
    """The output's gradient, broadcast, where the hidden one is meant."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 / m * (w2 @ H + b2 - Y)
    dH = w2.T @ dY
    dW1 = np.repeat(dY, len(b1), axis=0) @ X.T
    return {"W1": dW1, "b1": dH.sum(axis=1, keepdims=True), "w2": dY @ H.T, "b2": dY.sum()}


@wrong(perceptron, "Z2", "missing-activation-derivative")
def sigmoid_passed_by(X, Y, W1, b1, w2, b2):
    """The output's sigmoid is not differentiated."""
    m = X.shape[1]
    A1 = sig(W1 @ X + b1)
    A2 = sig(w2 @ A1 + b2)
    dA2 = (A2 - Y) / (A2 * (1 - A2)) / m
    dZ2 = dA2
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "A2", "missing-1-over-m")
def nothing_averaged(X, Y, W1, b1, w2, b2):
    """The whole chain without 1/m."""
    A1 = sig(W1 @ X + b1)
    A2 = sig(w2 @ A1 + b2)
    dA2 = -(Y / A2) + (1 - Y) / (1 - A2)
    dZ2 = dA2 * A2 * (1 - A2)
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "W1", "extra-1-over-m")
def hidden_weights_divided_again(X, Y, W1, b1, w2, b2):
    """dZ2 has its 1/m already."""
    m = X.shape[1]
    A1 = sig(W1 @ X + b1)
    A2 = sig(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    dW1 = np.dot(dZ1, X.T) / m
    return {"W1": dW1, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "w2", "changed-in-place")
def activation_overwritten(X, Y, W1, b1, w2, b2):
    """A1 is turned into its slope, in place, and then used as A1."""
    m = X.shape[1]
    A1 = sig(W1 @ X + b1)
    A2 = sig(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    A1 *= 1 - A1
    dZ1 = dA1 * A1
    dw2 = dZ2 @ A1.T
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dw2, "b2": dZ2.sum()}


@wrong(perceptron, "Z2", "missing-1-over-m", ("Z1", "missing-activation-derivative"))
def average_and_slope_forgotten(X, Y, W1, b1, w2, b2):
    """Two things forgotten, short names."""
    a = sig(W1 @ X + b1)
    d2 = sig(w2 @ a + b2) - Y
    d1 = w2.T @ d2
    return d1 @ X.T, d1.sum(axis=1, keepdims=True), d2 @ a.T, d2.sum()


@wrong(softmax_classifier, "P", "missing-normaliser")
def not_normalised(X, Y, W, b):
    """exp without the division."""
    m = X.shape[1]
    Z = W @ X + b
    P = np.exp(Z)
    dZ = (P - Y) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "b", "missing-sum")
def offsets_not_summed(X, Y, W, b):
    """One bias gradient per example."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0, keepdims=True)
    delta = (P - Y) / X.shape[1]
    return delta @ X.T, delta


@wrong(softmax_classifier, "W", "wrong-value")
def probabilities_for_gradient(X, Y, W, b):
    """P where dZ is meant."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0, keepdims=True)
    dZ = (P - Y) / X.shape[1]
    dW = P @ X.T
    return {"W": dW, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "Z", "missing-term")
def labels_forgotten(X, Y, W, b):
    """P, not P - Y."""
    E = np.exp(W @ X + b)
    P = E / E.sum(axis=0, keepdims=True)
    dZ = P / X.shape[1]
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(batch_norm, "C", "missing-factor-2")
def square_of_the_deviation(X, Y, W, gamma, beta):
    """The 2 of the squared deviation."""
    m = X.shape[1]
    Z = W @ X
    mu, var = Z.mean(1, keepdims=True), Z.var(1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    C = Z - mu
    N = C / std
    dY = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY * gamma
    dvar = -0.5 * np.sum(dN * C, axis=1, keepdims=True) / std**3
    dC = dN / std + dvar * C / m
    dZ = dC - dC.mean(axis=1, keepdims=True)
    return {
        "W": dZ @ X.T,
        "gamma": (dY * N).sum(1, keepdims=True),
        "beta": dY.sum(1, keepdims=True),
    }


@wrong(batch_norm, "gamma", "missing-factor")
def scale_like_shift(X, Y, W, gamma, beta):
    """dgamma without the normalised value."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(1, keepdims=True) + 1e-5)
    N = (Z - Z.mean(1, keepdims=True)) / std
    D = 2 * (gamma * N + beta - Y) / Y.size
    G = D * gamma
    dZ = (G - G.mean(1, keepdims=True) - N * (G * N).mean(1, keepdims=True)) / std
    return {"W": dZ @ X.T, "gamma": D.sum(1, keepdims=True), "beta": D.sum(1, keepdims=True)}


@wrong(batch_norm, "beta", "mean-for-sum")
def shift_is_a_mean(X, Y, W, gamma, beta):
    """np.mean for dbeta."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(1, keepdims=True) + 1e-5)
    N = (Z - Z.mean(1, keepdims=True)) / std
    D = 2 * (gamma * N + beta - Y) / Y.size
    G = D * gamma
    dZ = (m * G - G.sum(1, keepdims=True) - N * (G * N).sum(1, keepdims=True)) / (m * std)
    return {"W": dZ @ X.T, "gamma": (D * N).sum(1, keepdims=True), "beta": D.mean(1, keepdims=True)}


@wrong(batch_norm, "Z", "missing-term")
def closed_form_without_mean(X, Y, W, gamma, beta):
    """The closed form, the middle term left out."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(1, keepdims=True) + 1e-5)
    N = (Z - Z.mean(1, keepdims=True)) / std
    D = 2 * (gamma * N + beta - Y) / Y.size
    dgamma, dbeta = (D * N).sum(1, keepdims=True), D.sum(1, keepdims=True)
    dZ = gamma / (m * std) * (m * D - N * dgamma)
    return {"W": dZ @ X.T, "gamma": dgamma, "beta": dbeta}


@wrong(layer_norm, "v2", "missing-term")
def no_epsilon(X, Y, gamma, beta):
    """The 1e-5 below the root is forgotten."""
    V = X * gamma
    mu = V.mean(axis=0, keepdims=True)
    C = V - mu
    var = (C**2).mean(axis=0, keepdims=True)
    s = np.sqrt(var)
    N = C / s
    D = 2 * (gamma * N + beta - Y) / Y.size
    G = D * gamma
    dV = (G - G.mean(axis=0, keepdims=True) - N * (G * N).mean(axis=0, keepdims=True)) / s
    return {"gamma": (D * N + dV * X).sum(1, keepdims=True), "beta": D.sum(1, keepdims=True)}


@wrong(attention, "S", "wrong-coefficient")
def never_scaled(X, Y, W_Q, W_K, W_V):
    """1/√d_k is forgotten, forwards and backwards."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    S = Q @ K.T
    E = np.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    return {"W_Q": X.T @ dS @ K, "W_K": X.T @ dS.T @ Q, "W_V": X.T @ P.T @ dO}


@wrong(attention, "P", "wrong-axis")
def columns_normalised(X, Y, W_Q, W_K, W_V):
    """softmax over the queries."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    c = Q.shape[1] ** -0.5
    S = Q @ K.T * c
    E = np.exp(S)
    P = E / E.sum(axis=0, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=0, keepdims=True))
    return {"W_Q": X.T @ dS @ K * c, "W_K": X.T @ dS.T @ Q * c, "W_V": X.T @ P.T @ dO}


@wrong(attention, "P", "transposed-result")
def values_first(X, Y, W_Q, W_K, W_V):
    """V dOᵀ is dP transposed."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    c = Q.shape[1] ** -0.5
    E = np.exp(Q @ K.T * c)
    P = E / E.sum(axis=1, keepdims=True)
    dO = 2 * (P @ V - Y) / Y.size
    dP = V @ dO.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    return {"W_Q": X.T @ dS @ K * c, "W_K": X.T @ dS.T @ Q * c, "W_V": X.T @ P.T @ dO}


@wrong(poisson, "eta", "missing-term")
def counts_forgotten(X, Y, w, b):
    """rate, not rate - Y."""
    m = X.shape[1]
    rate = np.exp(w @ X + b)
    return {"w": rate @ X.T / m, "b": rate.mean()}


@wrong(matrix_factorization, "U", "missing-term")
def users_not_regularised(R, U, V):
    """The penalty on U is forgotten."""
    E = 2 * (U @ V.T - R) / R.size
    return {"U": E @ V, "V": E.T @ U + 0.02 * V}


@wrong(matrix_factorization, "V", "transpose")
def items_not_transposed(R, U, V):
    """E @ U does not fit."""
    E = 2 * (U @ V.T - R) / R.size
    dU = E @ V + 0.02 * U
    dV = E @ U + 0.02 * V
    return dU, dV


@wrong(ridge, "w", "sign")
def penalty_subtracted(X, Y, w, b):
    """The penalty with a minus."""
    m = X.shape[1]
    E = w @ X + b - Y
    return {"w": 2 / m * E @ X.T - 0.2 * w, "b": 2 / m * E.sum()}


@wrong(huber_regression, "Y_hat", "missing-function")
def never_clipped(X, Y, w, b):
    """The derivative of the squared error, large residuals included."""
    m = X.shape[1]
    r = (w @ X + b - Y) / m
    return {"w": r @ X.T, "b": r.sum()}


@wrong(rnn, "h_2", "missing-factor", ("h_1", "missing-factor"))
def recurrence_without_weights(x, Y, W, U, b, V):
    """dh = dz: the recurrent weights are left out."""
    h = [np.zeros((W.shape[0], x.shape[2]))]
    for t in range(3):
        h.append(np.tanh(W @ h[-1] + U @ x[t] + b))
    dY = 2 * (V @ h[-1] - Y) / Y.size
    dW, dU, db = 0, 0, 0
    dh = V.T @ dY
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        dW, dU = dW + dz @ h[t].T, dU + dz @ x[t].T
        db = db + dz.sum(axis=1, keepdims=True)
        dh = dz
    return {"W": dW, "U": dU, "b": db, "V": dY @ h[-1].T}


@wrong(rnn, "W", "wrong-value", ("W", "wrong-value"))
def off_by_one_step(x, Y, W, U, b, V):
    """The state after the step where the one before it is meant."""
    h = [np.zeros((W.shape[0], x.shape[2]))]
    for t in range(3):
        h.append(np.tanh(W @ h[-1] + U @ x[t] + b))
    dY = 2 * (V @ h[-1] - Y) / Y.size
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh = V.T @ dY
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        if t:
            dW += dz @ h[t + 1].T
        dU += dz @ x[t].T
        db += dz.sum(axis=1, keepdims=True)
        dh = W.T @ dz
    return {"W": dW, "U": dU, "b": db, "V": dY @ h[-1].T}


parsed = cr.parse(
    "Z = W @ X + b; A = tanh(Z); S = v @ A; L = mean((S - Y)**2) + 0.5 * sum(v**2)",
    data={"X": "n m", "Y": "1 m"},
    parameters={"W": "k n", "b": "k 1", "v": "1 k"},
    name="parsed",
)


@wrong(parsed, "v", "missing-term", ("Z", "missing-activation-derivative"))
def of_a_model_in_text(X, Y, W, b, v):
    """Penalty and slope forgotten, in a model that was read from text."""
    m = X.shape[1]
    A = np.tanh(W @ X + b)
    dS = 2 * (v @ A - Y) / m
    dv = dS @ A.T
    dZ = v.T @ dS
    return {"W": dZ @ X.T, "b": dZ.sum(1, keepdims=True), "v": dv}
