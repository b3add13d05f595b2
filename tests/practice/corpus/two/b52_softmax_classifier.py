import numpy as np

def backward(X, Y, W, b):
    n_y, m = Y.shape
    dW = np.zeros_like(W)
    db = np.zeros_like(b)
    for i in range(m):
        x = X[:, i:i + 1]
        scores = W @ x + b
        p = np.exp(scores - np.max(scores))
        p = p / np.sum(p)
        label = np.argmax(p[:, 0])
        dscores = p.copy()
        dscores[label] -= 1
        dW += dscores @ x.T / m
        db += dscores / m
    return dW, db
