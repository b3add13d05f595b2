"""Tracing: calls a model's function once on symbols and keeps the reader's variable names.

Names are read from the frames of the function and of the helpers it calls, line by line, so assignments, tuple
targets, loops and helper functions all keep their names, with or without source code.
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, cast

from chainrule.errors import LossError, NameClashError, TraceError, unknown
from chainrule.graph import nodes
from chainrule.graph.naming import automatic_names, relabel
from chainrule.graph.nodes import Ein, Input, Name, Node, Shape
from chainrule.graph.shapes import show
from chainrule.graph.tensor import Tensor

Shapes = (
    Shape | list[Shape]
)  # of one array, or of a list of arrays such as the weights of all layers
_OURS = ("chainrule.graph", "chainrule.ops", "importlib")


@dataclass(frozen=True)
class Graph:
    """A model as it was written: its inputs and its loss. Everything else is a reading of it.

    `data` and `parameters` map names to shapes (a list of shapes for a list of arrays); `loss` is the named scalar;
    `predicts` names the value that is the prediction, where the reader chose one.
    """

    name: str
    data: Mapping[str, Shapes]
    parameters: Mapping[str, Shapes]
    loss: Name
    about: str = ""
    domains: Mapping[str, str] = field(default_factory=dict[str, str])
    predicts: str = ""

    @property
    def values(self) -> list[Name]:
        """The named values, each after those it reads; the loss is the last."""
        return [node for node in nodes.topological([self.loss]) if isinstance(node, Name)]

    @property
    def inputs(self) -> list[Input]:
        """All data arrays and parameters, lists spread out (`W[0]`, `W[1]`), in the order of the signature."""
        spread = [*_spread(self.data, "data"), *_spread(self.parameters, "parameter")]
        return [node for _, node in spread]

    @property
    def dims(self) -> list[str]:
        """The names of all dims, in order of appearance in the inputs; fixed sizes are left out."""
        seen = dict.fromkeys(dim for node in self.inputs for dim in node.shape if not dim.isdigit())
        return list(seen)


def _spread(group: Mapping[str, Shapes], role: str) -> list[tuple[str, Input]]:
    found: list[tuple[str, Input]] = []
    for name, shape in group.items():
        many = isinstance(shape, list)
        for i, one in enumerate(shape if many else [shape]):
            label = f"{name}[{i}]" if many else name
            node = nodes.input_node(label, one, role)
            assert isinstance(node, Input)
            found.append((label, node))
    return found


@dataclass
class _Given:
    """A name in the making: the wish, and how deep in the calls it was made (outer wishes win)."""

    wish: str
    depth: int
    shape: Shape


class Trace:
    """The state of one tracing: inputs, names given so far, the functions that suggestions may name."""

    def __init__(
        self,
        data: Mapping[str, Shapes],
        parameters: Mapping[str, Shapes],
        functions: Mapping[str, Any],
    ) -> None:
        self.functions = functions
        self.inputs: dict[str, Tensor] = {}
        self.given: dict[str, _Given] = {}
        for role, group in (("data", data), ("parameter", parameters)):
            for name in group:
                _check_name(name, role)
            for label, node in _spread(group, role):
                if label in self.inputs:
                    raise NameClashError(
                        f"{label!r} is both data and a parameter. Give one of them another name."
                    )
                self.inputs[label] = Tensor(node, self)

    def argument(self, name: str, shape: Shapes) -> Tensor | list[Tensor]:
        """Return what the model's function is called with for an argument."""
        if isinstance(shape, list):
            return [self.inputs[f"{name}[{i}]"] for i in range(len(shape))]
        return self.inputs[name]

    def bindings(self) -> str:
        """Return all shapes bound so far, for error messages."""
        known = [(label, t.dims) for label, t in self.inputs.items()]
        known += [(given.wish, given.shape) for given in self.given.values()]
        return "Shapes so far: " + ", ".join(f"{label} {show(shape)}" for label, shape in known)

    def name(self, value: Tensor, wish: str, depth: int) -> None:
        """Name a value after a variable, unless it is an input, a plain number, or has a better name."""
        node = value.node
        if isinstance(node, Input) or (isinstance(node, Ein) and not node.args):
            return
        if isinstance(node, Name):
            given = self.given.get(node.label)
            if given and depth < given.depth:
                given.wish, given.depth = wish, depth
            return
        key = f"{wish}#{len(self.given)}"
        self.given[key] = _Given(wish, depth, node.shape)
        value.node = nodes.named(key, node)

    def name_explicitly(self, value: Tensor, wish: str) -> Tensor:
        """Return the value under a name that always wins."""
        if not wish.isidentifier():
            raise TraceError(
                f"{wish!r} cannot be a name: write a Python identifier such as Z1 or Y_hat."
            )
        taken = [given.wish for given in self.given.values() if given.depth < 0]
        if wish in self.inputs or wish in taken:
            raise NameClashError(
                f"the name {wish!r} is taken. Every value needs a name of its own."
            )
        inner = nodes.definition(value.node)
        named = Tensor(inner, self)
        if isinstance(inner, Input):
            raise NameClashError(
                f"{value!r} is an input and keeps its own name; name a value computed from it."
            )
        self.name(named, wish, depth=-1)
        value.node = named.node
        return named

    def finish(
        self,
        name: str,
        data: Mapping[str, Shapes],
        parameters: Mapping[str, Shapes],
        result: Any,
        **more: Any,
    ) -> Graph:
        """Return the graph of a traced function from what it returned."""
        loss = self._checked_loss(result)
        labels = final_labels([(k, g.wish) for k, g in self.given.items()], set(self.inputs))
        node = automatic_names(relabel(loss, labels), taken=set(self.inputs))
        assert isinstance(node, Name)
        used = {x.name for x in nodes.topological([node]) if isinstance(x, Input)}
        for label, shape in parameters.items():
            spread = (
                [f"{label}[{i}]" for i in range(len(shape))] if isinstance(shape, list) else [label]
            )
            unused = [x for x in spread if x not in used]
            if unused:
                raise LossError(
                    f"the parameter {unused[0]} is never used: the loss does not depend on it, so it cannot be learned. "
                    "Use it in the model or take it out of the signature."
                )
        graph = Graph(name, dict(data), dict(parameters), node, **more)
        labels = [value.label for value in graph.values]
        if graph.predicts and graph.predicts not in labels:
            raise unknown("value for prediction", graph.predicts, labels)
        return graph

    def _checked_loss(self, result: Any) -> Node:
        if not isinstance(result, Tensor):
            raise LossError(
                f"the model returned {type(result).__name__}, not a traced value. End it with `return` and the loss, "
                "a scalar computed from the arguments."
            )
        if result.dims:
            raise LossError(
                f"the loss has shape {show(result.dims)}, not (): gradient descent needs one number to go down. "
                f"Reduce it, for instance with cr.mean(...) or cr.sum(...).\n{self.bindings()}"
            )
        if isinstance(result.node, Input):
            raise LossError(
                "the model returns one of its inputs. Return a loss computed from them."
            )
        self.name(result, "L", depth=0)
        return result.node


