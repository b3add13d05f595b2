import numpy as np

def sig(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    s1 = W1 @ X + b1
    h = sig(s1)
    o = w2 @ h + b2
    # delta of the output neuron
    delta2 = 2 / m * (o - Y) * o * (1 - o)
    delta1 = (w2.T @ delta2) * h * (1 - h)
    return {"W1": delta1 @ X.T, "b1": delta1.sum(1, keepdims=True), "w2": delta2 @ h.T, "b2": delta2.sum()}
