import numpy as np

def backward(X, Y, W1, gamma, beta, w2, b2):
    eps = 1e-5
    m = X.shape[1]
    Z = W1 @ X
    mu = Z.mean(axis=1, keepdims=True)
    var = Z.var(axis=1, keepdims=True)
    Zn = (Z - mu) / np.sqrt(var + eps)
    U = gamma * Zn + beta
    A = np.maximum(U, 0)
    Y_hat = w2 @ A + b2

    dY = 2 / m * (Y_hat - Y)
    dw2 = dY @ A.T
    db2 = dY.sum()
    dU = (w2.T @ dY) * (U > 0)
    dgamma = (dU * Zn).sum(axis=1, keepdims=True)
    dbeta = dU.sum(axis=1, keepdims=True)
    dZn = dU * gamma
    dZ = dZn / np.sqrt(var + eps)
    dW1 = dZ @ X.T
    return {"W1": dW1, "gamma": dgamma, "beta": dbeta, "w2": dw2, "b2": db2}
