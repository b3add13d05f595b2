import numpy as np

def backward(X, Y, W, b):
    m = X.shape[1]
    W1, W2, W3, W4 = W
    b1, b2, b3, b4 = b
    A1 = np.maximum(0, W1 @ X + b1)
    A2 = np.maximum(0, W2 @ A1 + b2)
    A3 = np.maximum(0, W3 @ A2 + b3)
    Z4 = W4 @ A3 + b4
    dZ4 = 2 * (Z4 - Y) / m
    dW4 = dZ4 @ A3.T; db4 = np.sum(dZ4, axis=1, keepdims=True)
    dZ3 = (W4.T @ dZ4) * (A3 > 0)
    dW3 = dZ3 @ A2.T; db3 = np.sum(dZ3, axis=1, keepdims=True)
    dZ2 = (W3.T @ dZ3) * (A2 > 0)
    dW2 = dZ2 @ A1.T; db2 = np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = (W2.T @ dZ2) * (A1 > 0)
    dW1 = dZ1 @ X.T; db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W": [dW1, dW2, dW3, dW4], "b": [db1, db2, db3, db4]}
