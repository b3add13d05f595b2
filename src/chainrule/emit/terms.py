"""What a program is made of: arguments, lines, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chainrule.emit import forms
from chainrule.emit.plan import plan
from chainrule.graph import nodes
from chainrule.graph.nodes import Ein, Name, Node, Shape
from chainrule.graph.trace import Graph, Shapes


@dataclass(frozen=True)
class Argument:
    """An argument of the program: its identifier, its name in the model, its shape (a list for a list of arrays)."""

    identifier: str
    name: str
    shape: Shapes

    def first_use_of(self, dim: str) -> str | None:
        """Return how the size of a dim is read off this argument: ("", 1) for X.shape[1]."""
        many = isinstance(self.shape, list)
        shapes = cast("list[Shape]", self.shape if many else [self.shape])
        for i, shape in enumerate(shapes):
            if dim in shape:
                return f"{self.identifier}{f'[{i}]' if many else ''}.shape[{shape.index(dim)}]"
        return None


@dataclass(frozen=True)
class Line:
    """An assignment: identifier = formula."""

    identifier: str
    value: Name
    formula: Node


@dataclass(frozen=True)
class Program:
    """Assignments in order, and what is returned: the loss and the gradients by label."""

    name: str
    arguments: tuple[Argument, ...]
    graph: Graph
    lines: list[Line]
    identifiers: Mapping[Name, str]
    loss: Name
    gradients: Mapping[str, Name]
    notes: tuple[str, ...]
    loss_too: bool
    function: str = "loss_and_gradients"

    def sizes(self) -> dict[str, str]:
        """Return how each size that the program needs is read off an argument: {"m": "X.shape[1]"}."""
        needed: dict[str, None] = {}
        for line in self.lines:
            for node in nodes.inside(line.formula):
                if isinstance(node, Ein) and not nodes.is_leaf(node):
                    needed.update(dict.fromkeys(dim for dim, _ in node.coefficient.dims))
            needed.update(dict.fromkeys(_sizes_in(plan(line.formula))))
        return {dim: self._size(dim) for dim in needed if not dim.isdigit()}

    def size_names(self) -> dict[str, str]:
        """Return the identifier of every size: the dim itself, or size_m where an argument is called m."""
        arguments = {a.identifier for a in self.arguments}
        return {dim: f"size_{dim}" if dim in arguments else dim for dim in self.graph.dims}

    def _size(self, dim: str) -> str:
        return next(text for a in self.arguments if (text := a.first_use_of(dim)))

    def size_sources(self) -> set[str]:
        """Return the identifiers of arguments that sizes are read off."""
        return {text.partition(".")[0].partition("[")[0] for text in self.sizes().values()}


def _sizes_in(form: forms.Form) -> list[str]:
    """Return the dims whose sizes a form spells out: shapes of broadcasts, reshapes, filled arrays."""
    found: list[str] = []
    stack: list[forms.Form] = [form]
    while stack:
        here = stack.pop()
        if isinstance(here, forms.Broadcast | forms.Reshaped | forms.Filled):
            found += [dim for dim in here.shape if not dim.isdigit()]
        if isinstance(here, forms.Scaled):
            found += [dim for dim, _ in here.coefficient.dims]
        if isinstance(here, forms.Filled):
            found += [dim for dim, _ in here.coefficient.dims]
        if isinstance(here, forms.Placed):
            found += [d for d in (here.shape[here.axis],) if not d.isdigit()]
        stack += forms.below(here)[::-1]
    return found
