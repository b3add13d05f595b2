"""Batch and layer normalisation, attention, a recurrent network: wrong backward passes as students write them."""

import numpy as np
from practice.corpus.entry import wrong

import chainrule as cr
from chainrule.models import attention, layer_norm, rnn


@cr.model
def batch_norm(X: "n_x m", Y: "n_h m", *, W: "n_h n_x", gamma: "n_h 1", beta: "n_h 1"):
    """A linear layer with batch normalisation, squared error."""
    Z = W @ X
    mu = cr.mean(Z, axis="m", keepdims=True)
    C = Z - mu
    var = cr.mean(C**2, axis="m", keepdims=True)
    std = cr.sqrt(var + 1e-5)
    Z_hat = C / std
    Y_hat = gamma * Z_hat + beta
    return cr.mean((Y_hat - Y) ** 2)


def normalise(Z, axis):
    mu = Z.mean(axis=axis, keepdims=True)
    var = Z.var(axis=axis, keepdims=True)
    return (Z - mu) / np.sqrt(var + 1e-5), np.sqrt(var + 1e-5)


# -- batch normalisation
@wrong(batch_norm, "gamma", "missing-sum")
def scale_not_summed(X, Y, W, gamma, beta):
    """gamma was broadcast over the batch."""
    m = X.shape[1]
    Z = W @ X
    Z_hat, std = normalise(Z, 1)
    Y_hat = gamma * Z_hat + beta
    dY_hat = 2 * (Y_hat - Y) / Y.size
    dgamma = dY_hat * Z_hat
    dbeta = dY_hat.sum(axis=1, keepdims=True)
    dZ_hat = dY_hat * gamma
    dZ = (
        dZ_hat - dZ_hat.mean(1, keepdims=True) - Z_hat * (dZ_hat * Z_hat).sum(1, keepdims=True) / m
    ) / std
    return {"W": dZ @ X.T, "gamma": dgamma, "beta": dbeta}


@wrong(batch_norm, "C", "missing-term")
def variance_as_a_constant(X, Y, W, gamma, beta):
    """Nothing flows back through the variance."""
    Z = W @ X
    mu = np.mean(Z, axis=1, keepdims=True)
    C = Z - mu
    std = np.sqrt(np.mean(C**2, axis=1, keepdims=True) + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dgamma = np.sum(dY_hat * Z_hat, axis=1, keepdims=True)
    dbeta = np.sum(dY_hat, axis=1, keepdims=True)
    dC = dY_hat * gamma / std
    dZ = dC - dC.mean(axis=1, keepdims=True)
    return {"W": dZ @ X.T, "gamma": dgamma, "beta": dbeta}


@wrong(batch_norm, "Z", "missing-term")
def mean_as_a_constant(X, Y, W, gamma, beta):
    """Nothing flows back through the mean."""
    m = X.shape[1]
    Z = W @ X
    mu = np.mean(Z, axis=1, keepdims=True)
    C = Z - mu
    var = np.mean(C**2, axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    dvar = np.sum(dZ_hat * C, axis=1, keepdims=True) * -0.5 * (var + 1e-5) ** -1.5
    dZ = dZ_hat / std + 2 / m * dvar * C
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z_hat).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(axis=1, keepdims=True),
    }


@wrong(batch_norm, "Z", "missing-term")
def statistics_as_constants(X, Y, W, gamma, beta):
    """Mean and variance are both treated as constants."""
    Z_hat, std = normalise(W @ X, 1)
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ = dY_hat * gamma / std
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z_hat).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(axis=1, keepdims=True),
    }


@wrong(batch_norm, "var", "wrong-exponent")
def exponent_of_the_variance(X, Y, W, gamma, beta):
    """-1/2 where -3/2 is meant."""
    m = X.shape[1]
    Z = W @ X
    mu = Z.mean(axis=1, keepdims=True)
    var = Z.var(axis=1, keepdims=True)
    ivar = 1 / np.sqrt(var + 1e-5)
    xhat = (Z - mu) * ivar
    dout = 2 * (gamma * xhat + beta - Y) / Y.size
    dgamma = np.sum(dout * xhat, axis=1, keepdims=True)
    dbeta = np.sum(dout, axis=1, keepdims=True)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (Z - mu), axis=1, keepdims=True) * -0.5 * (var + 1e-5) ** (-0.5)
    dmu = -np.sum(dxhat * ivar, axis=1, keepdims=True)
    dZ = dxhat * ivar + dvar * 2 * (Z - mu) / m + dmu / m
    return {"W": dZ @ X.T, "gamma": dgamma, "beta": dbeta}


