import numpy as np

def backward(X, Y, w, b):
    """Gradients of the mean cross entropy."""
    m = X.shape[1]
    prob = 1 / (1 + np.exp(-(w @ X + b)))
    dz = prob - Y
    dw = np.mean(dz * X, axis=1).reshape(1, -1) / m
    db = np.mean(dz)
    return [dw, db]
