"""Univariate and multivariate regression, ridge and Poisson regression: wrong backward passes as students write them."""

import numpy as np
from practice.corpus.entry import wrong

from chainrule.models import multivariate, poisson, ridge, univariate


# -- univariate
@wrong(univariate, "y_hat", "missing-factor-2")
def mean_of_residuals(x, y, w, b):
    """The 2 of the square is forgotten."""
    y_hat = w * x + b
    err = y_hat - y
    dw = np.mean(err * x)
    db = np.mean(err)
    return {"w": dw, "b": db}


@wrong(univariate, "y_hat", "missing-1-over-m")
def sum_everywhere(x, y, w, b):
    """The loss is a mean, the gradient a sum."""
    dy = 2 * (w * x + b - y)
    return {"w": np.sum(dy * x), "b": np.sum(dy)}


@wrong(univariate, "y_hat", "sign")
def target_minus_prediction(x, y, w, b):
    """The residual has the wrong sign."""
    m = x.shape[1]
    y_hat = w * x + b
    grad_y_hat = 2 * (y - y_hat) / m
    grad_w = (grad_y_hat * x).sum()
    grad_b = grad_y_hat.sum()
    return grad_w, grad_b


@wrong(univariate, "b", "missing-1-over-m")
def bias_not_averaged(x, y, w, b):
    """The bias gradient is a sum where it should be a mean."""
    e = w * x + b - y
    return {"dw": 2 * np.mean(e * x), "db": 2 * np.sum(e)}


@wrong(univariate, "w", "missing-factor")
def slope_without_x(x, y, w, b):
    """The inner derivative x is forgotten."""
    n = x.size
    e = w * x + b - y
    dw = 2 / n * np.sum(e)
    db = 2 / n * np.sum(e)
    return dw, db


@wrong(univariate, "w", "wrong-value")
def slope_with_y(x, y, w, b):
    """The residual is multiplied by y, not by x."""
    n = x.size
    e = w * x + b - y
    dw = 2 / n * np.sum(e * y)
    db = 2 / n * np.sum(e)
    return dw, db


@wrong(univariate, "w", "sign")
def minus_in_the_slope(x, y, w, b):
    """A minus sign too many, in one of two lines."""
    residual = (w * x + b) - y
    dw = -2 * np.mean(residual * x)
    db = 2 * np.mean(residual)
    return {"w": dw, "b": db}


@wrong(univariate, "w", "missing-sum")
def loop_overwrites(x, y, w, b):
    """= instead of += in the loop over the examples."""
    m = x.shape[1]
    dw, db = 0.0, 0.0
    for i in range(m):
        e = w * x[0, i] + b - y[0, i]
        dw = 2 * e * x[0, i] / m
        db += 2 * e / m
    return {"w": dw, "b": db}


# -- multivariate
@wrong(multivariate, "w", "transposed-result")
def column_of_weights(X, Y, w, b):
    """The gradient comes out as a column, w is a row."""
    m = X.shape[1]
    dY_hat = 2 / m * (w @ X + b - Y)
    dw = X @ dY_hat.T
    db = dY_hat.sum()
    return {"w": dw, "b": db}


@wrong(multivariate, "b", "mean-for-sum")
def averaged_twice(X, Y, w, b):
    """np.mean of something that is divided by m already."""
    m = X.shape[1]
    Y_hat = np.dot(w, X) + b
    dY = 2 * (Y_hat - Y) / m
    dw = np.dot(dY, X.T)
    db = np.mean(dY)
    return {"dw": dw, "db": db}


@wrong(multivariate, "Y_hat", "missing-factor-2")
def half_mean_convention(X, Y, w, b):
    """The gradient of another loss: (1/2m) of the squares."""
    m = X.shape[1]
    E = np.dot(w, X) + b - Y
    return np.dot(E, X.T) / m, np.sum(E) / m


@wrong(multivariate, "Y_hat", "wrong-average")
def divided_by_features(X, Y, w, b):
    """len(X) is the number of features here, not of examples."""
    n = len(X)
    pred = w @ X + b
    dpred = 2 * (pred - Y) / n
    return {"w": dpred @ X.T, "b": dpred.sum()}


@wrong(multivariate, "b", "missing-sum")
def bias_not_summed(X, Y, w, b):
    """The bias was broadcast over the examples, its gradient is not summed over them."""
    m = X.shape[1]
    dZ = (2 / m) * (w @ X + b - Y)
    dw = dZ @ X.T
    db = dZ
    return {"w": dw, "b": db}


