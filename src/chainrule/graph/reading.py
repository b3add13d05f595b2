"""A graph read from a document, node by node: names must be names, shapes must fit, formulas must be printable."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from chainrule.errors import unknown
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.document import SIZE, Place
from chainrule.graph.naming import DEPTH_OF_ONE_FORMULA
from chainrule.graph.nodes import Input, Name, Node, Shape
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph, Shapes

LONGEST_ABOUT = 10_000  # of the first line of a docstring
DEEPEST_FORMULA = 4 * DEPTH_OF_ONE_FORMULA  # Python compiles some 200 nested brackets
LARGEST_FORMULA = 100_000  # pieces, written out: a value that a formula reads twice counts twice
_ROLES = ("value", "gradient", "tangent")


def read_graph(place: Place, known: Collection[str] | None) -> Graph:
    """Return the graph that a document stands for; `known`: the names of all operations, where others are to be refused."""
    data, parameters = _group(place["data"]), _group(place["parameters"])
    inputs = {**_inputs(data, "data"), **_inputs(parameters, "parameter")}
    if set(data) & set(parameters) or not inputs:
        place.refuse("must have inputs, none of them both data and a parameter")
    dims = frozenset(dim for node in inputs.values() for dim in node.shape)
    domains = {name: item.title() for name, item in place["domains"].entries().items()}
    if strange := set(domains) - {*data, *parameters}:
        place["domains"].refuse(f"names {min(strange)!r}, which is no input")
    loss = _loss(place, _Signature(inputs, dims, known))
    order = nodes.topological([loss])
    _check_names(place, order, inputs)
    _check_sizes(place, order)
    name, about = place["name"].title(), place["about"].text(LONGEST_ABOUT)
    chosen = place.entries().get("prediction")
    predicts = chosen.title() if chosen else ""
    if chosen and predicts not in {n.label for n in order if isinstance(n, Name)}:
        chosen.refuse(f"names {predicts!r}, which is no value of the model")
    return Graph(name, data, parameters, loss, about=about, domains=domains, predicts=predicts)


@dataclass(frozen=True)
class _Signature:
    """What the nodes of a document may read: the inputs by name, their dims; and the operations, if those are known."""

    inputs: Mapping[str, Node]
    dims: frozenset[str]
    known: Collection[str] | None

    def shape(self, place: Place) -> Shape:
        for dim in place.shape():
            self.check_dim(dim, place)
        return place.shape()

    def check_dim(self, dim: str, place: Place) -> None:
        if dim not in self.dims and not SIZE.fullmatch(dim):
            place.refuse(f"names the dim {dim!r}, which no input has")

    def op(self, place: Place) -> str:
        op = place.identifier()
        if self.known is not None and op not in self.known:
            place.refuse(f"cannot be used: {str(unknown('operation', op, self.known))[:-1]}")
        return op


def _group(place: Place) -> dict[str, Shapes]:
    found: dict[str, Shapes] = {}
    for name, item in place.entries().items():
        Place(name, f"a name in {place.where}").identifier()
        if isinstance(item.value, list):
            found[name] = [one.shape() for one in item.items()] or item.refuse("is an empty list")
        else:
            found[name] = item.shape()
    return found


def _inputs(group: Mapping[str, Shapes], role: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, shape in group.items():
        if isinstance(shape, list):
            many = {f"{name}[{i}]": nodes.input_node(f"{name}[{i}]", one, role) for i, one in enumerate(shape)}  # fmt: skip
            found.update(many)
        else:
            found[name] = nodes.input_node(name, shape, role)
    return found


def _loss(place: Place, signature: _Signature) -> Name:
    done: list[Node] = []
    for i, item in enumerate(place["nodes"].items()):
        done.append(_node(Place(item.value, f"node {i}"), done, signature))
    at = place["loss"]
    loss = done[at.whole()] if 0 <= at.whole() < len(done) else at.refuse("is no node")
    if not isinstance(loss, Name) or loss.shape:
        at.refuse(f"is node {at.whole()}, which is not a named scalar")
    return loss


def _node(place: Place, done: list[Node], signature: _Signature) -> Node:
    kind = place["kind"].text()
    if kind not in _KINDS:
        place.refuse(f"is of the unknown kind {reprlib.repr(kind)}")
    (least, most), read = _KINDS[kind]
    args = [_argument(item, done) for item in place["args"].items()]
    if len(args) < least or (most is not None and len(args) > most):
        place.refuse(f"({kind}) cannot have {len(args)} arguments")
    return read(place, args, signature)


def _argument(place: Place, done: list[Node]) -> Node:
    i = place.whole()
    return done[i] if 0 <= i < len(done) else place.refuse(f"is {i}: no node before this one")


def _input(place: Place, _: list[Node], signature: _Signature) -> Node:
    name = place["name"].text()
    return signature.inputs.get(name) or place.refuse(f"reads {name!r}, which is no input")


def _name(place: Place, args: list[Node], signature: _Signature) -> Node:
    label, role = place["label"].label(), place["role"].text()
    if role not in _ROLES:
        place.refuse(f"has the unknown role {role!r}")
    if label in signature.inputs:
        place.refuse(f"has the name of an input, {label!r}")
    return nodes.named(label, args[0], role, place["of"].label())


def _ein(place: Place, args: list[Node], signature: _Signature) -> Node:
    powers = place["dims"].entries()
    for dim in powers:
        signature.check_dim(dim, place["dims"])
    dims = tuple(sorted((dim, power.number()) for dim, power in powers.items()))
    letters = [item.wholes() for item in place["letters"].items()]
    out, shape = place["out"].wholes(), signature.shape(place["shape"])
    if len(letters) != len(args):
        place.refuse(f"has letters for {len(letters)} arguments, and {len(args)} arguments")
    bound: dict[int, str] = {}
    for word, axes in zip([out, *letters], [shape, *(arg.shape for arg in args)], strict=True):
        fits = len(set(word)) == len(word) == len(axes)
        if not fits or any(bound.setdefault(x, d) != d for x, d in zip(word, axes, strict=True)):
            place.refuse(f"has the letters {reprlib.repr(word)}, which do not fit {show(axes)}")
    scale = Coefficient(place["coefficient"].number(), dims)
    return nodes.ein(scale, list(zip(args, letters, strict=True)), out, shape)


def _add(place: Place, args: list[Node], _: _Signature) -> Node:
    _check_alike(place, args)
    return nodes.add(args)


def _map(place: Place, args: list[Node], signature: _Signature) -> Node:
    _check_alike(place, args)
    parameters = place["parameters"].entries()
    numbers = tuple((name, item.number()) for name, item in parameters.items())
    return nodes.elementwise(signature.op(place["op"]), args, numbers)


def _check_alike(place: Place, args: list[Node]) -> None:
    for arg in args:
        if arg.shape != args[0].shape:
            place.refuse(f"has arguments of the shapes {show(args[0].shape)} and {show(arg.shape)}")


def _along(place: Place, args: list[Node], signature: _Signature) -> Node:
    axes = place["axes"].wholes()
    if sorted({axis for axis in axes if 0 <= axis < len(args[0].shape)}) != list(axes):
        place["axes"].refuse(
            f"is {reprlib.repr(axes)}: not axes of {show(args[0].shape)}, in order"
        )
    return nodes.along(signature.op(place["op"]), args[0], axes, place["keeps"].truth())


def _pick(place: Place, args: list[Node], _: _Signature) -> Node:
    axis, index = _axis(place, args[0].shape), place["index"].whole()
    _check_index(place, args[0].shape[axis], index)
    return nodes.pick(args[0], axis, index)


def _put(place: Place, args: list[Node], signature: _Signature) -> Node:
    dims = signature.shape(place["dim"])
    if len(dims) != 1:
        place["dim"].refuse("is not one dim")
    axis, index = _axis(place, (*args[0].shape, *dims)), place["index"].whole()
    _check_index(place, dims[0], index)
    return nodes.put(args[0], axis, index, dims[0])


def _axis(place: Place, shape: Shape) -> int:
    axis = place["axis"].whole()
    return axis if 0 <= axis < len(shape) else place.refuse(f"is outside {show(shape)}")


def _check_index(place: Place, dim: str, index: int) -> None:
    size = int(dim) if SIZE.fullmatch(dim) else None
    if size is not None and not 0 <= index < size:
        place.refuse(f"has the index {index}, outside an axis of size {dim}")


_Reader = Callable[[Place, list[Node], _Signature], Node]
_Limits = tuple[int, int | None]  # the least and the most arguments
_KINDS: Mapping[str, tuple[_Limits, _Reader]] = {
    "input": ((0, 0), _input),
    "name": ((1, 1), _name),
    "ein": ((0, None), _ein),
    "add": ((2, None), _add),
    "map": ((1, None), _map),
    "along": ((1, 1), _along),
    "pick": ((1, 1), _pick),
    "put": ((1, 1), _put),
}


def _check_names(place: Place, order: list[Node], inputs: Mapping[str, Node]) -> None:
    """Refuse parameters that the loss does not read, and two values of one name: no traced model has them."""
    missing = set(inputs.values()) - set(order)
    unused = [x.name for x in missing if isinstance(x, Input) and x.role == "parameter"]
    if unused:
        place.refuse(f"never uses its parameter {min(unused)!r}")
    counts = Counter(node.label for node in order if isinstance(node, Name))
    for label, count in counts.items():
        if count > 1:
            place.refuse(f"has {count} values of the name {label!r}")


def _check_sizes(place: Place, order: list[Node]) -> None:
    """Refuse formulas that explode when they are printed: a few nodes, each reading the one below it twice, suffice."""
    size: dict[Node, int] = {}
    depth: dict[Node, int] = {}
    for node in order:
        pieces = 1 + sum(size[arg] for arg in node.args)
        level = 1 + max((depth[arg] for arg in node.args), default=0)
        if pieces > LARGEST_FORMULA or level > DEEPEST_FORMULA:
            place.refuse("has a formula so large that it could not be printed")
        size[node], depth[node] = (1, 0) if nodes.is_leaf(node) else (pieces, level)
