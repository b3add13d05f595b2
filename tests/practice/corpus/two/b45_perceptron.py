import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = Z1 * (Z1 > 0)
    Z2 = np.dot(w2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    # ---- backward
    dZ2 = A2 - Y
    dw2 = np.dot(dZ2, A1.T) / m
    db2 = np.mean(dZ2)
    dZ1 = np.dot(w2.T, dZ2)
    dZ1[Z1 > 0] = 0
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.mean(dZ1, axis=1, keepdims=True)
    return dW1, db1, dw2, db2
