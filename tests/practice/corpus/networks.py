"""Two-layer networks, linear and sigmoid, and a deep one: wrong backward passes as students write them."""

import numpy as np
from practice.corpus.entry import wrong

from chainrule.models import deep, two_layer_linear, two_layer_sigmoid


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# -- linear
@wrong(two_layer_linear, "H", "extra-activation-derivative")
def sigmoid_out_of_habit(X, Y, W1, b1, w2, b2):
    """A sigmoid derivative in a network without a sigmoid."""
    m = X.shape[1]
    H = W1 @ X + b1
    Y_hat = w2 @ H + b2
    dY_hat = 2 / m * (Y_hat - Y)
    dw2 = dY_hat @ H.T
    db2 = np.sum(dY_hat)
    dH = (w2.T @ dY_hat) * H * (1 - H)
    dW1 = dH @ X.T
    db1 = np.sum(dH, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(two_layer_linear, "H", "missing-factor")
def weights_skipped(X, Y, W1, b1, w2, b2):
    """The gradient is passed on without the weights in between."""
    m = X.shape[1]
    H = W1 @ X + b1
    Y_hat = w2 @ H + b2
    dY_hat = 2 / m * (Y_hat - Y)
    dH = np.ones_like(H) * dY_hat
    return {
        "W1": dH @ X.T,
        "b1": np.sum(dH, axis=1, keepdims=True),
        "w2": dY_hat @ H.T,
        "b2": np.sum(dY_hat),
    }


@wrong(two_layer_linear, "b1", "wrong-axis")
def bias_over_units(X, Y, W1, b1, w2, b2):
    """axis=0 adds up the hidden units instead of the examples."""
    m = X.shape[1]
    H = W1 @ X + b1
    E = 2 * (w2 @ H + b2 - Y) / m
    dH = w2.T @ E
    dW1 = dH @ X.T
    db1 = dH.sum(axis=0, keepdims=True)
    dw2 = E @ H.T
    db2 = E.sum()
    return dW1, db1, dw2, db2


@wrong(two_layer_linear, "H", "already-updated-weights")
def update_then_go_on(X, Y, W1, b1, w2, b2):
    """The output weights are updated before the gradient goes through them."""
    lr = 0.1
    m = X.shape[1]
    H = W1 @ X + b1
    Y_hat = w2 @ H + b2
    dY_hat = 2 / m * (Y_hat - Y)
    dw2 = dY_hat @ H.T
    db2 = np.sum(dY_hat)
    w2 = w2 - lr * dw2
    dH = w2.T @ dY_hat
    dW1 = dH @ X.T
    db1 = np.sum(dH, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(two_layer_linear, "W1", "missing-1-over-m")
def one_mean_forgotten(X, Y, W1, b1, w2, b2):
    """1/m is put at the end, and once it is forgotten."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 * (w2 @ H + b2 - Y)
    dw2 = dY @ H.T / m
    db2 = np.mean(dY)
    dH = w2.T @ dY
    dW1 = dH @ X.T
    db1 = np.mean(dH, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(two_layer_linear, "b1", "missing-keepdims")
def axis_lost(X, Y, W1, b1, w2, b2):
    """np.sum drops the axis."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 * (w2 @ H + b2 - Y) / m
    dH = w2.T @ dY
    return {"W1": dH @ X.T, "b1": np.sum(dH, axis=1), "w2": dY @ H.T, "b2": dY.sum()}


@wrong(two_layer_linear, "H", "sign")
def minus_at_the_hidden_layer(X, Y, W1, b1, w2, b2):
    """A minus sign from nowhere."""
    m = X.shape[1]
    H = W1 @ X + b1
    delta_out = 2 / m * (w2 @ H + b2 - Y)
    dH = -w2.T @ delta_out
    return {
        "dW1": dH @ X.T,
        "db1": dH.sum(1, keepdims=True),
        "dw2": delta_out @ H.T,
        "db2": delta_out.sum(),
    }


@wrong(two_layer_linear, "w2", "wrong-value")
def gradient_of_the_wrong_layer(X, Y, W1, b1, w2, b2):
    """The hidden layer's gradient in place of its value."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY = 2 / m * (w2 @ H + b2 - Y)
    dH = w2.T @ dY
    dw2 = dY @ dH.T
    db2 = dY.sum()
    dW1 = dH @ X.T
    db1 = dH.sum(axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


# -- sigmoid
@wrong(two_layer_sigmoid, "Z1", "missing-activation-derivative")
def no_slope(X, Y, W1, b1, w2, b2):
    """The derivative of the sigmoid is forgotten."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = w2 @ A1 + b2
    dZ2 = 2 * (Z2 - Y) / m
    dW2 = dZ2 @ A1.T
    db2 = np.sum(dZ2)
    dZ1 = w2.T @ dZ2
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dW2, "b2": db2}


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


@wrong(two_layer_sigmoid, "Z1", "derivative-at-output")
def slope_at_the_output(X, Y, W1, b1, w2, b2):
    """sigmoid_derivative(A1), and A1 is a sigmoid already."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 * (Y_hat - Y) / m
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * sigmoid_derivative(A1)
    return dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dY_hat @ A1.T, dY_hat.sum()


@wrong(two_layer_sigmoid, "Z1", "derivative-at-input")
def slope_of_the_input(X, Y, W1, b1, w2, b2):
    """z(1 - z) where a(1 - a) is meant."""
    m = X.shape[1]
    z1 = W1 @ X + b1
    a1 = sigmoid(z1)
    yhat = w2 @ a1 + b2
    dyhat = 2 * (yhat - Y) / m
    da1 = w2.T @ dyhat
    dz1 = da1 * z1 * (1 - z1)
    grads = {}
    grads["w2"] = dyhat @ a1.T
    grads["b2"] = dyhat.sum()
    grads["W1"] = dz1 @ X.T
    grads["b1"] = dz1.sum(axis=1, keepdims=True)
    return grads


@wrong(two_layer_sigmoid, "Z1", "another-activation-derivative")
def slope_of_tanh(X, Y, W1, b1, w2, b2):
    """1 - a² is the derivative of tanh."""
    m = X.shape[1]
    A1 = sigmoid(np.dot(W1, X) + b1)
    dY = 2 * (np.dot(w2, A1) + b2 - Y) / m
    dZ1 = np.multiply(np.dot(w2.T, dY), 1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": np.dot(dY, A1.T), "b2": np.sum(dY)}


@wrong(two_layer_sigmoid, "A1", "already-updated-weights")
def updated_in_place(X, Y, W1, b1, w2, b2):
    """w2 -= ... before it is used."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    err = (w2 @ A1 + b2 - Y) * 2 / m
    dw2 = err @ A1.T
    db2 = err.sum()
    w2 -= 0.05 * dw2
    back = (w2.T @ err) * A1 * (1 - A1)
    return {"W1": back @ X.T, "b1": back.sum(axis=1, keepdims=True), "w2": dw2, "b2": db2}


@wrong(two_layer_sigmoid, "Y_hat", "extra-activation-derivative")
def sigmoid_at_the_output(X, Y, W1, b1, w2, b2):
    """The output is linear, and gets a sigmoid's derivative."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 / m * (Y_hat - Y) * Y_hat * (1 - Y_hat)
    dw2 = dY_hat @ A1.T
    db2 = dY_hat.sum()
    dZ1 = w2.T @ dY_hat * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dw2, "b2": db2}


@wrong(two_layer_sigmoid, "W1", "wrong-value")
def weights_from_the_activation(X, Y, W1, b1, w2, b2):
    """dA1 where dZ1 is meant, in one line."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dA1 = w2.T @ dY
    dZ1 = dA1 * A1 * (1 - A1)
    dW1 = dA1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dY @ A1.T, "b2": np.sum(dY)}


