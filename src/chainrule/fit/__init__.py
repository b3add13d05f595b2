"""Data in, gradient descent, a fitted model out."""
