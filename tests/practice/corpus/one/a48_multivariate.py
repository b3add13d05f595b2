import numpy as np

def backward(X, Y, w, b):
    m = X.shape[1]
    Y_hat = w @ X + b
    diff = Y_hat - Y
    dw = 1 / m * diff @ X.T
    db = 2 / m * np.sum(diff)
    return {"w": dw, "b": db}
