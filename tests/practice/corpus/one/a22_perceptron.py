import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    a = np.tanh(W1 @ X + b1)
    q = 1 / (1 + np.exp(-(w2 @ a + b2)))
    e = q - Y
    back = (1 - a) * (1 + a) * w2.T * e
    mean_outer = lambda u, v: np.tensordot(u, v, axes=(1, 1)) / u.shape[1]
    return {
        "b2": e.mean(), "w2": mean_outer(e, a),
        "b1": back.mean(1, keepdims=True), "W1": mean_outer(back, X),
    }
