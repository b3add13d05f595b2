"""A line of code that failed on shapes: which product does not fit, and what would make it fit. Reads the line, runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]
_PRODUCTS = ("dot", "matmul", "mm")
_PLAIN = ("multiply", "add", "subtract", "divide")


@dataclass(frozen=True)
class Clash:
    """Two operands that do not fit: the operation, their shapes and their texts."""

    operation: str
    left: Shape
    right: Shape
    operands: tuple[str, str]

    def mistake(self, required: Shape | None) -> str:
        """Return the likeliest mistake, given the shape that the line's result should have."""
        turned = [(a, b) for a in _ways(self.left) for b in _ways(self.right)]
        join = _product if self.operation == "@" else _broadcast
        if required is not None and any(join(a, b) == required for a, b in turned):
            return "transpose"
        if self.operation == "@":
            return "matmul-for-elementwise" if _broadcast(self.left, self.right) else "transpose"
        if any(_product(a, b) in (required, None) and _product(a, b) for a, b in turned):
            return "elementwise-for-matmul"
        return "transpose" if any(join(a, b) for a, b in turned) else "broadcast"

    @property
    def message(self) -> str:
        """What does not fit, with shapes."""
        one, other = self.operands
        return f"{one} has shape {self.left} and {other} has shape {self.right}: {one} {self.operation} {other} does not fit"


def targets(line: str) -> list[str]:
    """Return the variables that a line assigns: "dW1 = ..." gives ["dW1"]."""
    tree = _parsed(line)
    found = tree.targets if isinstance(tree, ast.Assign) else []
    if isinstance(tree, ast.AugAssign | ast.AnnAssign):
        found = [tree.target]
    spread = [e for t in found for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return [ast.unparse(t).replace("'", "").replace('"', "") for t in spread]


def clash(line: str, shapes: Mapping[str, Shape]) -> Clash | None:
    """Return the first operation of a line whose operands do not fit, by the shapes of its variables."""
    tree = _parsed(line)
    value = getattr(tree, "value", None)
    if not isinstance(value, ast.expr):
        return None
    reader = _Reader(shapes)
    reader.shape(value)
    return reader.clash


def _parsed(line: str) -> ast.stmt | None:
    try:
        body = ast.parse(line.strip()).body
    except (SyntaxError, ValueError):
        return None
    return body[0] if body else None


class _Reader:
    """Works out shapes of an expression from those of its variables; None where that is not plain."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = shapes
        self.clash: Clash | None = None

    def shape(self, expression: ast.expr) -> Shape | None:
        """Return the shape of an expression; expressions are shallow, so this may call itself."""
        match expression:
            case ast.Name(id=name):
                return self.shapes.get(name)
            case ast.Constant(value=int() | float()):
                return ()
            case ast.Attribute(value=inner, attr="T"):
                shape = self.shape(inner)
                return None if shape is None else shape[::-1]
            case ast.UnaryOp(operand=inner):
                return self.shape(inner)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(_sign(op), left, right)
            case ast.Call(func=ast.Attribute(value=first, attr=name), args=args):
                return self._call(first, name, args)
            case _:
                return None

    def _call(self, first: ast.expr, name: str, args: list[ast.expr]) -> Shape | None:
        operands = args if isinstance(first, ast.Name) and len(args) == 2 else [first, *args]
        if name in _PRODUCTS and len(operands) == 2:
            return self._operation("@", operands[0], operands[1])
        if name in _PLAIN and len(operands) == 2:
            return self._operation("*" if name == "multiply" else "+", operands[0], operands[1])
        for arg in args:
            self.shape(arg)
        one_to_one = name in ("exp", "tanh", "log", "sqrt", "square", "abs")
        return self.shape(args[0]) if one_to_one and args else None

    def _operation(self, sign: str, left: ast.expr, right: ast.expr) -> Shape | None:
        a, b = self.shape(left), self.shape(right)
        if a is None or b is None or self.clash is not None:
            return None
        result = _product(a, b) if sign == "@" else _broadcast(a, b)
        if result is None:
            self.clash = Clash(sign, a, b, (ast.unparse(left), ast.unparse(right)))
        return result


def _sign(op: ast.operator) -> str:
    signs = {
        ast.MatMult: "@",
        ast.Mult: "*",
        ast.Add: "+",
        ast.Sub: "-",
        ast.Div: "/",
        ast.Pow: "**",
    }
    return next((sign for kind, sign in signs.items() if isinstance(op, kind)), "+")


def _ways(shape: Shape) -> list[Shape]:
    return list(dict.fromkeys([shape, shape[::-1]]))


def _product(a: Shape, b: Shape) -> Shape | None:
    if not a or not b:
        return None
    inner = b[max(len(b) - 2, 0)]
    if a[-1] != inner:
        return None
    return (*a[:-1], *(b[-1:] if len(b) > 1 else ()))


def _broadcast(a: Shape, b: Shape) -> Shape | None:
    rank = max(len(a), len(b))
    pairs = zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True)
    result: list[int] = []
    for m, n in pairs:
        if m != n and 1 not in (m, n):
            return None
        result.append(max(m, n))
    return tuple(result)
