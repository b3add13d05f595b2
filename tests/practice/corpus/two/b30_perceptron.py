import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = w2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))

    dZ2 = A2 - Y
    dw2 = 1 / m * dZ2 @ A1.T
    db2 = 1 / m * np.sum(dZ2)
    dZ1 = w2.T @ dZ2 * (1 - np.power(Z1, 2))
    dW1 = 1 / m * dZ1 @ X.T
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dw2": dw2, "db2": db2}
