import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = np.matmul(W1, X) + b1
    A1 = 1 / (1 + np.exp(-Z1))
    A2 = np.matmul(w2, A1) + b2
    dA2 = 2 * (A2 - Y) / m
    dA1 = np.matmul(w2.T, dA2)
    dZ1 = dA1 * (A1 - A1 ** 2)
    dW1 = np.matmul(dA1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    dw2 = np.matmul(dA2, A1.T)
    db2 = np.sum(dA2)
    return dW1, db1, dw2, db2
