"""Pieces: a layout, how tightly it binds, and the brackets that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chainrule.emit.layout import Fenced, Layout, Number, Operator, Row, Subscript, Symbol

SUM, BIG, ENTRYWISE, MATMUL, PRODUCT, FRACTION, SCRIPT, ATOM = range(8)  # from loose to tight
MINUS, PLUS, DOT, CIRCLE = "−", "+", "·", "∘"


class Piece(NamedTuple):
    """A layout, how tightly it binds, and what the parts around it must know.

    `negative`: a minus sign is still to be printed. `led`: a number stands in front. `lead`: how many
    plain scalars stand in front, so that a fraction can take them up (λ/2). `bound`: index letters inside.
    """

    layout: Layout
    level: int
    negative: bool = False
    led: bool = False
    lead: int = 0
    bound: frozenset[str] = frozenset()


def whole(piece: Piece) -> Piece:
    """Return the piece with its minus sign printed."""
    if not piece.negative:
        return piece
    inner = Fenced(piece.layout) if piece.level == SUM else piece.layout
    return Piece(Row((Operator(MINUS, prefix=True), inner)), SUM, bound=piece.bound)


def in_brackets(piece: Piece, when: bool) -> Layout:
    """Return the piece's layout, in brackets if told so."""
    return Fenced(piece.layout) if when else piece.layout


def base(piece: Piece) -> Layout:
    """Return what a script can be put on."""
    shown = whole(piece)
    return in_brackets(shown, shown.level < ATOM)


def low_base(piece: Piece) -> Layout:
    """Return what an index can be put on."""
    shown = piece.layout
    plain = isinstance(shown, Symbol) and not shown.subscript and shown.prefix in ("", "d")
    return in_brackets(piece, not plain)


def power_base(piece: Piece) -> Layout:
    """Return what a power can be put on: (dx)², for dx² would be read as the square of x."""
    if isinstance(piece.layout, Symbol) and piece.layout.prefix:
        return Fenced(whole(piece).layout)
    return base(piece)


def indexed(piece: Piece, scripts: Sequence[str]) -> Layout:
    """Return xᵢⱼ, or (x)ᵢⱼ where x is more than a plain letter; the sign is left to the caller."""
    if not scripts:
        return in_brackets(piece, piece.level < MATMUL)
    return Subscript(low_base(piece), script_row(scripts))


def tight(parts: Sequence[Layout]) -> Layout:
    """Return parts as one unit: 2m."""
    return parts[0] if len(parts) == 1 else Row(tuple(parts), tight=True)


def listed(parts: Sequence[Layout], separator: str) -> list[Layout]:
    """Return parts with a separator between them."""
    separated: list[Layout] = []
    for part in parts:
        separated += [Operator(separator), part] if separated else [part]
    return separated


def script_row(words: Sequence[str]) -> Layout:
    """Return index letters or numbers as a script."""
    return tight([Number(word) if word.isdigit() else Symbol(word) for word in words])
