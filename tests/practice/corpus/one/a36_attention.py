import numpy as np

def softmax_rows(S):
    S = S - np.max(S, axis=1, keepdims=True)
    return np.exp(S) / np.sum(np.exp(S), axis=1, keepdims=True)

def backward(X, Y, W_Q, W_K, W_V):
    cache = {"Q": X.dot(W_Q), "K": X.dot(W_K), "V": X.dot(W_V)}
    root = np.sqrt(W_K.shape[1])
    cache["A"] = softmax_rows(cache["Q"].dot(cache["K"].T) / root)
    dY = 2.0 / Y.size * (cache["A"].dot(cache["V"]) - Y)
    dA = dY.dot(cache["V"].T)
    dV = cache["A"].dot(dY)
    dS = np.zeros_like(dA)
    for r in range(len(dA)):
        a = cache["A"][r]
        dS[r] = (np.diag(a) - np.outer(a, a)).dot(dA[r])
    dQ = dS.dot(cache["K"]) / root
    dK = dS.T.dot(cache["Q"]) / root
    return {"dW_Q": X.T.dot(dQ), "dW_K": X.T.dot(dK), "dW_V": X.T.dot(dV)}
