import torch

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    a = torch.sigmoid(torch.matmul(W1, X) + b1)
    r = (torch.matmul(w2, a) + b2 - Y) * 2
    dz = (a * (1 - a)) * (w2.reshape(-1, 1) * r)
    dW1 = torch.stack([torch.outer(dz[:, i], X[:, i]) for i in range(m)]).mean(dim=0)
    dw2 = torch.stack([r[0, i] * a[:, i] for i in range(m)]).mean(dim=0).unsqueeze(0)
    return {"W1": dW1, "b1": dz.mean(dim=1, keepdim=True), "w2": dw2, "b2": r.mean()}
