import numpy as np

def backward(X, Y, W1, b1, w2, b2):
    t = {}
    t["h"] = np.dot(W1, X) + b1
    t["mask"] = np.heaviside(t["h"], 0.0)
    t["o"] = np.dot(w2, t["h"] * t["mask"]) + b2
    t["weights"] = np.full(Y.shape, 1.0 / Y.shape[1])
    t["do"] = t["weights"] * (1 / (1 + np.exp(-t["o"])) - Y)
    t["dh"] = t["mask"] * np.dot(w2.T, t["do"])
    return {
        "W1": t["dh"].dot(X.T), "b1": t["dh"].dot(np.ones((X.shape[1], 1))),
        "w2": t["do"].dot((t["h"] * t["mask"]).T), "b2": float(np.sum(t["do"])),
    }
