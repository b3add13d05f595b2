import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    activations = [X]
    zs = []
    z = np.dot(W1, X) + b1
    zs.append(z)
    activations.append(sigmoid(z))
    zs.append(np.dot(w2, activations[1]) + b2)

    delta = 2 * (zs[-1] - Y) / m
    nabla_b2 = delta.sum()
    nabla_w2 = np.dot(delta, activations[-1].T)
    sp = sigmoid_prime(activations[1])
    delta = np.dot(w2.T, delta) * sp
    nabla_b1 = delta.sum(axis=1, keepdims=True)
    nabla_W1 = np.dot(delta, activations[0].T)
    return nabla_W1, nabla_b1, nabla_w2, nabla_b2
