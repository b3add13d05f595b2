"""Forward mode for the browser: a tape that pushes one direction of the parameters through every value of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chainrule.derive.forward import directions, tangents
from chainrule.emit import program as programs
from chainrule.emit.program import Line, Program
from chainrule.graph import nodes
from chainrule.graph.nodes import Name
from chainrule.graph.trace import Graph


def tangent_tape(graph: Graph) -> dict[str, Any]:
    """Return the tape of how every named value V moves: its "gradient" V reads the direction `v_W1` of each parameter W1."""
    learned = [node for node in graph.inputs if node.role == "parameter"]
    told = {name: (symbol.name, symbol.shape) for name, symbol in directions(learned).items()}
    symbols = {name: nodes.input_node(*given, "parameter") for name, given in told.items()}
    wider = replace(graph, parameters={**graph.parameters, **dict(told.values())})
    values = [*graph.values, graph.loss] if graph.loss not in graph.values else list(graph.values)
    found = zip(values, tangents(values, symbols), strict=True)
    moving = {v.label: t for v, t in found if isinstance(t, Name)}
    order = [n for n in nodes.topological([*values, *moving.values()]) if isinstance(n, Name)]
    lines = [Line(v.label, v, v.inner) for v in order]
    program = Program(graph.name, (), wider, lines, {}, graph.loss, moving, (), loss_too=True)
    return programs.write(program, "tape")


__all__ = ["tangent_tape"]
