import numpy as np

def relu(z):
    return np.maximum(0, z)

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = relu(Z1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dZ1 = w2.T @ dZ2
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    dw2 = dZ2 @ A1.T
    db2 = np.sum(dZ2)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}
