import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    gW1 = np.zeros(W1.shape); gb1 = np.zeros(b1.shape); gw2 = np.zeros(w2.shape); gb2 = 0.0
    for i in range(m):
        x = X[:, i]
        z = W1 @ x + b1[:, 0]
        on = np.flatnonzero(z > 0)
        logit = w2[0, on] @ z[on] + b2
        e = (1 / (1 + np.exp(-logit)) - Y[0, i]) / m
        gb2 += e
        gw2[0, on] += e * z[on]
        gb1[on, 0] += e * w2[0, on]
        gW1[on] += e * np.outer(w2[0, on], x)
    return gW1, gb1, gw2, gb2
