import jax.numpy as jnp

def backward(features, labels, weights, bias):
    z = jnp.dot(weights, features) + bias
    p = 0.5 * (1 + jnp.tanh(z / 2))
    # full chain, no shortcut
    dp = (p - labels) / (p * (1 - p))
    dtanh = 0.5 * dp
    dz = dtanh * (1 - jnp.tanh(z / 2) ** 2) * 0.5
    dz = dz / labels.shape[1]
    return jnp.einsum("om,nm->on", dz, features), jnp.sum(dz)
