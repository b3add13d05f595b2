"""Curvature of a loss by Hessian-vector products: the largest eigenvalue, and the closed form where the loss is quadratic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chainrule.derive.forward import hessian_vector_products
from chainrule.emit import program as programs
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name
from chainrule.model import Model
from chainrule.start import check_arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_CLOSED_FORM = 400  # parameters; beyond it the Hessian is not formed


class Curvature:
    """Hessian-vector products of a model's loss at given data, on flat parameter vectors."""

    def __init__(self, model: Model, data: Mapping[str, Any]) -> None:
        symbols, products = hessian_vector_products(model.derivation.backward)
        order = nodes.topological(products.values())
        self.quadratic = not any(
            isinstance(n, Input) and n.role == "parameter" for n in _below(products)
        )
        graph = replace(
            model.graph,
            parameters={**model.graph.parameters, **{s.name: s.shape for s in symbols.values()}},
        )
        values = [n for n in order if isinstance(n, Name)]
        wanted = {f"{name}": product for name, product in products.items()}
        self._program = programs.compiled(
            programs.build(
                "hessian_vector",
                graph,
                model.derivation.stable_loss(),
                values,
                wanted,
                [],
                loss_too=False,
            )
        )
        self._symbols = symbols
        self._model, self._data = model, dict(data)

    def product(
        self, params: Mapping[str, Any], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return H v at the parameters, flat in and flat out."""
        arrays = check_arrays(self._model.graph, self._data, params)
        pieces = split(self._model, params, direction)
        arrays.update({self._symbols[name].name: piece for name, piece in _spread(pieces).items()})
        return join(self._model, self._program.run(arrays))

    def largest(self, params: Mapping[str, Any], iterations: int = 100) -> float:
        """Return the largest eigenvalue of the Hessian in size, by power iteration."""
        import numpy as np

        start = join(self._model, params)
        v = np.cos(
            np.arange(1.0, start.size + 1)
        )  # a fixed start that is not orthogonal to anything by design
        v /= np.linalg.norm(v)
        value = 0.0
        for _ in range(iterations):
            w = self.product(params, v)
            size = float(np.linalg.norm(w))
            if not size or not np.isfinite(size):
                return size
            v, before, value = w / size, value, size
            if abs(value - before) <= 1e-10 * value:
                break
        return value

    def closed_form(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the minimiser of a quadratic loss (least squares where it is not unique), or None where there is none."""
        import numpy as np

        start = join(self._model, params)
        if not self.quadratic or start.size > LARGEST_CLOSED_FORM:
            return None
        hessian = np.stack([self.product(params, row) for row in np.eye(start.size)])
        gradient = join(self._model, self._model.value_and_grad(self._data, params)[1])
        step = np.linalg.lstsq(hessian, -gradient, rcond=None)[0]
        return split(self._model, params, start + step)


def _below(products: Mapping[str, Name]) -> list[nodes.Node]:
    return nodes.topological(list(products.values()))


def join(model: Model, arrays: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return all parameters (or gradients) as one flat vector, in the model's order."""
    import numpy as np

    pieces: list[Any] = []
    for name, shape in model.parameters.items():
        pieces += list(arrays[name]) if isinstance(shape, list) else [arrays[name]]
    return np.concatenate([np.ravel(np.asarray(piece, dtype=np.float64)) for piece in pieces])


def split(model: Model, like: Mapping[str, Any], flat: NDArray[np.float64]) -> dict[str, Any]:
    """Return a flat vector as parameters of the shapes of `like`."""
    import numpy as np

    found: dict[str, Any] = {}
    at = 0
    for name, shape in model.parameters.items():
        pieces: list[Any] = []
        for piece in like[name] if isinstance(shape, list) else [like[name]]:
            n = int(np.size(piece))
            pieces.append(flat[at : at + n].reshape(np.shape(piece)))
            at += n
        found[name] = pieces if isinstance(shape, list) else pieces[0]
    return found


def _spread(params: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, list):
            flat.update({f"{name}[{i}]": piece for i, piece in enumerate(value)})  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        else:
            flat[name] = value
    return flat
