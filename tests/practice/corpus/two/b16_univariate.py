import numpy as np

def loss_grad(pred, target):
    """derivative of the loss wrt the prediction"""
    return np.sign(pred - target) / target.size

def backward(x, y, w, b):
    pred = x * w + b
    g = loss_grad(pred, y)
    return {"dw": (g * x).sum(), "db": g.sum()}
