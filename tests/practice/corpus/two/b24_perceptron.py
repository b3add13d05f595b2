import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    h = np.tanh(W1 @ X + b1)
    p = 1 / (1 + np.exp(-(w2 @ h + b2)))
    do = (p - Y) / m
    dh = w2.T * do
    dt = (1 - h) ** 2 * dh
    return dt @ X.T, dt.sum(axis=1, keepdims=True), do @ h.T, do.sum()
