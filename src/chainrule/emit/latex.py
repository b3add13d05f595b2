"""Formulas in LaTeX's maths mode: amsmath, and nothing that KaTeX refuses."""

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
    parts_of,
)
from chainrule.emit.symbols import GREEK
from chainrule.emit.walk import bottom_up

_SIGNS = {
    "−": "-", "·": r"\cdot", "∘": r"\circ", "×": r"\times", "ᵀ": r"\top", "≥": r"\ge", "≤": r"\le", ":": "{:}",
}  # fmt: skip
_LATIN_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))
_COMMANDS = {
    **{letter: f"\\{word}" for word, letter in GREEK.items() if word not in ("lam", "eps")},
    **{letter: rf"\mathrm{{{latin}}}" for letter, latin in _LATIN_CAPITALS.items()},
    "ε": r"\varepsilon",
    "φ": r"\varphi",
    "ο": "o",
}
_WIDE = {"hat": r"\widehat", "bar": r"\overline", "tilde": r"\widetilde", "dot": r"\dot"}
_FENCES = {
    "()": ("(", ")"),
    "[]": ("[", "]"),
    "||": (r"\lvert", r"\rvert"),
    "‖‖": (r"\lVert", r"\rVert"),
}
_PREFIXES = {"": "", "d": r"\mathrm{d}", "∂": r"\partial "}
_SPECIAL = {x: f"\\{x}" for x in "#$%&_{}"} | {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "}


def render(layout: Layout) -> str:
    """Return a layout as LaTeX, without dollar signs."""
    return bottom_up(layout, parts_of, _step)[0]


def _step(layout: Layout, below: list[tuple[str, bool]]) -> tuple[str, bool]:
    """Return the text and whether it is tall, so that brackets around it must grow."""
    parts = [text for text, _ in below]
    tall = any(grows for _, grows in below)
    match layout:
        case Symbol():
            return _symbol(layout), False
        case Number():
            return layout.digits, False
        case Word():
            return _word(layout), False
        case Operator():
            return _SIGNS.get(layout.sign, layout.sign), False
        case Row():
            return _row(layout.parts, parts), tall
        case Call():
            return parts[0] + parts[1], tall
        case Fraction():
            return rf"\frac{{{parts[0]}}}{{{parts[1]}}}", True
        case Superscript():
            return f"{parts[0]}^{{{parts[1]}}}", tall
        case Subscript():
            return f"{parts[0]}_{{{parts[1]}}}", tall
        case Root():
            return rf"\sqrt{{{parts[0]}}}", tall
        case Fenced():
            return _fenced(layout.fence, parts[0], tall), tall
        case BigSum():
            return rf"\sum_{{{parts[0]}}}" + (f"^{{{parts[1]}}}" if layout.upper else ""), True
        case _:
            raise TypeError(f"{type(layout).__name__} is no layout that prints")


def _row(layouts: Sequence[Layout], parts: Sequence[str]) -> str:
    text = ""
    glued = True
    for layout, shown in zip(layouts, parts, strict=True):
        sign = layout.sign if isinstance(layout, Operator) else ""
        text += shown if glued or sign in (",", ";", "/") else f" {shown}"
        glued = sign == "/" or (isinstance(layout, Operator) and layout.prefix)
    return text


def _fenced(fence: str, body: str, tall: bool) -> str:
    left, right = _FENCES[fence]
    if tall or fence == "‖‖":
        return rf"\left{left} {body} \right{right}"
    return f"{left}{body}{right}" if len(left) == 1 else f"{left} {body} {right}"


def _symbol(symbol: Symbol) -> str:
    base = _letters(symbol.base)
    if symbol.bold:
        base = rf"\mathbf{{{base}}}"
    if symbol.accent:
        command = _WIDE[symbol.accent] if len(symbol.base) > 1 else f"\\{symbol.accent}"
        base = f"{command}{{{base}}}"
    below = ",".join(_letters(word) for word in symbol.subscript)
    return _PREFIXES[symbol.prefix] + base + (f"_{{{below}}}" if below else "")


def _letters(word: str) -> str:
    if word in _COMMANDS:
        return _COMMANDS[word]
    if word.isdigit() or (len(word) == 1 and word.isalpha()):
        return word
    return rf"\mathrm{{{''.join(_COMMANDS.get(x, _SPECIAL.get(x, x)) for x in word)}}}"


def _word(word: Word) -> str:
    sign = word.sign("latex")
    plain = sign == word.sign("text") and sign.isalpha() and sign.isascii() and len(sign) > 1
    return rf"\operatorname{{{sign}}}" if plain else sign
