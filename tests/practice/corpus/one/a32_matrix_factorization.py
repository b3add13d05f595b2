import numpy as np

def backward(R, U, V, reg=0.01):
    n_u, n_i = R.shape
    dU = np.zeros_like(U)
    dV = np.zeros_like(V)
    for u in range(n_u):
        for i in range(n_i):
            e = np.dot(U[u], V[i]) - R[u, i]
            dU[u] += 2 * e * V[i] / (n_u * n_i)
            dV[i] += 2 * e * U[u] / (n_u * n_i)
    dU += reg * U
    dV += reg * V
    return dU, dV
