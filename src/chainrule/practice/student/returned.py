"""What a function returned, in a form of our own: mappings, sequences and objects of arrays. Knows no model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chainrule.practice.student.arrays import Numbers, numbers

MOST_DEPTH = 4
MOST_ITEMS = 256


@dataclass(frozen=True)
class Leaf:
    """An array (None where it is not one), its type in words, and the variable that held the same object."""

    numbers: Numbers | None
    kind: str
    variable: str = ""


@dataclass(frozen=True)
class Branch:
    """A "mapping", "sequence" or "object" of leaves and branches, by key (positions of a sequence as "0", "1")."""

    kind: str
    items: tuple[tuple[str, Tree], ...]


Tree = Leaf | Branch


def tree_of(value: Any, variables: Mapping[str, Any]) -> Tree:
    """Return a value as a tree; `variables` names the leaves that are a variable's own object."""
    names = {id(held): name for name, held in reversed(list(variables.items()))}
    return _tree(value, names, 0)


def _tree(value: Any, names: Mapping[int, str], depth: int) -> Tree:
    found = numbers(value)
    if depth < MOST_DEPTH and not (found is not None and _is_array(value)):
        opened = _open(value)
        if opened is not None and not (found is not None and _is_row(value)):
            kind, items = opened
            return Branch(kind, tuple((key, _tree(x, names, depth + 1)) for key, x in items))
    return Leaf(found, type(value).__name__, names.get(id(value), ""))


def _is_array(value: Any) -> bool:
    return not isinstance(value, list | tuple | dict)


def _is_row(value: Any) -> bool:
    """Tell whether a list is one array written as nested lists, rather than a list of results."""
    return isinstance(value, list) and any(isinstance(x, list) for x in cast("list[Any]", value))


def _open(value: Any) -> tuple[str, list[tuple[str, Any]]] | None:
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return "mapping", [(str(key), item) for key, item in items][:MOST_ITEMS]
    fields = cast("tuple[str, ...] | None", getattr(value, "_fields", None))
    if isinstance(value, tuple) and fields is not None:  # a named tuple
        return "object", list(zip(fields, cast("tuple[Any, ...]", value), strict=True))
    if isinstance(value, list | tuple):
        listed = cast("list[Any]", value)[:MOST_ITEMS]
        return "sequence", [(str(i), item) for i, item in enumerate(listed)]
    if hasattr(value, "__dict__") and not hasattr(value, "dtype") and vars(value):
        held = cast("dict[str, Any]", vars(value))
        return "object", list(held.items())[:MOST_ITEMS]
    return None


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Yield the leaves of a tree, in order."""
    stack: list[Tree] = [tree]
    while stack:
        here = stack.pop()
        if isinstance(here, Leaf):
            yield here
        else:
            stack += [item for _, item in reversed(here.items)]
