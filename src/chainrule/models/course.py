"""The course's models. Each is a function as a reader would write it."""

# pyright: reportUndefinedVariable=false, reportInvalidTypeForm=false, reportGeneralTypeIssues=false, reportUnknownParameterType=false, reportMissingParameterType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUntypedFunctionDecorator=false
# Written as a reader writes models: annotations are shapes, not types.

from __future__ import annotations

from chainrule.model import model
from chainrule.ops.functions import log, sigmoid, softmax
from chainrule.ops.multilinear import mean, sum


@model
def univariate(x: "1 m", y: "1 m", *, w: "", b: ""):
    """Univariate regression: one number in, one number out, mean squared error."""
    y_hat = w * x + b
    return mean((y_hat - y) ** 2)


@model
def multivariate(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: ""):
    """Multivariate regression: many features, mean squared error."""
    Y_hat = w @ X + b
    return mean((Y_hat - Y) ** 2)


@model
def two_layer_linear(X: "n_x m", Y: "1 m", *, W1: "n_h n_x", b1: "n_h 1", w2: "1 n_h", b2: ""):
    """Two-layer linear network, mean squared error."""
    H = W1 @ X + b1
    Y_hat = w2 @ H + b2
    return mean((Y_hat - Y) ** 2)


@model
def two_layer_sigmoid(X: "n_x m", Y: "1 m", *, W1: "n_h n_x", b1: "n_h 1", w2: "1 n_h", b2: ""):
    """Two-layer network with sigmoid hidden units, mean squared error."""
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Y_hat = w2 @ A1 + b2
    return mean((Y_hat - Y) ** 2)


@model
def logistic(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: ""):
    """Logistic regression: labels 0 or 1, binary cross-entropy."""
    Z = w @ X + b
    A = sigmoid(Z)
    return -mean(Y * log(A) + (1 - Y) * log(1 - A))


@model
def perceptron(
    X: "n_x m", Y: "1 m", *, W1: "n_h n_x", b1: "n_h 1", w2: "1 n_h", b2: "", hidden=sigmoid
):
    """Two-layer perceptron: a hidden layer (sigmoid, tanh or relu), a sigmoid output, binary cross-entropy."""
    Z1 = W1 @ X + b1
    A1 = hidden(Z1)
    Z2 = w2 @ A1 + b2
    A2 = sigmoid(Z2)
    return -mean(Y * log(A2) + (1 - Y) * log(1 - A2))


@model
def softmax_classifier(X: "n_x m", Y: "n_y m", *, W: "n_y n_x", b: "n_y 1"):
    """Softmax classification: one-hot labels of n_y classes, cross-entropy."""
    Z = W @ X + b
    P = softmax(Z, axis="n_y")
    return -mean(sum(Y * log(P), axis="n_y"))
