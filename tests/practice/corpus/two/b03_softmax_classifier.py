import numpy as np

def backward(X, Y, W, b):
    Z = W @ X + b
    lse = np.log(np.sum(np.exp(Z), axis=0))
    dW = np.empty(W.shape)
    db = np.empty(b.shape)
    for c in range(len(W)):
        share = np.exp(Z[c] - lse)
        members = Y[c] == 1
        dW[c] = (X * share).mean(axis=1) - X[:, members].sum(axis=1) / X.shape[1]
        db[c] = share.mean() - members.mean()
    return dW, db
