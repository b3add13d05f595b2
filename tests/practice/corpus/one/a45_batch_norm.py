import numpy as np

def backward(X, Y, W1, gamma, beta, w2, b2):
    eps = 1e-5
    m = X.shape[1]
    Z = W1 @ X
    mu = np.mean(Z, axis=1, keepdims=True)
    var = np.var(Z, axis=1, keepdims=True)
    Z_norm = (Z - mu) / np.sqrt(var + eps)
    Z_tilde = gamma * Z_norm + beta
    A = np.maximum(0, Z_tilde)
    Y_hat = w2 @ A + b2
    # backward, like in the paper
    dY_hat = 2 * (Y_hat - Y) / m
    dw2 = dY_hat @ A.T
    db2 = np.sum(dY_hat)
    dZ_tilde = w2.T @ dY_hat * (Z_tilde > 0)
    dgamma = np.sum(dZ_tilde * Z_norm, axis=1, keepdims=True)
    dbeta = np.sum(dZ_tilde, axis=1, keepdims=True)
    dZ_norm = dZ_tilde * gamma
    dvar = np.sum(dZ_norm * (Z - mu), axis=1, keepdims=True) * (-0.5) * (var + eps) ** (-0.5)
    dmu = np.sum(-dZ_norm / np.sqrt(var + eps), axis=1, keepdims=True) + dvar * np.mean(-2 * (Z - mu), axis=1, keepdims=True)
    dZ = dZ_norm / np.sqrt(var + eps) + dvar * 2 * (Z - mu) / m + dmu / m
    dW1 = dZ @ X.T
    return dW1, dgamma, dbeta, dw2, db2
