import numpy as np

def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))

def backward(X, Y, w, b):
    m = X.shape[1]
    A = sigmoid(w @ X + b)
    dZ = (1 / m) * (A - Y)
    dw = (1 / m) * dZ @ X.T
    db = -np.sum(dZ)
    return {"dw": dw, "db": db}
