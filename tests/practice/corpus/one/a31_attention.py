import numpy as np

def backward(X, Y, W_Q, W_K, W_V):
    t, dk = X.shape[0], W_Q.shape[1]
    M = W_Q @ W_K.T / np.sqrt(dk)          # scores = X M X^T
    V = X @ W_V
    gM = np.zeros_like(M)
    gWV = np.zeros_like(W_V)
    for i in range(t):
        s = X @ (M.T @ X[i])
        a = np.exp(s - s.max()); a /= a.sum()
        g = 2 * (a @ V - Y[i]) / Y.size
        gWV += np.outer(X.T @ a, g)
        ga = V @ g
        gs = a * (ga - a @ ga)
        gM += np.outer(X[i], X.T @ gs)
    gM /= np.sqrt(dk)
    return {"W_Q": gM @ W_K, "W_K": gM.T @ W_Q, "W_V": gWV}
