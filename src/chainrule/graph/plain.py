"""A graph as plain data for a file, and back to the very same nodes. Executes nothing, and knows no operation's meaning.

What is read ends up in programs that are run, so nothing in a document is trusted: names must be names, shapes must fit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from chainrule.errors import DataError
from chainrule.graph import nodes
from chainrule.graph.document import MOST_DIGITS, Place
from chainrule.graph.nodes import Along, Ein, Input, Map, Name, Node, Pick, Put
from chainrule.graph.reading import read_graph
from chainrule.graph.trace import Graph, Shapes

VERSION = 1


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
        if read_graph(Place(document, "the document"), None) != graph:
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
    place = Place(document, "the document")
    try:
        version = place["version"].whole()
        if version <= VERSION:
            return read_graph(place, known)
    except DataError as error:
        raise DataError(
            f"the saved model cannot be read: {error}. It was damaged, or is not chainrule's: save the model again."
        ) from None
    raise DataError(
        f"the saved model has version {version}, and this chainrule reads version {VERSION}. "
        "It was saved by a newer one: pip install --upgrade chainrule"
    )


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
