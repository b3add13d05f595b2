import math
import numpy as np

def backward(X, Y, w, b):
    n, m = len(X), len(X[0])
    gw = [0.0] * n
    gb = 0.0
    for j in range(m):
        s = float(b)
        for i in range(n):
            s += float(w[0][i]) * float(X[i][j])
        p = 1 / (1 + math.exp(-s))
        e = p - float(Y[0][j])
        for i in range(n):
            gw[i] = gw[i] + e * float(X[i][j])
        gb = gb + e
    return {"w": np.array([[g / m for g in gw]]), "b": gb / m}