@wrong(two_layer_sigmoid, "w2", "wrong-value")
def pre_activation_for_activation(X, Y, W1, b1, w2, b2):
    """Z1 where A1 is meant."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dw2 = dY @ Z1.T
    dA1 = w2.T @ dY
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dw2, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "b1", "missing-sum")
def hidden_bias_not_summed(X, Y, W1, b1, w2, b2):
    """b1 was broadcast over the examples."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dZ1 = (w2.T @ dY) * A1 * (1 - A1)
    db1 = dZ1
    return {"W1": dZ1 @ X.T, "b1": db1, "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "Y_hat", "missing-factor-2", ("Z1", "missing-activation-derivative"))
def two_forgotten(X, Y, W1, b1, w2, b2):
    """The 2 and the slope, both forgotten."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Y_hat = w2 @ A1 + b2
    dY_hat = (Y_hat - Y) / m
    dw2 = dY_hat @ A1.T
    db2 = np.sum(dY_hat)
    dZ1 = w2.T @ dY_hat
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(two_layer_sigmoid, "Z1", "sign")
def slope_turned_round(X, Y, W1, b1, w2, b2):
    """a(a - 1)."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dZ1 = (w2.T @ dY) * A1 * (A1 - 1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "Z1", "missing-factor")
def half_a_slope(X, Y, W1, b1, w2, b2):
    """Only (1 - a) of a(1 - a), everything in one line."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    out = w2 @ A1 + b2
    dW1 = (w2.T @ (2 / m * (out - Y)) * (1 - A1)) @ X.T
    db1 = (w2.T @ (2 / m * (out - Y)) * (1 - A1)).sum(axis=1, keepdims=True)
    dw2 = 2 / m * (out - Y) @ A1.T
    db2 = 2 / m * (out - Y).sum()
    return dW1, db1, dw2, db2


@wrong(two_layer_sigmoid, "A1", "another-activation")
def tanh_forward(X, Y, W1, b1, w2, b2):
    """A consistent backward pass of another network."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 / m * (Y_hat - Y)
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * (1 - A1**2)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "Z1", "missing-term")
def forward_without_hidden_bias(X, Y, W1, b1, w2, b2):
    """The forward pass forgets b1."""
    m = X.shape[1]
    Z1 = W1 @ X
    A1 = sigmoid(Z1)
    Y_hat = w2 @ A1 + b2
    dY_hat = 2 / m * (Y_hat - Y)
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(1, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": dY_hat.sum(),
    }


