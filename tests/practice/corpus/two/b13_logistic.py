import numpy as np

def backward(X, Y, w, b):
    m = X.shape[1]
    Z = w @ X + b
    A = 1 / (1 + np.exp(-Z))
    # L = -1/m sum( y log a + (1-y) log(1-a) )
    dA = -1 / m * (Y / A + (1 - Y) / (1 - A))
    # sigmoid' = a (1-a)
    dZ = dA * A * (1 - A)
    dw = dZ @ X.T
    db = np.sum(dZ)
    return {"w": dw, "b": db}
