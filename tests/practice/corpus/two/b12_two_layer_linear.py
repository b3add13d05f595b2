import numpy as np

def forward(X, params):
    W1, b1, w2, b2 = params
    H = np.dot(W1, X) + b1
    out = np.dot(w2, H) + b2
    return out, {"X": X, "H": H}

def backward(X, Y, W1, b1, w2, b2):
    out, cache = forward(X, (W1, b1, w2, b2))
    m = X.shape[1]
    d_out = 2 * (out - Y) / m
    d_w2 = np.dot(d_out, cache["H"].T)
    d_b2 = np.sum(d_out)
    d_H = np.dot(w2.T, d_out)
    d_W1 = np.dot(d_H, cache["X"].T)
    d_b1 = np.sum(d_H) * np.ones_like(b1)
    return d_W1, d_b1, d_w2, d_b2