@wrong(two_layer_sigmoid, "Y_hat", "wrong-average")
def m_is_the_first_axis(X, Y, W1, b1, w2, b2):
    """X.shape[0] is n_x."""
    m = X.shape[0]
    A1 = sigmoid(W1 @ X + b1)
    delta2 = 2 * (w2 @ A1 + b2 - Y)
    delta1 = (w2.T @ delta2) * A1 * (1 - A1)
    return {
        "W1": delta1 @ X.T / m,
        "b1": delta1.sum(1, keepdims=True) / m,
        "w2": delta2 @ A1.T / m,
        "b2": delta2.sum() / m,
    }


@wrong(two_layer_sigmoid, "Z1", "missing-activation-derivative")
def loop_without_slope(X, Y, W1, b1, w2, b2):
    """Example by example, in column vectors, without the slope."""
    m = X.shape[1]
    gW1, gb1 = np.zeros_like(W1), np.zeros_like(b1)
    gw2, gb2 = np.zeros_like(w2), 0.0
    for i in range(m):
        x = X[:, [i]]
        h = sigmoid(W1 @ x + b1)
        e = (w2 @ h + b2 - Y[:, [i]]).item()
        gw2 += 2 / m * e * h.T
        gb2 += 2 / m * e
        back = w2.T * (2 / m * e)
        gW1 += back @ x.T
        gb1 += back
    return {"W1": gW1, "b1": gb1, "w2": gw2, "b2": gb2}