@wrong(multivariate, "w", "extra-1-over-m")
def divided_twice(X, Y, w, b):
    """1/m in the residual and again in the weights' gradient."""
    m = X.shape[1]
    dY = 2 * (w @ X + b - Y) / m
    dw = dY @ X.T / m
    db = np.sum(dY)
    return {"w": dw, "b": db}


@wrong(multivariate, "Y_hat", "missing-term")
def forward_without_bias(X, Y, w, b):
    """The forward pass forgets the bias."""
    m = X.shape[1]
    Y_hat = w @ X
    dY_hat = 2 * (Y_hat - Y) / m
    dw = dY_hat @ X.T
    db = np.sum(dY_hat)
    return {"w": dw, "b": db}


@wrong(multivariate, "w", "missing-keepdims")
def flat_weights(X, Y, w, b):
    """A rank-1 array where a row is meant."""
    m = X.shape[1]
    resid = (w @ X + b - Y)[0]
    dw = 2 / m * X @ resid
    db = 2 / m * resid.sum()
    return {"w": dw, "b": db}


@wrong(multivariate, "w", "transpose")
def forgotten_transpose(X, Y, w, b):
    """A product that does not fit."""
    m = X.shape[1]
    dY_hat = 2 / m * (w @ X + b - Y)
    dw = dY_hat @ X
    db = dY_hat.sum()
    return {"w": dw, "b": db}


@wrong(multivariate, "Y_hat", "another-loss")
def absolute_error(X, Y, w, b):
    """The derivative of another loss altogether."""
    m = X.shape[1]
    Y_hat = w @ X + b
    dY_hat = np.sign(Y_hat - Y) / m
    return {"w": dY_hat @ X.T, "b": dY_hat.sum()}


@wrong(multivariate, "w", "summed-everything")
def one_number_for_all(X, Y, w, b):
    """np.sum without an axis adds up the features, too."""
    m = X.shape[1]
    diff = 2 / m * (w @ X + b - Y)
    dw = np.sum(diff * X)
    db = np.sum(diff)
    return {"w": dw, "b": db}


@wrong(multivariate, "Y_hat", "sign", ("b", "mean-for-sum"))
def two_slips(X, Y, w, b):
    """Two independent mistakes."""
    m = X.shape[1]
    Y_hat = w @ X + b
    dY_hat = -2 * (Y_hat - Y) / m
    dw = dY_hat @ X.T
    db = np.mean(dY_hat)
    return {"w": dw, "b": db}


# -- ridge
@wrong(ridge, "w", "missing-factor-2")
def penalty_without_two(X, Y, w, b):
    """The derivative of w squared is 2w."""
    m = X.shape[1]
    E = w @ X + b - Y
    dw = 2 / m * E @ X.T + 0.1 * w
    db = 2 / m * np.sum(E)
    return {"w": dw, "b": db}


@wrong(ridge, "w", "missing-term")
def penalty_forgotten(X, Y, w, b):
    """No weight decay in the gradient."""
    m = X.shape[1]
    dY_hat = 2 / m * (w @ X + b - Y)
    dw = dY_hat @ X.T
    db = dY_hat.sum()
    return {"w": dw, "b": db}


@wrong(ridge, "w", "wrong-coefficient")
def penalty_averaged(X, Y, w, b):
    """The penalty is divided by m, and the loss does not do that."""
    m = X.shape[1]
    E = w @ X + b - Y
    dw = 2 / m * E @ X.T + 2 * 0.1 / m * w
    db = 2 * np.mean(E)
    return {"w": dw, "b": db}


@wrong(ridge, "b", "extra-term")
def bias_regularised(X, Y, w, b):
    """The bias gets a penalty as well."""
    m = X.shape[1]
    E = w @ X + b - Y
    dw = 2 / m * E @ X.T + 0.2 * w
    db = 2 / m * np.sum(E) + 0.2 * b
    return {"w": dw, "b": db}


# -- poisson
@wrong(poisson, "eta", "wrong-value")
def without_the_exponential(X, Y, w, b):
    """The log of the rate in place of the rate."""
    m = X.shape[1]
    eta = w @ X + b
    deta = (eta - Y) / m
    return deta @ X.T, deta.sum()
