"""What must not come apart at the end of a line: a formula and its bracket, a number and its unit, a line of code."""

from __future__ import annotations

import re

_TAG = re.compile(r"(<[^>]*>)")
_NUMBER = r"−?\d[\d.,]*(?:\s×\s10[⁰¹²³⁴-⁹⁻]+)?"
_AROUND = re.compile(
    rf"([(\[“‘]*)(<math\b.*?</math>)((?:\s[=<>≈←]\s{_NUMBER})?[)\].,;:?!’”]*)", re.DOTALL
)
_APART = re.compile(
    r"(?<=\d) (?=(?:×|%|°|min|ms|mm|kB|MB|g|s)(?!\w))"  # 1.2 × 10⁵, 12 mm
    r"|(?<=×) (?=\d)"
    r"|(?<=[=≈←]) (?=−?\d)|(?<=\w) (?=[=≈←] −?\d)"  # dy = 2
    r"|(?<=[a-z]) (?=\d{1,2}[.,;:?!)](?:\s|$))"  # deviation 1. What
    r"|(?<=[Cc]hapter) (?=\d)"
)
_SHAPE = re.compile(r"\((?:\w+, )+\w+\)")
_HYPHENED = re.compile(r"\w+(?:-\w+)+")
_LONGEST = 28  # letters of code that a telephone can hold on one line
_KEPT_APART = ("code", "pre", "svg", "math", "script")
_NO_BREAK = "\u00a0"


def held(html: str) -> str:
    """Return HTML in which no line ends between a formula and its punctuation or value, or a number and its unit.

    >>> held("mean 0 and deviation 1. A shape (n_x, m)")
    'mean 0 and deviation\\xa01. A shape (n_x,\\xa0m)'
    """
    return _AROUND.sub(_with_its_signs, _words_held(html))


def glued(html: str) -> str:
    """Return HTML that stays on one line."""
    return f'<span class="glue">{html}</span>'


def code(escaped: str) -> str:
    """Return inline code; on one line, if it is short."""
    short = len(escaped) <= _LONGEST
    return f'<code class="glue">{escaped}</code>' if short else f"<code>{escaped}</code>"


def title(escaped: str) -> str:
    """Return a title whose hyphened words are not torn: two-layer.

    >>> title("The two-layer perceptron")
    'The <span class="glue">two-layer</span> perceptron'
    """
    return _HYPHENED.sub(lambda match: glued(match[0]), escaped)


def _with_its_signs(match: re.Match[str]) -> str:
    before, formula, after = match.groups()
    return glued(match[0]) if before or after else formula


def _words_held(html: str) -> str:
    inside: list[str] = []
    parts: list[str] = []
    for part in _TAG.split(html):
        name = re.match(r"</?(\w+)", part)
        if name and name[1] in _KEPT_APART:
            inside = inside[:-1] if part.startswith("</") else [*inside, name[1]]
        parts.append(part if name or inside else _bound(part))
    return "".join(parts)


def _bound(text: str) -> str:
    text = _SHAPE.sub(lambda match: match[0].replace(" ", _NO_BREAK), text)
    return _APART.sub(_NO_BREAK, text)


__all__ = ["code", "glued", "held", "title"]
