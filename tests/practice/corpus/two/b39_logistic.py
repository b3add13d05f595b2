import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, w, b):
    m = X.shape[1]
    # forward
    A = sigmoid(np.dot(w, X) + b)
    # backward
    dz = A - Y
    dw = np.dot(dz, X.T) / m
    db = np.sum(dz)
    return {"dw": dw, "db": db}
