import torch

def backward(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    z = torch.mm(W1, X) + b1
    h = torch.relu(z)
    p = torch.sigmoid(torch.mm(w2, h) + b2)
    delta_out = (p - Y) / m
    delta_hid = torch.mm(w2.T, delta_out) * h
    return {
        "W1": torch.mm(delta_hid, X.T),
        "b1": delta_hid.sum(dim=1, keepdim=True),
        "w2": torch.mm(delta_out, h.T),
        "b2": delta_out.sum(),
    }
