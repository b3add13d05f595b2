"""Lines of styled text with a head and a hanging indent, and the one place that puts them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
Span = tuple[str, str]  # a text and its style


@dataclass(frozen=True)
class Line:
    """A text that is wrapped. `head` stands before its first line, from `indent` on; the text stands from `hang` on."""

    spans: tuple[Span, ...] = ()
    indent: int = 0
    head: Span = ("", "")
    hang: int = 0

    @property
    def text(self) -> str:
        """The text without styles."""
        return "".join(text for text, _ in self.spans)


def line(text: str, style: str = "", indent: int = 0) -> Line:
    """Return a line without a head."""
    return Line(((text, style),), indent, hang=indent)


def put(console: Console, lines: Iterable[Line]) -> None:
    """Print lines."""
    from rich.text import Text

    for one in lines:
        text = Text.assemble(*one.spans)
        width = max(min(console.width, WIDTH) - one.hang, 20)
        start = Text(" " * one.indent).append(one.head[0].ljust(one.hang - one.indent), one.head[1])
        for part in text.wrap(console, width) or [Text()]:
            part.rstrip()
            console.print(start + part, soft_wrap=True)
            start = Text(" " * one.hang)
