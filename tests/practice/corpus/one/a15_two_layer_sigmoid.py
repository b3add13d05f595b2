import numpy as np

def linear_forward(A, W, b):
    Z = W @ A + b
    return Z, (A, W, b)

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = dZ @ A_prev.T
    db = dZ.sum(axis=1, keepdims=True)
    return W.T @ dZ, dW, db

def backward(X, Y, W1, b1, w2, b2):
    Z1, c1 = linear_forward(X, W1, b1)
    A1 = 1 / (1 + np.exp(-Z1))
    Yh, c2 = linear_forward(A1, w2, b2)
    c2 = (Z1, w2, b2)          # for the backward pass
    dYh = 2 * (Yh - Y) / Y.shape[1]
    dA1, dw2, db2 = linear_backward(dYh, c2)
    dZ1 = dA1 * A1 * (1 - A1)
    _, dW1, db1 = linear_backward(dZ1, c1)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2.item()}
