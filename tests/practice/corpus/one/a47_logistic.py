import numpy as np

def backward(X, Y, w, b):
    t = np.where(Y > 0.5, 1.0, -1.0)
    margin = t * (w @ X + b)
    # d/dmargin log(1+e^-margin) = -1/(1+e^margin)
    g = -t / (1.0 + np.exp(margin))
    return (g @ X.T) / g.size, g.mean()
