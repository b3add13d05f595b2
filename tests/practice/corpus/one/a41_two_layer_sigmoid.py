import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Y_hat = w2 @ A1 + b2

    dY_hat = 2 / m * (Y_hat - Y)
    dw2 = dY_hat @ A1.T
    db2 = np.sum(dY_hat)
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * Z1 * (1 - Z1)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}
