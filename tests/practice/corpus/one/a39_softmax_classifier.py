import numpy as np

def softmax(scores):
    scores = scores - np.max(scores)
    ex = np.exp(scores)
    return ex / np.sum(ex, axis=1, keepdims=True)

def backward(X, Y, W, b):
    N = Y.shape[1]
    probs = softmax(W.dot(X) + b)
    dscores = (probs - Y) / N
    return {"W": dscores.dot(X.T), "b": dscores.sum(axis=1, keepdims=True)}
