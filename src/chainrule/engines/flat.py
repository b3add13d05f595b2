"""Flat: all parameters of a model as one vector, and back as views. Knows nothing of what they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.start import pieces_of


class Flat:
    """Where each array of a set of parameters lies in one vector.

    `names`: the parameters in order, lists of arrays spread out as "W[0]", "W[1]". `size`: the length of the vector.
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._many = {name: isinstance(value, list | tuple) for name, value in params.items()}
        self.names: list[str] = []
        self.shapes: list[tuple[int, ...]] = []
        self._owners: list[str] = []
        for name, value in params.items():
            for i, piece in enumerate(pieces_of(value)):
                self.names.append(f"{name}[{i}]" if self._many[name] else name)
                self.shapes.append(np.shape(piece))
                self._owners.append(name)
        ends = np.cumsum([math.prod(shape) for shape in self.shapes], dtype=np.int64).tolist()
        self._slices = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]
        self.size: int = ends[-1] if ends else 0

    def join(self, params: Mapping[str, Any], dtype: Any = np.float64) -> NDArray[Any]:
        """Return parameters (or gradients) as one vector, in this order."""
        pieces = [piece for name in self._many for piece in pieces_of(params[name])]
        return np.concatenate([np.asarray(piece, dtype=dtype).reshape(-1) for piece in pieces])

    def leaves(self, vector: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the arrays, lists spread out, as views of the vector."""
        return [
            vector[s].reshape(shape) for s, shape in zip(self._slices, self.shapes, strict=True)
        ]

    def split(self, vector: NDArray[Any]) -> dict[str, Any]:
        """Return the parameters by name, as views of the vector."""
        return self.grouped(self.leaves(vector))

    def grouped(self, leaves: Sequence[Any]) -> dict[str, Any]:
        """Return spread-out arrays by name again, lists as lists."""
        found: dict[str, Any] = {name: [] for name, many in self._many.items() if many}
        for owner, leaf in zip(self._owners, leaves, strict=True):
            if self._many[owner]:
                found[owner].append(leaf)
            else:
                found[owner] = leaf
        return {name: found[name] for name in self._many}
