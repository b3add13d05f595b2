import numpy as np

def backward(x, y, w, b):
    m = x.size
    residuals = y - (w * x + b)
    grad_w = 2 / m * (residuals * x).sum()
    grad_b = 2 / m * residuals.sum()
    return grad_w, grad_b
