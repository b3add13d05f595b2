"""Lines, words and whole pictures in SVG; colours are the page's own variables, with the light ones where there is no style sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

_COLOURS = {
    "ink": "#1c1e22", "soft": "#666b72", "rule": "#e4e0d8", "forward": "#1d5fa7", "gradient": "#c4401c",
    "parameter": "#6a4aa3", "data": "#56626c", "optimum": "#b8860b", "optimum-ink": "#86620a",
}  # fmt: skip

_INDEX = re.compile(r"_(\w+)")

Point = tuple[float, float]


def colour_of(name: str) -> str:
    """Return a colour of the page by its name."""
    return f"var(--{name}, {_COLOURS[name]})"


def svg(width: float, height: float, title: str, about: str, parts: Sequence[str]) -> str:
    """Return a picture with its text equivalent."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" class="still" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(about)}</desc>{''.join(parts)}</svg>"
    )


def line(points: Sequence[Point], colour: str, width: float = 1.6, dash: str = "") -> str:
    """Return a line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour_of(colour)}" stroke-width="{width:g}" stroke-linejoin="round"{dashed}/>'


def text(
    at: Point,
    words: str,
    colour: str = "soft",
    anchor: str = "start",
    size: int = 11,
    halo: bool = False,
) -> str:
    """Return words at a place, λ_max with its index below; with a halo they stand clear of the lines behind them.

    The page's style makes every size larger where the picture is small."""
    clear = (
        ' paint-order="stroke" stroke-width="4" stroke-linejoin="round" stroke="var(--paper, #fcfbf8)"'
        if halo
        else ""
    )
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" fill="{colour_of(colour)}" font-size="{size}" '
        f'text-anchor="{anchor}" font-family="Inter, system-ui, sans-serif"{clear}>{_INDEX.sub(_lowered, escape(words))}</text>'
    )


def _lowered(match: re.Match[str]) -> str:
    return f'<tspan dy="3" font-size="75%">{match[1]}</tspan><tspan dy="-3">\u200b</tspan>'


__all__ = ["Point", "colour_of", "line", "svg", "text"]
