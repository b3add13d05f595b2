import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    n_h, n_x = W1.shape
    m = X.shape[1]
    gW1 = np.zeros((n_h, n_x)); gb1 = np.zeros((n_h, 1))
    gw2 = np.zeros((1, n_h)); gb2 = 0.0
    for k in range(m):
        x = X[:, k]
        h = W1 @ x + b1[:, 0]
        y_hat = w2[0] @ h + b2
        d = 2 * (y_hat - Y[0, k]) / m
        gb2 += d
        for j in range(n_h):
            gw2[0, j] += d * h[j]
            dh_j = d
            gb1[j, 0] += dh_j
            for i in range(n_x):
                gW1[j, i] += dh_j * x[i]
    return {"W1": gW1, "b1": gb1, "w2": gw2, "b2": gb2}
