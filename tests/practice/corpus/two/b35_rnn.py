import numpy as np

def backward(x, Y, W, U, b, V):
    x1, x2, x3 = x
    h1 = np.tanh(U @ x1 + b)
    h2 = np.tanh(W @ h1 + U @ x2 + b)
    h3 = np.tanh(W @ h2 + U @ x3 + b)
    dy = 2 / Y.size * (V @ h3 - Y)
    da3 = (V.T @ dy) * (1 - h3 ** 2)
    da2 = (W @ da3) * (1 - h2 ** 2)
    da1 = (W @ da2) * (1 - h1 ** 2)
    dW = da3 @ h2.T + da2 @ h1.T
    dU = da3 @ x3.T + da2 @ x2.T + da1 @ x1.T
    db = (da1 + da2 + da3).sum(axis=1, keepdims=True)
    return dW, dU, db, dy @ h3.T
