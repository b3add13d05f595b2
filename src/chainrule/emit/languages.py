"""What differs between the array languages: names of functions, and how arrays are summed, shaped and filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_NUMPY_HELPERS = {
    "sigmoid": '''def sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)''',
    "softmax": '''def softmax(z, axis):
    """exp(z) / sum(exp(z)), without overflow."""
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)''',
    "logsumexp": '''def logsumexp(z, axis):
    """log(sum(exp(z))), without overflow; keeps the axis."""
    top = np.max(z, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True))''',
    "log_softmax": '''def log_softmax(z, axis):
    """log(softmax(z)), without overflow."""
    z = z - np.max(z, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))''',
}


@dataclass(frozen=True)
class Language:
    """An array language: templates over {0} (the array) and what else each needs."""

    name: str
    imports: str
    infix: bool  # whether arrays know + - * / @
    comment: str
    templates: Mapping[str, str]
    helpers: Mapping[str, str]
    axes: Callable[[tuple[int, ...]], str]
    shape: Callable[[list[str]], str]


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _axes(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else _tuple([str(a) for a in axes])


def _list(items: list[str]) -> str:
    return f"[{', '.join(items)}]"


def _js_axes(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else _list([str(a) for a in axes])


def _numpy_like(module: str) -> dict[str, str]:
    return {
        "transpose": "{0}.T",
        "matmul": "{0} @ {1}",
        "sum_all": f"{module}.sum({{0}})",
        "mean_all": f"{module}.mean({{0}})",
        "sum": f"{module}.sum({{0}}, axis={{axes}})",
        "sum_keep": f"{module}.sum({{0}}, axis={{axes}}, keepdims=True)",
        "einsum": f'{module}.einsum("{{pattern}}", {{operands}})',
        "reshape": f"{module}.reshape({{0}}, {{shape}})",
        "broadcast": f"{module}.broadcast_to({{0}}, {{shape}})",
        "full": f"{module}.full({{shape}}, {{0}}, dtype={module}.result_type({{like}}, 1.0))",
        "pick": "{0}[{index}]",
        "put": f"{module}.stack([{{0}} if k == {{index}} else {module}.zeros_like({{0}}) for k in range({{size}})], axis={{axis}})",
    }


_TORCH = {
    **_numpy_like("torch"),
    "sum": "torch.sum({0}, dim={axes})",
    "sum_keep": "torch.sum({0}, dim={axes}, keepdim=True)",
    "broadcast": "torch.broadcast_to({0}, {shape})",
    "full": "torch.full({shape}, {0}, dtype={like}.dtype, device={like}.device)",
    "put": "torch.stack([{0} if k == {index} else torch.zeros_like({0}) for k in range({size})], dim={axis})",
}
_JS = {
    "transpose": "transpose({0})",
    "matmul": "matmul({0}, {1})",
    "sum_all": "sum({0})",
    "sum": "sum({0}, {axes})",
    "sum_keep": "sum({0}, {axes}, true)",
    "einsum": "ein(1, [{operands}], {letters}, {out}, {sizes})",
    "reshape": "reshape({0}, {shape})",
    "broadcast": "broadcastTo({0}, {shape})",
    "full": "full({shape}, {0})",
    "pick": "select({0}, {axis}, {index})",
    "put": "place({0}, {axis}, {index}, {size})",
}

LANGUAGES: Mapping[str, Language] = {
    "numpy": Language(
        "numpy", "import numpy as np", True, "#", _numpy_like("np"), _NUMPY_HELPERS, _axes, _tuple
    ),
    "jax": Language(
        "jax",
        "import jax\nimport jax.numpy as jnp",
        True,
        "#",
        _numpy_like("jnp"),
        {},
        _axes,
        _tuple,
    ),
    "torch": Language("torch", "import torch", True, "#", _TORCH, {}, _axes, _tuple),
    "js": Language("js", "", False, "//", _JS, {}, _js_axes, _list),
}
