import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    n = Y.shape[1]
    a = 1 / (1 + np.exp(-(W1 @ X + b1)))
    out = w2 @ a + b2
    d_out = 2 * (out - Y) / n
    d_a = w2.T @ d_out
    d_z = d_a * a
    return {
        "dW1": d_z @ X.T,
        "db1": d_z.sum(axis=1, keepdims=True),
        "dw2": d_out @ a.T,
        "db2": d_out.sum(),
    }
