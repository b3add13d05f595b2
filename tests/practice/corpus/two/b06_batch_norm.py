import numpy as np

def backward(X, Y, W1, gamma, beta, w2, b2):
    N = X.shape[1]
    Z = np.dot(W1, X)
    Zc = Z - Z.mean(1, keepdims=True)
    std = np.sqrt((Zc ** 2).mean(1, keepdims=True) + 1e-5)
    Zh = Zc / std
    B = gamma * Zh + beta
    R = B * (B > 0)
    err = 2 * (np.dot(w2, R) + b2 - Y) / N
    grads = {"w2": np.dot(err, R.T), "b2": err.sum()}
    dB = np.dot(w2.T, err)
    dB[B <= 0] = 0
    grads["gamma"] = np.sum(dB * Zc, axis=1, keepdims=True)
    grads["beta"] = np.sum(dB, axis=1, keepdims=True)
    dZh = gamma * dB
    s1 = dZh.sum(1, keepdims=True)
    s2 = (dZh * Zh).sum(1, keepdims=True)
    dZ = (N * dZh - s1 - Zh * s2) / (N * std)
    grads["W1"] = np.dot(dZ, X.T)
    return grads
