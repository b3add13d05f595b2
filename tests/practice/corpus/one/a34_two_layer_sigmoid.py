import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    X_, Y_ = X.T, Y.T                       # examples as rows
    m = X_.shape[0]
    H = 1 / (1 + np.exp(-(X_ @ W1.T + b1.T)))
    out = H @ w2.T + b2
    d_out = (out - Y_) / m
    d_w2 = d_out.T @ H
    d_b2 = np.sum(d_out)
    d_H = (d_out @ w2) * H * (1 - H)
    d_W1 = d_H.T @ X_
    d_b1 = np.sum(d_H, axis=0) / m
    return {"W1": d_W1, "b1": d_b1.reshape(-1, 1), "w2": d_w2, "b2": d_b2}
