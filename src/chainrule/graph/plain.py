"""A graph as plain data for a file, and back to the very same nodes. Executes nothing, and knows no operation's meaning.

What is read ends up in programs that are run, so nothing in a document is trusted: names must be names, shapes must fit.
"""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn, cast

from chainrule.errors import DataError, unknown
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient
from chainrule.graph.naming import DEPTH_OF_ONE_FORMULA
from chainrule.graph.nodes import Along, Ein, Input, Map, Name, Node, Pick, Put, Shape
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph, Shapes

VERSION = 1
LONGEST_TEXT = 1000  # of a name or a shape, in characters
LONGEST_ABOUT = 10_000  # of the first line of a docstring
MOST_DIGITS = 3000  # of a numerator or denominator; Python itself reads no more than 4,300
DEEPEST_FORMULA = 4 * DEPTH_OF_ONE_FORMULA  # Python compiles some 200 nested brackets
LARGEST_FORMULA = 100_000  # pieces, written out: a value that a formula reads twice counts twice

_NUMBER = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(/[1-9][0-9]{{0,{MOST_DIGITS - 1}}})?")
_SIZE = re.compile(r"[1-9][0-9]{0,17}")
_TOO_LARGE = 2**62  # for a position in a list or an axis
_ROLES = ("value", "gradient", "tangent")


def to_plain(graph: Graph) -> dict[str, Any]:
    """Return a graph as plain data, ready for JSON, that `from_plain` makes the identical graph of.

    Raises:
        DataError: the graph could not be read back: a name with a quotation mark, a constant of 3,001 digits.
    """
    order = nodes.topological([graph.loss])
    index = {node: i for i, node in enumerate(order)}
    try:
        document = {
            "version": VERSION,
            "name": graph.name,
            "about": graph.about,
            "domains": dict(graph.domains),
            **({"prediction": graph.predicts} if graph.predicts else {}),
            "data": _shape_texts(graph.data),
            "parameters": _shape_texts(graph.parameters),
            "nodes": [_plain_node(node, index) for node in order],
            "loss": index[graph.loss],
        }
        if _graph(_Place(document, "the document"), None) != graph:
            raise DataError("its formulas read an input that it does not list")
    except DataError as error:
        raise DataError(f"the model {graph.name} cannot be saved: {error}.") from None
    return document


def from_plain(document: object, known: Collection[str] | None = None) -> Graph:
    """Return the graph that plain data stand for.

    Args:
        document: what `to_plain` returned, perhaps by way of a JSON file.
        known: the names of all operations, where others are to be refused.

    Raises:
        DataError: it is no such document, or one of a newer version; says which entry is wrong, and why.
    """
    place = _Place(document, "the document")
    try:
        version = place["version"].whole()
        if version <= VERSION:
            return _graph(place, known)
    except DataError as error:
        raise DataError(
            f"the saved model cannot be read: {error}. It was damaged, or is not chainrule's: save the model again."
        ) from None
    raise DataError(
        f"the saved model has version {version}, and this chainrule reads version {VERSION}. "
        "It was saved by a newer one: pip install --upgrade chainrule"
    )


# -- writing
def _shape_texts(group: Mapping[str, Shapes]) -> dict[str, str | list[str]]:
    return {
        name: [" ".join(one) for one in shape] if isinstance(shape, list) else " ".join(shape)
        for name, shape in group.items()
    }


def _plain_node(node: Node, index: Mapping[Node, int]) -> dict[str, Any]:
    kind = type(node).__name__.lower()
    return {"kind": kind, **_fields(node), "args": [index[arg] for arg in node.args]}


def _fields(node: Node) -> dict[str, Any]:
    match node:
        case Input():  # its shape and its role are those of the signature
            return {"name": node.name}
        case Name():
            return {"label": node.label, "of": node.of, "role": node.role}
        case Ein():
            return {
                "coefficient": _digits(node.coefficient.number),
                "dims": {dim: _digits(power) for dim, power in node.coefficient.dims},
                "letters": [list(letters) for letters in node.letters],
                "out": list(node.out),
                "shape": " ".join(node.shape),
            }
        case Map():
            return {"op": node.op, "parameters": {k: _digits(x) for k, x in node.parameters}}
        case Along():
            return {"op": node.op, "axes": list(node.axes), "keeps": node.keeps}
        case Pick():
            return {"axis": node.axis, "index": node.index}
        case Put():
            return {"axis": node.axis, "index": node.index, "dim": node.shape[node.axis]}
        case _:  # Add is its arguments alone
            return {}


def _digits(number: Fraction) -> str:
    if max(abs(number.numerator), number.denominator) >= 10**MOST_DIGITS:
        raise DataError(f"a constant of it has more than {MOST_DIGITS} digits")
    return str(number)


