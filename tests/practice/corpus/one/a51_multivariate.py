import numpy as np

class LinearRegression:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def predict(self, X):
        return self.w @ X + self.b

    def gradients(self, X, Y):
        m = Y.shape[1]
        error = self.predict(X) - Y
        return {"w": (error @ X.T) * 1 / m, "b": np.sum(error) * 1 / m}

def backward(X, Y, w, b):
    return LinearRegression(w, b).gradients(X, Y)
