import numpy as np

def s(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, w2, b2):
    D = X.T
    pos = Y.ravel() > 0.5
    H = s(D @ W1.T + b1.ravel())
    p = s(H @ w2.ravel() + b2)
    # positives: -(1 - p), negatives: p
    g = np.where(pos, p - 1, p) / len(p)
    T = np.outer(g, w2.ravel()) * H * s(-(D @ W1.T + b1.ravel()))
    return {"W1": (D.T @ T).T, "b1": T.sum(0).reshape(-1, 1), "w2": (g @ H).reshape(1, -1), "b2": g.sum()}
