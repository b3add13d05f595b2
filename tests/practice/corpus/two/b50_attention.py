import numpy as np

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def backward(X, Y, W_Q, W_K, W_V):
    Q, K, V = X @ W_Q, X @ W_K, X @ W_V
    scale = 1 / np.sqrt(Q.shape[-1])
    scores = Q @ K.T * scale
    attn = softmax(scores)
    out = attn @ V

    d_out = 2 * (out - Y) / Y.size
    d_attn = d_out @ V.T
    d_V = attn.T @ d_out
    d_scores = attn * (d_attn - np.sum(d_attn * attn, axis=-1, keepdims=True))
    d_Q = d_scores @ K
    d_K = d_scores.T @ Q
    return {"W_Q": X.T @ d_Q, "W_K": X.T @ d_K, "W_V": X.T @ d_V}
