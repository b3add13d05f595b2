import numpy as np

def backward(X, Y, WQ, WK, WV):
    T = X.shape[0]
    dk = WQ.shape[1]
    q = X @ WQ
    k = X @ WK
    v = X @ WV
    s = q @ k.T / np.sqrt(dk)
    p = np.exp(s)
    p = p / p.sum(axis=1, keepdims=True)
    o = p @ v
    do = 2 * (o - Y) / (T * Y.shape[1])
    dv = p.T @ do
    dp = do @ v.T
    ds = p * dp - p * np.sum(p * dp, axis=1, keepdims=True)
    ds = ds / np.sqrt(dk)
    dq = ds @ k
    dk_ = ds @ q
    return X.T @ dq, X.T @ dk_, X.T @ dv
