"""Finding the model that a command names: a built-in one, or a function in the user's own file, which is run."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule import models, ops
from chainrule.errors import ChainRuleError, ModelFileError, ParseError, unknown
from chainrule.model import Model


def find_model(name: str) -> Model:
    """Return the model that a command line names: a built-in name, or path.py:function.

    Raises:
        UnknownNameError: no such built-in model.
        ModelFileError: the file is missing, raises, or has no such model.
    """
    path, colon, function = name.rpartition(":")
    if not colon or not path:
        if name.endswith(".py"):
            path, function = name, ""
        elif name in models.names():
            return models.names()[name]
        else:
            raise unknown("model", name, [*models.names(), "path.py:function"])
    module = _load(Path(path))
    found = {key: value for key, value in vars(module).items() if isinstance(value, Model)}
    if function in found:
        return found[function]
    if not function and len(found) == 1:
        return next(iter(found.values()))
    plain = getattr(module, function, None) if function else None
    if callable(plain):
        from chainrule.model import model

        return model(plain)
    what = f"no {function!r}" if function else "no single model"
    raise ModelFileError(
        f"{path} has {what}. Models there: {', '.join(found) or 'none; put @cr.model above a function'}. Name one: {path}:NAME."
    )


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        raise ModelFileError(f"there is no file {path}. Name a model file as path.py:function.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ModelFileError(f"{path} is not a Python file. Name a model file as path.py:function.")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except ChainRuleError:
        raise
    except (Exception, SystemExit) as error:
        raise ModelFileError(
            f"{path} raised {type(error).__name__}: {error}{_where(error, path)}. Run it with python to see more."
        ) from None
    finally:
        sys.path.remove(str(path.parent))
    return module


def _where(error: BaseException, path: Path) -> str:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == path
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    return f" (line {lines[-1]})" if lines else ""


def parse_options(pairs: Sequence[str], model: Model) -> dict[str, Any]:
    """Return options of a model from NAME=VALUE texts: a number, or the name of an operation."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ParseError(f"--set {pair}: write NAME=VALUE, as in --set hidden=tanh.")
        if name not in model.options:
            raise unknown(f"option of {model.name}", name, model.options or ["none"])
        if value in ops.FUNCTIONS:
            found[name] = ops.FUNCTIONS[value]
            continue
        try:
            found[name] = float(value)
        except ValueError:
            raise ParseError(
                f"--set {pair}: {value!r} is neither a number nor an operation such as tanh."
            ) from None
    return found
