"""An equation of the graph, rendered in any maths tongue."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainrule.emit import latex, mathml, text, typst
from chainrule.emit.layout import Layout
from chainrule.emit.notation.writer import notation
from chainrule.emit.plan import plan
from chainrule.graph.nodes import Name, Node

RENDERERS: Mapping[str, Callable[[Layout], str]] = {
    "text": text.render,
    "latex": latex.render,
    "mathml": mathml.render,
    "typst": typst.render,
}


@dataclass(frozen=True)
class Equation:
    """A left-hand side (None for a bare formula) and the right-hand sides that follow it."""

    left: Name | None
    right: tuple[Node, ...]


def sides(equation: Equation, tongue: str, style: str = "d") -> list[str]:
    """Return the left-hand side and the right-hand sides, each rendered."""
    parts = ([equation.left] if equation.left is not None else []) + list(equation.right)
    return [RENDERERS[tongue](notation(plan(part), style)) for part in parts]


def render(equation: Equation, tongue: str, style: str = "d") -> str:
    """Return an equation in a tongue, the sides joined by equals signs."""
    joint = "<mo>=</mo>" if tongue == "mathml" else " = "
    return joint.join(sides(equation, tongue, style))


def measure(line: str) -> int:
    """Return how many columns a line takes in a terminal: combining marks take none."""
    return sum(not unicodedata.combining(c) for c in line)