def _check_name(name: str, role: str) -> None:
    """Refuse a name that could not be an argument: it will stand in emitted programs."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise TraceError(
            f"{name!r} cannot be the name of {'data' if role == 'data' else 'a parameter'}: write a Python identifier such as X or W1."
        )


def final_labels(wishes: Sequence[tuple[str, str]], taken: set[str]) -> dict[str, str]:
    """Return the label for each key: the wish, or wish_1, wish_2 ... where one name was assigned repeatedly."""
    count: dict[str, int] = {}
    for _, wish in wishes:
        count[wish] = count.get(wish, 0) + 1
    used = taken | {wish for wish, n in count.items() if n == 1}
    labels: dict[str, str] = {}
    version: dict[str, int] = {}
    for key, wish in wishes:
        if count[wish] == 1 and wish not in taken:
            labels[key] = wish
            continue
        version[wish] = version.get(wish, 0) + 1
        while (label := f"{wish}_{version[wish]}") in used:
            version[wish] += 1
        used.add(label)
        labels[key] = label
    return labels


def run_traced(
    function: Callable[..., Any],
    trace: Trace,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
) -> Any:
    """Return the function's result, having named every traced value that a variable held."""
    watcher = _Watcher(trace)
    before = sys.gettrace()
    sys.settrace(watcher.on_call)
    try:
        return function(*arguments, **keywords)
    finally:
        sys.settrace(before)


class _Watcher:
    """Reads the local variables of the model's own frames before every line and at return."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.depth = 0
        self.seen: dict[tuple[int, str], object] = {}
        self.read: dict[int, tuple[Sequence[Any], int]] = {}

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Any:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_OURS) or frame.f_code.co_name.startswith("<"):
            return None
        self.depth += 1
        return _FrameReader(self, frame, self.depth).on_event


class _FrameReader:
    def __init__(self, watcher: _Watcher, frame: FrameType, depth: int) -> None:
        self.watcher, self.depth = watcher, depth
        self.seen: dict[str, object] = dict(frame.f_locals)

    def on_event(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "exception":
            return self.on_event
        for variable, value in frame.f_locals.items():
            if isinstance(value, Tensor):
                if self.seen.get(variable) is not value:
                    self.seen[variable] = value
                    self.watcher.trace.name(value, variable, self.depth)
            elif isinstance(value, list | tuple):
                self._read_list(variable, cast("Sequence[Any]", value))
            elif isinstance(value, dict):
                self._read_dict(variable, cast("dict[Any, Any]", value))
        if event == "return":
            self.watcher.depth -= 1
        return self.on_event

    def _read_list(self, variable: str, values: Sequence[Any]) -> None:
        kept, start = self.watcher.read.get(
            id(values), (values, 0)
        )  # kept: so that the id stays taken
        for i in range(start, len(values)):
            if isinstance(values[i], Tensor):
                self.watcher.trace.name(values[i], f"{variable}[{i}]", self.depth)
        self.watcher.read[id(values)] = (kept, len(values))

    def _read_dict(self, variable: str, values: dict[Any, Any]) -> None:
        for key, value in values.items():
            if isinstance(value, Tensor) and isinstance(key, str | int):
                self.watcher.trace.name(value, f"{variable}[{key}]", self.depth)
