import numpy as np

def backward(x, y, w, b):
    err = (w * x + b) - y
    dw = np.mean(2 * err * x)
    db = np.mean(2 * err * x)
    return dict(w=dw, b=db)
