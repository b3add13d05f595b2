"""Logistic regression, perceptron and softmax classifier: wrong backward passes as students write them."""

import numpy as np
from practice.corpus.entry import wrong

import chainrule as cr
from chainrule.models import logistic, perceptron, softmax_classifier


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


# -- logistic
@wrong(logistic, "Z", "extra-activation-derivative")
def slope_after_cross_entropy(X, Y, w, b):
    """A - Y is the whole gradient at Z already."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = (A - Y) * A * (1 - A) / m
    return {"w": dZ @ X.T, "b": np.sum(dZ)}


@wrong(logistic, "Z", "missing-1-over-m")
def not_averaged(X, Y, w, b):
    """A sum over the examples where the loss is a mean."""
    A = sigmoid(w @ X + b)
    dZ = A - Y
    dw = dZ @ X.T
    db = np.sum(dZ)
    return {"dw": dw, "db": db}


@wrong(logistic, "Z", "sign")
def label_minus_probability(X, Y, w, b):
    """The residual the other way round."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dz = Y - A
    return {"w": dz @ X.T / m, "b": dz.sum() / m}


@wrong(logistic, "A", "extra-activation-derivative")
def squared_error_habit(X, Y, w, b):
    """dA = A - Y, as for squared error, and then the slope."""
    m = X.shape[1]
    Z = w @ X + b
    A = sigmoid(Z)
    dA = (A - Y) / m
    dZ = dA * A * (1 - A)
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "Z", "missing-activation-derivative")
def stops_at_the_probability(X, Y, w, b):
    """The gradient at A is used as the gradient at Z."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = (-(Y / A) + (1 - Y) / (1 - A)) / m
    dZ = dA
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "A", "missing-term")
def only_the_positives(X, Y, w, b):
    """The term of the negative examples is forgotten."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = -(Y / A) / m
    dZ = dA * A * (1 - A)
    dw = dZ @ X.T
    db = dZ.sum()
    return dw, db


@wrong(logistic, "A", "sign")
def inner_minus_forgotten(X, Y, w, b):
    """The derivative of log(1 - a) is -1/(1 - a)."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dA = (-(Y / A) - (1 - Y) / (1 - A)) / m
    dZ = dA * A * (1 - A)
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "b", "mean-for-sum")
def mean_of_a_mean(X, Y, w, b):
    """dZ has its 1/m, and db is a mean again."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = (A - Y) / m
    return {"w": dZ @ X.T, "b": np.mean(dZ)}


@wrong(logistic, "w", "transposed-result")
def as_a_column(X, Y, w, b):
    """np.dot(X, dZ.T) is a column."""
    m = X.shape[1]
    A = sigmoid(np.dot(w, X) + b)
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"w": dw, "b": db}


@wrong(logistic, "Z", "wrong-value")
def score_for_probability(X, Y, w, b):
    """Z in place of A."""
    m = X.shape[1]
    Z = w @ X + b
    dZ = (Z - Y) / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "Z", "extra-factor-2")
def two_from_squared_error(X, Y, w, b):
    """There is no square here, and no 2."""
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = 2 * (A - Y) / m
    return {"w": dZ @ X.T, "b": dZ.sum()}


@wrong(logistic, "Z", "missing-term")
def forward_drops_bias(X, Y, w, b):
    """The score without its bias."""
    m = X.shape[1]
    Z = np.dot(w, X)
    A = sigmoid(Z)
    dZ = (A - Y) / m
    return {"w": np.dot(dZ, X.T), "b": np.sum(dZ)}


# -- perceptron
@wrong(perceptron, "Z1", "missing-activation-derivative")
def hidden_slope_forgotten(X, Y, W1, b1, w2, b2):
    """delta1 without the slope."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    delta2 = A2 - Y
    delta1 = w2.T @ delta2
    return {
        "W1": delta1 @ X.T / m,
        "b1": delta1.sum(axis=1, keepdims=True) / m,
        "w2": delta2 @ A1.T / m,
        "b2": delta2.sum() / m,
    }


@wrong(perceptron, "Z2", "extra-activation-derivative")
def output_slope_too_many(X, Y, W1, b1, w2, b2):
    """The sigmoid's derivative after the cross-entropy."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = w2 @ A1 + b2
    A2 = sigmoid(Z2)
    dZ2 = (A2 - Y) * A2 * (1 - A2) / m
    dw2 = dZ2 @ A1.T
    db2 = np.sum(dZ2)
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(perceptron, "Z1", "wrong-value")
def slope_of_the_other_layer(X, Y, W1, b1, w2, b2):
    """A2(1 - A2) where A1(1 - A1) is meant."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * (A2 * (1 - A2))
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(perceptron, "A1", "already-updated-weights")
def new_weights_used(X, Y, W1, b1, w2, b2):
    """The new output weights in a variable of their own, used too soon."""
    m, lr = X.shape[1], 0.5
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dw2, db2 = dZ2 @ A1.T, dZ2.sum()
    w2_new = w2 - lr * dw2
    dA1 = w2_new.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dw2, "b2": db2}


@wrong(perceptron, "b2", "missing-1-over-m", ("b1", "missing-1-over-m"))
def biases_not_averaged(X, Y, W1, b1, w2, b2):
    """1/m in the weights' gradients only."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = A2 - Y
    dw2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2)
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}


