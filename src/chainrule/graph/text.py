"""Model text: a safe reader of a small formula language. Nothing is executed; what is not listed here is refused."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from chainrule.errors import NameClashError, ParseError
from chainrule.graph.nodes import Node
from chainrule.graph.tensor import Tensor, lift
from chainrule.graph.trace import Graph, Shapes, Trace

LONGEST_TEXT = 100_000
_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    ast.Pow: operator.pow,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
    ast.MatMult: operator.matmul,  # pyright: ignore[reportUnknownMemberType] - unannotated in typeshed
}
_COMPARE: dict[type[ast.AST], str] = {
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
}


def read_model(
    text: str,
    data: Mapping[str, Shapes],
    parameters: Mapping[str, Shapes],
    functions: Mapping[str, Callable[..., Any]],
    name: str = "model",
    **more: Any,
) -> Graph:
    """Return the graph of model text: assignments, the last statement being the loss."""
    if not name.isprintable():
        raise ParseError(f"{name!r} cannot be the name of a model: write printable characters.")
    statements = _statements(text)
    trace = Trace(data, parameters, functions)
    reader = _Reader(trace, functions, text)
    result: Any = None
    for statement in statements:
        result = reader.statement(statement)
    return trace.finish(name, data, parameters, lift(result), **more)


def read_formula(
    text: str, names: Mapping[str, Shapes], functions: Mapping[str, Callable[..., Any]]
) -> Node:
    """Return the graph of one formula over named arrays; nothing is executed."""
    statements = _statements(text)
    first = statements[0]
    if len(statements) > 1 or not isinstance(first, ast.Expr):
        raise ParseError("write one formula, without an assignment, as in 2 * x + 1.")
    reader = _Reader(Trace(names, {}, functions), functions, text)
    return lift(reader.expression(first.value)).node


def _statements(text: str) -> list[ast.stmt]:
    if len(text) > LONGEST_TEXT:
        raise ParseError(
            f"the model text has {len(text)} characters; at most {LONGEST_TEXT} are read."
        )
    try:
        body = ast.parse(text.strip()).body
    except SyntaxError as error:
        where = (error.text or "").strip()[:80]
        why = (error.msg or "").replace("too many nested parentheses", "nested too deeply")
        raise ParseError(
            f"line {error.lineno} cannot be read: {where!r} ({why}). {_GRAMMAR}"
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise ParseError(
            "the model text is nested too deeply, or holds characters that cannot be read."
        ) from None
    if not body:
        raise ParseError(f"the model text is empty. {_GRAMMAR}")
    return body


_GRAMMAR = 'Write assignments, separated by ; or new lines, ending in the loss: "Y_hat = w @ X + b; L = mean((Y_hat - Y)**2)".'


class _Reader:
    def __init__(
        self, trace: Trace, functions: Mapping[str, Callable[..., Any]], text: str
    ) -> None:
        self.trace, self.functions, self.text = trace, functions, text
        self.values: dict[str, Any] = {}
        for label, tensor in trace.inputs.items():
            family, _, index = label.partition("[")
            if index:
                self.values.setdefault(family, []).append(tensor)
            else:
                self.values[label] = tensor

    def statement(self, node: ast.stmt) -> Any:
        if isinstance(node, ast.Expr):
            return self.expression(node.value)
        if not (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
        ):
            self._refuse(node, "is not an assignment to one name")
        target = node.targets[0].id
        if target in self.values:
            raise NameClashError(
                f"the name {target!r} is assigned twice. Every value needs a name of its own."
            )
        value = self.expression(node.value)
        if isinstance(value, Tensor):
            value = Tensor(value.node, self.trace)
            self.trace.name(value, target, depth=0)
        self.values[target] = value
        return value

    def expression(self, node: ast.expr) -> Any:
        try:
            return self._expression(node)
        except RecursionError:
            raise ParseError(
                "a formula in the model text is nested too deeply. Split it into several assignments."
            ) from None

    def _expression(self, node: ast.expr) -> Any:  # noqa: RET503 - _refuse never returns
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return number
            case ast.Name(id=name):
                return self._lookup(name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self._binary(op, self._expression(left), self._expression(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                value = self._expression(operand)
                return -value if isinstance(sign, ast.USub) else value
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return self.functions[_COMPARE[type(op)]](
                    self._expression(left), self._expression(right)
                )
            case ast.Attribute(value=value, attr="T"):
                return lift(self._expression(value)).T
            case ast.Subscript(value=value, slice=ast.Constant(value=int() as index)):
                return self._expression(value)[index]
            case ast.Call():
                return self._call(node)
            case ast.BinOp(op=ast.BitXor()):
                self._refuse(node, "uses ^, which is not a power here; write **")
            case _:
                self._refuse(node, "is not part of the formula language")

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if (
            isinstance(op, ast.Pow)
            and not isinstance(left, Tensor)
            and not isinstance(right, Tensor)
        ):
            left = lift(left)  # so that 9**9**9 is refused or exact, never a long computation
            if abs(right) > 64:
                raise ParseError(f"the power {right} of a number is too large.")
        try:
            return _BINARY[type(op)](left, right)
        except (ZeroDivisionError, OverflowError) as error:
            raise ParseError(f"a constant in the model text cannot be computed: {error}.") from None

    def _call(self, node: ast.Call) -> Any:
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id in ("cr", "np")
        ):
            name = function.attr
        elif isinstance(function, ast.Name):
            name = function.id
        else:
            self._refuse(node, "calls something that is not a function of the table")
        if name not in self.functions:
            raise ParseError(
                f"there is no function {name!r}. The functions are: {', '.join(sorted(self.functions))}."
            )
        arguments = [self._argument(x) for x in node.args]
        keywords = {k.arg: self._argument(k.value) for k in node.keywords if k.arg is not None}
        if len(keywords) < len(node.keywords):
            self._refuse(node, "spreads a mapping")
        try:
            return self.functions[name](*arguments, **keywords)
        except TypeError as error:
            raise ParseError(f"{name}(...) was called wrongly: {error}.") from None

    def _argument(self, node: ast.expr) -> Any:
        """A formula, or a plain setting such as axis=0, axis="m", keepdims=True, axis=(0, 1)."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bool):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(self._argument(x) for x in node.elts)
        return self.expression(node)

    def _lookup(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        raise ParseError(
            f"{name!r} is not known here. Known: {', '.join(self.values)}. List it among the data or parameters, or assign it first."
        )

    def _refuse(self, node: ast.AST, why: str) -> NoReturn:
        piece = ast.get_source_segment(self.text.strip(), node) or ast.dump(node)
        raise ParseError(f"{piece[:80]!r} {why}. {_GRAMMAR}")
