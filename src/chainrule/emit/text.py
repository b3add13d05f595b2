"""Formulas in a terminal: one line of Unicode, `dW₂ = 2/m (Ŷ − Y) A₁ᵀ`."""

from __future__ import annotations

import unicodedata

from chainrule.emit.layout import (
    BigSum,
    Call,
    Fenced,
    Fraction,
    Layout,
    Number,
    Operator,
    Root,
    Row,
    Subscript,
    Superscript,
    Symbol,
    Word,
    render_with,
)

_MARKS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307"}
_LOW = dict(
    zip(
        "0123456789aehijklmnoprstuvxβγρφχ+−=()",
        "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₊₋₌₍₎",
        strict=True,
    )
)
_HIGH = dict(zip("0123456789+−=()nᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵀ", strict=True))


def render(layout: Layout) -> str:
    """Return a layout as one line of Unicode text."""
    return render_with(layout, _step)


def _step(layout: Layout, parts: list[str]) -> str:
    match layout:
        case Symbol():
            return _symbol(layout)
        case Number():
            return layout.digits
        case Word():
            return layout.sign("text")
        case Operator():
            return layout.sign
        case Row():
            return _row(layout, parts)
        case Call():
            return parts[0] + parts[1]
        case Fraction():
            return f"{_above(layout.top, parts[0])}/{_beneath(layout.bottom, parts[1])}"
        case Superscript():
            return parts[0] + _raised(layout.script, parts[1])
        case Subscript():
            return parts[0] + lowered(parts[1])
        case Root():
            return f"√{_one_unit(layout.body, parts[0])}"
        case Fenced():
            left, right = layout.fence
            return f"{left}{parts[0]}{right}"
        case BigSum():
            return f"Σ{lowered(parts[0])}" + (
                _raised(layout.upper, parts[1]) if layout.upper else ""
            )
        case _:
            raise TypeError(f"{type(layout).__name__} is no layout that prints")


def _symbol(symbol: Symbol) -> str:
    base = symbol.base if not symbol.bold else unicodedata.normalize("NFC", _bold(symbol.base))
    if symbol.accent:  # on the last letter of a word
        base = unicodedata.normalize("NFC", base + _MARKS[symbol.accent])
    return symbol.prefix + base + (lowered(",".join(symbol.subscript)) if symbol.subscript else "")


def _bold(base: str) -> str:
    return "".join(chr(0x1D7CE + int(x)) if x.isdigit() else x for x in base)


def lowered(text: str) -> str:
    """Return a subscript: ₁, or _name where Unicode lacks a letter."""
    if all(len(word) == 1 for word in text.split(" ")):
        text = text.replace(" ", "")
    if text and all(x in _LOW for x in text):
        return "".join(_LOW[x] for x in text)
    return f"_{text}" if text.isalnum() else f"_({text})"


def _raised(layout: Layout, text: str) -> str:
    if all(x in _HIGH for x in text):
        return "".join(_HIGH[x] for x in text)
    return f"^{text}" if isinstance(layout, Symbol | Number) else f"^({text})"


def _above(layout: Layout, text: str) -> str:
    """A numerator goes in brackets when it is a sum or a product."""
    loose = isinstance(layout, Fraction) or (isinstance(layout, Row) and not layout.tight)
    return f"({text})" if loose else text


def _beneath(layout: Layout, text: str) -> str:
    return f"({text})" if isinstance(layout, Row | Fraction) else text


def _one_unit(layout: Layout, text: str) -> str:
    return f"({text})" if isinstance(layout, Row | Fraction | Superscript) else text


def _row(row: Row, parts: list[str]) -> str:
    text = ""
    glued = True
    for part, shown in zip(row.parts, parts, strict=True):
        separator = isinstance(part, Operator) and part.sign in (",", ";")
        tight = row.tight and not _runs_together(text, shown)
        text += shown if glued or separator or tight else f" {shown}"
        glued = isinstance(part, Operator) and part.prefix
    return text


def _runs_together(before: str, after: str) -> bool:
    """Tell whether two factors of a tight row would read as one word: `m batch`, not `mbatch`."""
    words = before[-1:].isalpha() and after[:1].isalpha()
    return words or "_" in before or (before[-1:].isdigit() and after[:1].isdigit())
