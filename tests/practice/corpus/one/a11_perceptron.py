import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = w2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    dA2 = (-(Y / A2) + (1 - Y) / (1 - A2)) / m
    dZ2 = dA2
    dw2 = dZ2 @ A1.T
    db2 = dZ2.sum()
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * (1 - A1 ** 2)
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}
