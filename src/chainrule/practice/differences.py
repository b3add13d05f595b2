"""`check_gradients`: a gradient against finite differences, for people without a model of ours. As strict as they allow.

Every entry gets its own study of step sizes: central differences at shrinking steps, extrapolated (Ridders 1982), with an
error estimate from the extrapolation and from the noise of the function. Where the slopes from left and right stay
apart, the function has a kink, and any value between the two is let pass.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np

from chainrule.errors import DataError
from chainrule.practice.grounds.numbers import EPS, Array
from chainrule.practice.report import Finding, Report, joined
from chainrule.practice.student.answer import read_answer
from chainrule.practice.student.arrays import Numbers, numbers
from chainrule.practice.student.returned import tree_of

MOST = 400  # entries that are checked; of larger points, as many chosen at random
LEVELS = 12  # step sizes
FIRST = 0.125  # the first step, relative to the entry (at least to 1)
SAFETY = 8.0  # times the estimated error of a difference
Point = dict[str, Array]


@dataclass(frozen=True)
class Slope:
    """A derivative by finite differences: its value, its error, the slopes from both sides where they differ."""

    value: float
    error: float
    left: float | None = None
    right: float | None = None

    def agrees(self, given: float, eps: float) -> bool:
        """Tell whether a derivative is this one, as far as the differences can tell."""
        low, high = min(self.left or 0, self.right or 0), max(self.left or 0, self.right or 0)
        slack = self.error + 16 * eps * abs(self.value)
        if self.left is not None:
            return low - slack <= given <= high + slack
        return abs(given - self.value) <= slack


def check_gradients(
    f: Callable[..., Any], gradients: Any, point: Any, *, seed: int = 0, most: int = MOST
) -> Report:
    """Judge a gradient by finite differences.

    Args:
        f: the function, of the point's arrays: f(**point) for a dict, f(*point) for a tuple or list, else f(point).
        gradients: the gradient at the point, in the same form, or a function that returns it.
        point: where: a dict, a tuple or list of arrays, or one array. Stay away from kinks: they are reported.
        seed: chooses the entries of a large point.
        most: how many entries are checked at most.

    Returns:
        A Report: `ok`, one finding for each array that is wrong, a note on every kink.

    Raises:
        DataError: the point or the function's value cannot be read as numbers.

    >>> import numpy as np
    >>> check_gradients(lambda x: (x**2).sum(), lambda x: 2 * x, np.array([1.0, -3.0]))
    <report: right>
    >>> check_gradients(lambda x: (x**2).sum(), lambda x: x, np.array([1.0, -3.0]))
    <report: x: missing-factor-2>
    """
    arrays, call = _caller(f, point)
    given = _given(gradients, arrays, point)
    chosen = _chosen(arrays, seed, most)
    study = Study(call, arrays)
    findings: list[Finding] = []
    notes: list[str] = []
    worst = 0.0
    for name in arrays:
        places = [place for where, place in chosen if where == name]
        slopes = [study.slope(name, place) for place in places]
        notes += [
            _kink(name, p, s) for p, s in zip(places, slopes, strict=True) if s.left is not None
        ]
        findings += _judged(name, given.get(name), arrays[name], places, slopes)
        worst = max([worst, *(s.error / max(abs(s.value), 1.0) for s in slopes)])
    total = sum(a.size for a in arrays.values())
    about = f"{len(chosen)} of {total} entries by finite differences, which are good to {worst:.0e} here"
    return Report(not findings, findings, notes[:10], about)


def _caller(f: Callable[..., Any], point: Any) -> tuple[Point, Callable[[Point], float]]:
    """Return the point by name, and the function of it."""
    if isinstance(point, Mapping):
        items = cast("Mapping[str, Any]", point)
        arrays = {str(name): _read(value, str(name)) for name, value in items.items()}
        return arrays, lambda p: _number(f(**{n: _shaped(a) for n, a in p.items()}))
    if isinstance(point, tuple | list) and not all(
        isinstance(x, float | int) for x in cast("list[Any]", point)
    ):
        listed = cast("Sequence[Any]", point)
        arrays = {f"x{i}": _read(value, f"x{i}") for i, value in enumerate(listed)}
        return arrays, lambda p: _number(f(*(_shaped(a) for a in p.values())))
    arrays = {"x": _read(point, "x")}
    return arrays, lambda p: _number(f(_shaped(p["x"])))


def _shaped(array: Array) -> Any:
    return array.copy() if array.shape else float(array)


def _read(value: Any, name: str) -> Array:
    found = numbers(value)
    if found is None or not np.all(np.isfinite(found.array)):
        raise DataError(f"{name} cannot be read as finite numbers: got {type(value).__name__}.")
    return found.array.copy()


def _number(value: Any) -> float:
    found = numbers(value)
    if found is None or found.array.size != 1:
        got = "nothing" if value is None else f"{type(value).__name__}"
        raise DataError(f"the function must return one number, the loss; it returned {got}.")
    return float(found.array.reshape(()))


def _given(gradients: Any, arrays: Point, point: Any) -> dict[str, Numbers]:
    """Return the gradient by name."""
    if callable(gradients):
        fresh = {name: _shaped(array) for name, array in arrays.items()}
        named = isinstance(point, Mapping)
        gradients = gradients(**fresh) if named else gradients(*fresh.values())
    answer = read_answer(tree_of(gradients, {}), list(arrays))
    if answer.problem:
        raise DataError(answer.problem)
    return {name: leaf.numbers for name, leaf in answer.gradients.items() if leaf.numbers}


def _chosen(arrays: Point, seed: int, most: int) -> list[tuple[str, int]]:
    places = [(name, i) for name, array in arrays.items() for i in range(array.size)]
    if len(places) <= most:
        return places
    return sorted(random.Random(seed).sample(places, most))


class Study:
    """Derivatives of a function at a point, entry by entry, each with an error estimate."""

    def __init__(self, call: Callable[[Point], float], arrays: Point) -> None:
        self.call, self.arrays = call, arrays
        self.middle = call(arrays)
        if not math.isfinite(self.middle):
            raise DataError(
                f"the function is {self.middle} at the point. Choose a point where it is finite."
            )
        self.noise = self._noise()

    def at(self, name: str, place: int, move: float) -> float:
        """Return the function with one entry moved."""
        moved = self.arrays[name].copy()
        moved.reshape(-1)[place] += move
        with np.errstate(all="ignore"):  # a step may lead out of the domain
            return self.call({**self.arrays, name: moved})

    def _noise(self) -> float:
        """Return the function's rounding noise, from its differences over tiny moves (Hamming; Moré and Wild 2011)."""
        name = next((n for n, a in self.arrays.items() if a.size), None)
        smallest = EPS * abs(self.middle)
        if name is None:
            return smallest
        noises: list[float] = []
        for relative in (1e-12, 1e-6):  # the second for functions that compute in float32
            step = relative * max(abs(float(self.arrays[name].reshape(-1)[0])), 1.0)
            row = [self.at(name, 0, k * step) for k in range(7)]
            weight = 1.0
            for k in range(1, 5):
                row = [b - a for a, b in pairwise(row)]
                weight *= k / (2 * (2 * k - 1))
            noises.append(math.sqrt(weight * sum(x * x for x in row) / len(row)))
        single = noises[1] > 1e3 * smallest and noises[1] < 1e-4 * abs(self.middle)
        return max(smallest, noises[0], noises[1] if single else 0.0)

    def slope(self, name: str, place: int) -> Slope:
        """Return the derivative with respect to one entry."""
        here = abs(float(self.arrays[name].reshape(-1)[place]))
        pairs = self._pairs(name, place, max(here, 1.0))
        if len(pairs) < LEVELS and here:  # near the edge of the domain
            pairs = self._pairs(name, place, here)
        if len(pairs) < 3:
            return Slope(math.nan, math.inf)
        best = self._extrapolated(pairs)
        kink = self._kink(pairs)
        return Slope(best.value, best.error, *kink) if kink else best

    def _pairs(self, name: str, place: int, size: float) -> list[tuple[float, float, float]]:
        """Return the function on both sides at every step size at which it is finite."""
        steps = [FIRST * size * 2.0**-k for k in range(LEVELS)]
        pairs = [(h, self.at(name, place, h), self.at(name, place, -h)) for h in steps]
        return [(h, a, b) for h, a, b in pairs if math.isfinite(a) and math.isfinite(b)]

    def _extrapolated(self, pairs: Sequence[tuple[float, float, float]]) -> Slope:
        """Return Ridders' extrapolation of central differences: the entry of the table with the least error."""
        best = Slope(math.nan, math.inf)
        before: list[float] = []
        for h, up, down in pairs:
            row = [(up - down) / (2 * h)]
            floor = SAFETY * (
                self.noise / h + EPS * abs(row[0]) * (1 + max(abs(up), abs(down), 1) * EPS / h)
            )
            power = 1.0
            for older in before:
                power *= 4.0
                row.append((power * row[-1] - older) / (power - 1))
                change = max(abs(row[-1] - row[-2]), abs(row[-1] - older))
                error = SAFETY * change + floor
                if error < best.error:
                    best = Slope(row[-1], error)
            before = row
        return best

    def _kink(self, pairs: Sequence[tuple[float, float, float]]) -> tuple[float, float] | None:
        """Return the slopes from the left and from the right where they stay apart as the step shrinks."""
        gaps: list[float] = []
        for h, up, down in pairs[-4:]:
            gaps.append(((up - self.middle) - (self.middle - down)) / h)
        h, up, down = pairs[-1]
        sure = all(
            abs(g) > 64 * self.noise / step
            for g, (step, _, _) in zip(gaps, pairs[-4:], strict=True)
        )
        steady = all(abs(b) > 0.9 * abs(a) for a, b in pairwise(gaps))
        if sure and steady:
            return (self.middle - down) / h, (up - self.middle) / h
        return None


