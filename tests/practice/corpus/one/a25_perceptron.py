import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, w2, b2):
    cache = {}
    cache["Z1"] = np.dot(W1, X) + b1
    cache["A1"] = np.tanh(cache["Z1"])
    cache["Z2"] = np.dot(w2, cache["A1"]) + b2
    cache["A2"] = sigmoid(cache["Z2"])
    m = X.shape[1]
    dZ2 = (cache["A2"] - Y) / m
    dA1 = np.dot(w2.T, dZ2)
    dZ1 = dA1 * cache["A1"] * (1 - cache["A1"])
    return {
        "W1": np.dot(dZ1, X.T),
        "b1": np.sum(dZ1, axis=1, keepdims=True),
        "w2": np.dot(dZ2, cache["A1"].T),
        "b2": np.sum(dZ2),
    }
