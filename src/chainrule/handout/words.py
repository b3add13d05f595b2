"""What a lesson says, in Typst: numbers computed, formulas by the engine's own emitter, emphasis and code kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, cast

from chainrule.course.facts import shown
from chainrule.course.lesson import Lesson
from chainrule.course.rendering import Renderer
from chainrule.emit import text as plain
from chainrule.emit import typst
from chainrule.emit.symbols import symbol
from chainrule.typeset import string

_HOLE = re.compile(r"\{\{(.+?)\}\}|\$([^$\n]+)\$|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PIECE = re.compile(r"[A-Za-z]\w*(?:\[\d+\])?|\d+(?:\.\d+)?|\^(?:T|\w+|\(.*?\))|\S")
_SIGNS = {
    "-": "-",
    "*": "dot.op",
    "<-": "<-",
    "·": "dot.op",
    "/": "slash",
    "(": r"\(",
    ")": r"\)",
    ",": ",",
}

_MINUS = re.compile(r"(?<= )-(?= )|(?<![\w-])-(?=\d|inf\b)")

Equations = Mapping[str, tuple[str, str]]  # by target: Typst and text


def plainly(words: str) -> str:
    """Return words as Typst content that says just them, with signs as they are set: ’ and −."""
    return f"#{string(_MINUS.sub('−', words.replace(chr(39), '’')))}"


def formula(maths: str, alternative: str, block: bool = False) -> str:
    """Return mathematics with its alternative text."""
    inner = f"$ {maths} $" if block else f"${maths}$"
    shape = "block: true, " if block else ""
    return f"#math.equation({shape}alt: {string(alternative)}, {inner})"


class Said:
    """A lesson's sentences in Typst."""

    def __init__(self, lesson: Lesson, equations: Equations) -> None:
        self.lesson = lesson
        self.equations = equations
        self._renderer = Renderer(lesson)

    def inline(self, text: str) -> str:
        """Return a sentence of a lesson."""
        parts: list[str] = []
        end = 0
        for match in _HOLE.finditer(text):
            parts.append(plainly(text[end : match.start()]) if match.start() > end else "")
            parts.append(self._piece(match))
            end = match.end()
        return "".join([*parts, plainly(text[end:]) if end < len(text) else ""])

    def _piece(self, match: re.Match[str]) -> str:
        hole, maths, code, strong, weak = match.groups()
        if hole:
            return self._hole(hole)
        if maths:
            return formula(small(maths), maths)
        if code:
            return f"#raw({string(code)})"
        return f"#strong[{self.inline(strong)}]" if strong else f"#emph[{self.inline(weak)}]"

    def _hole(self, hole: str) -> str:
        expression, _, form = hole.partition(":")
        kind, dot, target = expression.strip().partition(".")
        if dot and kind == "eq" and target in self.equations:
            return formula(*self.equations[target])
        if dot and kind == "sym":
            return formula(_symbol(target), target)
        if dot and kind in ("code", "shapes", "eq"):
            row = self._renderer.rows[target]
            said = (
                row["code"]["numpy"]
                if kind == "code"
                else row["shapes" if kind == "shapes" else "text"]
            )
            return f"#raw({string(said)})" if kind == "code" else plainly(said)
        return plainly(shown(self._renderer.value(expression), form.strip()))

    @property
    def lead(self) -> str:
        """The lesson's lead."""
        return self.inline(str(self.lesson.front.get("lead", "")))

    @property
    def takeaways(self) -> list[str]:
        """What the lesson says to take away, one item each."""
        return [
            self.inline(item)
            for b in blocks(self.lesson, "takeaway")
            for item in cast("list[str]", b["items"])
        ]

    @property
    def renderer(self) -> Renderer:
        """What renders the lesson for the page; its names and values are the same."""
        return self._renderer


def blocks(lesson: Lesson, kind: str) -> list[dict[str, Any]]:
    """Return the blocks of a kind in a lesson."""
    return [tomllib.loads(content) for name, content in _BLOCK.findall(lesson.text) if name == kind]


def small(text: str) -> str:
    """Return a small formula of a lesson, such as "W1 X + b1", as Typst mathematics."""
    parts: list[str] = []
    for piece in cast("list[str]", _PIECE.findall(text.replace("<-", "←"))):
        if piece.startswith("^") and parts:
            inner = piece[1:].strip("()")
            parts[-1] += "^top" if inner == "T" else f"^({inner})"
        elif piece[0].isalpha():
            parts.append(_symbol(piece))
        elif piece == "←":
            parts.append("<-")
        else:
            parts.append(piece if piece[0].isdigit() else _SIGNS.get(piece, piece))
    return " ".join(parts)


def _symbol(label: str) -> str:
    if len(label) > 1 and label[0] == "d" and (label[1].isupper() or label[1:] in _SMALL):
        return f"upright(d) {typst.render(symbol(label[1:]))}"
    return typst.render(symbol(label))


_SMALL = ("w", "b", "x", "y", "z", "a", "y_hat", "w1", "w2", "b1", "b2")


def unicode_symbol(label: str) -> str:
    """Return a symbol as text: W₁, Ŷ."""
    return plain.render(symbol(label))


def dims(shape: str) -> str:
    """Return a shape as print has it: (nₕ, m) for (n_h, m)."""
    return _DIM.sub(lambda match: unicode_symbol(match[0]), shape)


_DIM = re.compile(r"[A-Za-z]+_\w+")

__all__ = ["Said", "blocks", "dims", "formula", "plainly", "small", "unicode_symbol"]
