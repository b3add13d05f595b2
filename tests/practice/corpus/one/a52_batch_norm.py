import numpy as np

def relu(x):
    return np.where(x > 0, x, 0)

def backward(X, Y, W1, gamma, beta, w2, b2, eps=1e-5):
    x = X.T                                # (m, n_x)
    m = len(x)
    lin = x @ W1.T
    mean, var = lin.mean(0), lin.var(0)
    hat = (lin - mean) / np.sqrt(var + eps)
    g, be = gamma.ravel(), beta.ravel()
    pre = hat * g + be
    act = relu(pre)
    out = act @ w2.T + b2
    dout = 2 * (out - Y.T) / m
    dact = dout @ w2
    dpre = np.where(pre > 0, dact, 0)
    dhat = dpre
    dlin = (dhat - dhat.mean(0) - hat * (dhat * hat).mean(0)) / np.sqrt(var + eps)
    return {
        "W1": dlin.T @ x,
        "gamma": (dpre * hat).sum(0)[:, None],
        "beta": dpre.sum(0)[:, None],
        "w2": dout.T @ act,
        "b2": dout.sum(),
    }