@wrong(two_layer_sigmoid, "b2", "missing-gradient")
def forgets_to_return(X, Y, W1, b1, w2, b2):
    """One gradient is computed and not returned."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dZ1 = (w2.T @ dY) * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T}


@wrong(two_layer_sigmoid, "A1", "transpose")
def row_times_row(X, Y, W1, b1, w2, b2):
    """w2 and dY are both rows: the product does not fit."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dA1 = w2 * dY
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "W1", "elementwise-for-matmul")
def star_for_at(X, Y, W1, b1, w2, b2):
    """* where @ is meant: the shapes clash."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dZ1 = (w2.T @ dY) * A1 * (1 - A1)
    dW1 = dZ1 * X.T
    return {"W1": dW1, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "Z1", "matmul-for-elementwise")
def at_for_star(X, Y, W1, b1, w2, b2):
    """@ where * is meant."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    dA1 = w2.T @ dY
    slope = A1 * (1 - A1)
    dZ1 = dA1 @ slope
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


@wrong(two_layer_sigmoid, "Z1", "extra-activation-derivative")
def slope_squared(X, Y, W1, b1, w2, b2):
    """The slope is in dA1 and in dZ1."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    slope = A1 * (1 - A1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    hidden = (w2.T @ dY) * slope
    dZ1 = hidden * slope
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


# -- deep
def _forward(X, W, b):
    A, Z = [X], []
    for k, (weights, bias) in enumerate(zip(W, b, strict=True)):
        Z.append(weights @ A[-1] + bias)
        A.append(np.maximum(Z[-1], 0) if k < len(W) - 1 else Z[-1])
    return A, Z


@wrong(deep, "Z_2", "missing-activation-derivative")
def one_mask_forgotten(X, Y, W, b):
    """The mask of one relu out of three is forgotten."""
    A, Z = _forward(X, W, b)
    L = len(W)
    dW, db = [None] * L, [None] * L
    dZ = 2 * (A[-1] - Y) / Y.size
    for k in range(L - 1, -1, -1):
        dW[k] = dZ @ A[k].T
        db[k] = dZ.sum(axis=1, keepdims=True)
        if k > 0:
            dA = W[k].T @ dZ
            dZ = dA * (Z[k - 1] > 0) if k != 2 else dA
    return {"W": dW, "b": db}


@wrong(deep, "Y_hat", "wrong-average")
def outputs_not_averaged(X, Y, W, b):
    """The loss averages over outputs as well as examples."""
    A, Z = _forward(X, W, b)
    m = X.shape[1]
    grads = {"W": [0] * len(W), "b": [0] * len(b)}
    delta = 2 * (A[-1] - Y) / m
    for k in reversed(range(len(W))):
        grads["W"][k] = delta @ A[k].T
        grads["b"][k] = delta.sum(axis=1, keepdims=True)
        if k:
            delta = (W[k].T @ delta) * (Z[k - 1] > 0)
    return grads


_STALE = "already-updated-weights"


@wrong(deep, "A_3", _STALE, ("A_2", _STALE), ("A_1", _STALE))
def updates_as_it_goes(X, Y, W, b):
    """Each layer is updated before the gradient passes through it."""
    A, Z = _forward(X, W, b)
    W, alpha = [w.copy() for w in W], 0.01
    dW, db = [None] * len(W), [None] * len(W)
    dZ = 2 * (A[-1] - Y) / Y.size
    for k in range(len(W) - 1, -1, -1):
        dW[k] = dZ @ A[k].T
        db[k] = dZ.sum(axis=1, keepdims=True)
        W[k] = W[k] - alpha * dW[k]
        if k:
            dZ = (W[k].T @ dZ) * (Z[k - 1] > 0)
    return {"W": dW, "b": db}
