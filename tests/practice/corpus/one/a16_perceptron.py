import numpy as np

def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[dZ <= 0] = 0
    return dZ

def backward(X, Y, W1, b1, w2, b2):
    Z1 = W1 @ X + b1
    A1 = np.maximum(Z1, 0)
    Z2 = w2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    m = X.shape[1]
    dZ2 = (A2 - Y) / m
    dA1 = w2.T @ dZ2
    dZ1 = relu_backward(dA1, Z1)
    return {"W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1, keepdims=True), "w2": dZ2 @ A1.T, "b2": dZ2.sum()}
