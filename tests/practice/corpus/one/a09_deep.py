import numpy as np

def relu(z):
    return z * (z > 0)

def backward(X, Y, W, b):
    caches = []
    a = X
    for i, (Wi, bi) in enumerate(zip(W, b)):
        z = Wi.dot(a) + bi
        caches.append((a, z))
        a = relu(z) if i < len(W) - 1 else z
    da = 2 * (a - Y) / (Y.shape[0] * Y.shape[1])
    gW, gb = [], []
    for i in range(len(W) - 1, -1, -1):
        a_prev, z = caches[i]
        dz = da * (z > 0)
        gW.append(dz.dot(a_prev.T))
        gb.append(dz.sum(axis=1, keepdims=True))
        da = W[i].T.dot(dz)
    return {"W": gW[::-1], "b": gb[::-1]}
