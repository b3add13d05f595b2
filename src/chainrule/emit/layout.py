"""Formulas as they are set: a tree of symbols, fractions and brackets that all maths tongues print.

`notation` makes such trees of forms. A layout knows neither forms nor tongues.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.emit.walk import bottom_up


@dataclass(frozen=True)
class Layout:
    """A part of a formula; `node` is the label of the node that it shows, `role` that node's role."""

    node: str = field(default="", kw_only=True)
    role: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Symbol(Layout):
    """A letter or an upright word; `prefix` is the upright d of a gradient or a ∂."""

    base: str
    accent: str = ""  # "hat", "bar", "tilde" or "dot"
    subscript: tuple[str, ...] = ()
    prefix: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Number(Layout):
    """Digits, without a sign."""

    digits: str


@dataclass(frozen=True)
class Word(Layout):
    """The symbol of an operation: (tongue, sign) pairs, "text" at least."""

    signs: tuple[tuple[str, str], ...]

    def sign(self, tongue: str) -> str:
        """Return the symbol in a tongue."""
        signs = dict(self.signs)
        return signs.get(tongue, signs["text"])


@dataclass(frozen=True)
class Operator(Layout):
    """A sign between its neighbours, in front of one (`prefix`), a separator, or "ᵀ" as a script."""

    sign: str
    prefix: bool = False


@dataclass(frozen=True)
class Row(Layout):
    """Parts side by side; juxtaposed values are multiplied. `tight` rows are one unit: 2m."""

    parts: tuple[Layout, ...]
    tight: bool = False


@dataclass(frozen=True)
class Call(Layout):
    """A function and its bracketed argument."""

    function: Layout
    argument: Layout


@dataclass(frozen=True)
class Fraction(Layout):
    """One part above another."""

    top: Layout
    bottom: Layout


@dataclass(frozen=True)
class Superscript(Layout):
    """A part with a script above; the body is bracketed where that is needed."""

    body: Layout
    script: Layout


@dataclass(frozen=True)
class Subscript(Layout):
    """A part with a script below."""

    body: Layout
    script: Layout


@dataclass(frozen=True)
class Root(Layout):
    """A square root."""

    body: Layout


@dataclass(frozen=True)
class Fenced(Layout):
    """A part between "()", "[]", "||" or "‖‖"."""

    body: Layout
    fence: str = "()"


@dataclass(frozen=True)
class BigSum(Layout):
    """The sign Σ with its index; what is added up follows it in the row."""

    index: Layout
    upper: Layout | None = None


def parts_of(layout: Layout) -> tuple[Layout, ...]:
    """Return what a layout is made of, in reading order."""
    match layout:
        case Row():
            return layout.parts
        case Call():
            return (layout.function, layout.argument)
        case Fraction():
            return (layout.top, layout.bottom)
        case Superscript() | Subscript():
            return (layout.body, layout.script)
        case Root() | Fenced():
            return (layout.body,)
        case BigSum():
            return (layout.index,) if layout.upper is None else (layout.index, layout.upper)
        case _:
            return ()


def render_with(layout: Layout, step: Callable[[Layout, list[str]], str]) -> str:
    """Return the text of a layout, put together from the texts of its parts."""
    return bottom_up(layout, parts_of, step)