@wrong(perceptron, "A2", "missing-term")
def half_the_cross_entropy(X, Y, W1, b1, w2, b2):
    """Only -Y/A2."""
    m = X.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = sigmoid(Z1)
    Z2 = np.dot(w2, A1) + b2
    A2 = sigmoid(Z2)
    dA2 = -np.divide(Y, A2) / m
    dZ2 = dA2 * A2 * (1 - A2)
    dA1 = np.dot(w2.T, dZ2)
    dZ1 = dA1 * A1 * (1 - A1)
    return {
        "W1": np.dot(dZ1, X.T),
        "b1": np.sum(dZ1, axis=1, keepdims=True),
        "w2": np.dot(dZ2, A1.T),
        "b2": np.sum(dZ2),
    }


@wrong(perceptron, "A1", "wrong-value")
def passes_on_the_wrong_delta(X, Y, W1, b1, w2, b2):
    """dA2 goes through the weights, not dZ2."""
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dA2 = -(Y / A2 - (1 - Y) / (1 - A2)) / m
    dZ2 = dA2 * A2 * (1 - A2)
    dA1 = w2.T @ dA2
    dZ1 = dA1 * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


tanh_perceptron = perceptron.with_options(hidden=cr.tanh)
relu_perceptron = perceptron.with_options(hidden=cr.relu)


@wrong(tanh_perceptron, "Z1", "another-activation-derivative")
def sigmoid_slope_for_tanh(X, Y, W1, b1, w2, b2):
    """a(1 - a) for a tanh."""
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * A1 * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(tanh_perceptron, "Z1", "missing-square")
def tanh_without_square(X, Y, W1, b1, w2, b2):
    """1 - a for 1 - a²."""
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = (w2.T @ dZ2) * (1 - A1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(relu_perceptron, "Z1", "missing-activation-derivative")
def relu_mask_forgotten(X, Y, W1, b1, w2, b2):
    """The gradient passes where relu has stopped it."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    dW1 = dA1 @ X.T
    db1 = dA1.sum(axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(relu_perceptron, "Z1", "wrong-value")
def mask_of_the_gradient(X, Y, W1, b1, w2, b2):
    """relu is applied to the gradient: its negative entries are cut off."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * (dA1 > 0)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


@wrong(relu_perceptron, "Z1", "relu-at-negative")
def mask_turned_round(X, Y, W1, b1, w2, b2):
    """The mask keeps what it should cut."""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = w2.T @ dZ2
    dZ1[Z1 > 0] = 0
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}


# -- softmax
@wrong(softmax_classifier, "Z", "missing-1-over-m")
def probabilities_minus_labels(X, Y, W, b):
    """P - Y, not averaged."""
    P = softmax(W @ X + b)
    dZ = P - Y
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "Z", "wrong-average")
def divided_by_classes(X, Y, W, b):
    """len(Y) counts the classes."""
    P = softmax(W @ X + b)
    dscores = (P - Y) / len(Y)
    return {"W": dscores @ X.T, "b": dscores.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "Z", "softmax-elementwise")
def softmax_as_a_sigmoid(X, Y, W, b):
    """dZ = dP P(1 - P)."""
    m = X.shape[1]
    Z = W @ X + b
    P = softmax(Z)
    dP = -Y / P / m
    dZ = dP * P * (1 - P)
    dW = dZ @ X.T
    db = np.sum(dZ, axis=1, keepdims=True)
    return {"W": dW, "b": db}


@wrong(softmax_classifier, "Z", "extra-activation-derivative")
def slope_after_softmax(X, Y, W, b):
    """P - Y is the whole gradient already."""
    m = X.shape[1]
    P = softmax(W @ X + b)
    dZ = (P - Y) * P * (1 - P) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "P", "wrong-axis")
def softmax_over_examples(X, Y, W, b):
    """The probabilities of an example do not add up to 1."""
    m = X.shape[1]
    Z = W @ X + b
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    dZ = (P - Y) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "Z", "sign")
def ascent(X, Y, W, b):
    """Y - P."""
    m = X.shape[1]
    P = softmax(W @ X + b)
    dZ = (Y - P) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}


@wrong(softmax_classifier, "W", "transposed-result")
def weights_transposed(X, Y, W, b):
    """X dZᵀ has the shape of W transposed."""
    m = X.shape[1]
    P = softmax(W @ X + b)
    dZ = (P - Y) / m
    dW = X @ dZ.T
    db = dZ.sum(axis=1, keepdims=True)
    return dW, db


@wrong(softmax_classifier, "Z", "missing-activation-derivative")
def softmax_not_differentiated(X, Y, W, b):
    """The gradient at P is taken for the one at Z."""
    m = X.shape[1]
    P = softmax(W @ X + b)
    dP = -(Y / P) / m
    dW = dP @ X.T
    db = dP.sum(axis=1, keepdims=True)
    return {"W": dW, "b": db}


@wrong(softmax_classifier, "Z", "missing-1-over-m")
def indexed_and_not_averaged(X, Y, W, b):
    """dscores[y, i] -= 1, as in many notes, and the division forgotten."""
    scores = W @ X + b
    probs = softmax(scores)
    labels = Y.argmax(axis=0)
    dscores = probs.copy()
    dscores[labels, np.arange(X.shape[1])] -= 1
    dW = dscores.dot(X.T)
    db = dscores.sum(axis=1, keepdims=True)
    return {"W": dW, "b": db}


@wrong(softmax_classifier, "b", "wrong-axis")
def bias_over_classes(X, Y, W, b):
    """axis=0 adds up the classes: always 0."""
    m = X.shape[1]
    P = softmax(W @ X + b)
    dZ = (P - Y) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=0, keepdims=True)}


@wrong(softmax_classifier, "P", "missing-function")
def scores_for_probabilities(X, Y, W, b):
    """The softmax is forgotten."""
    m = X.shape[1]
    Z = W @ X + b
    P = Z
    dZ = (P - Y) / m
    return {"W": dZ @ X.T, "b": dZ.sum(axis=1, keepdims=True)}