@wrong(batch_norm, "mu", "wrong-axis", ("var", "wrong-axis"))
def normalised_over_features(X, Y, W, gamma, beta):
    """The statistics of the wrong axis: this is layer normalisation."""
    Z = W @ X
    n = Z.shape[0]
    mu = Z.mean(axis=0, keepdims=True)
    C = Z - mu
    var = (C**2).mean(axis=0, keepdims=True)
    std = np.sqrt(var + 1e-5)
    Z_hat = C / std
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    dZ = (
        dZ_hat - dZ_hat.mean(0, keepdims=True) - Z_hat * (dZ_hat * Z_hat).sum(0, keepdims=True) / n
    ) / std
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z_hat).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(axis=1, keepdims=True),
    }


@wrong(batch_norm, "Z_hat", "missing-factor")
def scale_skipped(X, Y, W, gamma, beta):
    """The gradient passes the scale without being multiplied by it."""
    m = X.shape[1]
    Z_hat, std = normalise(W @ X, 1)
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat
    dZ = (
        m * dZ_hat - dZ_hat.sum(1, keepdims=True) - Z_hat * (dZ_hat * Z_hat).sum(1, keepdims=True)
    ) / (m * std)
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z_hat).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(axis=1, keepdims=True),
    }


@wrong(batch_norm, "gamma", "wrong-value")
def scale_from_the_raw_values(X, Y, W, gamma, beta):
    """Z where the normalised Z is meant."""
    m = X.shape[1]
    Z = W @ X
    Z_hat, std = normalise(Z, 1)
    dY_hat = 2 * (gamma * Z_hat + beta - Y) / Y.size
    dZ_hat = dY_hat * gamma
    dZ = (
        dZ_hat - dZ_hat.mean(1, keepdims=True) - Z_hat * (dZ_hat * Z_hat).sum(1, keepdims=True) / m
    ) / std
    return {
        "W": dZ @ X.T,
        "gamma": (dY_hat * Z).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(axis=1, keepdims=True),
    }


# -- layer normalisation
@wrong(layer_norm, "gamma", "missing-term")
def second_use_forgotten(X, Y, gamma, beta):
    """gamma scales the input and the output; only the output counts here."""
    V = X * gamma
    mu = V.mean(axis=0, keepdims=True)
    C = V - mu
    std = np.sqrt((C**2).mean(axis=0, keepdims=True) + 1e-5)
    N = C / std
    Y_hat = gamma * N + beta
    dY_hat = 2 * (Y_hat - Y) / Y.size
    return {
        "gamma": np.sum(dY_hat * N, axis=1, keepdims=True),
        "beta": np.sum(dY_hat, axis=1, keepdims=True),
    }


def _layer_norm_forward(X, gamma):
    V = X * gamma
    mu = V.mean(axis=0, keepdims=True)
    C = V - mu
    var = (C**2).mean(axis=0, keepdims=True)
    return C, var, C / np.sqrt(var + 1e-5)


@wrong(layer_norm, "C", "missing-term")
def spread_is_constant(X, Y, gamma, beta):
    """The variance is treated as a constant."""
    C, var, N = _layer_norm_forward(X, gamma)
    dY_hat = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY_hat * gamma
    dC = dN / np.sqrt(var + 1e-5)
    dV = dC - dC.mean(axis=0, keepdims=True)
    dgamma = (dY_hat * N).sum(1, keepdims=True) + (dV * X).sum(1, keepdims=True)
    return dgamma, dY_hat.sum(1, keepdims=True)


@wrong(layer_norm, "v1", "missing-term")
def centre_is_constant(X, Y, gamma, beta):
    """The mean is treated as a constant."""
    n = X.shape[0]
    C, var, N = _layer_norm_forward(X, gamma)
    dY_hat = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY_hat * gamma
    dvar = np.sum(dN * C, axis=0, keepdims=True) * -0.5 * (var + 1e-5) ** -1.5
    dC = dN / np.sqrt(var + 1e-5) + 2 / n * dvar * C
    dgamma = (dY_hat * N + dC * X).sum(axis=1, keepdims=True)
    dbeta = dY_hat.sum(axis=1, keepdims=True)
    return dgamma, dbeta


