"""The widgets of chapter 5 in which boxes are put together: a graph of scalar operations, derived whole by the engine.

A block says its inputs and its boxes, "a = sigmoid(z)" with names of the table; the reader's own graphs are swept in the
browser with the tape of each box, which is the same derivation cut into single operations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, cast

from chainrule.course.notes.entry import maths
from chainrule.course.notes.operations import entries
from chainrule.course.notes.scalar import SHARED, shared
from chainrule.course.notes.widget import Place, Widget, widget
from chainrule.errors import ParseError, unknown
from chainrule.graph.trace import Shapes
from chainrule.model import Model, parse

_BOX = re.compile(r"(\w+) = (\w+)\((.*)\)")


@dataclass(frozen=True)
class Boxes:
    """A graph of boxes: inputs with their values, then (name, operation, arguments) in an order that can be computed."""

    inputs: Mapping[str, float]
    boxes: Sequence[tuple[str, str, tuple[str, ...]]]

    @classmethod
    def of(cls, inputs: Mapping[str, float], lines: Sequence[str]) -> Boxes:
        """Read boxes such as "a = sigmoid(z)".

        Raises:
            ParseError: a line that is no box.
            UnknownNameError: an operation that does not work on numbers, or a value that does not come before.
        """
        known = {name: e for name, e in entries().items() if e.code}
        names, boxes = list(inputs), list[tuple[str, str, tuple[str, ...]]]()
        for line in lines:
            match = _BOX.fullmatch(line.strip())
            if not match:
                raise ParseError(f'{line!r} is no box. Write "a = sigmoid(z)".')
            name, op, given = match.groups()
            args = tuple(x.strip() for x in given.split(","))
            if op not in known:
                raise unknown("operation on numbers", op, known)
            for arg in args:
                if arg not in names:
                    raise unknown("value before this box", arg, names)
            boxes.append((name, op, args))
            names.append(name)
        return cls({k: float(v) for k, v in inputs.items()}, boxes)

    @cached_property
    def model(self) -> Model:
        """The whole graph as a model; its last box is what is differentiated."""
        lines = [
            f"{name} = {entries()[op].code.format(*(f'({a})' if op in _SIGNED else a for a in args))}"
            for name, op, args in self.boxes
        ]
        shapes = cast("dict[str, Shapes]", dict.fromkeys(self.inputs, ""))
        return parse("\n".join([*lines, self.boxes[-1][0]]), data={}, parameters=shapes)

    def gradients(self) -> dict[str, float]:
        """Return the derivative of the last box with respect to every input."""
        return {k: float(v) for k, v in self.model.value_and_grad({}, self.inputs)[1].items()}

    def value(self) -> float:
        """Return the value of the last box."""
        return float(self.model.loss({}, self.inputs))


_SIGNED = ("add", "subtract", "multiply", "divide", "negate", "power")


@widget("scalar/boxes")
def boxes(block: Mapping[str, Any], place: Place) -> Widget:
    """A graph of boxes to click through, forwards and backwards; with `build = true` one to go on building."""
    graph = Boxes.of(block["inputs"], block["boxes"])
    derivation = graph.model.derivation
    steps = {step.target: maths(step, "mathml") for step in derivation.steps}
    forward = {step.target: maths(step, "mathml") for step in derivation.forward}
    rows = [*forward.values(), *steps.values()]
    lines = "".join(f"<li><math><mrow>{one}</mrow></math></li>" for one in rows)
    found = {
        "inputs": [{"name": name, "value": value} for name, value in graph.inputs.items()],
        "boxes": [{"name": n, "op": op, "args": list(args)} for n, op, args in graph.boxes],
        "equations": {"forward": forward, "backward": steps},
        "build": bool(block.get("build", False)),
        "title": str(block["title"]),
        "about": str(block.get("about", "")),
        "hurry": bool(block.get("hurry", False)),
    }
    high = 480 + (210 if found["build"] else 0)
    return Widget(
        found, f"<figure><figcaption>{escape(str(found['title']))}</figcaption><ol>{lines}</ol></figure>", (high, high + 210), shared()
    )  # fmt: skip


__all__ = ["SHARED", "Boxes", "boxes"]
