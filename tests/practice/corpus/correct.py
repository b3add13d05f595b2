"""Right backward passes of the course's models, written in as many ways as students do."""

from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from practice.corpus.entry import right

import chainrule as cr
from chainrule.models import (
    deep,
    logistic,
    multivariate,
    perceptron,
    poisson,
    ridge,
    softmax_classifier,
    two_layer_linear,
    two_layer_sigmoid,
    univariate,
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@right(univariate)
def as_in_the_notes(x, y, w, b):
    """Two lines."""
    e = w * x + b - y
    return {"w": 2 * np.mean(e * x), "b": 2 * np.mean(e)}


@right(univariate)
def pure_python_loop(x, y, w, b):
    """Sums in a loop, plain floats."""
    dw = db = 0.0
    n = len(x[0])
    for xi, yi in zip(x[0], y[0]):
        r = w * xi + b - yi
        dw += 2 * r * xi
        db += 2 * r
    return dw / n, db / n


@right(univariate)
def normal_equations(x, y, w, b):
    """Through moments of the data, without residuals."""
    sx, sy, sxx, sxy = x.mean(), y.mean(), (x * x).mean(), (x * y).mean()
    return {"dw": 2 * (w * sxx + b * sx - sxy), "db": 2 * (w * sx + b - sy)}


@right(univariate)
def complex_step(x, y, w, b):
    """The derivative by a complex step, exact to rounding."""

    def loss(w, b):
        return np.mean((w * x + b - y) ** 2)

    h = 1e-30
    return {"w": loss(w + 1j * h, b).imag / h, "b": loss(w, b + 1j * h).imag / h}


@right(multivariate)
def matrices(X, Y, w, b):
    """1/m in the residual."""
    m = X.shape[1]
    dY_hat = 2 / m * (w @ X + b - Y)
    return {"w": dY_hat @ X.T, "b": dY_hat.sum()}


@right(multivariate)
def divided_at_the_end(X, Y, w, b):
    """1/m in the last lines."""
    m = X.shape[1]
    err = np.dot(w, X) + b - Y
    dw = np.dot(err, X.T) * 2 / m
    db = np.sum(err) * 2 / m
    return [dw, db]


@right(multivariate)
def target_minus_prediction_and_minus(X, Y, w, b):
    """The residual the other way round, made good by a minus."""
    m = X.shape[1]
    delta = Y - (w @ X + b)
    return {"grad_w": -2 / m * delta @ X.T, "grad_b": -2 * delta.mean()}


@right(multivariate)
def rows_inside(X, Y, w, b):
    """Examples as rows inside the function, turned back at the end."""
    A, t = X.T, Y.T
    theta = w.T
    r = A @ theta + b - t
    g = 2 * A.T @ r / len(A)
    return {"w": g.T, "b": 2 * r.mean(keepdims=True)}


@right(multivariate)
def einsum_everywhere(X, Y, w, b):
    """einsum."""
    r = np.einsum("oi,im->om", w, X) + b - Y
    return {
        "w": 2 * np.einsum("om,im->oi", r, X) / X.shape[1],
        "b": 2 * np.einsum("om->", r) / X.shape[1],
    }


@right(multivariate)
def names_of_their_own(features, targets, weights, bias):
    """Other names, in the model's order."""
    n = features.shape[1]
    diff = weights @ features + bias - targets
    return (2 / n) * diff @ features.T, (2 / n) * diff.sum()


@right(multivariate)
def loss_first(X, Y, w, b):
    """(loss, gradients)."""
    m = X.shape[1]
    r = w @ X + b - Y
    loss = (r**2).mean()
    return loss, {"w": 2 / m * r @ X.T, "b": 2 / m * r.sum()}


@right(multivariate)
def loss_in_the_tuple(X, Y, w, b):
    """loss, dw, db."""
    m = X.shape[1]
    r = w @ X + b - Y
    return (r**2).mean(), 2 / m * r @ X.T, 2 / m * r.sum()


@right(multivariate)
def single_precision(X, Y, w, b):
    """float32 throughout."""
    X, Y, w = (a.astype(np.float32) for a in (X, Y, w))
    r = w @ X + np.float32(b) - Y
    m = np.float32(X.shape[1])
    return {"w": 2 / m * r @ X.T, "b": 2 / m * r.sum()}


@right(ridge)
def weight_decay(X, Y, w, b):
    """The penalty's gradient added at the end."""
    m = X.shape[1]
    dY_hat = 2 * (w @ X + b - Y) / m
    dw = dY_hat @ X.T
    dw += 2 * 0.1 * w
    return {"w": dw, "b": dY_hat.sum()}


@right(poisson)
def rate_minus_count(X, Y, w, b):
    """rate - Y."""
    m = X.shape[1]
    mu = np.exp(w @ X + b)
    return {"w": (mu - Y) @ X.T / m, "b": (mu - Y).mean()}


# -- networks
@right(two_layer_linear)
def in_reverse_order(X, Y, W1, b1, w2, b2):
    """A tuple in the order in which the gradients are computed; its variables say which is which."""
    m = X.shape[1]
    H = W1 @ X + b1
    dY_hat = 2 / m * (w2 @ H + b2 - Y)
    dw2 = dY_hat @ H.T
    db2 = dY_hat.sum()
    dH = w2.T @ dY_hat
    dW1 = dH @ X.T
    db1 = dH.sum(axis=1, keepdims=True)
    return dw2, db2, dW1, db1


@right(two_layer_linear)
def without_the_hidden_layer(X, Y, W1, b1, w2, b2):
    """Through the moments of the data: no value of the hidden layer's gradient at all."""
    m = X.shape[1]
    r = 2 / m * (w2 @ (W1 @ X + b1) + b2 - Y)
    s = r @ X.T
    return {
        "W1": w2.T @ s,
        "b1": w2.T * r.sum(),
        "w2": s @ W1.T + r.sum() * b1.T,
        "b2": r.sum(),
    }


@dataclass
class Gradients:
    W1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: float


@right(two_layer_linear)
def as_an_object(X, Y, W1, b1, w2, b2):
    """A dataclass."""
    H = W1.dot(X) + b1
    g = 2 * (w2.dot(H) + b2 - Y) / Y.size
    back = w2.T.dot(g)
    return Gradients(back.dot(X.T), back.sum(1)[:, None], g.dot(H.T), g.sum())


@right(two_layer_sigmoid)
def scalar_as_a_matrix(X, Y, W1, b1, w2, b2):
    """db2 as a (1, 1) array: it updates b2 all the same."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    dZ2 = 2 * (w2 @ A1 + b2 - Y) / m
    dZ1 = w2.T @ dZ2 * A1 * (1 - A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": np.sum(dZ1, axis=1, keepdims=True),
        "w2": dZ2 @ A1.T,
        "b2": np.sum(dZ2, axis=1, keepdims=True),
    }


@right(two_layer_sigmoid)
def slope_from_exponentials(X, Y, W1, b1, w2, b2):
    """exp(-z) / (1 + exp(-z))²."""
    m = X.shape[1]
    z = W1 @ X + b1
    q = np.exp(-z)
    out = w2 @ (1 / (1 + q)) + b2
    e = out - Y
    back = (w2.T @ e) * q / (1 + q) ** 2
    dw2 = e @ (1 / (1 + q)).T
    return [2 / m * g for g in (back @ X.T, back.sum(1, keepdims=True), dw2, e.sum())]


@right(two_layer_sigmoid)
def one_example_at_a_time(X, Y, W1, b1, w2, b2):
    """Outer products in a loop over the examples."""
    m = X.shape[1]
    dW1, db1 = np.zeros(W1.shape), np.zeros(b1.shape)
    dw2, db2 = np.zeros(w2.shape), 0
    for i in range(m):
        x, y = X[:, i], Y[0, i]
        a = sigmoid(W1 @ x + b1[:, 0])
        d = 2 * (w2[0] @ a + b2 - y)
        dz = d * w2[0] * a * (1 - a)
        dW1 += np.outer(dz, x) / m
        db1 += dz[:, None] / m
        dw2 += d * a / m
        db2 += d / m
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@right(two_layer_sigmoid)
def updated_afterwards(X, Y, W1, b1, w2, b2):
    """The weights are updated, in place, after all gradients are there."""
    m, lr = X.shape[1], 0.1
    A1 = sigmoid(W1 @ X + b1)
    dY = 2 / m * (w2 @ A1 + b2 - Y)
    grads = {"w2": dY @ A1.T, "b2": dY.sum()}
    dZ1 = w2.T @ dY * A1 * (1 - A1)
    grads["W1"], grads["b1"] = dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True)
    W1 -= lr * grads["W1"]
    w2 -= lr * grads["w2"]
    return grads


@right(two_layer_sigmoid)
def with_a_cache(X, Y, W1, b1, w2, b2):
    """Forward and backward in functions of their own, values in a dict."""

    def forward():
        cache = {"Z1": W1 @ X + b1}
        cache["A1"] = sigmoid(cache["Z1"])
        cache["Y_hat"] = w2 @ cache["A1"] + b2
        return cache

    def backward(cache):
        grads = {}
        d = 2 * (cache["Y_hat"] - Y) / X.shape[1]
        grads["dw2"], grads["db2"] = d @ cache["A1"].T, np.sum(d)
        d = w2.T @ d
        d = d * cache["A1"] * (1 - cache["A1"])
        grads["dW1"], grads["db1"] = d @ X.T, np.sum(d, axis=1, keepdims=True)
        return grads

    return backward(forward())


@right(two_layer_sigmoid)
def parameters_in_a_dict(X, Y, params):
    """backward(X, Y, params)."""
    A1 = sigmoid(params["W1"] @ X + params["b1"])
    dY = 2 * (params["w2"] @ A1 + params["b2"] - Y) / X.shape[1]
    dZ1 = (params["w2"].T @ dY) * (A1 - A1**2)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1, keepdims=True), "w2": dY @ A1.T, "b2": dY.sum()}


Grads = namedtuple("Grads", "dW1 db1 dw2 db2")


@right(two_layer_sigmoid)
def as_a_named_tuple(X, Y, W1, b1, w2, b2):
    """A named tuple."""
    A1 = 0.5 * (1 + np.tanh((W1 @ X + b1) / 2))
    dY = 2 * (w2 @ A1 + b2 - Y) / X.shape[1]
    dZ1 = np.multiply(w2.T @ dY, np.multiply(A1, 1 - A1))
    return Grads(dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dY @ A1.T, dY.sum())


# -- classifiers
@right(logistic)
def collapsed(X, Y, w, b):
    """A - Y."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = A - Y
    return {"w": dZ @ X.T / m, "b": np.sum(dZ) / m}


@right(logistic)
def not_collapsed(X, Y, w, b):
    """The whole chain, by way of dA."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = -(np.divide(Y, A) - np.divide(1 - Y, 1 - A)) / m
    dZ = dA * A * (1 - A)
    return {"w": np.dot(dZ, X.T), "b": np.sum(dZ)}


@right(logistic)
def by_cases(X, Y, w, b):
    """-σ(-z) where the label is 1, σ(z) where it is 0."""
    Z = w @ X + b
    dZ = np.where(Y == 1, -sigmoid(-Z), sigmoid(Z)) / X.shape[1]
    return {"w": dZ @ X.T, "b": dZ.sum()}


@right(logistic)
def clipped_probabilities(X, Y, w, b):
    """np.clip against log(0)."""
    m = X.shape[1]
    A = np.clip(sigmoid(w @ X + b), 1e-12, 1 - 1e-12)
    dA = (A - Y) / (A * (1 - A)) / m
    dZ = dA * (A * (1 - A))
    return dZ @ X.T, dZ.sum()


@right(logistic)
def epsilon_against_zero(X, Y, w, b):
    """1e-9 in the denominators."""
    m = X.shape[1]
    eps = 1e-9
    A = sigmoid(w @ X + b)
    dA = (-Y / (A + eps) + (1 - Y) / (1 - A + eps)) / m
    dZ = dA * A * (1 - A)
    return {"w": dZ @ X.T, "b": dZ.sum()}


@right(perceptron)
def deltas(X, Y, W1, b1, w2, b2):
    """delta2, delta1, and 1/m at the end."""
    m = X.shape[1]
    a1 = sigmoid(W1 @ X + b1)
    a2 = sigmoid(w2 @ a1 + b2)
    delta2 = a2 - Y
    delta1 = (w2.T @ delta2) * a1 * (1 - a1)
    return {
        "W1": delta1 @ X.T / m,
        "b1": delta1.mean(axis=1, keepdims=True),
        "w2": delta2 @ a1.T / m,
        "b2": delta2.mean(),
    }


@right(perceptron.with_options(hidden=cr.tanh))
def tanh_by_its_square(X, Y, W1, b1, w2, b2):
    """1 - np.power(A1, 2)."""
    m = X.shape[1]
    A1 = np.tanh(np.dot(W1, X) + b1)
    A2 = sigmoid(np.dot(w2, A1) + b2)
    dZ2 = A2 - Y
    dW2 = (1 / m) * np.dot(dZ2, A1.T)
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(w2.T, dZ2), 1 - np.power(A1, 2))
    dW1 = (1 / m) * np.dot(dZ1, X.T)
    db1 = (1 / m) * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dw2": dW2, "db2": db2}


@right(perceptron.with_options(hidden=cr.relu))
def relu_in_place(X, Y, W1, b1, w2, b2):
    """dA1[Z1 <= 0] = 0."""
    Z1 = W1 @ X + b1
    A1 = Z1 * (Z1 > 0)
    dZ2 = (sigmoid(w2 @ A1 + b2) - Y) / X.shape[1]
    dA1 = w2.T @ dZ2
    dA1[Z1 <= 0] = 0
    return SimpleNamespace(W1=dA1 @ X.T, b1=dA1.sum(1, keepdims=True), w2=dZ2 @ A1.T, b2=dZ2.sum())


class Network:
    """A class that keeps its values as attributes."""

    def __init__(self, W1, b1, w2, b2):
        self.W1, self.b1, self.w2, self.b2 = W1, b1, w2, b2

    def backward(self, X, Y):
        self.A1 = sigmoid(self.W1 @ X + self.b1)
        self.A2 = sigmoid(self.w2 @ self.A1 + self.b2)
        self.dZ2 = (self.A2 - Y) / X.shape[1]
        self.dw2, self.db2 = self.dZ2 @ self.A1.T, self.dZ2.sum()
        self.dZ1 = self.w2.T @ self.dZ2 * self.A1 * (1 - self.A1)
        self.dW1, self.db1 = self.dZ1 @ X.T, self.dZ1.sum(axis=1, keepdims=True)


@right(perceptron)
def with_a_class(X, Y, W1, b1, w2, b2):
    """An object of a class, from which the gradients are read."""
    net = Network(W1, b1, w2, b2)
    net.backward(X, Y)
    return {name: getattr(net, f"d{name}") for name in ("W1", "b1", "w2", "b2")}


@right(softmax_classifier)
def stable_softmax(X, Y, W, b):
    """The largest score taken away first."""
    Z = W @ X + b
    E = np.exp(Z - Z.max(axis=0))
    dZ = (E / E.sum(axis=0) - Y) / X.shape[1]
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@right(softmax_classifier)
def labels_as_indices(X, Y, W, b):
    """probs[y, i] -= 1, divided in place."""
    scores = W.dot(X) + b
    scores -= np.max(scores, axis=0, keepdims=True)
    probs = np.exp(scores) / np.sum(np.exp(scores), axis=0, keepdims=True)
    dscores = probs
    dscores[Y.argmax(axis=0), range(X.shape[1])] -= 1
    dscores /= X.shape[1]
    dW = np.dot(dscores, X.T)
    db = np.sum(dscores, axis=1, keepdims=True)
    return dW, db


@right(softmax_classifier)
def whole_jacobian(X, Y, W, b):
    """The softmax's Jacobian, example by example."""
    m = X.shape[1]
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for i in range(m):
        z = W @ X[:, i] + b[:, 0]
        p = np.exp(z) / np.exp(z).sum()
        J = np.diag(p) - np.outer(p, p)
        dz = J @ (-Y[:, i] / p) / m
        dW += np.outer(dz, X[:, i])
        db += dz[:, None]
    return {"W": dW, "b": db}


@right(deep)
def layers_in_lists(X, Y, W, b):
    """Lists of gradients, filled from the back."""
    A, Z = [X], []
    for k in range(len(W)):
        Z.append(W[k] @ A[-1] + b[k])
        A.append(np.maximum(Z[-1], 0) if k < len(W) - 1 else Z[-1])
    delta = 2 * (A[-1] - Y) / Y.size
    dW, db = [], []
    for k in reversed(range(len(W))):
        dW.insert(0, delta @ A[k].T)
        db.insert(0, delta.sum(axis=1, keepdims=True))
        if k:
            delta = (W[k].T @ delta) * (Z[k - 1] > 0)
    return {"W": dW, "b": db}


@right(deep)
def counted_from_one(X, Y, W, b):
    """dW1, db1, ..., dW4, db4."""
    A, Z, L = {0: X}, {}, len(W)
    for l in range(1, L + 1):
        Z[l] = W[l - 1] @ A[l - 1] + b[l - 1]
        A[l] = np.maximum(0, Z[l]) if l < L else Z[l]
    grads = {}
    dZ = 2 / Y.size * (A[L] - Y)
    for l in range(L, 0, -1):
        grads[f"dW{l}"] = dZ @ A[l - 1].T
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True)
        dA = W[l - 1].T @ dZ
        if l > 1:
            dZ = dA * np.where(Z[l - 1] > 0, 1.0, 0.0)
    return grads
