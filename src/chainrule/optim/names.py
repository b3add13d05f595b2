"""Methods and schedules by name: for texts, the command line and saved runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from chainrule.errors import DataError, UnknownNameError, unknown
from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.adaptive import AdaGrad, RMSprop
from chainrule.optim.baselines import ClosedForm, RandomSearch
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.schedule import Constant, Cosine, Schedule, StepDecay, WarmUp

Method = Optimizer | RandomSearch | ClosedForm

METHODS: Mapping[str, type[Method]] = {
    "gradient-descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "random-search": RandomSearch,
    "closed-form": ClosedForm,
}
_ALIASES = {"gradientdescent": "gradient-descent", "gd": "gradient-descent", "sgd": "gradient-descent",
            "randomsearch": "random-search", "closedform": "closed-form"}  # fmt: skip
SCHEDULES: Mapping[str, type[Schedule]] = {
    kind.__name__: kind for kind in (Constant, StepDecay, Cosine, WarmUp)
}


def method(name: str, **settings: Any) -> Method:
    """Return a method by its name, such as "adam", with settings by name.

    Raises:
        UnknownNameError: no such method, or it has no such setting.

    >>> method("Adam", learning_rate=0.1)
    Adam(learning_rate=0.1)
    """
    key = name.lower().replace("_", "-").replace(" ", "-")
    key = _ALIASES.get(key.replace("-", ""), key)
    if key not in METHODS:
        raise unknown("optimizer", name, METHODS)
    kind = METHODS[key]
    known = [f.name for f in fields(kind)]
    for setting in settings:
        if setting not in known:
            raise UnknownNameError(
                f"{kind.__name__} has no {setting!r}. It takes: {', '.join(known) or 'nothing'}."
            )
    return kind(**settings)


def to_plain(value: Method | Schedule) -> dict[str, Any]:
    """Return a method or schedule as plain data, for a file."""
    settings = {
        f.name: to_plain(x) if isinstance(x := getattr(value, f.name), Schedule) else x
        for f in fields(value)
    }
    return {"name": type(value).__name__, **settings}


def from_plain(document: Any) -> Method:
    """Return the method that plain data stand for.

    Raises:
        DataError: the data are not those of a method.
    """
    kinds = {kind.__name__: kind for kind in METHODS.values()}
    try:
        settings = dict(cast("Mapping[str, Any]", document))
        kind = kinds[settings.pop("name")]
        return kind(**{name: _value(x) for name, x in settings.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"the saved optimizer cannot be read: {error}.") from None


def _value(x: Any) -> Any:
    if not isinstance(x, dict):
        return x
    settings = dict(cast("Mapping[str, Any]", x))
    return SCHEDULES[settings.pop("name")](**{k: _value(v) for k, v in settings.items()})
