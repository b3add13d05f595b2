import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def layer_backward(dZ, A_prev, W):
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db

def backward(X, Y, W1, b1, w2, b2):
    A1 = sigmoid(np.dot(W1, X) + b1)
    A2 = sigmoid(np.dot(w2, A1) + b2)
    dZ2 = (A2 - Y) / Y.shape[1]
    dA1, dw2, db2 = layer_backward(dZ2, A1, w2)
    dZ1 = dA1 * A1 * (1 - A1)
    _, dW1, db1 = layer_backward(dZ1, X, W1)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2[0, 0]}
