import numpy as np

learning_rate = 0.1

def backward(X, Y, W1, b1, w2, b2):
    m = Y.shape[1]
    H = W1 @ X + b1
    Y_hat = w2 @ H + b2

    dY_hat = (2 / m) * (Y_hat - Y)
    # output layer
    dw2 = dY_hat @ H.T
    db2 = np.sum(dY_hat)
    w2 = w2 - learning_rate * dw2
    b2 = b2 - learning_rate * db2
    # hidden layer
    dH = w2.T @ dY_hat
    dW1 = dH @ X.T
    db1 = np.sum(dH, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dw2": dw2, "db2": db2}
