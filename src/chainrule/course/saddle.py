"""The picture of chapter 3: a saddle, two branches of lowest points, and the curves of constant balance that descents follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.scope import Case
from chainrule.course.strokes import Point, line, svg, text

_SIDE, _LEFT, _TOP = 420.0, 34.0, 14.0
_HALF = 2.0  # weights from -2 to 2
_GRID = 61
_AROUND = ((0, 0), (1, 0), (1, 1), (0, 1))  # the corners of a cell, in turn
_STARTS = ((-1.3, 1.28), (0.2, 1.6), (1.75, -0.5), (0.3, -1.5))
_RATE, _STEPS = 0.02, 500


def saddle(names: Mapping[str, Any], case: Case) -> str:
    """Return the loss over W1 and w2, the minima, the balance W1^2 - w2^2 of four starts, and their descents."""
    paths = [_descent(case, start) for start in _STARTS]
    product = float(np.prod(paths[0][-1]))
    parts = [_frame(), *_contours(case)]
    parts += [_hyperbola(product, "optimum", 2.6, "")]
    parts += [_balance(a * a - b * b, (a, b)) for a, b in _STARTS]
    for path in paths:
        parts.append(line([_at(*p) for p in path], "parameter", 2.4))
        parts += [_dot(path[0], "parameter", hollow=True), _dot(path[-1], "parameter")]
    parts += _words(product)
    kept = ", ".join(
        f"from {shown(p[0][0] ** 2 - p[0][1] ** 2)} to {shown(p[-1][0] ** 2 - p[-1][1] ** 2)}"
        for p in paths
    )
    about = (
        f"Lowest points where W1 w2 is {shown(product)}. The balance of four descents goes {kept}."
    )
    return svg(
        _LEFT + _SIDE + 12,
        _TOP + _SIDE + 40,
        "A saddle and two branches of lowest points",
        about,
        parts,
    )


def _params(case: Case, a: float, b: float) -> dict[str, Any]:
    return {
        **{k: np.zeros_like(v) for k, v in case.start.items()},
        "W1": np.array([[a]]),
        "w2": np.array([[b]]),
    }


def _descent(case: Case, start: Point) -> list[Point]:
    """Return the path of gradient descent, by the model's own gradients."""
    params, path = _params(case, *start), [start]
    for _ in range(_STEPS):
        _, slopes = case.model.value_and_grad(case.sample.arrays, params)
        params = {k: v - _RATE * slopes[k] for k, v in params.items()}
        path.append((float(params["W1"].item()), float(params["w2"].item())))
    return path


def _at(a: float, b: float) -> Point:
    return _LEFT + (a + _HALF) / (2 * _HALF) * _SIDE, _TOP + (_HALF - b) / (2 * _HALF) * _SIDE


def _frame() -> str:
    ticks = [-2, -1, 0, 1, 2]
    parts = [text((_at(t, 0)[0], _TOP + _SIDE + 17), _signed(t), anchor="middle") for t in ticks]
    parts += [text((_LEFT - 7, _at(0, t)[1] + 4), _signed(t), anchor="end") for t in ticks]
    box = f'<clipPath id="saddle"><rect x="{_LEFT:g}" y="{_TOP:g}" width="{_SIDE:g}" height="{_SIDE:g}"/></clipPath>'
    return box + "".join(parts)


def _signed(t: int) -> str:
    return str(t).replace("-", "−")


