"""Names as symbols: W1 is W₁, Y_hat is Ŷ, mu is μ, and a gradient is dW₁ or ∂L/∂W₁."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from chainrule.emit.layout import Fraction, Layout, Symbol
from chainrule.graph.nodes import Input, Name, Node

_GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
]  # fmt: skip
_SMALL = dict(zip(_GREEK, "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
GREEK: Mapping[str, str] = {
    **_SMALL,
    **{word.capitalize(): letter.upper() for word, letter in _SMALL.items()},
    "lam": "λ",
    "eps": "ε",
}
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot"}
_TRAILING_DIGITS = re.compile(r"([^\W\d_]+)(\d+)")


def symbol(label: str, role: str = "", *, node: str = "") -> Symbol:
    """Return a variable's name as a symbol: W1 -> W₁, Y_hat -> Ŷ, A[1] -> A₁, n_x -> nₓ, mu -> μ.

    >>> symbol("Y_hat").accent, symbol("W12").subscript
    ('hat', ('12',))
    """
    stem, *places = label.replace("]", "").split("[")
    words = [word for word in stem.split("_") if word]
    if not words:
        return Symbol(label, node=node, role=role)
    base, *rest = words
    split = _TRAILING_DIGITS.fullmatch(base)
    if split:
        base, rest = split[1], [split[2], *rest]
    accent = next((word for word in rest if word in _ACCENTS.values()), "")
    if accent:
        rest.remove(accent)
    plain = unicodedata.normalize("NFD", base)
    if not accent and len(plain) == 2 and plain[1] in _ACCENTS:
        base, accent = plain[0], _ACCENTS[plain[1]]
    below = tuple(GREEK.get(word, word) for word in (*rest, *places))
    return Symbol(GREEK.get(base, base), accent, below, node=node, role=role)


def symbol_of(node: Node, gradients: str = "d", loss: str = "L") -> Layout:
    """Return how an input or a named value is shown; a gradient as dW₁ or, with "partial", ∂L/∂W₁."""
    if isinstance(node, Input):
        return symbol(node.name, "value" if node.role == "symbol" else node.role, node=node.name)
    assert isinstance(node, Name)
    if node.role == "tangent":
        moving = symbol(node.of, "gradient", node=node.label)
        return replace(moving, accent="dot") if not moving.accent else replace(moving, prefix="d")
    if node.role != "gradient":
        return symbol(node.label, "value", node=node.label)
    if gradients == "d":
        return replace(symbol(node.of, "gradient", node=node.label), prefix="d")
    top, bottom = (replace(symbol(label), prefix="∂") for label in (loss, node.of))
    return Fraction(top, bottom, node=node.label, role="gradient")
