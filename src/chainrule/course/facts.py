"""What a lesson may say in numbers: expressions such as `optimum.loss` or `run.fast.params.b`, computed by the engine.

A tiny, safe expression language: names, indices, arithmetic, comparisons and a few functions. Nothing is executed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from chainrule.errors import ParseError, unknown

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow", ast.Lt: "lt", ast.Gt: "gt",
    ast.LtE: "le", ast.GtE: "ge", ast.Eq: "eq", ast.USub: "neg", ast.Not: "not_",
}  # fmt: skip
_CALCULATE: dict[type[ast.AST], Callable[..., Any]] = {
    kind: getattr(operator, name) for kind, name in _OPERATORS.items()
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "max": np.max, "min": np.min, "mean": np.mean, "std": np.std, "norm": np.linalg.norm,
    "sqrt": math.sqrt, "log": math.log, "ceil": math.ceil, "len": len,
}  # fmt: skip


def _corr(x: Any, y: Any) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _count_above(values: Any, least: float) -> int:
    return int(np.count_nonzero(np.asarray(values) > least))


FUNCTIONS["corr"] = _corr
FUNCTIONS["count_above"] = _count_above
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression over names.

    Raises:
        ParseError: it is not in the little language.
        UnknownNameError: a name that is not known.

    >>> evaluate("2 / a.b[1] < 1", {"a": {"b": [1.0, 4.0]}})
    True
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise ParseError(f"{expression!r} is no expression of a lesson.") from None
    return _value(tree, names, expression)


def _value(node: ast.expr, names: Mapping[str, Any], text: str) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str()):
            return node.value
        case ast.Name(id=name):
            return _member(names, name)
        case ast.Attribute(value=inner, attr=name):
            return _member(_value(inner, names, text), name)
        case ast.Subscript(value=inner, slice=at):
            return _value(inner, names, text)[_value(at, names, text)]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _CALCULATE:
            return _CALCULATE[type(op)](_value(left, names, text), _value(right, names, text))
        case ast.UnaryOp(op=op, operand=inner) if type(op) in _CALCULATE:
            return _CALCULATE[type(op)](_value(inner, names, text))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _CALCULATE:
            found = _CALCULATE[type(op)](_value(left, names, text), _value(right, names, text))
            return bool(found)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            if name not in FUNCTIONS:
                raise unknown("function", name, FUNCTIONS)
            return FUNCTIONS[name](*[_value(a, names, text) for a in args])
        case _:
            raise ParseError(
                f"{text!r}: {ast.unparse(node)} is not in the little language of lessons."
            )


def _member(owner: Any, name: str) -> Any:
    if isinstance(owner, Mapping):
        held = cast("Mapping[str, Any]", owner)
        if name not in held:
            raise unknown("name", name, held)
        value = held[name]
        return value() if callable(value) else value
    raise ParseError(f"{name!r} was asked of something that has no parts.")


def shown(value: Any, form: str = "") -> str:
    """Return a value as prose shows it: 4 significant digits, a true minus sign, powers of ten raised.

    >>> shown(-0.25), shown(1234567.0), shown(3), shown("b")
    ('−0.25', '1.235 × 10⁶', '3', 'b')
    """
    if isinstance(value, str):
        return value
    number = float(value)
    if not form and number.is_integer() and abs(number) < 1e6:
        return f"{int(number):,}".replace("-", "−")
    whole = number.is_integer() and form[-1:] not in ("e", "f", "g", "%")
    text = format(int(number) if whole and form else number, form or ".4g")
    digits, _, power = text.partition("e")
    if power:
        raised = str(int(power)).translate(_RAISED)
        text = f"{digits} × 10{raised}" if digits != "1" else f"10{raised}"
    return text.replace("-", "−")


__all__ = ["FUNCTIONS", "evaluate", "shown"]
