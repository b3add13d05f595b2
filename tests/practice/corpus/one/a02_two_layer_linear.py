import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    Y_hat = w2 @ (W1 @ X + b1) + b2
    dY = 2 / m * (Y_hat - Y)
    dw2 = dY @ (W1 @ X).T
    db2 = np.sum(dY)
    dH = w2.T @ dY
    dW1 = dH @ X.T
    db1 = np.sum(dH, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "w2": dw2, "b2": db2}
