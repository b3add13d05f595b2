import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    E = np.exp(-(W1 @ X + b1))
    S = 1 / (1 + E)
    r = w2 @ S + b2 - Y
    D = w2.T * r * (E / (1 + E) ** 2)
    k = 2.0 / r.size
    return [k * (D @ X.T), k * D.sum(axis=1, keepdims=True), k * (r @ S.T), k * r.sum()]
