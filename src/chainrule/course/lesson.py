"""Lessons as they were written: lessons/N-name/page.md, which is TOML between +++ lines, then Markdown.

A lesson without a model in its front matter, such as notes on operations, has no case and no instrument.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chainrule.course.scope import Case, Setting
from chainrule.errors import ParseError


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was written: where, its front matter, its text."""

    folder: Path
    front: Mapping[str, Any]
    text: str

    @property
    def number(self) -> int:
        """The chapter's number."""
        return int(self.folder.name.partition("-")[0])

    @property
    def slug(self) -> str:
        """The name of its page, without .html."""
        return self.folder.name

    @property
    def title(self) -> str:
        """The chapter's title."""
        return str(self.front["title"])

    @cached_property
    def case(self) -> Case | None:
        """Its model, data and start; None where its front matter names no model."""
        return Case(Setting.of(self.front)) if "model" in self.front else None


def read_lesson(folder: Path) -> Lesson:
    """Read a lesson.

    Raises:
        ParseError: no front matter, or it cannot be read, or the title is missing.
    """
    text = (folder / "page.md").read_text(encoding="utf-8")
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ParseError(
            f"{folder.name}/page.md has no front matter. Begin with TOML between two lines of +++."
        )
    front = toml(parts[1], f"the front matter of {folder.name}")
    if "title" not in front:
        raise ParseError(
            f'{folder.name}/page.md has no title. Write title = "..." in its front matter.'
        )
    for changes in (front, *front.get("run", {}).values(), *front.get("case", {}).values()):
        for key in ("features", "classes"):
            if key in changes:
                changes[key] = tuple(changes[key])
    return Lesson(folder, front, parts[2])


def read_lessons(folder: Path) -> list[Lesson]:
    """Read all lessons of a folder, in the order of their numbers."""
    return sorted(
        (read_lesson(path.parent) for path in folder.glob("[0-9]*-*/page.md")),
        key=lambda x: x.number,
    )


def toml(text: str, what: str) -> dict[str, Any]:
    """Return TOML that was read; `what` names it where it cannot be."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParseError(f"{what} cannot be read: {error}.") from None
