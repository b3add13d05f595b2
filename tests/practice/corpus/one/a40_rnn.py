import numpy as np

def backward(x, Y, W, U, b, V):
    n_h, m = W.shape[0], x.shape[2]
    hs = {-1: np.zeros((n_h, m))}
    for t in range(3):
        hs[t] = np.tanh(np.dot(U, x[t]) + np.dot(W, hs[t - 1]) + b)
    dWhh, dWxh, dbh = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dy = 2 * (np.dot(V, hs[2]) - Y) / (Y.shape[0] * m)
    dWhy = np.dot(dy, hs[2].T)
    dhnext = np.dot(V.T, dy)
    for t in reversed(range(3)):
        dhraw = (1 - hs[t - 1] * hs[t - 1]) * dhnext
        dbh += dhraw.sum(axis=1, keepdims=True)
        dWxh += np.dot(dhraw, x[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(W.T, dhraw)
    return {"W": dWhh, "U": dWxh, "b": dbh, "V": dWhy}
