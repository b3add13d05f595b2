import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    M = X.shape[1]
    hidden = W1 @ X + b1
    output = w2 @ hidden + b2
    grad_out = (output - Y) / M
    grad_hidden = w2.T @ grad_out
    grad_W1 = grad_hidden @ X.T
    grad_b1 = np.mean(grad_hidden, axis=1, keepdims=True)
    grad_w2 = grad_out @ hidden.T
    grad_b2 = np.sum(grad_out)
    return grad_W1, grad_b1, grad_w2, grad_b2