@wrong(layer_norm, "var", "sign")
def quotient_rule_sign(X, Y, gamma, beta):
    """The minus sign of the derivative of 1/x."""
    n = X.shape[0]
    C, var, N = _layer_norm_forward(X, gamma)
    dY_hat = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY_hat * gamma
    dvar = np.sum(dN * C, axis=0, keepdims=True) * 0.5 * (var + 1e-5) ** -1.5
    dC = dN / np.sqrt(var + 1e-5) + 2 / n * dvar * C
    dv = dC - dC.mean(axis=0, keepdims=True)
    dgamma = (dY_hat * N + dv * X).sum(axis=1, keepdims=True)
    dbeta = dY_hat.sum(axis=1, keepdims=True)
    return {"gamma": dgamma, "beta": dbeta}


@wrong(layer_norm, "beta", "mean-for-sum")
def shift_averaged(X, Y, gamma, beta):
    """np.mean for the shift."""
    n = X.shape[0]
    C, var, N = _layer_norm_forward(X, gamma)
    dY_hat = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY_hat * gamma
    dvar = np.sum(dN * C, axis=0, keepdims=True) * -0.5 * (var + 1e-5) ** -1.5
    dC = dN / np.sqrt(var + 1e-5) + 2 / n * dvar * C
    dv = dC - dC.mean(axis=0, keepdims=True)
    dgamma = (dY_hat * N + dv * X).sum(axis=1, keepdims=True)
    dbeta = dY_hat.mean(axis=1, keepdims=True)
    return {"gamma": dgamma, "beta": dbeta}


@wrong(layer_norm, "C", "missing-1-over-m")
def mean_of_squares_not_divided(X, Y, gamma, beta):
    """The 1/n of the variance is forgotten on the way back."""
    C, var, N = _layer_norm_forward(X, gamma)
    std = np.sqrt(var + 1e-5)
    dY_hat = 2 * (gamma * N + beta - Y) / Y.size
    dN = dY_hat * gamma
    dstd = -np.sum(dN * C, axis=0, keepdims=True) / std**2
    dvar = dstd / (2 * std)
    dC = dN / std + 2 * dvar * C
    dv = dC - dC.mean(axis=0, keepdims=True)
    return {
        "gamma": (dY_hat * N + dv * X).sum(axis=1, keepdims=True),
        "beta": dY_hat.sum(1, keepdims=True),
    }


