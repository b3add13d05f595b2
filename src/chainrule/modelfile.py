"""Finding the model that a command names: a built-in one, or a function in the user's own file, which is run."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from chainrule import models, ops
from chainrule.errors import ChainRuleError, ModelFileError, ParseError, unknown
from chainrule.model import Model
from chainrule.model import model as as_model


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
        return _traced(found[function], Path(path))
    if not function and len(found) == 1:
        return _traced(next(iter(found.values())), Path(path))
    plain = getattr(module, function, None) if function else None
    if callable(plain):
        return _traced(as_model(plain), Path(path))
    what = f"no {function!r}" if function else "no single model"
    raise ModelFileError(
        f"{path} has {what}. Models there: {', '.join(found) or 'none; put @cr.model above a function'}. Name one: {path}:NAME."
    )


def _traced(model: Model, path: Path) -> Model:
    """Return a model of the user's file, traced now, so that what its function raises is told as the file's error."""
    try:
        _ = model.graph
    except ChainRuleError:
        raise
    except Exception as error:
        raise ModelFileError(
            f"{path}: the model {model.name} raised {type(error).__name__}: {str(error)[:200]}{_where(error, path)}. "
            "A model's function runs once, on symbols, when it is read."
        ) from None
    return model


def _load(path: Path) -> ModuleType:
    if not path.is_file():
        raise ModelFileError(f"there is no file {path}. Name a model file as path.py:function.")
    spec = fresh_spec(path)
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


class _Fresh(SourceFileLoader):
    """Compiles the file as it is now: compiled code kept from a version of the same second and size would be taken for it."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file."""
        return self.source_to_code(self.get_data(self.path), self.path)


def fresh_spec(path: Path) -> ModuleSpec | None:
    """Return what imports a Python file as it is now, leaving no compiled code behind; None where it is not one."""
    return importlib.util.spec_from_file_location(
        path.stem, path, loader=_Fresh(path.stem, str(path)) if path.suffix == ".py" else None
    )


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


def parse_sizes(pairs: list[str]) -> dict[str, int]:
    """Return sizes written as DIM=N."""
    sizes: dict[str, int] = {}
    for pair in pairs:
        dim, _, size = pair.partition("=")
        if not (size.isascii() and size.isdigit()):
            raise ParseError(f"--size {pair}: write DIM=N, as in --size n_h=8.")
        sizes[dim] = int(size)
    return sizes


def parse_names(text: str | None) -> list[str] | None:
    """Return names written as A,B; None where nothing was said."""
    return None if text is None else [name for name in map(str.strip, text.split(",")) if name]
