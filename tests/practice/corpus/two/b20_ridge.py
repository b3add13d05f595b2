import numpy as np

LAMBDA = 0.1

def backward(X, Y, w, b):
    m = X.shape[1]
    diff = w @ X + b - Y
    dw = 2 / m * diff @ X.T
    db = 2 / m * diff.sum()
    return {"w": dw, "b": db}
