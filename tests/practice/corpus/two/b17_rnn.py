import numpy as np

def backward(x, Y, W, U, b, V):
    n_h, (T, n_x, m) = len(W), x.shape
    big = np.hstack([W, U, b])
    inputs = []
    h = np.zeros((n_h, m))
    for t in range(T):
        inputs.append(np.vstack([h, x[t], np.ones((1, m))]))
        h = np.tanh(big @ inputs[-1])
    r = (V @ h - Y) * (2 / Y.size)
    gV = r @ h.T
    g, gbig = V.T @ r, 0
    for inp in inputs[::-1]:
        z = big @ inp
        g = g / np.cosh(z) ** 2
        gbig = gbig + g @ inp.T
        g = (big.T @ g)[:n_h]
    return {"W": gbig[:, :n_h], "U": gbig[:, n_h:-1], "b": gbig[:, -1:], "V": gV}
