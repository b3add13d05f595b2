"""Right backward passes of batch and layer normalisation, attention and a recurrent network, in closed and in long forms."""

import numpy as np
from practice.corpus.entry import right
from practice.corpus.modern import batch_norm

from chainrule.models import attention, huber_regression, layer_norm, matrix_factorization, rnn


@right(batch_norm)
def long_form(X, Y, W, gamma, beta):
    """Step by step, as in the paper."""
    m = X.shape[1]
    Z = W @ X
    mu = Z.mean(axis=1, keepdims=True)
    var = Z.var(axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    xhat = (Z - mu) / std
    dout = 2 * (gamma * xhat + beta - Y) / Y.size
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (Z - mu) * -0.5 * (var + 1e-5) ** -1.5, axis=1, keepdims=True)
    dmu = np.sum(-dxhat / std, axis=1, keepdims=True) + dvar * np.mean(
        -2 * (Z - mu), axis=1, keepdims=True
    )
    dZ = dxhat / std + dvar * 2 * (Z - mu) / m + dmu / m
    return {
        "W": dZ @ X.T,
        "gamma": np.sum(dout * xhat, axis=1, keepdims=True),
        "beta": np.sum(dout, axis=1, keepdims=True),
    }


@right(batch_norm)
def closed_form(X, Y, W, gamma, beta):
    """Everything in one formula."""
    m = X.shape[1]
    Z = W @ X
    std = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
    N = (Z - Z.mean(axis=1, keepdims=True)) / std
    D = 2 * (gamma * N + beta - Y) / Y.size
    dgamma, dbeta = (D * N).sum(1, keepdims=True), D.sum(1, keepdims=True)
    dZ = gamma / (m * std) * (m * D - dbeta - N * dgamma)
    return {"W": dZ @ X.T, "gamma": dgamma, "beta": dbeta}


@right(batch_norm)
def variance_by_moments(X, Y, W, gamma, beta):
    """E[z²] - E[z]²: more rounding, the same numbers."""
    m = X.shape[1]
    Z = W @ X
    mu = Z.sum(1, keepdims=True) / m
    var = (Z * Z).sum(1, keepdims=True) / m - mu * mu
    inv = (var + 1e-5) ** -0.5
    N = (Z - mu) * inv
    D = 2 / Y.size * (gamma * N + beta - Y)
    G = D * gamma
    dZ = inv * (G - G.mean(1, keepdims=True) - N * (G * N).mean(1, keepdims=True))
    return dZ @ X.T, (D * N).sum(1, keepdims=True), D.sum(1, keepdims=True)


@right(layer_norm)
def projected(X, Y, gamma, beta):
    """As a projection: away from the ones and from N."""
    V = gamma * X
    C = V - V.mean(axis=0, keepdims=True)
    s = np.sqrt((C * C).mean(axis=0, keepdims=True) + 1e-5)
    N = C / s
    D = 2 * (gamma * N + beta - Y) / Y.size
    G = D * gamma
    dV = (G - G.mean(axis=0, keepdims=True) - N * (G * N).mean(axis=0, keepdims=True)) / s
    return {"gamma": (D * N + dV * X).sum(1, keepdims=True), "beta": D.sum(1, keepdims=True)}


@right(layer_norm)
def with_the_jacobian(X, Y, gamma, beta):
    """The Jacobian of the normalisation, example by example."""
    n, m = X.shape
    dgamma, dbeta = np.zeros_like(gamma), np.zeros_like(beta)
    P = np.eye(n) - np.ones((n, n)) / n
    for i in range(m):
        c = P @ (gamma[:, 0] * X[:, i])
        s = np.sqrt(c @ c / n + 1e-5)
        J = (P - np.outer(c, c) / (n * s**2)) / s
        N = c / s
        d = 2 * (gamma[:, 0] * N + beta[:, 0] - Y[:, i]) / Y.size
        dv = J.T @ (d * gamma[:, 0])
        dgamma[:, 0] += d * N + dv * X[:, i]
        dbeta[:, 0] += d
    return dgamma, dbeta


def softmax_rows(S):
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@right(attention)
def step_by_step(X, Y, W_Q, W_K, W_V):
    """As derived."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    c = Q.shape[1] ** -0.5
    P = softmax_rows(Q @ K.T * c)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True)) * c
    return {"W_Q": X.T @ dS @ K, "W_K": X.T @ dS.T @ Q, "W_V": X.T @ P.T @ dO}


@right(attention)
def jacobian_per_row(X, Y, W_Q, W_K, W_V):
    """diag(p) - p pᵀ for every row."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    d_k = W_Q.shape[1]
    P = softmax_rows(Q @ K.T / np.sqrt(d_k))
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = np.stack([(np.diag(p) - np.outer(p, p)) @ g for p, g in zip(P, dP)])
    dQ, dK, dV = dS @ K / np.sqrt(d_k), dS.T @ Q / np.sqrt(d_k), P.T @ dO
    return X.T @ dQ, X.T @ dK, X.T @ dV


@right(attention)
def rowwise_dot_products(X, Y, W_Q, W_K, W_V):
    """Σ dP P is the dot product of dO with the output: the trick of fast implementations."""
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    scale = 1 / np.sqrt(Q.shape[1])
    P = softmax_rows(scale * Q @ K.T)
    O = P @ V
    dO = 2 * (O - Y) / Y.size
    D = (dO * O).sum(axis=1, keepdims=True)
    dS = P * (dO @ V.T - D)
    return {"W_Q": scale * X.T @ (dS @ K), "W_K": scale * X.T @ (dS.T @ Q), "W_V": X.T @ (P.T @ dO)}


@right(rnn)
def through_time(x, Y, W, U, b, V):
    """Back-propagation through time in a loop."""
    h = [np.zeros((W.shape[0], x.shape[2]))]
    for t in range(3):
        h.append(np.tanh(W @ h[-1] + U @ x[t] + b))
    dY = 2 * (V @ h[-1] - Y) / Y.size
    dW, dU, db = 0, 0, 0
    dh = V.T @ dY
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        dW, dU = dW + dz @ h[t].T, dU + dz @ x[t].T
        db = db + dz.sum(axis=1, keepdims=True)
        dh = W.T @ dz
    return {"W": dW, "U": dU, "b": db, "V": dY @ h[-1].T}


@right(rnn)
def written_out(x, Y, W, U, b, V):
    """The three steps written out."""
    h1 = np.tanh(U @ x[0] + b)
    h2 = np.tanh(W @ h1 + U @ x[1] + b)
    h3 = np.tanh(W @ h2 + U @ x[2] + b)
    g = 2 * (V @ h3 - Y) / Y.size
    d3 = V.T @ g / np.cosh(np.arctanh(h3)) ** 2
    d2 = W.T @ d3 * (1 - h2 * h2)
    d1 = W.T @ d2 * (1 - h1 * h1)
    return (
        d3 @ h2.T + d2 @ h1.T,
        d3 @ x[2].T + d2 @ x[1].T + d1 @ x[0].T,
        (d1 + d2 + d3).sum(axis=1, keepdims=True),
        g @ h3.T,
    )


@right(huber_regression)
def clipped_residuals(X, Y, w, b):
    """np.clip."""
    g = np.clip(w @ X + b - Y, -1, 1) / X.shape[1]
    return {"w": g @ X.T, "b": g.sum()}


@right(matrix_factorization)
def both_factors(R, U, V):
    """Residual times the other factor, plus the penalty."""
    E = 2 * (U @ V.T - R) / R.size
    return {"U": E @ V + 0.02 * U, "V": E.T @ U + 0.02 * V}
