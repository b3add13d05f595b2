import torch

def backward(X, Y, W_Q, W_K, W_V):
    Q = torch.matmul(X, W_Q)
    K = torch.matmul(X, W_K)
    V = torch.matmul(X, W_V)
    d = Q.shape[1] ** 0.5
    P = torch.softmax(torch.matmul(Q, K.T) / d, dim=1)
    O = torch.matmul(P, V)
    dO = 2 * (O - Y) / Y.numel()
    dP = torch.matmul(dO, V.T)
    dV = torch.matmul(P.T, dO)
    dS = P * (dP - (P * dP).sum(dim=0, keepdim=True))
    dQ = torch.matmul(dS, K) / d
    dK = torch.matmul(dS.T, Q) / d
    return {"W_Q": torch.matmul(X.T, dQ), "W_K": torch.matmul(X.T, dK), "W_V": torch.matmul(X.T, dV)}
