"""Still figures of the lessons, drawn as SVG from computed numbers: the race of chapter 0, the two valleys of chapter 2."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.course.facts import shown
from chainrule.course.saddle import saddle
from chainrule.course.scope import Case
from chainrule.course.strokes import Point, colour_of, line, svg, text
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat

# -- the race
_LANES = (
    ("anywhere", "data", "draw anywhere", "2 3"),
    ("nearby", "parameter", "keep wandering", "6 3"),
    ("descent", "gradient", "follow the gradient", ""),
)
_WIDE, _HIGH, _FLOOR = 208.0, 128.0, 1e-3
_ROW, _KEYS = _HIGH + 46, (0, 146, 294)  # words are half as large again on a telephone


def race_figure(names: Mapping[str, Any], case: Case) -> str:
    """Return six small races, for 1 to 50 parameters: the best loss so far against loss evaluations, both on log scales."""
    race = names["race"]()
    parts: list[str] = []
    for x, (_, colour, word, dash) in zip(_KEYS, _LANES, strict=True):
        parts.append(text((x, 14), word, colour))
        parts.append(line([(x, 22), (x + 32, 22)], colour, 2, dash))
    for i, lane in enumerate(race["lanes"]):
        x, y = (i % 2) * (_WIDE + 24), 54 + (i // 2) * _ROW
        parts += _lane(lane, race, x, y)
    about = "; ".join(_told(lane) for lane in race["lanes"])
    title = "Random search against gradient descent, in 1 to 50 parameters"
    return svg(2 * _WIDE + 24, 54 + 3 * _ROW - 24, title, about, parts)


def _told(lane: Mapping[str, Any]) -> str:
    def word(name: str) -> str:
        return f"{shown(lane[name]['loss'][-1])} of the loss left"

    return f"{lane['n']} parameters: anywhere {word('anywhere')}, wandering {word('nearby')}, gradient {word('descent')}"


def _lane(lane: Mapping[str, Any], race: Mapping[str, Any], x: float, y: float) -> list[str]:
    def at(evaluations: float, loss: float) -> Point:
        right = math.log(evaluations) / math.log(race["budget"])
        down = math.log(max(loss, _FLOOR)) / math.log(_FLOOR)
        return x + right * _WIDE, y + down * _HIGH

    count = lane["n"]
    parts = [text((x, y - 7), f"{count} parameter{'s' * (count != 1)}", "ink")]
    for share in (1.0, 0.1, 0.01, 0.001):
        parts.append(line([at(1, share), at(race["budget"], share)], "rule", 1))
    arrived = at(1, race["share"])[1]
    parts.append(line([(x, arrived), (x + _WIDE, arrived)], "optimum", 1, "3 3"))
    for name, colour, _, dash in _LANES:
        parts.append(line(_stairs(lane[name], at, race["budget"]), colour, 1.8, dash))
    left = f"{race['share']:.0%} left"
    parts.append(text((x + _WIDE, arrived - 4), left, "optimum-ink", "end", 9, halo=True))
    below = y + _HIGH + 15
    parts.append(text((x, below), "1", "soft", "start", 9))
    last = f"{race['budget']} loss evaluations"
    return [*parts, text((x + _WIDE, below), last, "soft", "end", 9)]


def _stairs(
    track: Mapping[str, Any], at: Callable[[float, float], Point], budget: float
) -> list[Point]:
    """Return the best so far as stairs: it stays until something better is found. Below the floor it is not drawn."""
    points: list[Point] = [at(1, 1.0)]
    before = 1.0
    for evaluations, loss in zip(track["evaluations"], track["loss"], strict=True):
        now = min(max(evaluations, 1.0), budget)
        points += [at(now, before), at(now, loss)]
        before = loss
        if loss <= _FLOOR:
            break
    return points


# -- the two valleys
_SIDE, STEPS, STRETCH = 212.0, 30, 8


def valleys(names: Mapping[str, Any], case: Case) -> str:
    """Return two landscapes over two weights: of features in units that differ by a factor, and of standardised ones.

    In both, gradient descent makes the same number of steps with the learning rate 1/λmax.
    """
    two = case.setting.features[:2] or ("bmi", "s5")
    standard = Case(case.setting.but({"features": two}))
    H = _weights(standard)
    stretch = np.diag([1.0, 1 / STRETCH])
    told = [
        (f"in units {STRETCH} times as long", stretch @ H @ stretch),
        ("standardised", H),
    ]
    parts: list[str] = []
    about: list[str] = []
    for i, (words, hessian) in enumerate(told):
        x = i * (_SIDE + 16)
        drawn, left = _valley(hessian, x, 26)
        values = np.linalg.eigvalsh(hessian)
        quotient = shown(float(values[1] / values[0]))
        parts += [text((x, 15), words, "ink"), *drawn]
        parts.append(text((x, 26 + _SIDE + 18), f"λ_max / λ_min = {quotient}"))
        about.append(
            f"{words}: λmax/λmin = {quotient}; after {STEPS} steps {shown(left)} of the way is left"
        )
    return svg(
        2 * _SIDE + 16,
        _SIDE + 50,
        "The same descent in two landscapes",
        ". ".join(about),
        parts,
    )


def _weights(case: Case) -> Any:
    """Return the Hessian with respect to the two weights: with centred columns the bias has no part in it."""
    flat = Flat(case.start)
    hessian = Curvature(case.model.derivation, case.sample.arrays, flat).hessian(case.start)
    return hessian[:2, :2]


def _valley(hessian: Any, x: float, y: float) -> tuple[list[str], float]:
    values, vectors = np.linalg.eigh(hessian)
    start = vectors @ np.array([1.0, 1.0]) / math.sqrt(2)  # a way to go along both axes
    path = [start]
    for _ in range(STEPS):  # around the minimum, so that the gradient is the Hessian times w
        path.append(path[-1] - hessian @ path[-1] / values[-1])
    scale, cx, cy = _SIDE / 2.3, x + _SIDE / 2, y + _SIDE / 2
    tilt = -math.degrees(math.atan2(vectors[1, 0], vectors[0, 0]))
    clip = f"valley-{x:.0f}"
    parts = [
        f'<clipPath id="{clip}"><rect x="{x:g}" y="{y:g}" width="{_SIDE:g}" height="{_SIDE:g}"/></clipPath>'
    ]
    parts.append(f'<g clip-path="url(#{clip})">')
    for level in (0.02, 0.08, 0.2, 0.4, 0.7, 1.1, 1.6, 2.2):
        size = [math.sqrt(level * values[0] / value) * scale * 1.1 for value in values]
        parts.append(
            f'<ellipse cx="{cx:.1f}" cy="{cy:.1f}" rx="{size[0]:.1f}" ry="{size[1]:.1f}" fill="none" '
            f'stroke="{colour_of("forward")}" stroke-opacity="0.45" transform="rotate({tilt:.2f} {cx:.1f} {cy:.1f})"/>'
        )
    points = [(cx + scale * float(p[0]), cy - scale * float(p[1])) for p in path]
    parts.append(line(points, "parameter", 1.6))
    parts += [
        f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.2" fill="{colour_of("parameter")}"/>'
        for px, py in points
    ]
    parts.append("</g>")
    cross = [f"M{cx - 5:.1f} {cy:.1f}h10", f"M{cx:.1f} {cy - 5:.1f}v10"]
    parts.append(f'<path d="{"".join(cross)}" stroke="{colour_of("optimum")}" stroke-width="2"/>')
    return parts, float(np.linalg.norm(path[-1]) / np.linalg.norm(path[0]))


FIGURES: Mapping[str, Callable[[Mapping[str, Any], Case], str]] = {
    "race": race_figure,
    "saddle": saddle,
    "valleys": valleys,
}

__all__ = ["FIGURES", "race_figure", "valleys"]
