import numpy as np

def backward(X, Y, W, b):
    m = X.shape[1]
    Z = np.dot(W, X) + b
    expZ = np.exp(Z)
    A = expZ / np.sum(expZ, axis=0, keepdims=True)
    dZ = (A - Y)
    dW = np.dot(X, dZ.T).reshape(W.shape)
    db = np.sum(dZ, axis=1, keepdims=True)
    return {"W": dW, "b": db}
