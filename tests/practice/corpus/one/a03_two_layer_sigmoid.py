import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    acts = [1 / (1 + np.exp(-(row @ X + bias))) for row, bias in zip(W1, b1)]
    y = sum(v * a for v, a in zip(w2[0], acts)) + b2
    err = (y - Y[0]) / m
    gW1, gb1, gw2 = [], [], []
    for v, a in zip(w2[0], acts):
        gw2.append(2 * err @ a)
        local = 2 * err * v * a * (1 - a)
        gb1.append([local.sum()])
        gW1.append(X @ local)
    return {"W1": np.array(gW1), "b1": np.array(gb1), "w2": np.array([gw2]), "b2": 2 * err.sum()}
