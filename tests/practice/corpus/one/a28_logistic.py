import numpy as np

def forward(X, w, b):
    cache = {}
    cache["z"] = w @ X + b
    cache["a"] = 1.0 / (1.0 + np.exp(-cache["z"]))
    return cache

def backward(X, Y, w, b):
    cache = forward(X, w, b)
    m = Y.shape[1]
    grads = {}
    cache["dz"] = (Y - cache["a"]) / m
    grads["w"] = cache["dz"] @ X.T
    grads["b"] = cache["dz"].sum()
    return grads
