import numpy as np

def backward(X, Y, w, b, delta=1.0):
    m = X.shape[1]
    e = w @ X + b - Y
    # quadratic in the middle, linear outside
    inside = np.abs(e) <= delta
    de = np.where(inside, e, delta) / m
    dw = de @ X.T
    db = np.sum(de)
    return {"w": dw, "b": db}
