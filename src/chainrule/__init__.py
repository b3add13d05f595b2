"""chainrule: write a model; see, derive, run and check its gradient descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.errors import ChainRuleError
from chainrule.explain.derivation import Derivation, Expression, Step
from chainrule.model import Model, derive, model, parse
from chainrule.ops import FUNCTIONS

if TYPE_CHECKING:
    from chainrule import models

__version__ = "0.1.0"
globals().update(FUNCTIONS)

__all__ = [
    "ChainRuleError",
    "Derivation",
    "Expression",
    "Model",
    "Step",
    "derive",
    "model",
    "models",
    "parse",
    *FUNCTIONS,
]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "models":
        import importlib

        return importlib.import_module("chainrule.models")
    raise AttributeError(f"chainrule has no {name!r}")
