"""Matrix products turned the way in which XLA computes them fastest; the program, its values and its order stay the same.

XLA multiplies a single row by a large matrix slowly, and the same product with its factors exchanged fast. It folds a
transpose into a product only sometimes. Both are changed in what JAX traced from the emitted source, which is what is shown.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LONG = 1000  # summed entries from which turning pays; below it is measured to cost


def turned(jax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the values of `function`, traced anew at every call, its long products turned.

    It returns what `function` does; mappings would come back with their keys sorted, so let it return lists.
    """

    def run(*given: Any) -> Any:
        closed, shape = jax.make_jaxpr(function, return_shape=True)(*given)
        out = _evaluated(jax, closed, jax.tree.leaves(given))
        return jax.tree.unflatten(jax.tree.structure(shape), out)

    return run


def _evaluated(jax: Any, closed: Any, given: list[Any]) -> list[Any]:
    """Evaluate what was traced, operation by operation."""
    jaxpr = closed.jaxpr
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, closed.consts, strict=True))
    values.update(zip(jaxpr.invars, given, strict=True))
    bare: dict[Any, Any] = {}  # a transposed matrix -> the matrix

    def read(x: Any) -> Any:
        return x.val if hasattr(x, "val") else values[x]

    for equation in jaxpr.eqns:
        name, (out, *_) = equation.primitive.name, equation.outvars
        if name == "dot_general" and _is_long_product(equation):
            values[out] = _product(jax, equation, read, bare)
            continue
        if name == "transpose" and equation.params["permutation"] == (1, 0):
            bare[out] = equation.invars[0]
        bound = equation.primitive.get_bind_params(equation.params)
        parts, params = bound if isinstance(bound, tuple) else ((), bound)  # JAX before 0.7: a pair
        found = equation.primitive.bind(*parts, *map(read, equation.invars), **params)
        several = equation.primitive.multiple_results
        values.update(zip(equation.outvars, found if several else [found], strict=True))
    return [read(x) for x in jaxpr.outvars]


def _is_long_product(equation: Any) -> bool:
    """Tell whether an operation is the product of two matrices, a @ b, with a long sum."""
    shapes = [x.aval.shape for x in equation.invars]
    plain = equation.params["dimension_numbers"] == (((1,), (0,)), ((), ()))
    return plain and all(len(s) == 2 for s in shapes) and shapes[0][1] >= LONG


def _product(jax: Any, equation: Any, read: Callable[[Any], Any], bare: dict[Any, Any]) -> Any:
    """Return a @ b; where b is a transposed matrix, from the matrix itself; where a is one row, the factors exchanged."""
    a, b = equation.invars
    axis = 1 if b in bare else 0
    other = read(bare[b]) if b in bare else read(b)
    params = {k: v for k, v in equation.params.items() if k != "dimension_numbers"}

    def times(x: Any, y: Any, of_x: int, of_y: int) -> Any:
        numbers = (((of_x,), (of_y,)), ((), ()))
        return equation.primitive.bind(x, y, dimension_numbers=numbers, **params)

    if a.aval.shape[0] == 1 and b.aval.shape[1] > 1:
        return jax.numpy.transpose(times(other, read(a), axis, 1))
    return times(read(a), other, 1, axis)


__all__ = ["LONG", "turned"]
