import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    n = X.shape[1]
    pre = W1 @ X + b1
    act = np.maximum(pre, 0.0)
    prob = 1 / (1 + np.exp(-(w2 @ act + b2)))
    diff = prob - Y
    g_w2 = diff @ act.T
    g_b2 = diff.sum() / n
    g_act = w2.T @ diff / n
    g_pre = g_act * np.where(pre > 0, 1.0, 0.01)
    g_W1 = g_pre @ X.T
    g_b1 = g_pre.sum(axis=1, keepdims=True)
    return {"grad_W1": g_W1, "grad_b1": g_b1, "grad_w2": g_w2, "grad_b2": g_b2}
