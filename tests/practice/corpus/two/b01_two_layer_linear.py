import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    layers = [(W1.T, b1.T), (w2.T, np.reshape(b2, (1, 1)))]
    acts = [X.T]
    for W, b in layers:
        acts.append(acts[-1] @ W + b)
    delta = (acts[-1] - Y.T) * 2 / len(acts[0])
    result = []
    for (W, b), a in zip(reversed(layers), reversed(acts[:-1])):
        result.insert(0, (a.T @ delta, delta.sum(0)))
        delta = delta @ W.T
    (gW1, gb1), (gw2, gb2) = result
    return {"W1": gW1.T, "b1": gb1[:, None], "w2": gw2.T, "b2": gb2[0]}
