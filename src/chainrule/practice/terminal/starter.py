"""A backward pass with holes, from the program that the engine derives; and what to say of a hole."""

from __future__ import annotations

import re
from functools import lru_cache

from chainrule.model import Model

HOLE = "___"
_ASSIGNMENT = re.compile(r"    (\w+) = (.*?)(?:  +# (\(.*\)))?$")


@lru_cache
def starter(model: Model) -> str:
    """Return the model's program as `backward`, its forward part written and every step of the gradient a hole."""
    head, body = _parts(model)
    width = max(map(len, filled(model)))
    found = [_hole(line, width) for line in body if not line.lstrip().startswith("#")]
    return "\n".join([*head, "    # backward: dV is dL/dV, of the shape of V", *found]) + "\n"


def _parts(model: Model) -> tuple[list[str], list[str]]:
    """Return the program's lines before and after the comment that opens its backward part."""
    program = str(model.derivation.to("numpy"))
    lines = program[program.index("import numpy") :].rstrip().split("\n")
    lines = [line.replace("def loss_and_gradients(", "def backward(") for line in lines]
    here = next(i for i, line in enumerate(lines) if line.startswith("    # backward"))
    return lines[:here], lines[here + 1 :]


def _hole(line: str, width: int) -> str:
    found = _ASSIGNMENT.match(line)
    if found is None:
        return line
    name, _, shape = found.groups()
    space = " " * (width - len(name))
    return f"    {name} = {HOLE}" + (f"{space}  # {shape}" if shape else "")


def filled(model: Model) -> dict[str, str]:
    """Return what belongs in each hole, by the name that is assigned."""
    pairs = (_ASSIGNMENT.match(line) for line in _parts(model)[1])
    return {found[1]: found[2] for found in pairs if found}


def hole_hints(model: Model, name: str) -> tuple[str, ...]:
    """Return hints for a hole in levels: its shape, the rules that make it, the equation, the line of NumPy."""
    line = filled(model).get(name)
    step = next((s for s in model.derivation.steps if f"d{s.target}" == name), None)
    if line is None or step is None:
        return ()
    shape = f"({', '.join(step.shape)})"
    read = ", ".join(step.reuses)
    return (
        f"{name} has the shape of {step.target}: {shape}.",
        f"It comes from {', '.join(step.rule)}; it reads {read}.",
        f"{step.equation}",
        f"In NumPy: {name} = {line}",
    )
