"""What a fit says at its end: what was scaled, where it arrived, and the closed form beside it. Text only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any, cast


def number(x: float) -> str:
    """Return a number with 7 significant digits."""
    return f"{x:.7g}"


def array(value: Any, most: int = 12) -> str:
    """Return a parameter in one line, shortened when long."""
    import numpy as np

    flat = np.ravel(np.asarray(value))
    if flat.size == 1 and not np.shape(value):
        return number(float(flat[0]))
    shown = " ".join(number(float(x)) for x in flat[:most])
    more = f" ... ({flat.size} numbers)" if flat.size > most else ""
    return f"[{shown}{more}]"


def parameter_lines(params: Mapping[str, Any], closed: Mapping[str, Any] | None) -> list[str]:
    """Return a line per parameter, with the closed form beside it where there is one."""
    rows = [("", "gradient descent", "closed form" if closed else "")]
    for name, value in params.items():
        many = isinstance(value, list)
        for i, piece in enumerate(value if many else [value]):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            other = closed[name] if closed else None
            beside = (
                array(other[i] if many and other is not None else other)
                if other is not None
                else ""
            )
            rows.append((f"{name}[{i}]" if many else name, array(piece), beside))
    wide = [max(len(row[k]) for row in rows) for k in range(2)]
    if wide[1] > 48:
        return [line for row in rows[1:] for line in _stacked(row, wide[0])]
    return [f"  {a:<{wide[0]}}  {b:<{wide[1]}}  {c}".rstrip() for a, b, c in rows]


def _stacked(row: tuple[str, str, str], width: int) -> list[str]:
    lines = _wrapped(f"  {row[0]:<{width}}  ", row[1])
    return (
        [*lines, *_wrapped(f"  {'':<{width}}  ", f"{row[2]}   (closed form)")] if row[2] else lines
    )


def _wrapped(head: str, numbers: str) -> list[str]:
    return wrap(numbers, 79, initial_indent=head, subsequent_indent=" " * (len(head) + 1))


def farthest(params: Mapping[str, Any], closed: Mapping[str, Any]) -> float:
    """Return the largest difference between any two corresponding numbers."""
    import numpy as np

    gaps: list[float] = []
    for name, value in params.items():
        pairs: Iterable[tuple[Any, Any]] = (
            zip(cast("list[Any]", value), closed[name], strict=True)
            if isinstance(value, list)
            else [(value, closed[name])]
        )
        gaps += [float(np.max(np.abs(np.asarray(a) - np.asarray(b)))) for a, b in pairs]
    return max(gaps)


def sparkline(values: Any, width: int = 24) -> str:
    """Return a curve of positive numbers on a logarithmic scale, in block characters.

    >>> sparkline([8.0, 4.0, 2.0, 1.0], width=4)
    '█▆▃▁'
    """
    import numpy as np

    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if not found.size:
        return ""
    parts = np.array_split(found, min(width, found.size))
    level = np.array([float(np.mean(part)) for part in parts])
    level = np.log(level) if np.all(level > 0) else level
    low, high = float(level.min()), float(level.max())
    marks = "▁▂▃▄▅▆▇█"
    return "".join(marks[round((x - low) / (high - low) * 7) if high > low else 0] for x in level)
