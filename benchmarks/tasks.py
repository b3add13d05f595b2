"""The tasks: data, start and the hand-written losses of the networks that descend by all examples at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from sides import Task

from chainrule import models
from chainrule.model import Model


def sigmoid_network(n_x: int, n_h: int, m: int, dtype: str) -> Task:
    """Return the two-layer sigmoid network on a smooth function of the features."""

    def by_numpy(params: Any, X: Any, Y: Any) -> Any:
        W1, b1, w2, b2 = params
        Z1 = W1 @ X
        Z1 += b1
        A1 = np.exp(np.negative(Z1, out=Z1), out=Z1)
        A1 += 1
        np.reciprocal(A1, out=A1)
        E = w2 @ A1 + b2 - Y
        dY_hat = (2 / E.size) * E
        dZ1 = w2.T @ dY_hat
        dZ1 *= A1
        dZ1 *= 1 - A1
        gradients = [dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dY_hat @ A1.T, dY_hat.sum()]
        return np.vdot(E, E) / E.size, gradients

    def by_jax(params: Any, X: Any, Y: Any) -> Any:
        import jax

        W1, b1, w2, b2 = params
        return jax.numpy.mean((w2 @ jax.nn.sigmoid(W1 @ X + b1) + b2 - Y) ** 2)

    def by_torch(params: Any, X: Any, Y: Any) -> Any:
        from torch import sigmoid
        from torch.nn.functional import linear, mse_loss

        W1, b1, w2, b2 = params
        return mse_loss(linear(sigmoid(linear(X, W1, b1)), w2, b2), Y)

    data = _data(n_x, m, dtype)
    return _task(models.two_layer_sigmoid, data, 0.4 / n_h, (by_numpy, by_jax, by_torch), n_h=n_h)


def linear_network(n_x: int, n_h: int, m: int) -> Task:
    """Return the two-layer linear network, in float64."""

    def by_numpy(params: Any, X: Any, Y: Any) -> Any:
        W1, b1, w2, b2 = params
        H = W1 @ X
        H += b1
        E = w2 @ H + b2 - Y
        dY_hat = (2 / E.size) * E
        dw2, total = dY_hat @ H.T, dY_hat.sum()
        # dH = w2.T @ dY_hat has rank 1, and so its products are outer ones
        return np.vdot(E, E) / E.size, [w2.T @ (dY_hat @ X.T), w2.T * total, dw2, total]

    def by_jax(params: Any, X: Any, Y: Any) -> Any:
        import jax

        W1, b1, w2, b2 = params
        return jax.numpy.mean((w2 @ (W1 @ X + b1) + b2 - Y) ** 2)

    def by_torch(params: Any, X: Any, Y: Any) -> Any:
        from torch.nn.functional import linear, mse_loss

        W1, b1, w2, b2 = params
        return mse_loss(linear(linear(X, W1, b1), w2, b2), Y)

    data = _data(n_x, m, "float64")
    return _task(models.two_layer_linear, data, 0.01, (by_numpy, by_jax, by_torch), n_h=n_h)


def regression(n_x: int, m: int) -> Task:
    """Return linear regression of many features, in float64."""

    def by_numpy(params: Any, X: Any, Y: Any) -> Any:
        w, b = params
        E = w @ X + b - Y
        dY_hat = (2 / E.size) * E
        return np.vdot(E, E) / E.size, [dY_hat @ X.T, dY_hat.sum()]

    def by_jax(params: Any, X: Any, Y: Any) -> Any:
        import jax

        w, b = params
        return jax.numpy.mean((w @ X + b - Y) ** 2)

    def by_torch(params: Any, X: Any, Y: Any) -> Any:
        from torch.nn.functional import linear, mse_loss

        return mse_loss(linear(X, *params), Y)

    return _task(models.multivariate, _data(n_x, m, "float64"), 0.05, (by_numpy, by_jax, by_torch))


def line(m: int) -> Task:
    """Return regression of one feature, in float64."""

    def by_numpy(params: Any, x: Any, y: Any) -> Any:
        w, b = params
        e = w * x + b - y
        return np.vdot(e, e) / e.size, [2 / e.size * np.vdot(e, x), 2 / e.size * e.sum()]

    def by_jax(params: Any, x: Any, y: Any) -> Any:
        import jax

        w, b = params
        return jax.numpy.mean((w * x + b - y) ** 2)

    def by_torch(params: Any, x: Any, y: Any) -> Any:
        from torch.nn.functional import mse_loss

        w, b = params
        return mse_loss(w * x + b, y)

    found = _data(1, m, "float64")
    data = {"x": found["X"], "y": found["Y"]}
    return _task(models.univariate, data, 0.05, (by_numpy, by_jax, by_torch))


def _data(n_x: int, m: int, dtype: str) -> dict[str, Any]:
    random = np.random.default_rng(0)
    X = random.normal(size=(n_x, m))
    direction = random.normal(size=(1, n_x)) / np.sqrt(n_x)
    Y = np.sin(direction @ X) + 0.1 * random.normal(size=(1, m))
    return {"X": X.astype(dtype), "Y": Y.astype(dtype)}


def _task(model: Model, data: dict[str, Any], rate: float, by_hand: Any, **sizes: int) -> Task:
    dtype = next(iter(data.values())).dtype
    start = model.init(data, seed=0, **sizes)
    return Task(
        model, data, {k: np.asarray(w, dtype=dtype) for k, w in start.items()}, rate, *by_hand
    )
