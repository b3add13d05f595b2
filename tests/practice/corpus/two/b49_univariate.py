import numpy as np

def backward(x, y, w, b):
    n = x.size
    error = w * x + b - y
    d = error / n
    return {"w": np.sum(d * x), "b": np.sum(d)}
