"""What chapter 5 asks of autodiff.py after every piece; run when the page is made."""

# 1 · A number that remembers
x = Value(2)
x

# 2 · Sums and products
w = Value(-3)
y = w * x + w
y
y.share(1.0)
y.parents[0].share(1.0)

# 3 · The other signs, made from those
1 / (x - 4)

# 4 · Functions
z = Value(0.5)
a = 1 / (exp(-z) + 1)
a

# 5 · An order in which to go back
[round(one.data, 4) for one in order(a)]

# 6 · The way back
backward(a)
z.gradient
a.data * (1 - a.data)

# 7 · The same in a hurry
x = Value(3)
a = x * x
b = a + x
y = a * b
backward(y)
x.gradient
x.gradient = a.gradient = b.gradient = 0.0
hurried(y)
x.gradient
