"""Small formulas in a lesson's text: names, numbers, signs, ^2, ^T; symbols by the engine's own MathML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any, cast

from chainrule.emit import mathml
from chainrule.emit.symbols import symbol

MATHS = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
_PIECE = re.compile(r"[A-Za-z]\w*(?:\[\d+\])?|\d+(?:\.\d+)?|\^(?:T|\w+|\(.*?\))|<-|\S")
_GRADIENT = re.compile(r"d[A-Za-z]\d*(?:_hat)?")
_SIGNS = {"-": "−", "*": "·", "<-": "←"}


def formula(text: str, document: Mapping[str, Any]) -> str:
    """Return the parts of a small formula, such as `W1 X + b1`; symbols as the document of an instrument has them."""
    parts: list[str] = []
    for piece in cast("list[str]", _PIECE.findall(text)):
        if piece.startswith("^") and parts:
            parts.append(_raised(parts.pop(), piece[1:]))
        elif piece[0].isalpha():
            if parts and not parts[-1].startswith("<mo") and _GRADIENT.fullmatch(piece):
                parts.append(mathml.THIN)
            parts.append(symbol_in(piece, document))
        elif piece[0].isdigit():
            parts.append(f"<mn>{piece}</mn>")
        else:
            parts.append(_sign(piece))
    return "".join(parts)


def symbol_in(label: str, document: Mapping[str, Any]) -> str:
    """Return a name as the document of an instrument shows it, a gradient of such a name, or a symbol like any other."""
    values = {value["label"]: value["mathml"] for value in document["values"]}
    if label in values:
        return values[label]
    known = label.startswith("d") and label[1:] in values
    if known or _GRADIENT.fullmatch(label):
        prefixed = symbol(label[1:], "gradient", node=label if known else "")
        return mathml.render(replace(prefixed, prefix="d"))
    return mathml.render(symbol(label))


def _sign(piece: str) -> str:
    small = ' stretchy="false"' if piece in "()[]|" else ""
    return f"<mo{small}>{escape(_SIGNS.get(piece, piece))}</mo>"


def _raised(base: str, script: str) -> str:
    inner = script.strip("()")
    if inner == "T":
        return f'<msup>{base}<mi mathvariant="normal">T</mi></msup>'
    tag = "mn" if inner.isdigit() else "mi"
    return f"<msup>{base}<{tag}>{escape(inner)}</{tag}></msup>"