# -- attention
def _attend(X, W_Q, W_K, W_V):
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    S = Q @ K.T / np.sqrt(Q.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return Q, K, V, E / E.sum(axis=1, keepdims=True)


@wrong(attention, "K", "wrong-coefficient", ("Q", "wrong-coefficient"))
def scale_forgotten(X, Y, W_Q, W_K, W_V):
    """1/√d_k is applied forwards and not backwards."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    dQ = dS @ K
    dK = dS.T @ Q
    return {"W_Q": X.T @ dQ, "W_K": X.T @ dK, "W_V": X.T @ dV}


def _rest(X, Q, K, V, P, dO, dS):
    d_k = Q.shape[1]
    return X.T @ (dS @ K) / np.sqrt(d_k), X.T @ (dS.T @ Q) / np.sqrt(d_k), X.T @ (P.T @ dO)


@wrong(attention, "S", "softmax-elementwise")
def scores_one_by_one(X, Y, W_Q, W_K, W_V):
    """P(1 - P) for the softmax."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = dP * P * (1 - P)
    return _rest(X, Q, K, V, P, dO, dS)


@wrong(attention, "S", "wrong-axis")
def weighted_sum_over_queries(X, Y, W_Q, W_K, W_V):
    """The sum in the softmax's derivative runs over the wrong axis."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=0, keepdims=True))
    return _rest(X, Q, K, V, P, dO, dS)


@wrong(attention, "S", "missing-keepdims")
def lost_axis_in_softmax(X, Y, W_Q, W_K, W_V):
    """Without keepdims the sums line up with the columns: it fits, by accident."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1))
    return _rest(X, Q, K, V, P, dO, dS)


@wrong(attention, "V", "transposed-operand")
def weights_not_transposed(X, Y, W_Q, W_K, W_V):
    """P is square, so P @ dO fits as well."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    dWq, dWk, _ = _rest(X, Q, K, V, P, dO, dS)
    return {"W_Q": dWq, "W_K": dWk, "W_V": X.T @ (P @ dO)}


@wrong(attention, "K", "transposed-operand")
def keys_as_queries(X, Y, W_Q, W_K, W_V):
    """dS @ Q where dS.T @ Q is meant."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    scale = Q.shape[1] ** -0.5
    dO = 2 * (P @ V - Y) / Y.size
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    dQ = scale * dS @ K
    dK = scale * dS @ Q
    return X.T @ dQ, X.T @ dK, X.T @ dV


@wrong(attention, "S", "missing-activation-derivative")
def straight_through_softmax(X, Y, W_Q, W_K, W_V):
    """The softmax is passed as if it were not there."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dO = 2 * (P @ V - Y) / Y.size
    dS = dO @ V.T
    return _rest(X, Q, K, V, P, dO, dS)


@wrong(attention, "Y_hat", "wrong-average")
def positions_only(X, Y, W_Q, W_K, W_V):
    """Averaged over positions, not over their entries."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    dY_hat = 2 * (P @ V - Y) / len(Y)
    dP = dY_hat @ V.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return _rest(X, Q, K, V, P, dY_hat, dS)


@wrong(attention, "P", "wrong-value")
def keys_for_values(X, Y, W_Q, W_K, W_V):
    """The gradient at P is formed with the output in place of the values."""
    Q, K, V, P = _attend(X, W_Q, W_K, W_V)
    O = P @ V
    dO = 2 * (O - Y) / Y.size
    dP = dO @ O.T
    dS = P * (dP - np.sum(dP * P, axis=1, keepdims=True))
    return _rest(X, Q, K, V, P, dO, dS)


# -- recurrent network
def _unroll(x, W, U, b):
    h = [np.zeros((W.shape[0], x.shape[2]))]
    for t in range(3):
        h.append(np.tanh(W @ h[-1] + U @ x[t] + b))
    return h


@wrong(rnn, "W", "missing-term", ("U", "missing-term"), ("b", "missing-term"))
def only_the_last_step(x, Y, W, U, b, V):
    """dW = ..., not +=: each step overwrites the one before."""
    h = _unroll(x, W, U, b)
    dY = 2 * (V @ h[3] - Y) / Y.size
    dV = dY @ h[3].T
    dh = V.T @ dY
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        dU = dz @ x[t].T
        db = dz.sum(axis=1, keepdims=True)
        if t:
            dW = dz @ h[t].T
        dh = W.T @ dz
    return {"W": dW, "U": dU, "b": db, "V": dV}


@wrong(rnn, "h_2", "transposed-operand", ("h_1", "transposed-operand"))
def recurrence_not_transposed(x, Y, W, U, b, V):
    """W is square, so W @ dz fits as well."""
    h = _unroll(x, W, U, b)
    dY = 2 * (V @ h[3] - Y) / Y.size
    dV = dY @ h[3].T
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh = V.T @ dY
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        dW += dz @ h[t].T
        dU += dz @ x[t].T
        db += dz.sum(axis=1, keepdims=True)
        dh = W @ dz
    return {"W": dW, "U": dU, "b": db, "V": dV}


@wrong(rnn, "h_2", "missing-term")
def not_through_time(x, Y, W, U, b, V):
    """The gradient is not carried to earlier steps at all."""
    h = _unroll(x, W, U, b)
    dY = 2 * (V @ h[3] - Y) / Y.size
    dV = dY @ h[3].T
    dh3 = V.T @ dY
    dz3 = dh3 * (1 - h[3] ** 2)
    dW = dz3 @ h[2].T
    dU = dz3 @ x[2].T
    db = dz3.sum(axis=1, keepdims=True)
    return dW, dU, db, dV


@wrong(rnn, "v2", "missing-activation-derivative")
def one_slope_forgotten(x, Y, W, U, b, V):
    """The slope is there in the last step and in the first, not in the one between."""
    h = _unroll(x, W, U, b)
    dY = 2 * (V @ h[3] - Y) / Y.size
    dz3 = (V.T @ dY) * (1 - h[3] ** 2)
    dz2 = W.T @ dz3
    dz1 = (W.T @ dz2) * (1 - h[1] ** 2)
    dW = dz3 @ h[2].T + dz2 @ h[1].T
    dU = dz3 @ x[2].T + dz2 @ x[1].T + dz1 @ x[0].T
    db = (dz3 + dz2 + dz1).sum(axis=1, keepdims=True)
    return {"W": dW, "U": dU, "b": db, "V": dY @ h[3].T}
