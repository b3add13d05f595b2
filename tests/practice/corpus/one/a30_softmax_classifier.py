import numpy as np

def backward(X, Y, W, b):
    m = X.shape[1]
    Z = W @ X + b
    E = np.exp(Z)
    P = E / E.sum(axis=0)
    dP = -Y / P / m
    dZ = P * (1 - P) * dP
    dW = dZ @ X.T
    db = dZ.sum(axis=1, keepdims=True)
    return dW, db
