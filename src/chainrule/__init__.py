"""chainrule: write a model; see, derive, run and check its gradient descent.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule import models as models
    from chainrule.errors import ChainRuleError as ChainRuleError
    from chainrule.errors import DivergenceError as DivergenceError
    from chainrule.explain.derivation import Derivation as Derivation
    from chainrule.explain.derivation import Expression as Expression
    from chainrule.explain.derivation import Step as Step
    from chainrule.fit.fitting import fit as fit
    from chainrule.fit.loading import load as load
    from chainrule.fit.run import Run as Run
    from chainrule.model import Model as Model
    from chainrule.model import derive as derive
    from chainrule.model import model as model
    from chainrule.model import parse as parse
    from chainrule.ops.functions import *  # noqa: F403 - for editors: the functions by name
    from chainrule.ops.losses import *  # noqa: F403
    from chainrule.ops.multilinear import *  # noqa: F403
    from chainrule.optim.adam import Adam as Adam
    from chainrule.optim.adam import AdamW as AdamW
    from chainrule.optim.adaptive import AdaGrad as AdaGrad
    from chainrule.optim.adaptive import RMSprop as RMSprop
    from chainrule.optim.baselines import ClosedForm as ClosedForm
    from chainrule.optim.baselines import RandomSearch as RandomSearch
    from chainrule.optim.gradient_descent import GradientDescent as GradientDescent
    from chainrule.optim.momentum import Momentum as Momentum
    from chainrule.optim.momentum import Nesterov as Nesterov
    from chainrule.optim.optimizer import Optimizer as Optimizer
    from chainrule.optim.schedule import Constant as Constant
    from chainrule.optim.schedule import Cosine as Cosine
    from chainrule.optim.schedule import StepDecay as StepDecay
    from chainrule.optim.schedule import WarmUp as WarmUp
    from chainrule.practice.check import check as check
    from chainrule.practice.differences import check_gradients as check_gradients
    from chainrule.practice.published import check_published as check_published
    from chainrule.practice.questions.bank import question as question
    from chainrule.practice.questions.marking import mark as mark
    from chainrule.sheets.sheet import Sheet as Sheet
    from chainrule.sheets.sheet import exam as exam
    from chainrule.sheets.sheet import sheet as sheet

__version__ = "0.1.0"

_HOMES = {
    "ChainRuleError": "chainrule.errors",
    "DivergenceError": "chainrule.errors",
    "Derivation": "chainrule.explain.derivation",
    "Expression": "chainrule.explain.derivation",
    "Step": "chainrule.explain.derivation",
    "Model": "chainrule.model",
    "derive": "chainrule.model",
    "model": "chainrule.model",
    "parse": "chainrule.model",
    "GradientDescent": "chainrule.optim.gradient_descent",
    "Momentum": "chainrule.optim.momentum",
    "Nesterov": "chainrule.optim.momentum",
    "AdaGrad": "chainrule.optim.adaptive",
    "RMSprop": "chainrule.optim.adaptive",
    "Adam": "chainrule.optim.adam",
    "AdamW": "chainrule.optim.adam",
    "Constant": "chainrule.optim.schedule",
    "StepDecay": "chainrule.optim.schedule",
    "Cosine": "chainrule.optim.schedule",
    "WarmUp": "chainrule.optim.schedule",
    "Optimizer": "chainrule.optim.optimizer",
    "RandomSearch": "chainrule.optim.baselines",
    "ClosedForm": "chainrule.optim.baselines",
    "fit": "chainrule.fit.fitting",
    "Run": "chainrule.fit.run",
    "load": "chainrule.fit.loading",
    "check": "chainrule.practice.check",
    "check_gradients": "chainrule.practice.differences",
    "check_published": "chainrule.practice.published",
    "question": "chainrule.practice.questions.bank",
    "mark": "chainrule.practice.questions.marking",
    "sheet": "chainrule.sheets.sheet",
    "exam": "chainrule.sheets.sheet",
    "Sheet": "chainrule.sheets.sheet",
}


def __getattr__(name: str) -> Any:
    if name == "models":
        found: Any = import_module("chainrule.models")
    elif name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        functions = import_module("chainrule.ops").FUNCTIONS
        if name == "__all__":
            return [*_HOMES, "models", *functions]
        if name.startswith("_") or name not in functions:
            raise AttributeError(
                f"chainrule has no {name!r}. It has: {', '.join([*_HOMES, 'models', *functions])}."
            )
        found = functions[name]
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__getattr__("__all__")])


class _Face(ModuleType):
    """The package as a module that does not let the room `chainrule.derive` hide the function of that name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
