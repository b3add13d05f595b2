import numpy as np

def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=1, keepdims=True)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=1, keepdims=True)
    ivar = 1 / np.sqrt(var + eps)
    xhat = xmu * ivar
    return gamma * xhat + beta, (xhat, gamma, xmu, ivar)

def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar = cache
    m = dout.shape[1]
    dbeta = np.sum(dout, axis=1, keepdims=True)
    dgamma = np.sum(dout * xhat, axis=1, keepdims=True)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu, axis=1, keepdims=True) * -0.5 * ivar ** 3
    dxmu = dxhat * ivar + 2 / m * dvar * xmu
    dx = dxmu
    return dx, dgamma, dbeta

def backward(X, Y, W1, gamma, beta, w2, b2):
    out, cache = batchnorm_forward(W1 @ X, gamma, beta)
    h = np.maximum(0, out)
    d = 2 * (w2 @ h + b2 - Y) / X.shape[1]
    dout = (w2.T @ d) * (out > 0)
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx @ X.T, dgamma, dbeta, d @ h.T, d.sum()
