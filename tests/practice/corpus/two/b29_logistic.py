import numpy as np

sigma = lambda t: 1 / (1 + np.exp(-t))

def backward(X, Y, w, b):
    N = X.shape[0]     # number of training samples
    yhat = sigma(w @ X + b)
    residual = (yhat - Y) / N
    return {
        "w": residual @ X.T,
        "b": np.sum(residual),
    }