def _judged(
    name: str, given: Numbers | None, array: Array, places: Sequence[int], slopes: Sequence[Slope]
) -> list[Finding]:
    if given is None:
        said = f"the gradient of {name} was not given."
        return [Finding(name, "missing-gradient", said, [said])]
    if given.array.shape != array.shape:
        said = (
            f"the gradient of {name} has shape {given.array.shape}, and {name} has {array.shape}."
        )
        return [Finding(name, _shape_mistake(given.array, array), said, [said])]
    flat = given.array.reshape(-1).tolist()
    rows = [(p, s, flat[p]) for p, s in zip(places, slopes, strict=True) if math.isfinite(s.value)]
    wrong = [row for row in rows if not row[1].agrees(row[2], given.eps)]
    return [_finding(name, array, rows, wrong)] if wrong else []


Rows = Sequence[tuple[int, Slope, float]]


def _finding(name: str, array: Array, rows: Rows, wrong: Rows) -> Finding:
    mistake, fact = _ratio([(own, s) for _, s, own in rows])
    said = f"{len(wrong)} of {len(rows)} entries of d{name} are wrong{fact}."
    shown = [
        f"d{name}{_index(p, array)} is {s.value:.9g} (± {s.error:.0e}), given: {own:.9g}"
        for p, s, own in wrong[:4]
    ]
    return Finding(name, mistake, said, [f"Look at d{name}.", said, "\n".join(shown)], facts=shown)


