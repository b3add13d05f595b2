import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    a1 = W1.dot(X) + b1
    a2 = w2.dot(a1) + b2
    e2 = 2 * (a2 - Y) / m
    e1 = w2.T.dot(e2)
    return {
        "W1": e1.dot(X.T),
        "b1": e1.sum(axis=1),
        "w2": e2.dot(a1.T),
        "b2": e2.sum(),
    }
