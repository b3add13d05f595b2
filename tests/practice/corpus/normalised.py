"""Two layers with batch normalisation (over the examples) and relu between them, squared error."""

import chainrule as cr


@cr.model
def batch_norm(
    X: "n_x m",
    Y: "1 m",
    *,
    W1: "n_h n_x",
    gamma: "n_h 1",
    beta: "n_h 1",
    w2: "1 n_h",
    b2: "",
    epsilon=1e-5,
):
    """Two layers with batch normalisation and relu between them, squared error."""
    Z = W1 @ X
    mu = cr.mean(Z, axis="m", keepdims=True)
    C = Z - mu
    var = cr.mean(C**2, axis="m", keepdims=True)
    N = C / cr.sqrt(var + epsilon)
    Z1 = gamma * N + beta
    A1 = cr.relu(Z1)
    Y_hat = w2 @ A1 + b2
    return cr.mean((Y_hat - Y) ** 2)
