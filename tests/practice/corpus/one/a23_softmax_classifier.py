import numpy as np

def backward(X, Y, W, b):
    m = X.shape[1]
    gW = 0
    gb = 0
    for x, y in zip(X.T, Y.T):
        z = W @ x + b[:, 0]
        p = np.exp(z) / np.exp(z).sum()
        J = np.diag(p) - np.outer(p, p)
        gz = J @ (-y / p)
        gW = gW + np.outer(gz, x)
        gb = gb + gz
    return {"W": gW / m, "b": (gb / m).reshape(-1, 1)}
