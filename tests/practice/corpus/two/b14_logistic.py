import numpy as np

def backward(X, Y, w, b):
    n, m = X.shape
    Xa = np.vstack([np.ones((1, m)), X])
    theta = np.concatenate([[float(b)], w.ravel()])
    h = 1 / (1 + np.exp(-theta @ Xa))
    g = Xa @ (h - Y.ravel()) / m
    return {"w": g[1:].reshape(1, n), "b": g[0]}
