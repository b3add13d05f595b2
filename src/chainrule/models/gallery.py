"""The gallery: models beyond the course, written as a reader would. Nothing is special-cased for them."""

# pyright: reportUndefinedVariable=false, reportInvalidTypeForm=false, reportGeneralTypeIssues=false, reportUnknownParameterType=false, reportMissingParameterType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUntypedFunctionDecorator=false
# Written as a reader writes models: annotations are shapes, not types.

from itertools import pairwise

from chainrule.model import Model, model
from chainrule.ops.functions import exp, huber, relu, softmax, sqrt, tanh
from chainrule.ops.multilinear import mean, sum


def deep_mlp(layers: int = 4) -> Model:
    """Return a deep network of `layers` weight matrices, relu between them, mean squared error."""
    dims = ["n_x", *(f"n_{k}" for k in range(1, layers)), "n_y"]
    shapes = [f"{after} {before}" for before, after in pairwise(dims)]
    biases = [f"{dim} 1" for dim in dims[1:]]

    @model
    def deep(X: "n_x m", Y: "n_y m", *, W: shapes, b: biases):  # type: ignore[valid-type]
        """Deep network: relu layers in a loop, mean squared error."""
        A = X
        for layer in range(layers - 1):
            Z = W[layer] @ A + b[layer]
            A = relu(Z)
        Y_hat = W[layers - 1] @ A + b[layers - 1]
        return mean((Y_hat - Y) ** 2)

    return deep


@model
def ridge(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: "", strength=0.1):
    """Ridge regression: squared error and an L2 penalty on the weights, not on the bias."""
    Y_hat = w @ X + b
    return mean((Y_hat - Y) ** 2) + strength * sum(w**2)


@model
def huber_regression(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: "", delta=1.0):
    """Regression that outliers cannot pull far: Huber's loss."""
    Y_hat = w @ X + b
    return mean(huber(Y_hat - Y, delta))


@model(domains={"Y": "count"})
def poisson(X: "n_x m", Y: "1 m", *, w: "1 n_x", b: ""):
    """Poisson regression: counts with a log link, negative log-likelihood without its constant."""
    eta = w @ X + b
    rate = exp(eta)
    return mean(rate - Y * eta)


@model
def matrix_factorization(R: "n_u n_i", *, U: "n_u k", V: "n_i k"):
    """Matrix factorisation: a table of ratings as a product of two thin matrices, with an L2 penalty."""
    R_hat = U @ V.T
    return mean((R_hat - R) ** 2) + 0.01 * (sum(U**2) + sum(V**2))


@model
def rnn(x: "3 n_x m", Y: "n_y m", *, W: "n_h n_h", U: "n_h n_x", b: "n_h 1", V: "n_y n_h"):
    """Recurrent network over three time steps: the same W, U and b at every step."""
    h = tanh(U @ x[0] + b)
    for t in (1, 2):
        h = tanh(W @ h + U @ x[t] + b)
    Y_hat = V @ h
    return mean((Y_hat - Y) ** 2)


@model
def attention(X: "t d", Y: "t d_v", *, W_Q: "d d_k", W_K: "d d_k", W_V: "d d_v"):
    """Single-head attention over t positions (rows), squared error."""
    Q = X @ W_Q
    K = X @ W_K
    V = X @ W_V
    S = Q @ K.T * Q.shape[1] ** -0.5
    P = softmax(S, axis=1)
    Y_hat = P @ V
    return mean((Y_hat - Y) ** 2)


@model
def layer_norm(X: "n_x m", Y: "n_x m", *, gamma: "n_x 1", beta: "n_x 1", epsilon=1e-5):
    """Layer normalisation of every example over its features, squared error."""
    mu = mean(X * gamma, axis="n_x", keepdims=True)
    C = X * gamma - mu
    var = mean(C**2, axis="n_x", keepdims=True)
    N = C / sqrt(var + epsilon)
    Y_hat = gamma * N + beta
    return mean((Y_hat - Y) ** 2)


deep = deep_mlp()
