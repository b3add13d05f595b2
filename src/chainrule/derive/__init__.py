"""The chain rule: reverse sweep, rewrites, step log, forward mode, conventions, equality with error bounds."""
