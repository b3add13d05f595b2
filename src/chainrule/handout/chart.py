"""Charts as SVG for print: axes, lines, dots, contours. Knows numbers and colours, and no model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
INK, SOFT, RULE = "#1c1e22", "#666b72", "#dcd7cd"
FORWARD, GRADIENT, PARAMETER, DATA, OPTIMUM = "#1d5fa7", "#c4401c", "#6a4aa3", "#56626c", "#b8860b"
HUES = (FORWARD, GRADIENT, PARAMETER, OPTIMUM, DATA, INK)
DASHES = ("", "5 2.5", "1.5 2", "7 2 1.5 2", "3 1.5", "9 3")
_FONT = 'font-family="Libertinus Serif"'


class Chart:
    """A chart of a size, with two axes; either may be logarithmic."""

    def __init__(
        self, width: float, height: float, x: tuple[float, float], y: tuple[float, float], *, log: str = "", labels: tuple[str, str] = ("", ""),
        ticks: bool = True, below: float = 0,
    ) -> None:  # fmt: skip
        self.width, self.height = width, height
        self.left, self.top = (30.0, 16.0) if ticks else (2.0, 2.0)
        self.right, self.bottom = width - (8 if ticks else 2), height - below - (26 if ticks else 2)
        self.x = _scale(x, (self.left, self.right), "x" in log)
        self.y = _scale(y, (self.bottom, self.top), "y" in log)
        self.parts: list[str] = []
        if ticks:
            self._axes(x, y, log, labels)

    def _axes(
        self, x: tuple[float, float], y: tuple[float, float], log: str, labels: tuple[str, str]
    ) -> None:
        for value in ticks(*y, log="y" in log):
            at = self.y(value)
            self.parts.append(
                f'<path d="M{self.left} {at:.2f}H{self.right}" stroke="{RULE}" stroke-width="0.6"/>'
            )
            self.text((self.left - 4, at + 2.8), _short(value), "end")
        for value in ticks(*x, log="x" in log):
            at = self.x(value)
            self.parts.append(
                f'<path d="M{at:.2f} {self.bottom}v3" stroke="{SOFT}" stroke-width="0.6"/>'
            )
            self.text((at, self.bottom + 12), _short(value), "middle")
        self.parts.append(
            f'<path d="M{self.left} {self.bottom}H{self.right}" stroke="{SOFT}" stroke-width="0.6"/>'
        )
        self.text((self.right, self.bottom + 23), labels[0], "end", SOFT, 9)
        self.text((self.left, self.top - 6), labels[1], "start", SOFT, 9)

    def text(
        self,
        at: tuple[float, float],
        words: str,
        anchor: str = "start",
        colour: str = SOFT,
        size: float = 8,
    ) -> None:
        """Write words at a place in points."""
        if words:
            self.parts.append(
                f'<text x="{at[0]:.2f}" y="{at[1]:.2f}" fill="{colour}" font-size="{size:g}" text-anchor="{anchor}" {_FONT}>{escape(words)}</text>'
            )

    def line(
        self,
        xs: Sequence[float] | Array,
        ys: Sequence[float] | Array,
        colour: str = FORWARD,
        width: float = 1.3,
        dash: str = "",
    ) -> None:
        """Draw a line; it is broken where a number is not finite, and cut at the frame."""
        path, pen = "", "M"
        low, high = self.top - 1, self.bottom + 1
        for x, y in zip(xs, ys, strict=True):
            px, py = self.x(float(x)), self.y(float(y))
            if not (math.isfinite(px) and math.isfinite(py)) or not low <= py <= high:
                pen = "M"
                continue
            path += f"{pen}{px:.2f} {py:.2f}"
            pen = "L"
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        if path:
            self.parts.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round"{dashed}/>'
            )

    def dots(
        self, xs: Any, ys: Any, colour: str = DATA, radius: float = 1.5, hollow: bool = False
    ) -> None:
        """Draw dots that lie inside the frame."""
        for x, y in zip(_flat(xs), _flat(ys), strict=True):
            px, py = self.x(x), self.y(y)
            if self.left - 2 <= px <= self.right + 2 and self.top - 2 <= py <= self.bottom + 2:
                fill = (
                    f'fill="white" stroke="{colour}" stroke-width="0.8"'
                    if hollow
                    else f'fill="{colour}" fill-opacity="0.75"'
                )
                self.parts.append(f'<circle cx="{px:.2f}" cy="{py:.2f}" r="{radius:g}" {fill}/>')

    def cross(self, x: float, y: float, colour: str = OPTIMUM) -> None:
        """Mark a place."""
        px, py = self.x(x), self.y(y)
        self.parts.append(
            f'<path d="M{px - 4:.2f} {py:.2f}h8M{px:.2f} {py - 4:.2f}v8" stroke="{colour}" stroke-width="1.5"/>'
        )

    def contours(
        self, xs: Array, ys: Array, values: Array, levels: Sequence[float], colour: str = FORWARD
    ) -> None:
        """Draw lines of equal value; values[i, j] at xs[j], ys[i]."""
        for k, level in enumerate(levels):
            path = "".join(
                f"M{self.x(a[0]):.2f} {self.y(a[1]):.2f}L{self.x(b[0]):.2f} {self.y(b[1]):.2f}"
                for a, b in segments(xs, ys, values, level)
            )
            strength = 0.75 - 0.45 * k / max(1, len(levels) - 1)
            if path:
                self.parts.append(
                    f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="{strength:.2f}" stroke-width="0.7"/>'
                )

    def svg(self) -> str:
        """Return the chart."""
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}">{"".join(self.parts)}</svg>'


def _flat(values: Any) -> list[float]:
    held: Array = np.asarray(values, dtype=np.float64)
    return held.ravel().tolist()


def _scale(
    domain: tuple[float, float], range: tuple[float, float], log: bool
) -> Callable[[float], float]:
    (a, b), (p, q) = domain, range
    if log:
        a, b = math.log(a), math.log(b)
    k = (q - p) / ((b - a) or 1)

    def place(value: float) -> float:
        if log:
            value = math.log(value) if value > 0 else -math.inf
        return p + (value - a) * k if math.isfinite(value) else math.nan

    return place


def ticks(low: float, high: float, log: bool = False, count: int = 5) -> list[float]:
    """Return round numbers from low to high.

    >>> ticks(0, 10), ticks(0.01, 10, log=True)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [0.01, 0.1, 1.0, 10.0])
    """
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        stride = max(1, math.ceil((last - first) / 5))
        found = [10.0**k for k in range(first, last + 1, stride)]
        return (
            found
            if len(found) > 1
            else [
                x
                for k in range(first - 1, last + 1)
                for x in (10.0**k, 2 * 10.0**k, 5 * 10.0**k)
                if low <= x <= high
            ]
        )
    raw = (high - low) / count or 1
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(s * size for s in (1, 2, 5, 10) if s * size >= raw * 0.999)
    return [
        round(k * step, 12)
        for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def segments(
    xs: Array, ys: Array, values: Array, level: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the pieces of a level line, one or two in each cell of the grid (marching squares)."""
    found: list[tuple[tuple[float, float], tuple[float, float]]] = []
    above = values > level
    for i, j in np.argwhere(_mixed(above)):
        corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
        cuts: list[tuple[float, float]] = []
        for (a, b), (c, d) in zip(corners, corners[1:] + corners[:1], strict=True):
            if above[a, b] != above[c, d]:
                t = float((level - values[a, b]) / (values[c, d] - values[a, b]))
                cuts.append(
                    (float(xs[b] + t * (xs[d] - xs[b])), float(ys[a] + t * (ys[c] - ys[a])))
                )
        found += list(zip(cuts[::2], cuts[1::2], strict=True))
    return found


def _mixed(above: Any) -> Any:
    corners = [above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]]
    total = np.sum(corners, axis=0)
    return (total > 0) & (total < 4)


__all__ = ["Chart", "segments", "ticks"]
