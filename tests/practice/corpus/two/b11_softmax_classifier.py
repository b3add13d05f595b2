import numpy as np

def softmax(Z):
    e = np.exp(Z - Z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)

def backward(X, Y, W, b):
    m = X.shape[1]
    P = softmax(W @ X + b)
    dZ = (Y - P) / m
    dW = dZ @ X.T
    db = np.sum(dZ, axis=1, keepdims=True)
    return {"W": dW, "b": db}
