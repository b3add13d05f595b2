"""Shape algebra by dim name: reading shape strings, broadcasting, axes. Sizes never enter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.errors import ShapeError
from chainrule.graph.nodes import Shape

Axis = int | str
_DIM = re.compile(r"[A-Za-z_]\w*|[1-9]\d*")


def parse_shape(text: str, owner: str) -> Shape:
    """Return the dims of a shape string: `parse_shape("n_x m", "X")` is ("n_x", "m"); "" is a scalar."""
    dims = tuple(text.replace(",", " ").split())
    for dim in dims:
        if not _DIM.fullmatch(dim):
            raise ShapeError(
                f"{owner} has the shape {text!r}, and {dim!r} is not a dim: a dim is a name such as n_x, "
                f'or a size such as 3. Write the dims with spaces between them, as in "n_x m".'
            )
    return dims


def show(shape: Sequence[str]) -> str:
    """Return a shape as it is printed: (n_x, m), (3,) or ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(shape)})"


def broadcast(shapes: Sequence[Shape], what: str) -> Shape:
    """Return the shape that all shapes stretch to, matching dims by name from the right.

    A unit axis stretches. A missing axis stretches only towards an operand that has the whole result already,
    and no dim may come to stand on two axes: (m, 1) with (1, m) or (m,) is an error, whatever the size of m.
    """
    rank = max(map(len, shapes))
    padded = [("1",) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result: list[str] = []
    for axis in range(rank):
        dims = list(dict.fromkeys(shape[axis] for shape in padded if shape[axis] != "1"))
        if len(dims) > 1:
            raise ShapeError(
                f"{what}: {_pair(shapes)} do not fit: axis {axis} is {dims[0]} in one and {dims[1]} in the other. "
                f"Dims are matched by name{_turn(shapes)}."
            )
        result.append(dims[0] if dims else "1")
    _refuse_accidents(shapes, tuple(result), what)
    return tuple(result)


def _refuse_accidents(shapes: Sequence[Shape], result: Shape, what: str) -> None:
    stretched = [shape for shape in shapes if shape != result]
    twice = [dim for dim in result if dim != "1" and result.count(dim) > 1]
    if twice and len(stretched) == len(shapes):
        raise ShapeError(
            f"{what}: {_pair(shapes)} would broadcast to {show(result)}, with {twice[0]} on two axes. "
            f"This is hardly meant: turn one of them with .T, or sum an axis with keepdims=True."
        )
    if len(stretched) == len(shapes) and len({len(s) for s in shapes if s}) > 1:
        raise ShapeError(
            f"{what}: {_pair(shapes)} have different numbers of axes and would broadcast to {show(result)}. "
            f"Write the unit axes out, so that both have {len(result)} axes."
        )


def _pair(shapes: Sequence[Shape]) -> str:
    return " and ".join(dict.fromkeys(show(shape) for shape in shapes))


def _turn(shapes: Sequence[Shape]) -> str:
    if len(shapes) == 2 and shapes[0] == shapes[1][::-1]:
        return "; turning one of them with .T would make them fit"
    return ""


def resolve_axes(axis: Axis | Sequence[Axis] | None, shape: Shape, what: str) -> tuple[int, ...]:
    """Return axis positions, sorted, for a dim name, an integer (negative counts from the end), several, or None (all)."""
    if axis is None:
        return tuple(range(len(shape)))
    wanted = [axis] if isinstance(axis, int | str) else list(axis)
    found = [_resolve(one, shape, what) for one in wanted]
    if len(set(found)) < len(found):
        raise ShapeError(
            f"{what}: axis={axis!r} names an axis of {show(shape)} twice. Name each axis once."
        )
    return tuple(sorted(found))


def _resolve(axis: Axis, shape: Shape, what: str) -> int:
    if isinstance(axis, int):
        if not -len(shape) <= axis < len(shape):
            raise ShapeError(
                f"{what}: axis={axis} is not an axis of {show(shape)}, which has {len(shape)}. "
                f"Write an integer from {-len(shape)} to {len(shape) - 1}, or a dim name."
            )
        return axis % len(shape)
    places = [i for i, dim in enumerate(shape) if dim == axis]
    if len(places) == 1:
        return places[0]
    why = f"it stands on {len(places)} axes" if places else "it has no such dim"
    raise ShapeError(
        f"{what}: axis={axis!r} does not single out an axis of {show(shape)}: {why}. Write its position instead."
    )
