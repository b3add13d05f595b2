"""A program as an op tape: a list of array operations in plain data, which pages link once and run."""

from __future__ import annotations

from typing import Any

from chainrule.emit.terms import Program
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node, Pick, Put

VERSION = 1


def tape(program: Program) -> dict[str, Any]:
    """Return the tape of a program, ready for JSON: inputs, ops in order, names, the slots of loss and gradients."""
    inputs = program.graph.inputs
    slots: dict[Node, int] = {node: i for i, node in enumerate(inputs)}
    ops: list[dict[str, Any]] = []
    names: dict[str, int] = {}
    for line in program.lines:
        for node in nodes.topological([line.formula], nodes.is_leaf):
            if node not in slots:
                slots[node] = len(inputs) + len(ops)
                ops.append({"slot": slots[node], **_op(node, [slots[a] for a in node.args])})
        slots[line.value] = names[line.value.label] = slots[line.formula]
    return {
        "version": VERSION,
        "model": program.name,
        "dims": _dims(program),
        "inputs": [_input(node, slots[node]) for node in inputs],
        "ops": ops,
        "names": names,
        "loss": slots[program.loss],
        "gradients": {label: slots[g] for label, g in program.gradients.items()},
    }


def _dims(program: Program) -> list[str]:
    return program.graph.dims


def _input(node: Input, slot: int) -> dict[str, Any]:
    return {"slot": slot, "name": node.name, "role": node.role, "shape": list(node.shape)}


def _op(node: Node, args: list[int]) -> dict[str, Any]:
    common: dict[str, Any] = {"args": args, "shape": list(node.shape)}
    if isinstance(node, Ein):
        letters = [list(word) for word in node.letters]
        return {
            "kind": "ein",
            **common,
            "letters": letters,
            "out": list(node.out),
            "coefficient": _coefficient(node.coefficient),
        }
    if isinstance(node, Add):
        return {"kind": "add", **common}
    if isinstance(node, Map):
        return {
            "kind": "map",
            "op": node.op,
            **common,
            "parameters": {k: str(v) for k, v in node.parameters},
        }
    if isinstance(node, Along):
        return {"kind": "axis", "op": node.op, **common, "axes": list(node.axes)}
    if isinstance(node, Pick | Put):
        kind = "select" if isinstance(node, Pick) else "place"
        return {"kind": kind, **common, "axis": node.axis, "index": node.index}
    raise TypeError(f"{type(node).__name__} has no place on a tape")


def _coefficient(scale: Coefficient) -> dict[str, Any]:
    return {
        "numerator": str(scale.number.numerator),
        "denominator": str(scale.number.denominator),
        "dims": {dim: str(power) for dim, power in scale.dims},
    }


__all__ = ["VERSION", "Name", "tape"]
