"""Every built-in model written again by hand for JAX and PyTorch. Shares nothing with chainrule but the names."""

import jax
import jax.numpy as jnp
import torch

jax.config.update("jax_enable_x64", True)


class Jax:
    exp, log, tanh, sqrt, mean, sum, where, abs = (
        jnp.exp,
        jnp.log,
        jnp.tanh,
        jnp.sqrt,
        jnp.mean,
        jnp.sum,
        jnp.where,
        jnp.abs,
    )
    sigmoid = staticmethod(jax.nn.sigmoid)
    softmax = staticmethod(lambda x, axis: jax.nn.softmax(x, axis=axis))
    relu = staticmethod(lambda x: jnp.where(x > 0, x, 0.0))


class Torch:
    exp, log, tanh, sqrt, mean, where, abs = (
        torch.exp,
        torch.log,
        torch.tanh,
        torch.sqrt,
        torch.mean,
        torch.where,
        torch.abs,
    )
    sigmoid, relu = torch.sigmoid, torch.relu
    sum = staticmethod(
        lambda x, axis=None: torch.sum(x) if axis is None else torch.sum(x, dim=axis)
    )
    softmax = staticmethod(lambda x, axis: torch.softmax(x, dim=axis))


def univariate(xp, x, y, w, b):
    return xp.mean((w * x + b - y) ** 2)


def multivariate(xp, X, Y, w, b):
    return xp.mean((w @ X + b - Y) ** 2)


def two_layer_linear(xp, X, Y, W1, b1, w2, b2):
    return xp.mean((w2 @ (W1 @ X + b1) + b2 - Y) ** 2)


def two_layer_sigmoid(xp, X, Y, W1, b1, w2, b2):
    return xp.mean((w2 @ xp.sigmoid(W1 @ X + b1) + b2 - Y) ** 2)


def _cross_entropy(xp, A, Y):
    return -xp.mean(Y * xp.log(A) + (1 - Y) * xp.log(1 - A))


def logistic(xp, X, Y, w, b):
    return _cross_entropy(xp, xp.sigmoid(w @ X + b), Y)


def perceptron(xp, X, Y, W1, b1, w2, b2):
    return _cross_entropy(xp, xp.sigmoid(w2 @ xp.sigmoid(W1 @ X + b1) + b2), Y)


def perceptron_tanh(xp, X, Y, W1, b1, w2, b2):
    return _cross_entropy(xp, xp.sigmoid(w2 @ xp.tanh(W1 @ X + b1) + b2), Y)


def perceptron_relu(xp, X, Y, W1, b1, w2, b2):
    return _cross_entropy(xp, xp.sigmoid(w2 @ xp.relu(W1 @ X + b1) + b2), Y)


def softmax_classifier(xp, X, Y, W, b):
    return -xp.mean(xp.sum(Y * xp.log(xp.softmax(W @ X + b, 0)), 0))


def deep(xp, X, Y, W, b):
    A = X
    for weights, bias in list(zip(W, b, strict=True))[:-1]:
        A = xp.relu(weights @ A + bias)
    return xp.mean((W[-1] @ A + b[-1] - Y) ** 2)


def ridge(xp, X, Y, w, b):
    return xp.mean((w @ X + b - Y) ** 2) + 0.1 * xp.sum(w**2)


def huber_regression(xp, X, Y, w, b):
    r = w @ X + b - Y
    return xp.mean(xp.where(xp.abs(r) <= 1, r**2 / 2, xp.abs(r) - 0.5))


def poisson(xp, X, Y, w, b):
    eta = w @ X + b
    return xp.mean(xp.exp(eta) - Y * eta)


def matrix_factorization(xp, R, U, V):
    return xp.mean((U @ V.T - R) ** 2) + 0.01 * (xp.sum(U**2) + xp.sum(V**2))


def rnn(xp, x, Y, W, U, b, V):
    h = xp.tanh(U @ x[0] + b)
    h = xp.tanh(W @ h + U @ x[1] + b)
    h = xp.tanh(W @ h + U @ x[2] + b)
    return xp.mean((V @ h - Y) ** 2)


def attention(xp, X, Y, W_Q, W_K, W_V):
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    return xp.mean((xp.softmax(Q @ K.T / Q.shape[1] ** 0.5, 1) @ V - Y) ** 2)


def layer_norm(xp, X, Y, gamma, beta):
    G = X * gamma
    C = G - xp.sum(G, 0) / X.shape[0]
    variance = xp.sum(C**2, 0) / X.shape[0]
    return xp.mean((gamma * (C / xp.sqrt(variance + 1e-5)) + beta - Y) ** 2)
