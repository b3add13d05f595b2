"""Curvature of a loss at given data, by Hessian-vector products: its extreme eigenvalues, the whole Hessian where it is small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.derive.forward import hessian_vector_products
from chainrule.emit import program as programs
from chainrule.engines.flat import Flat
from chainrule.explain.derivation import Derivation
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name
from chainrule.start import check_arrays

Array = NDArray[np.float64]
LARGEST_HESSIAN = 400  # parameters; beyond it the Hessian is not formed


class Curvature:
    """Hessian-vector products of a loss at given data, on flat parameter vectors. Source: Pearlmutter 1994.

    `quadratic`: whether the Hessian is the same everywhere, told from the graph: its products read no parameter.
    """

    def __init__(self, derivation: Derivation, data: Mapping[str, Any], flat: Flat) -> None:
        self.flat, self.data, self.derivation = flat, dict(data), derivation
        symbols, products = hessian_vector_products(derivation.backward)
        order = nodes.topological(products.values())
        self.quadratic = not any(isinstance(n, Input) and n.role == "parameter" for n in order)
        graph = replace(
            derivation.graph,
            parameters={
                **derivation.graph.parameters,
                **{s.name: s.shape for s in symbols.values()},
            },
        )
        values = [n for n in order if isinstance(n, Name)]
        self._program = programs.compiled(
            programs.build(
                "hessian_vector", graph, derivation.stable_loss(), values, products, [],
                loss_too=False,
            )
        )  # fmt: skip
        self._symbols = [symbols[name].name for name in flat.names]
        self._labels = list(derivation.graph.parameters)

    def product(self, at: Mapping[str, Any], direction: Array) -> Array:
        """Return H v at the parameters, for a flat v."""
        arrays = check_arrays(self.derivation.graph, self.data, at)
        arrays.update(zip(self._symbols, self.flat.leaves(direction), strict=True))
        found = self._program.run(arrays)
        return self.flat.join({name: found[name] for name in self._labels})

    def hessian(self, at: Mapping[str, Any]) -> Array:
        """Return the whole Hessian, symmetric to the last bit."""
        full = np.stack([self.product(at, row) for row in np.eye(self.flat.size)])
        return (full + full.T) / 2

    def extremes(self, at: Mapping[str, Any], iterations: int = 120) -> tuple[float, float]:
        """Return the smallest and the largest eigenvalue: exact for few parameters, by Lanczos' method for many."""
        if self.flat.size <= 64:
            values = np.linalg.eigvalsh(self.hessian(at))
            return float(values[0]), float(values[-1])
        return self._lanczos(at, min(iterations, self.flat.size))

    def largest(self, at: Mapping[str, Any]) -> float:
        """Return the eigenvalue that is largest in size, as a positive number: it bounds the learning rate by 2/λmax."""
        low, high = self.extremes(at)
        return max(abs(low), abs(high))

    def _lanczos(self, at: Mapping[str, Any], steps: int) -> tuple[float, float]:
        """Return the extreme Ritz values, every new vector made orthogonal to all before it."""
        v = np.cos(np.arange(1.0, self.flat.size + 1))  # fixed, and orthogonal to nothing by design
        basis = [v / np.linalg.norm(v)]
        diagonal: list[float] = []
        beside: list[float] = []
        values = np.zeros(2)
        for _ in range(steps):
            w = self.product(at, basis[-1])
            if not np.all(np.isfinite(w)):
                return -np.inf, np.inf
            diagonal.append(float(w @ basis[-1]))
            for _ in range(2):  # twice is enough
                for u in basis:
                    w -= (w @ u) * u
            size = float(np.linalg.norm(w))
            values = self._ritz(diagonal, beside)
            scale = max(abs(values[0]), abs(values[-1]))
            if size <= 1e-10 * scale or len(diagonal) == steps:
                break
            beside.append(size)
            basis.append(w / size)
        return float(values[0]), float(values[-1])

    @staticmethod
    def _ritz(diagonal: list[float], beside: list[float]) -> Array:
        n = len(diagonal)
        return np.linalg.eigvalsh(
            np.diag(diagonal) + np.diag(beside[: n - 1], 1) + np.diag(beside[: n - 1], -1)
        )

    @cached_property
    def gradient(self) -> programs.Callable_:
        """The compiled program of loss and gradients."""
        return programs.compiled(self.derivation.program())
