"""What a question shows, as data that every surface can draw: pieces of text and mathematics, and blocks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, cast

from chainrule.emit.layout import Layout, Number, Operator, Row
from chainrule.emit.symbols import symbol
from chainrule.explain.formulas import RENDERERS, Equation, render
from chainrule.graph.nodes import Name, Node


@dataclass(frozen=True)
class Math:
    """A formula in every tongue; `text` is also what a screen reader is given."""

    text: str
    mathml: str
    typst: str
    latex: str


Piece = str | Math
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text with formulas in it."""

    pieces: Pieces
    kind: str = "paragraph"


@dataclass(frozen=True)
class Given:
    """An array that is given: its symbol, its shape, and its rows as they are printed (a scalar is one row of one)."""

    name: str
    symbol: Math
    shape: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "given"


@dataclass(frozen=True)
class Table:
    """A table; cells are pieces, and a cell that holds only "{id}" is the place of the blank of that id."""

    head: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, ...], ...]
    caption: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Code:
    """Lines of a program, numbered from 1."""

    lines: tuple[str, ...]
    language: str = "python"
    kind: str = "code"


@dataclass(frozen=True)
class Box:
    """A box of a graph: its label, what it shows, and the operation that makes it ("" for an input)."""

    label: str
    symbol: Math
    operation: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A graph of boxes, each after those that it reads."""

    boxes: tuple[Box, ...]
    kind: str = "graph"


@dataclass(frozen=True)
class Curve:
    """Points to be plotted: (x, y) in order, and what the axes are."""

    points: tuple[tuple[float, float], ...]
    across: str
    up: str
    kind: str = "curve"


Block = Paragraph | Given | Table | Code | Graph | Curve


@lru_cache(maxsize=4096)  # the same for every seed
def math(*sides: Node) -> Math:
    """Return formulas joined by equals signs, in every tongue; a first side that is named is the left-hand side."""
    left = sides[0] if len(sides) > 1 and isinstance(sides[0], Name) else None
    equation = Equation(left, sides[1:] if left else sides)
    return Math(*(render(equation, t) for t in ("text", "mathml", "typst", "latex")))


def drawn(layout: Layout) -> Math:
    """Return a layout in every tongue."""
    return Math(*(RENDERERS[t](layout) for t in ("text", "mathml", "typst", "latex")))


@lru_cache(maxsize=4096)
def sign(label: str, prefix: str = "", *places: int) -> Math:
    """Return a value's symbol; `prefix` "d" makes it its gradient, `places` name an entry from 1."""
    from dataclasses import replace

    whole = replace(symbol(label), prefix=prefix)
    if places:
        where = ",".join(str(p) for p in places)
        whole = replace(whole, subscript=(*whole.subscript, where))
    return drawn(whole)


def equals(label: str, number: str) -> Math:
    """Return "w = -0.3" in every tongue."""
    digits = number.removeprefix("-")
    minus = (Operator("−", prefix=True),) if number.startswith("-") else ()
    return drawn(Row((symbol(label), Operator("="), *minus, Number(digits))))


def plain(value: Any) -> Any:
    """Return dataclasses, tuples and mappings as data for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value)
        return {key: plain(one) for key, one in items.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in cast("Sequence[Any]", value)]
    return value


def text_of(pieces: Sequence[Piece]) -> str:
    """Return pieces as plain text."""
    return "".join(p if isinstance(p, str) else p.text for p in pieces)
