"""Pictures of a question as SVG: its graph of boxes, its curve. In black and white, fit for paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from chainrule.practice.questions.content import Curve, Graph

_INK, _SOFT = "#1c1e22", "#6a6f76"
_WIDE, _HIGH = 96, 68  # between the middles of two boxes


def graph(given: Graph) -> str:
    """Return a graph with every box below those that it reads."""
    level: dict[str, int] = {}
    for box in given.boxes:
        level[box.label] = 1 + max((level[r] for r in box.reads if r in level), default=-1)
    rows: dict[int, list[str]] = {}
    for box in given.boxes:
        rows.setdefault(level[box.label], []).append(box.label)
    widest = max(len(row) for row in rows.values())
    place = {
        label: (_WIDE * (widest / 2 + i - (len(row) - 1) / 2), _HIGH * depth + 26)
        for depth, row in rows.items()
        for i, label in enumerate(row)
    }
    lines: list[str] = []
    for box in given.boxes:
        for read in box.reads:
            (x1, y1), (x2, y2) = place[read], place[box.label]
            lines.append(f'<line x1="{x1:g}" y1="{y1 + 20:g}" x2="{x2:g}" y2="{y2 - 22:g}" stroke="{_SOFT}" marker-end="url(#a)"/>')  # fmt: skip
    for box in given.boxes:
        x, y = place[box.label]
        lines.append(f'<rect x="{x - 36:g}" y="{y - 20:g}" width="72" height="40" rx="4" fill="white" stroke="{_INK}"/>')  # fmt: skip
        lines.append(_text(x, y - 2 if box.operation else y + 5, box.symbol.text, 15, "middle"))
        if box.operation:
            lines.append(_text(x, y + 14, box.operation, 12, "middle", _SOFT))
    head = f'<defs><marker id="a" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="{_SOFT}"/></marker></defs>'
    return _svg(_WIDE * (widest + 0.0) + 10, _HIGH * len(rows), head + "".join(lines))


def curve(given: Curve) -> str:
    """Return points joined by a line, with axes and their names."""
    wide, high, left, bottom = 420, 200, 52, 34
    xs, ys = [x for x, _ in given.points], [y for _, y in given.points]
    across, up = _ticks(min(xs), max(xs)), _ticks(min(ys), max(ys))
    x0, x1 = min(xs[0], across[0]), max(max(xs), across[-1])
    y0, y1 = min(min(ys), up[0]), max(max(ys), up[-1])

    def at(x: float, y: float) -> tuple[float, float]:
        a = left + (wide - left - 12) * (x - x0) / ((x1 - x0) or 1)
        b = 12 + (high - bottom - 12) * (1 - (y - y0) / ((y1 - y0) or 1))
        return round(a, 2), round(b, 2)

    lines: list[str] = []
    for value in up:
        _, b = at(x0, value)
        lines.append(f'<line x1="{left}" y1="{b:g}" x2="{wide - 12}" y2="{b:g}" stroke="#e4e0d8"/>')
        lines.append(_text(left - 6, b + 3.5, f"{value:g}", 9.5, "end", _SOFT))
    for value in across:
        a, _ = at(value, y0)
        lines.append(_text(a, high - bottom + 14, f"{value:g}", 9.5, "middle", _SOFT))
    where = [at(x, y) for x, y in given.points]
    path = " ".join(f"{a:g},{b:g}" for a, b in where)
    lines.append(f'<polyline points="{path}" fill="none" stroke="{_INK}" stroke-width="1.2"/>')
    lines += [f'<circle cx="{a:g}" cy="{b:g}" r="2.2" fill="{_INK}"/>' for a, b in where[:60]]
    lines.append(_text(wide - 12, high - 4, given.across, 10.5, "end"))
    lines.append(_text(4, 11, given.up, 10.5, "start"))
    return _svg(wide, high, "".join(lines))


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers that cover a range."""
    if not high > low:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / about
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(k * size for k in (1, 2, 5, 10) if k * size >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _text(x: float, y: float, text: str, size: float, anchor: str, fill: str = _INK) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-family="Libertinus Serif, STIX Two Text, serif" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )


def _svg(width: float, height: float, inner: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">{inner}</svg>'


def described(given: Graph | Curve) -> str:
    """Return what a picture shows, in words."""
    if isinstance(given, Curve):
        points = ", ".join(f"({x:g}, {y:.4g})" for x, y in given.points[:12])
        more = " and so on" if len(given.points) > 12 else ""
        return f"{given.up} against {given.across}: {points}{more}."
    return " ".join(_sentence(box.label, box.operation, box.reads) for box in given.boxes)


def _sentence(label: str, operation: str, reads: Sequence[str]) -> str:
    return (
        f"{label} is {operation or 'computed'} of {', '.join(reads)}."
        if reads
        else f"{label} is given."
    )


__all__ = ["curve", "described", "graph"]