def _shape_mistake(given: Array, array: Array) -> str | None:
    if given.shape == array.shape[::-1]:
        return "transposed-result"
    if [n for n in given.shape if n != 1] == [n for n in array.shape if n != 1]:
        return "missing-keepdims"
    return None


def _ratio(pairs: Sequence[tuple[float, Slope]]) -> tuple[str | None, str]:
    """Return what a constant ratio says."""
    kept = [(g / s.value, s.error / abs(s.value)) for g, s in pairs if abs(s.value) > 1e3 * s.error]
    if not kept or any(abs(r - kept[0][0]) > (e + kept[0][1]) * abs(r) + 1e-9 for r, e in kept):
        return None, ""
    ratio = kept[0][0]
    named = {-1.0: "sign", 2.0: "extra-factor-2", 0.5: "missing-factor-2", 0.0: "zero-gradient"}
    mistake = next((key for value, key in named.items() if abs(ratio - value) < 1e-5), None)
    return mistake, f": all are {ratio:.6g} times the right ones"


def _index(place: int, array: Array) -> str:
    if not array.shape:
        return ""
    return str([int(i) for i in np.unravel_index(place, array.shape)])


def _kink(name: str, place: int, slope: Slope) -> str:
    sides = joined([f"{slope.left:.6g} from the left", f"{slope.right:.6g} from the right"])
    return f"the function has a kink at {name}[{place}]: its slope is {sides}; any value between passes."
