"""Program: a list of assignments for the loss and its gradients, the same for every programming language."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.emit.languages import LANGUAGES
from chainrule.emit.source import source
from chainrule.emit.tape import tape
from chainrule.emit.terms import Argument, Line, Program
from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Ein, Input, Map, Name, Node
from chainrule.graph.trace import Graph

_RESERVED = {*keyword.kwlist, "np", "jnp", "jax", "torch", "float", "function", "var", "let", "const", "new", "this", "in", "do",
             "sigmoid", "softmax", "log_softmax", "logsumexp", "loss_and_gradients", "math"}  # fmt: skip


def build(
    name: str,
    graph: Graph,
    loss: Name,
    values: Sequence[Name],
    gradients: Mapping[str, Name],
    notes: Sequence[str],
    loss_too: bool = True,
    function: str = "loss_and_gradients",
    rebinds: bool = False,
) -> Program:
    """Return the program that computes `values` in order and returns the loss (or any value) and the gradients by label.

    `rebinds`: a value with the name of an argument takes its place, where nothing reads the old one after it.
    """
    lines_of = dict(_lift(list(values)))
    taken = set(_RESERVED)
    arguments = _arguments(graph, taken)
    taken.update(
        [*graph.dims, *(f"size_{dim}" for dim in graph.dims)]
    )  # sizes are read under these names
    rebound = _rebound(lines_of, arguments) if rebinds else {}
    identifiers = {
        **_identifiers({v: f for v, f in lines_of.items() if v not in rebound}, taken),
        **rebound,
    }
    lines = [Line(identifiers[v], v, inner) for v, inner in lines_of.items()]
    return Program(
        name,
        tuple(arguments),
        graph,
        lines,
        identifiers,
        loss,
        dict(gradients),
        tuple(notes),
        loss_too,
        function,
    )


def _rebound(lines: Mapping[Name, Node], arguments: Sequence[Argument]) -> dict[Name, str]:
    names = {a.name: a.identifier for a in arguments}
    last_read: dict[str, int] = {}
    for i, formula in enumerate(lines.values()):
        for node in nodes.inside(formula):
            if isinstance(node, Input):
                last_read[node.name] = i
    return {
        value: names[value.label]
        for i, value in enumerate(lines)
        if value.label in names and last_read.get(value.label, 0) <= i
    }


def _arguments(graph: Graph, taken: set[str]) -> list[Argument]:
    found: list[Argument] = []
    for name, shape in [*graph.data.items(), *graph.parameters.items()]:
        identifier = f"{name}_" if name in taken else name
        taken.add(identifier)
        found.append(Argument(identifier, name, shape))
    return found


def _identifiers(values: Mapping[Name, Node], taken: set[str]) -> dict[Name, str]:
    found: dict[Name, str] = {}
    for value in values:
        base = value.label.replace("[", "_").replace("]", "")
        base = "".join(c if c.isalnum() or c == "_" else "_" for c in base)
        while base in taken:
            base += "_"
        taken.add(base)
        found[value] = base
    return found


def _lift(values: list[Name]) -> list[tuple[Name, Node]]:
    """Return (value, formula) pairs, with subformulas that occur twice in the program, and cost something, on lines of their own."""
    counts: dict[Node, int] = {}
    for value in values:
        for node in nodes.inside(value.inner):
            for arg in node.args if not nodes.is_leaf(node) else ():
                counts[arg] = counts.get(arg, 0) + 1
    twice = [n for n, count in counts.items() if count > 1 and _costs(n)]
    if not twice:
        return [(v, v.inner) for v in values]
    labels = {node: f"t{i}" for i, node in enumerate(twice, 1)}
    done: dict[Node, Node] = {}
    result: list[tuple[Name, Node]] = []
    for value in values:
        for node in nodes.inside(value.inner):
            if node in done or nodes.is_leaf(node):
                done.setdefault(node, node)
                continue
            new = node.rebuild([done[a] for a in node.args])
            if node in labels:
                lifted = nodes.named(labels[node], new, "lifted")
                assert isinstance(lifted, Name)
                result.append((lifted, new))
                new = lifted
            done[node] = new
        result.append((value, done[value.inner]))
    return result


def _costs(node: Node) -> bool:
    if nodes.is_leaf(node):
        return False
    if isinstance(node, Ein):
        return len(node.args) > 1 or bool([x for x in node.summed if node.dims[x] != "1"])
    if isinstance(node, Map):
        return node.op not in ("reciprocal", "square")
    return not isinstance(node, Add)


@dataclass(frozen=True)
class Callable_:  # `Callable` is taken
    """A program compiled for NumPy: `run(arrays)`; `needs` names the arguments that it reads."""

    text: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    needs: frozenset[str]

    def run(self, arrays: Mapping[str, Any]) -> Any:
        """Return the program's result at arrays given by argument name; arguments that it does not read may be missing."""
        return self.function(*[arrays.get(name) for name in self.arguments])


def compiled(program: Program) -> Callable_:
    """Return the emitted NumPy program, compiled. The text is our own: no text of a user's is ever executed."""
    text = source(program, LANGUAGES["numpy"])
    space: dict[str, Any] = {}
    exec(compile(text, f"<chainrule {program.name}>", "exec"), space)
    names = {
        x.name.partition("[")[0]
        for line in program.lines
        for x in nodes.inside(line.formula)
        if isinstance(x, Input)
    }
    sources = program.size_sources()
    needs = frozenset(names) | {a.name for a in program.arguments if a.identifier in sources}
    return Callable_(
        text,
        space[program.function],
        tuple(a.name for a in program.arguments),
        frozenset(needs),
    )


def write(program: Program, format: str) -> Any:  # the word users know
    """Return the program in a language: "numpy", "jax", "torch", "js", or "tape" (a dict for JSON)."""
    return tape(program) if format == "tape" else source(program, LANGUAGES[format])


__all__ = ["Argument", "Callable_", "Line", "Program", "build", "compiled", "write"]