# -- reading
class _Place:
    """A value in a document, and where it stands there. Each method returns it checked."""

    def __init__(self, value: Any, where: str) -> None:
        self.value, self.where = value, where

    def refuse(self, why: str) -> NoReturn:
        raise DataError(f"{self.where} {why}")

    def _must_be(self, what: str) -> NoReturn:
        try:
            shown = reprlib.repr(self.value)
        except ValueError:  # Python does not print an integer of more than 4,300 digits
            shown = "a huge number"
        self.refuse(f"is {shown}, not {what}")

    def __getitem__(self, key: str) -> _Place:
        entries = self.entries()
        return entries[key] if key in entries else self.refuse(f"has no {key!r}")

    def entries(self) -> dict[str, _Place]:
        found = self.value
        if not isinstance(found, dict):
            self._must_be("an object of a model")
        return {
            _Place(key, f"a key of {self.where}").text(): _Place(value, f"{key!r} of {self.where}")
            for key, value in cast("dict[object, object]", found).items()
        }

    def items(self) -> list[_Place]:
        found = self.value
        if not isinstance(found, list):
            self._must_be("a list")
        items = enumerate(cast("list[object]", found))
        return [_Place(value, f"item {i} of {self.where}") for i, value in items]

    def whole(self) -> int:
        if type(self.value) is not int or abs(self.value) >= _TOO_LARGE:  # True is an int, too
            self._must_be("a whole number that can be used")
        return self.value

    def wholes(self) -> tuple[int, ...]:
        return tuple(item.whole() for item in self.items())

    def truth(self) -> bool:
        return self.value if isinstance(self.value, bool) else self._must_be("true or false")

    def number(self) -> Fraction:
        text = self.text(longest=2 * MOST_DIGITS + 2)
        return (
            Fraction(text)
            if _NUMBER.fullmatch(text)
            else self._must_be("an exact number such as '1/2'")
        )

    def text(self, longest: int = LONGEST_TEXT) -> str:
        if not isinstance(self.value, str):
            self._must_be("text")
        if len(self.value) > longest:
            self.refuse(f"has {len(self.value)} characters, more than {longest}")
        return self.value

    def title(self) -> str:
        """Return text of one line that can stand in a program's comment or docstring."""
        text = self.text()
        if not text.isprintable() or '"' in text or "\\" in text:
            self._must_be("a name on one line, without quotation marks and backslashes")
        return text

    def label(self) -> str:
        """Return the name of a value: that of a variable, or of an item in one, such as A[1]."""
        if not self.title().partition("[")[0].isidentifier():
            self._must_be("the name of a value such as Z1 or A[1]")
        return self.title()

    def identifier(self) -> str:
        return text if (text := self.text()).isidentifier() else self._must_be("an identifier")

    def shape(self) -> Shape:
        dims = tuple(self.text().split(" ")) if self.text() else ()
        if not all(dim.isidentifier() or _SIZE.fullmatch(dim) for dim in dims):
            self._must_be("a shape such as 'n_x m'")
        return dims


@dataclass(frozen=True)
class _Signature:
    """What the nodes of a document may read: the inputs by name, their dims; and the operations, if those are known."""

    inputs: Mapping[str, Node]
    dims: frozenset[str]
    known: Collection[str] | None

    def shape(self, place: _Place) -> Shape:
        for dim in place.shape():
            self.check_dim(dim, place)
        return place.shape()

    def check_dim(self, dim: str, place: _Place) -> None:
        if dim not in self.dims and not _SIZE.fullmatch(dim):
            place.refuse(f"names the dim {dim!r}, which no input has")

    def op(self, place: _Place) -> str:
        op = place.identifier()
        if self.known is not None and op not in self.known:
            place.refuse(f"cannot be used: {str(unknown('operation', op, self.known))[:-1]}")
        return op


def _graph(place: _Place, known: Collection[str] | None) -> Graph:
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


def _group(place: _Place) -> dict[str, Shapes]:
    found: dict[str, Shapes] = {}
    for name, item in place.entries().items():
        _Place(name, f"a name in {place.where}").identifier()
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


def _loss(place: _Place, signature: _Signature) -> Name:
    done: list[Node] = []
    for i, item in enumerate(place["nodes"].items()):
        done.append(_node(_Place(item.value, f"node {i}"), done, signature))
    at = place["loss"]
    loss = done[at.whole()] if 0 <= at.whole() < len(done) else at.refuse("is no node")
    if not isinstance(loss, Name) or loss.shape:
        at.refuse(f"is node {at.whole()}, which is not a named scalar")
    return loss