# -- contours
def _contours(case: Case) -> list[str]:
    """Return level curves of the model's own loss, closer together near the lowest points."""
    axis = np.linspace(-_HALF, _HALF, _GRID)
    values = np.array(
        [[case.model.loss(case.sample.arrays, _params(case, a, b)) for a in axis] for b in axis]
    )
    low, middle = float(values.min()), float(values[_GRID // 2, _GRID // 2])
    shares = (0.12, 0.45, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    return [_level(values, axis, low + (middle - low) * share, share == 1.0) for share in shares]


def _level(values: Any, axis: Any, level: float, chosen: bool) -> str:
    d = "".join(
        f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in _segments(values - level, axis)
    )
    stroke = "var(--forward, #1d5fa7)"
    width, opacity = (1.3, 0.75) if chosen else (1, 0.32)
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-opacity="{opacity}" clip-path="url(#saddle)"/>'


def _segments(height: Any, axis: Any) -> list[tuple[Point, Point]]:
    """Return where a sampled surface is zero, as segments.

    Each cell is cut into four triangles at its middle, and each of these by at most one segment: two triangles would prefer
    one diagonal, and cut the corner where level curves cross at a saddle. What is zero but for rounding is zero.
    """
    height = np.where(abs(height) < 1e-9 * float(np.ptp(height)), 0.0, height)
    found: list[tuple[Point, Point]] = []
    for j in range(len(axis) - 1):
        for i in range(len(axis) - 1):
            x, y, z = axis[i : i + 2], axis[j : j + 2], height[j : j + 2, i : i + 2]
            middle = (float(x.mean()), float(y.mean()), float(z.mean()))
            corners = [(float(x[p]), float(y[q]), float(z[q, p])) for p, q in _AROUND]
            for one, other in zip(corners, [*corners[1:], corners[0]], strict=True):
                cut = _cut([one, other, middle])
                if len(cut) == 2 and cut[0] != cut[1]:
                    found.append((cut[0], cut[1]))
    return found


def _cut(triangle: Sequence[tuple[float, float, float]]) -> list[Point]:
    """Return where the edges of a triangle (x, y, height) cross zero."""
    found: list[Point] = []
    for (x, y, here), (p, q, there) in zip(triangle, [*triangle[1:], triangle[0]], strict=True):
        if (here > 0) != (there > 0):
            t = here / (here - there)
            found.append(_at(x + t * (p - x), y + t * (q - y)))
    return found


# -- curves
def _hyperbola(product: float, colour: str, width: float, dash: str) -> str:
    parts: list[str] = []
    for sign in (1, -1):
        first = np.geomspace(abs(product) / _HALF, _HALF, 60) * sign
        parts.append(line([_at(float(a), product / float(a)) for a in first], colour, width, dash))
    return "".join(parts)


def _balance(balance: float, through: Point) -> str:
    """Return the branch of W1^2 - w2^2 = balance on which a start lies."""
    free = np.linspace(-_HALF, _HALF, 81)
    other = np.sqrt(np.maximum(free**2 + abs(balance), 0))
    if balance >= 0:
        points = [
            (float(np.sign(through[0]) * o), float(f)) for f, o in zip(free, other, strict=True)
        ]
    else:
        points = [
            (float(f), float(np.sign(through[1]) * o)) for f, o in zip(free, other, strict=True)
        ]
    inside = [_at(a, b) for a, b in points if abs(a) <= _HALF and abs(b) <= _HALF]
    return line(inside, "data", 1.1, "4 4")


def _dot(at: Point, colour: str, hollow: bool = False) -> str:
    x, y = _at(*at)
    fill = "var(--paper, #fcfbf8)" if hollow else f"var(--{colour}, #6a4aa3)"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="var(--{colour}, #6a4aa3)" stroke-width="1.8"/>'


def _words(product: float) -> list[str]:
    x, y = _at(0, 0)
    cross = f'<path d="M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12" stroke="var(--ink, #1c1e22)" stroke-width="2"/>'
    a, b = _at(-0.55, -product / 0.55)
    return [
        cross,
        text((x + 12, y + 4), "saddle", "ink", size=13, halo=True),
        text((a + 10, b + 4), f"W_1 w_2 = {shown(product)}", "optimum-ink", size=13, halo=True),
        text((_LEFT + _SIDE, _TOP + _SIDE + 36), "W_1 →", anchor="end", size=12),
        text((_LEFT + 8, _TOP + 17), "w_2 ↑", size=12, halo=True),
    ]


__all__ = ["saddle"]
