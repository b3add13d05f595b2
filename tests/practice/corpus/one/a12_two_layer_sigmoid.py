import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    H = 1 / (1 + np.exp(-(W1 @ X + b1)))
    P = w2 @ H + b2
    dP = 2 * (P - Y)
    dw2 = np.einsum("om,hm->oh", dP, H)
    db2 = dP.sum()
    dH = np.einsum("oh,om->hm", w2, dP)
    dZ = dH * H * (1 - H)
    dW1 = np.einsum("hm,xm->hx", dZ, X)
    db1 = dZ.sum(axis=1)[:, None]
    return dW1, db1, dw2, db2
