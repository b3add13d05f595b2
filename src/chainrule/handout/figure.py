"""What a figure of the printed notes is: a picture, what is said under it, and what it shows in words."""

from __future__ import annotations

from dataclasses import dataclass

WIDE, TALL = 176.0, 142.0  # three stand beside each other on a page


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, what is said under it, and what it shows in words."""

    svg: str
    caption: str
    about: str
    wide: bool = False
