import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    z1 = W1 @ X + b1
    a1 = np.tanh(z1)
    a2 = 1 / (1 + np.exp(-(w2 @ a1 + b2)))
    dz2 = a2 - Y
    dw2 = dz2 @ a1.T / m
    db2 = np.sum(dz2)
    dz1 = (w2.T @ dz2) / np.cosh(z1)
    dW1 = dz1 @ X.T / m
    db1 = np.sum(dz1, axis=1, keepdims=True) / m
    return dW1, db1, dw2, db2
