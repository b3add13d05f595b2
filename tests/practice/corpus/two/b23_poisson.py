import numpy as np

def backward(X, Y, w, b):
    m = X.shape[1]
    eta = w @ X + b
    lam = np.exp(eta)
    deta = (eta - Y) / m
    return {"w": deta @ X.T, "b": np.sum(deta)}
