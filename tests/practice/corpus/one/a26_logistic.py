import torch

def backward(X, Y, w, b):
    X, Y, w, b = (torch.as_tensor(t) for t in (X, Y, w, b))
    m = X.shape[1]
    z = torch.matmul(w, X)
    a = torch.sigmoid(z)
    dz = (a - Y) / m
    dw = torch.matmul(dz, X.T)
    db = torch.sum(dz)
    return {"w": dw, "b": db}
