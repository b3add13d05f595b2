import numpy as np

def backward(X, Y, W, b):
    # work with one row per example
    A = X.T
    logits = A @ W.T + b.T
    logits -= logits.max(axis=1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    d = probs - Y.T
    d /= A.shape[0]
    dW = d.T @ A
    db = d.mean(axis=0)
    return {"dW": dW, "db": db[:, np.newaxis]}
