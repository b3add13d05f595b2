import numpy as np

def backward(x, y, w, b):
    xs = np.ravel(x)
    ys = np.ravel(y)
    N = len(xs)
    sum_w = 0
    sum_b = 0
    for i in range(N - 1):
        diff = w * xs[i] + b - ys[i]
        sum_w += 2 * diff * xs[i]
        sum_b += 2 * diff
    return {"w": sum_w / N, "b": sum_b / N}
