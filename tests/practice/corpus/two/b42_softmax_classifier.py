import torch

def backward(X, Y, W, b):
    z = torch.matmul(W, X) + b
    p = torch.softmax(z, dim=0)
    dz = (p - Y) / Y.numel()
    return {"W": torch.matmul(dz, X.T), "b": dz.sum(dim=1, keepdim=True)}
