import jax.numpy as jnp
from jax.nn import sigmoid

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    A1 = sigmoid(W1 @ X + b1)
    A2 = sigmoid(w2 @ A1 + b2)
    dZ2 = (A2 - Y) / m
    dw2 = dZ2 @ A1.T
    db2 = jnp.sum(dZ2)
    dA1 = w2.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    dW1 = dZ1 @ X.T
    db1 = jnp.sum(dA1, axis=1, keepdims=True)
    return dW1, db1, dw2, db2
