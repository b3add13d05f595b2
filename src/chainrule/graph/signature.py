"""What a function's arguments say: which are data, which are parameters, and the shape of each."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from chainrule.errors import TraceError
from chainrule.graph.shapes import parse_shape
from chainrule.graph.trace import Shapes

_POSTPONED = 0x1000000  # the code flag of `from __future__ import annotations`, which turns annotations into text


def signature(
    function: Callable[..., Any],
) -> tuple[dict[str, Shapes], dict[str, Shapes], dict[str, Any]]:
    """Return data, parameters and options of a function: shapes by name, and keyword arguments with a default and no shape.

    Raises:
        TraceError: an argument without a shape, *args or **kwargs.
    """
    code = function.__code__
    if code.co_flags & 0x0C:
        raise TraceError(
            f"{function.__name__} takes *args or **kwargs. Write every data array and parameter out, with its shape."
        )
    count = code.co_argcount
    names = code.co_varnames[: count + code.co_kwonlyargcount]
    defaults = function.__kwdefaults__ or {}
    data: dict[str, Shapes] = {}
    parameters: dict[str, Shapes] = {}
    options: dict[str, Any] = {}
    for i, name in enumerate(names):
        shape = _annotation(function, name)
        if i >= count and name in defaults and not _is_shape(shape):
            options[name] = defaults[name]
        elif not _is_shape(shape):
            raise TraceError(
                f"{function.__name__} takes {name} without a shape. Annotate it with its dims, "
                f'as in {name}: "n_x m", or {name}: "" for a scalar.'
            )
        else:
            (data if i < count else parameters)[name] = shapes_of(shape, name)
    return data, parameters, options


def _annotation(function: Callable[..., Any], name: str) -> Any:
    annotation = function.__annotations__.get(name)
    if not (function.__code__.co_flags & _POSTPONED and isinstance(annotation, str)):
        return annotation
    try:
        return ast.literal_eval(annotation)
    except (ValueError, SyntaxError):
        found = function.__globals__.get(annotation)
        if _is_shape(found):
            return found
    raise TraceError(
        f"the shape of {name} is {annotation}, which cannot be read under `from __future__ import annotations`. "
        "Write the shape as a string, or leave that import out of the model's file."
    )


def _is_shape(annotation: Any) -> bool:
    if isinstance(annotation, list | tuple):
        return all(isinstance(x, str) for x in annotation)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(annotation, str) and annotation not in (
        "float",
        "int",
        "str",
        "bool",
        "object",
    )


def shapes_of(annotation: Any, name: str) -> Shapes:
    """Return the shape that an annotation writes, or the shapes of a list of arrays."""
    if isinstance(annotation, str):
        return parse_shape(annotation, name)
    return [parse_shape(one, f"{name}[{i}]") for i, one in enumerate(annotation)]
