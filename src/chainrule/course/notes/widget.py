"""What a widget is, and the table of them: a lesson names one, its builder prepares the document that the browser draws.

A widget "room/kind" is drawn by the component `kind` of web/src/notes/room. Builders register themselves with
`@widget("room/kind")`; `chainrule.course.notes.rooms` imports every room, so that the table is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from chainrule.errors import unknown


@dataclass(frozen=True)
class Widget:
    """What the browser draws.

    Attributes:
        document: plain JSON, for this place alone.
        fallback: HTML for a reader without scripts, and for print where the drawing has nothing to say.
        height: pixels kept free before it is drawn, at a reading width of 720; and at one of 390.
        wide: whether it may be as wide as an instrument; else it stays in the column of the text.
        shared: documents by id that several widgets of a page may use; each stands on the page once.
        wide: whether it is wider than the text.
    """

    document: Mapping[str, Any]
    fallback: str = ""
    height: tuple[int, int] = (320, 420)
    shared: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    wide: bool = False


@dataclass(frozen=True)
class Place:
    """Where a widget stands: the names of its lesson (as `facts.evaluate` takes them), its lesson's `case`, if it has one."""

    names: Mapping[str, Any]
    value: Callable[[str], Any]
    case: Any = None
    folder: Path | None = None  # of the lesson's files


Builder = Callable[[Mapping[str, Any], Place], Widget]
WIDGETS: dict[str, Builder] = {}
FACTS: dict[str, Callable[[], Any]] = {}


def fact(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register what a room computes under a name, which a lesson's expressions then know as `note.NAME`."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        if name in FACTS:
            raise ValueError(f"two facts are called {name}.")
        FACTS[name] = make
        return make

    return register


def widget(name: str) -> Callable[[Builder], Builder]:
    """Register the builder of a widget, `builder(block, place) -> Widget`, under the name "room/kind"."""

    def register(builder: Builder) -> Builder:
        if name in WIDGETS:
            raise ValueError(f"two widgets are called {name}.")
        WIDGETS[name] = builder
        return builder

    return register


def find(name: str) -> Builder:
    """Return the builder of a widget.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in WIDGETS:
        raise unknown("widget", name, WIDGETS)
    return WIDGETS[name]


def place_of(name: str, made: Widget, identity: str, state: str) -> str:
    """Return the element that the browser fills; `identity` is also the id of its document, with "-data" added."""
    wide, narrow = made.height
    return (
        f'<div class="widget{" wide" * made.wide}" id="{identity}" data-widget="{escape(name)}" data-state="{escape(state)}" '
        f'data-shared="{escape(" ".join(made.shared))}" data-wide="{wide}" data-narrow="{narrow}">{made.fallback}</div>'
    )


__all__ = ["FACTS", "WIDGETS", "Builder", "Place", "Widget", "fact", "find", "place_of", "widget"]