def _node(place: _Place, done: list[Node], signature: _Signature) -> Node:
    kind = place["kind"].text()
    if kind not in _KINDS:
        place.refuse(f"is of the unknown kind {reprlib.repr(kind)}")
    (least, most), read = _KINDS[kind]
    args = [_argument(item, done) for item in place["args"].items()]
    if len(args) < least or (most is not None and len(args) > most):
        place.refuse(f"({kind}) cannot have {len(args)} arguments")
    return read(place, args, signature)


def _argument(place: _Place, done: list[Node]) -> Node:
    i = place.whole()
    return done[i] if 0 <= i < len(done) else place.refuse(f"is {i}: no node before this one")


def _input(place: _Place, _: list[Node], signature: _Signature) -> Node:
    name = place["name"].text()
    return signature.inputs.get(name) or place.refuse(f"reads {name!r}, which is no input")


def _name(place: _Place, args: list[Node], signature: _Signature) -> Node:
    label, role = place["label"].label(), place["role"].text()
    if role not in _ROLES:
        place.refuse(f"has the unknown role {role!r}")
    if label in signature.inputs:
        place.refuse(f"has the name of an input, {label!r}")
    return nodes.named(label, args[0], role, place["of"].label())


def _ein(place: _Place, args: list[Node], signature: _Signature) -> Node:
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


def _add(place: _Place, args: list[Node], _: _Signature) -> Node:
    _check_alike(place, args)
    return nodes.add(args)


def _map(place: _Place, args: list[Node], signature: _Signature) -> Node:
    _check_alike(place, args)
    parameters = place["parameters"].entries()
    numbers = tuple((name, item.number()) for name, item in parameters.items())
    return nodes.elementwise(signature.op(place["op"]), args, numbers)


def _check_alike(place: _Place, args: list[Node]) -> None:
    for arg in args:
        if arg.shape != args[0].shape:
            place.refuse(f"has arguments of the shapes {show(args[0].shape)} and {show(arg.shape)}")


def _along(place: _Place, args: list[Node], signature: _Signature) -> Node:
    axes = place["axes"].wholes()
    if sorted({axis for axis in axes if 0 <= axis < len(args[0].shape)}) != list(axes):
        place["axes"].refuse(
            f"is {reprlib.repr(axes)}: not axes of {show(args[0].shape)}, in order"
        )
    return nodes.along(signature.op(place["op"]), args[0], axes, place["keeps"].truth())


def _pick(place: _Place, args: list[Node], _: _Signature) -> Node:
    axis, index = _axis(place, args[0].shape), place["index"].whole()
    _check_index(place, args[0].shape[axis], index)
    return nodes.pick(args[0], axis, index)


def _put(place: _Place, args: list[Node], signature: _Signature) -> Node:
    dims = signature.shape(place["dim"])
    if len(dims) != 1:
        place["dim"].refuse("is not one dim")
    axis, index = _axis(place, (*args[0].shape, *dims)), place["index"].whole()
    _check_index(place, dims[0], index)
    return nodes.put(args[0], axis, index, dims[0])


def _axis(place: _Place, shape: Shape) -> int:
    axis = place["axis"].whole()
    return axis if 0 <= axis < len(shape) else place.refuse(f"is outside {show(shape)}")


def _check_index(place: _Place, dim: str, index: int) -> None:
    size = int(dim) if _SIZE.fullmatch(dim) else None
    if size is not None and not 0 <= index < size:
        place.refuse(f"has the index {index}, outside an axis of size {dim}")


_Reader = Callable[[_Place, list[Node], _Signature], Node]
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


def _check_names(place: _Place, order: list[Node], inputs: Mapping[str, Node]) -> None:
    """Refuse parameters that the loss does not read, and two values of one name: no traced model has them."""
    missing = set(inputs.values()) - set(order)
    unused = [x.name for x in missing if isinstance(x, Input) and x.role == "parameter"]
    if unused:
        place.refuse(f"never uses its parameter {min(unused)!r}")
    counts = Counter(node.label for node in order if isinstance(node, Name))
    for label, count in counts.items():
        if count > 1:
            place.refuse(f"has {count} values of the name {label!r}")


def _check_sizes(place: _Place, order: list[Node]) -> None:
    """Refuse formulas that explode when they are printed: a few nodes, each reading the one below it twice, suffice."""
    size: dict[Node, int] = {}
    depth: dict[Node, int] = {}
    for node in order:
        pieces = 1 + sum(size[arg] for arg in node.args)
        level = 1 + max((depth[arg] for arg in node.args), default=0)
        if pieces > LARGEST_FORMULA or level > DEEPEST_FORMULA:
            place.refuse("has a formula so large that it could not be printed")
        size[node], depth[node] = (1, 0) if nodes.is_leaf(node) else (pieces, level)
