import numpy as np

def backward(X, Y, w, b):
    n, m = X.shape
    dw = np.zeros((1, n))
    db = 0.0
    for i in range(m):
        x_i = X[:, i]
        z_i = float(np.sum(w[0] * x_i) + b)
        a_i = 1 / (1 + np.exp(-z_i))
        err_i = a_i - Y[0, i]
        dw[0] = err_i * x_i
        db += err_i
    return dw / m, db / m
