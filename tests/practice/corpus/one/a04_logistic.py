import numpy as np

def sigmoid(z):
    return np.where(z > 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))

def dsigmoid(a):
    return a * (1 - a)

def backward(X, Y, w, b):
    A = sigmoid(w.dot(X) + b)
    delta = (A - Y) * dsigmoid(A)
    grad_w = np.mean(delta * X, axis=1, keepdims=True).T
    grad_b = np.mean(delta)
    return {"grad_w": grad_w, "grad_b": grad_b}
