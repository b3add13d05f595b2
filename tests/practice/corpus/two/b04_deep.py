import numpy as np

def backward(X, Y, W, b):
    L = len(W)
    A = [X]
    Z = []
    for l in range(L):
        Z.append(W[l] @ A[-1] + b[l])
        A.append(Z[-1] if l == L - 1 else np.maximum(Z[-1], 0))
    dW = [None] * L
    db = [None] * L
    dZ = 2 * (A[-1] - Y) / Y.size
    for l in reversed(range(L)):
        dW[l] = dZ @ A[l].T
        db[l] = dZ.sum(axis=1, keepdims=True)
        if l > 0:
            dZ = W[l].T @ dZ
            if l > 1:
                dZ = dZ * (Z[l - 1] > 0)
    return {"W": dW, "b": db}
