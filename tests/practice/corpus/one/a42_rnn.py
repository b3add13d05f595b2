import numpy as np

def backward(x, Y, W, U, b, V):
    T, _, m = x.shape
    h = [np.tanh(U @ x[0] + b)]
    for t in range(1, T):
        h.append(np.tanh(W @ h[t - 1] + U @ x[t] + b))
    dY = 2 * (V @ h[-1] - Y) / Y.size
    dV = dY @ h[-1].T
    dU = np.zeros_like(U)
    dW = np.zeros_like(W)
    db = np.zeros_like(b)
    dh = V.T @ dY
    for t in range(T - 1, -1, -1):
        dz = dh * (1 - h[t] ** 2)
        dU += dz @ x[t].T
        db += dz.sum(axis=1, keepdims=True)
        if t == T - 1:
            dW += dz @ h[t - 1].T
        dh = W.T @ dz
    return {"W": dW, "U": dU, "b": db, "V": dV}
