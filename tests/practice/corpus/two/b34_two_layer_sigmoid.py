import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = 1.0 / (1.0 + np.exp(-Z1))
    Y_hat = w2 @ A1 + b2
    dY_hat = 2.0 * (Y_hat - Y) / m
    dw2 = dY_hat @ A1.T
    db2 = dY_hat.mean()
    dA1 = w2.T @ dY_hat
    dZ1 = dA1 * (1 - A1 ** 2)
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return dict(W1=dW1, b1=db1, w2=dw2, b2=db2)
