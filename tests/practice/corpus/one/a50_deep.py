import numpy as np

def backward(X, Y, W, b):
    gW, gb = {}, {}

    def go(k, a):
        z = W[k] @ a + b[k]
        if k == len(W) - 1:
            g = (z - Y) * 2 / z.size
        else:
            g = go(k + 1, z.clip(0)) * (z > 0)
        gW[k] = g @ a.T
        gb[k] = g.sum(1, keepdims=True)
        return W[k].T @ g

    go(0, X)
    return {"W": [gW[k] for k in range(len(W))], "b": [gb[k] for k in range(len(b))]}
