"""Numbers as students have them: NumPy, JAX, PyTorch, plain Python; turned into float64 arrays, with their precision.

Imports neither JAX nor PyTorch: an object of theirs is recognised by what it can do.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from numbers import Real
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
EPS = 2.0**-52
LARGEST = 1_000_000  # entries of an array that is looked at
LONGEST = 10_000  # entries of nested lists that are looked at: they are walked in Python
_HALVES = {"float16": 2.0**-10, "bfloat16": 2.0**-7}


@dataclass(frozen=True)
class Numbers:
    """An array of a student's, and the precision it was computed in (2**-52, or 2**-23 for float32)."""

    array: Array
    eps: float = EPS


def numbers(value: object) -> Numbers | None:
    """Return a value as numbers, or None where it is not an array of real numbers.

    >>> import numpy as np
    >>> numbers(np.float32(0.5))
    Numbers(array=array(0.5), eps=1.1920928955078125e-07)
    >>> numbers("0.5") is None
    True
    """
    if isinstance(value, bool | str | bytes) or value is None:
        return None
    if isinstance(value, Real) and not isinstance(value, np.generic):
        return Numbers(np.asarray(float(value)))
    try:
        found = _array(value)
    except (
        Exception
    ):  # a tracer of JAX, a tensor without storage, ragged lists: whatever they raise
        return None
    if found is None or found.size > LARGEST:
        return None
    eps = _precision(found)
    if eps is None:
        return None
    return Numbers(np.array(found, dtype=np.float64), eps)


def _array(value: Any) -> NDArray[Any] | None:
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(cast("Any", value))
    if hasattr(value, "detach") and hasattr(value, "numpy"):  # a tensor of PyTorch
        tensor = value.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":
            return np.asarray(tensor.float().numpy()).astype(np.float16)
        return np.asarray(tensor.numpy())
    if isinstance(value, list | tuple):
        listed = cast("list[Any]", value)
        return np.asarray(listed) if _plain(listed) else None
    if hasattr(value, "__array__") and hasattr(value, "dtype"):  # an array of JAX
        return np.asarray(value)
    return None


def _plain(value: list[Any] | tuple[Any, ...]) -> bool:
    """Tell whether nested lists hold numbers only, and not too many."""
    stack: list[Any] = [value]
    seen = 0
    while stack:
        here = stack.pop()
        seen += 1
        if isinstance(here, list | tuple):
            listed = cast("list[Any]", here)
            if seen + len(stack) + len(listed) > LONGEST:
                return False
            stack += listed
        elif type(here) is bool or not isinstance(here, Real):
            return False
    return seen > 1


def _precision(array: NDArray[Any]) -> float | None:
    name = array.dtype.name
    if name in _HALVES:
        return _HALVES[name]
    if array.dtype.kind == "f":
        return max(EPS, float(np.finfo(array.dtype).eps))
    return EPS if array.dtype.kind in "iu" else None


def as_library(array: Array, library: str) -> Any:
    """Return an array as a library's own: "numpy", "jax" or "torch", of the libraries that are loaded already."""
    if library == "torch":
        return sys.modules["torch"].tensor(array, dtype=sys.modules["torch"].float64)
    if library == "jax":
        return sys.modules["jax"].numpy.asarray(array)
    return array.copy()
