"""Formulas in Typst's maths mode, without dollar signs."""

from __future__ import annotations

from collections.abc import Sequence

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
from chainrule.emit.spacing import runs_into
from chainrule.emit.symbols import GREEK

_SIGNS = {
    "−": "-", "·": "dot.op", "∘": "compose", "×": "times", "ᵀ": "top", "≥": ">=", "≤": "<=", ",": r"\,", ";": r"\;",
    "/": "slash",
}  # fmt: skip
_NAMES = {letter: word for word, letter in GREEK.items() if word not in ("lam", "eps")}
_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "dot": "dot"}
_PREFIXES = {"": "", "d": "upright(d)", "∂": "partial "}
_FENCES = {"()": "({})", "[]": "[{}]", "||": "abs({})", "‖‖": "norm({})"}


def render(layout: Layout) -> str:
    """Return a layout as Typst maths."""
    return render_with(layout, _step)


def _step(layout: Layout, parts: list[str]) -> str:
    match layout:
        case Symbol():
            return _symbol(layout)
        case Number():
            return layout.digits
        case Word():
            return _word(layout)
        case Operator():
            return _SIGNS.get(layout.sign, layout.sign)
        case Row():
            return _row(layout.parts, parts)
        case Call():
            return (
                f"{parts[0]} {parts[1]}"  # the space keeps Typst from calling a function of its own
            )
        case Fraction():
            return f"frac({parts[0]}, {parts[1]})"
        case Superscript():
            return f"{parts[0]}^{_script(parts[1])}"
        case Subscript():
            return f"{parts[0]}_{_script(parts[1])}"
        case Root():
            return f"sqrt({parts[0]})"
        case Fenced():
            return _FENCES[layout.fence].format(parts[0])
        case BigSum():
            return f"sum_{_script(parts[0])}" + (f"^{_script(parts[1])}" if layout.upper else "")
        case _:
            raise TypeError(f"{type(layout).__name__} is no layout that prints")


def _row(layouts: Sequence[Layout], parts: Sequence[str]) -> str:
    text = ""
    for i, (layout, shown) in enumerate(zip(layouts, parts, strict=True)):
        before = layouts[i - 1] if i else None
        separator = isinstance(layout, Operator) and layout.sign in (",", ";")
        glued = separator or (isinstance(before, Operator) and before.prefix)
        apart = " thin" if before is not None and runs_into(before, layout) else ""
        text += shown if glued or not text else f"{apart} {shown}"
    return text


def _symbol(symbol: Symbol) -> str:
    base = _letters(symbol.base)
    if symbol.bold:
        base = f"bold({base})"
    if symbol.accent:
        base = f"{_ACCENTS[symbol.accent]}({base})"
    below = r" \, ".join(_letters(word) for word in symbol.subscript)
    return _PREFIXES[symbol.prefix] + base + (f"_{_script(below)}" if below else "")


def _letters(word: str) -> str:
    if word in _NAMES:
        return _NAMES[word]
    if word.isdigit() or (len(word) == 1 and word.isalpha()):
        return word
    escaped = word.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _word(word: Word) -> str:
    sign = word.sign("typst")
    return f'op("{sign}")' if sign == word.sign("text") and sign in ("put",) else sign


def _script(text: str) -> str:
    one = text.isalnum() or (text[0] == text[-1] == '"' and text.count('"') == 2)
    return text if one else f"({text})"
