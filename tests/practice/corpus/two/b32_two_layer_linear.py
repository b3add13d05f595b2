import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    H = W1 @ X + b1
    g = 2 * (w2 @ H + b2 - Y) / m
    back = w2.T @ g
    grads = {}
    grads["b1"] = np.sum(g)
    grads["w2"] = g @ H.T
    grads["b2"] = np.sum(back, axis=1, keepdims=True)
    grads["W1"] = back @ X.T
    return grads
