import numpy as np

def backward(X, Y, w, b):
    m = X.shape[1]
    delta = 2 * (np.dot(w, X) + b - Y) / m
    dw = np.dot(delta, X.T)
    db = delta
    return dw, db
