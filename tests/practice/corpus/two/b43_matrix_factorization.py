import numpy as np

def backward(R, U, V):
    lr = 0.05
    N = R.size
    E = U @ V.T - R
    dU = 2 / N * E @ V + 0.02 * U
    U = U - lr * dU
    dV = 2 / N * E.T @ U + 0.02 * V
    return {"U": dU, "V": dV}
