import numpy as np

def backward(X, Y, w, b):
    Yhat = w @ X + b
    m = Y.shape[1]
    dY = 2 / m * (Y - Yhat)
    dw = dY @ X.T
    db = np.mean(dY)
    return {"dw": dw, "db": db}
