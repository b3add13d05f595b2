"""Backward differentiation of numbers, in closures."""

import math


# 1 · A number that remembers
class Value:
    """A number that knows what it was made from."""

    def __init__(self, data, parents=(), share=lambda g: ()):
        self.data = float(data)
        self.parents = parents
        self.share = share  # its gradient -> a part for every parent
        self.gradient = 0.0

    def __repr__(self):
        return f"Value({self.data:.6g}, gradient={self.gradient:.6g})"

    # 2 · Sums and products
    def __add__(self, other):
        other = value(other)
        return Value(self.data + other.data, (self, other), lambda g: (g, g))

    def __mul__(self, other):
        other = value(other)
        a, b = self.data, other.data
        return Value(a * b, (self, other), lambda g: (g * b, g * a))

    def __pow__(self, p):
        a = self.data
        return Value(a**p, (self,), lambda g: (g * p * a ** (p - 1),))

    # 3 · The other signs, made from those
    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -value(other)

    def __truediv__(self, other):
        return self * value(other) ** -1

    def __rtruediv__(self, other):
        return value(other) / self

    __radd__, __rmul__ = __add__, __mul__


def value(x):
    return x if isinstance(x, Value) else Value(x)


# 4 · Functions
def exp(x):
    y = math.exp(x.data)
    return Value(y, (x,), lambda g: (g * y,))


def log(x):
    return Value(math.log(x.data), (x,), lambda g: (g / x.data,))


def relu(x):
    return Value(max(0.0, x.data), (x,), lambda g: (g * (x.data > 0),))


# 5 · An order in which to go back
def order(loss):
    """All that the loss was made from, everything after its parents."""
    found, seen, waiting = [], set(), [(loss, False)]
    while waiting:
        now, done = waiting.pop()
        if done:
            found.append(now)
        elif now not in seen:
            seen.add(now)
            waiting.append((now, True))
            waiting += [(parent, False) for parent in now.parents]
    return found


# 6 · The way back
def backward(loss):
    made = order(loss)
    for one in made:
        one.gradient = 0.0
    loss.gradient = 1.0
    for one in reversed(made):
        parts = one.share(one.gradient)
        for parent, part in zip(one.parents, parts, strict=True):
            parent.gradient += part


# 7 · The same in a hurry
def hurried(loss):
    loss.gradient, reached = 1.0, [loss]
    for one in reached:  # it grows while it is read
        parts = one.share(one.gradient)
        for parent, part in zip(one.parents, parts, strict=True):
            parent.gradient += part
            if parent not in reached:
                reached.append(parent)
