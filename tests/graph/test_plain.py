"""Graphs as plain data: the identical graph comes back, and no document is trusted."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import chainrule as cr
from chainrule.derive.conventions import CONVENTIONS, with_convention, with_examples
from chainrule.errors import DataError
from chainrule.graph import nodes
from chainrule.graph.coefficient import Coefficient, coefficient
from chainrule.graph.document import MOST_DIGITS
from chainrule.graph.nodes import Name
from chainrule.graph.plain import from_plain, to_plain
from chainrule.graph.reading import DEEPEST_FORMULA
from chainrule.graph.trace import Graph
from chainrule.model import Model, from_graph
from chainrule.ops.table import ALONG, TABLE

Document = dict[str, Any]
KNOWN = [*TABLE, *ALONG]
MODELS = cr.models.names()
DAMAGED = ". It was damaged, or is not chainrule's: save the model again."


def lists() -> Model:
    return cr.parse(
        "H = tanh(W[0] @ X + b[0]); L = mean((W[1] @ H + b[1] - Y)**2) + 0.1 * c * W[2]",
        {"X": "n_x m", "Y": "1 m"},
        {"W": ["n_h n_x", "1 n_h", ""], "b": ["n_h 1", ""], "c": ""},
        "lists",
    )


def every_kind() -> Graph:
    """A graph of all eight kinds; no traced model has a Put, which is what the gradient of a Pick is made of."""
    x, w = nodes.input_node("x", ("3", "m"), "data"), nodes.input_node("w", (), "parameter")
    third = Coefficient(Fraction(-1, 3), (("m", Fraction(-1, 2)), ("n", Fraction(2))))
    row = nodes.put(nodes.pick(x, 0, 1), 0, 2, "3")
    power = nodes.elementwise("power", [nodes.add([row, x])], (("exponent", Fraction(22, 7)),))
    top = nodes.along("max", nodes.along("softmax", power, (0, 1), True), (0,), False)
    loss = nodes.ein(third, [(top, (5, 3)), (nodes.pick(x, 1, -1), (4,)), (w, ())], (), ())
    named = nodes.named("L", loss)
    assert isinstance(named, Name)
    return Graph("kinds", {"x": ("3", "m"), "z": ("n",)}, {"w": ()}, named, 'says "hi"\t€', {"x": "positive"})  # fmt: skip


GRAPHS: dict[str, Callable[[], Graph]] = {
    **{name: lambda model=model: model.graph for name, model in MODELS.items()},
    **{
        f"{name} {convention}": lambda m=model, c=convention: with_convention(m.graph, c)
        for name, model in MODELS.items()
        for convention in CONVENTIONS
    },
    **{f"{name} in rows": lambda m=model: with_examples(m.graph, "rows") for name, model in MODELS.items()},
    "lists": lambda: lists().graph,
    "every kind": every_kind,
}  # fmt: skip


def by_way_of_a_file(document: Document) -> Document:
    return json.loads(json.dumps(document, allow_nan=False))


def why(document: object, known: Any = None) -> str:
    with pytest.raises(DataError) as caught:
        from_plain(document, known)
    return str(caught.value)


# -- there and back


@pytest.mark.parametrize("name", GRAPHS)
def test_the_identical_graph_comes_back(name: str):
    graph = GRAPHS[name]()
    document = to_plain(graph)
    assert by_way_of_a_file(document) == document
    again = from_plain(by_way_of_a_file(document), KNOWN)
    assert again.loss is graph.loss
    assert again == graph
    for before, after in ((graph.data, again.data), (graph.parameters, again.parameters)):
        assert list(before.items()) == list(after.items())  # the signature's order, too
        assert list(map(type, before.values())) == list(map(type, after.values()))
    assert to_plain(again) == document


def test_a_document_reads_well():
    model = cr.parse("L = mean((w * x - 0.1)**2)", {"x": "m"}, {"w": ""}, "small")
    assert to_plain(model.graph) == {
        "version": 1, "name": "small", "about": "", "domains": {}, "data": {"x": "m"}, "parameters": {"w": ""},
        "nodes": [
            {"kind": "input", "name": "w", "args": []},
            {"kind": "input", "name": "x", "args": []},
            {"kind": "ein", "coefficient": "1", "dims": {}, "letters": [[], [0]], "out": [0], "shape": "m", "args": [0, 1]},
            {"kind": "ein", "coefficient": "1/10", "dims": {}, "letters": [], "out": [], "shape": "", "args": []},
            {"kind": "ein", "coefficient": "1", "dims": {}, "letters": [[]], "out": [0], "shape": "m", "args": [3]},
            {"kind": "ein", "coefficient": "-1", "dims": {}, "letters": [[0]], "out": [0], "shape": "m", "args": [4]},
            {"kind": "add", "args": [2, 5]},
            {"kind": "name", "label": "v1", "of": "v1", "role": "value", "args": [6]},
            {"kind": "map", "op": "square", "parameters": {}, "args": [7]},
            {"kind": "ein", "coefficient": "1", "dims": {"m": "-1"}, "letters": [[0]], "out": [], "shape": "", "args": [8]},
            {"kind": "name", "label": "L", "of": "L", "role": "value", "args": [9]},
        ],
        "loss": 10,
    }  # fmt: skip


def test_all_kinds_of_nodes_are_tried():
    graph = every_kind()
    assert {type(node) for node in nodes.topological([graph.loss])} == set(
        nodes.Node.__subclasses__()
    )
    assert {node["kind"] for node in to_plain(graph)["nodes"]} == {
        "input", "name", "ein", "add", "map", "along", "pick", "put",
    }  # fmt: skip


PROGRAMS = """
import json, sys
from chainrule.graph.plain import from_plain
from chainrule.model import from_graph
for document in json.load(sys.stdin):
    derivation = from_graph(from_plain(document)).derivation
    print(json.dumps({to: derivation.to(to) for to in ("numpy", "jax", "torch", "js", "text")}))
"""


def test_another_process_emits_the_identical_programs():
    """In this one they would be identical by `is`: the nodes of the first graph are still there to be found."""
    models = [*MODELS.values(), lists()]
    documents = json.dumps([to_plain(model.graph) for model in models])
    done = subprocess.run([sys.executable, "-c", PROGRAMS], input=documents, capture_output=True, text=True, check=True)  # fmt: skip
    for model, line in zip(models, done.stdout.splitlines(), strict=True):
        derivation = model.derivation
        assert json.loads(line) == {to: derivation.to(to) for to in ("numpy", "jax", "torch", "js", "text")}  # fmt: skip


def test_the_reread_model_computes_the_same():
    model = lists()
    again = from_graph(from_plain(by_way_of_a_file(to_plain(model.graph))))
    params = again.init(n_x=3, n_h=4, m=5)
    data = {"X": [[0.1 * i * j - 0.3 for i in range(5)] for j in range(3)], "Y": [[1.0] * 5]}
    assert again.loss(data, params) == model.loss(data, params)
    assert again.parameters["b"] == [("n_h", "1"), ()]


def test_a_graph_of_thousands_of_nodes():
    graph = cr.models.deep_mlp(3000).graph
    document = to_plain(graph)
    assert len(document["nodes"]) > 20_000
    assert from_plain(document, KNOWN).loss is graph.loss


# -- what is refused


def small() -> Document:
    model = cr.parse(
        "Z = softmax(w * x[1], axis=0); L = 2 / 3 * sum(Z**3)", {"x": "2 m"}, {"w": ""}, "small"
    )
    return to_plain(model.graph)


def node_of(kind: str) -> int:
    return next(i for i, node in enumerate(small()["nodes"]) if node["kind"] == kind)


INPUT, PICK, EIN, ALONG_, NAME, MAP = map(node_of, ("input", "pick", "ein", "along", "name", "map"))
LOSS = small()["loss"]


def changed(path: list[Any], value: Any) -> Document:
    document: Any = small()
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return document


def test_the_unchanged_document_is_read():
    assert from_plain(small(), KNOWN).name == "small"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (["version"], 0.5, "'version' of the document is 0.5, not a whole number that can be used"),
        (["version"], True, "'version' of the document is True, not a whole number that can be used"),
        (["loss"], 99, "'loss' of the document is no node"),
        (["loss"], -1, "'loss' of the document is no node"),
        (["loss"], 0, "'loss' of the document is node 0, which is not a named scalar"),
        (["loss"], NAME, f"'loss' of the document is node {NAME}, which is not a named scalar"),
        (["name"], 3, "'name' of the document is 3, not text"),
        (["about"], None, "'about' of the document is None, not text"),
        (["about"], "x" * 20000, "'about' of the document has 20000 characters, more than 10000"),
        (["domains"], {"y": "real"}, "'domains' of the document names 'y', which is no input"),
        (["data"], ["x"], "'data' of the document is ['x'], not an object of a model"),
        (["data", "x"], "2 m-1", "'x' of 'data' of the document is '2 m-1', not a shape such as 'n_x m'"),
        (["data", "x"], "0 m", "'x' of 'data' of the document is '0 m', not a shape such as 'n_x m'"),
        (["data", "x"], "9" * 19, f"'x' of 'data' of the document is {'9' * 19!r}, not a shape such as 'n_x m'"),
        (["data", "x"], [], "'x' of 'data' of the document is an empty list"),
        (["data", "x y"], "m", "a name in 'data' of the document is 'x y', not an identifier"),
        (["data", 3], "m", "a key of 'data' of the document is 3, not text"),
        (["data", "w"], "", "the document must have inputs, none of them both data and a parameter"),
        (["parameters"], {}, f"node {INPUT} reads 'w', which is no input"),
        (["parameters", "u"], "m", "the document never uses its parameter 'u'"),
        (["nodes"], {}, "'nodes' of the document is {}, not a list"),
        (["nodes", 1], 5, "node 1 is 5, not an object of a model"),
        (["nodes", 1, "kind"], "bomb", "node 1 is of the unknown kind 'bomb'"),
        (["nodes", EIN, "args"], [EIN], f"item 0 of 'args' of node {EIN} is {EIN}: no node before this one"),
        (["nodes", EIN, "args"], [LOSS], f"item 0 of 'args' of node {EIN} is {LOSS}: no node before this one"),
        (["nodes", EIN, "args"], [-1], f"item 0 of 'args' of node {EIN} is -1: no node before this one"),
        (["nodes", EIN, "args"], ["0"], f"item 0 of 'args' of node {EIN} is '0', not a whole number that can be used"),
        (["nodes", EIN, "args"], [0], f"node {EIN} has letters for 2 arguments, and 1 arguments"),
        (["nodes", EIN, "letters"], [[], [0, 1]], f"node {EIN} has the letters (0, 1), which do not fit (m,)"),
        (["nodes", EIN, "out"], [0, 0], f"node {EIN} has the letters (0, 0), which do not fit (m,)"),
        (["nodes", EIN, "shape"], "2", f"node {EIN} has the letters (0,), which do not fit (m,)"),
        (["nodes", EIN, "shape"], "n", f"'shape' of node {EIN} names the dim 'n', which no input has"),
        (["nodes", EIN, "dims"], {"n": "1"}, f"'dims' of node {EIN} names the dim 'n', which no input has"),
        (["nodes", EIN, "coefficient"], 1.0, f"'coefficient' of node {EIN} is 1.0, not text"),
        (["nodes", EIN, "coefficient"], "1/0", f"'coefficient' of node {EIN} is '1/0', not an exact number such as '1/2'"),
        (["nodes", EIN, "coefficient"], "1e999999999", f"'coefficient' of node {EIN} is '1e999999999', not an exact number such as '1/2'"),
        (["nodes", EIN, "coefficient"], "٣", f"'coefficient' of node {EIN} is '٣', not an exact number such as '1/2'"),
        (["nodes", EIN, "coefficient"], "9" * 9000, f"'coefficient' of node {EIN} has 9000 characters, more than 6002"),
        (["nodes", MAP, "args"], [], f"node {MAP} (map) cannot have 0 arguments"),
        (["nodes", MAP, "args"], [0, 1], f"node {MAP} has arguments of the shapes () and (2, m)"),
        (["nodes", MAP, "op"], "sigmoid(", f"'op' of node {MAP} is 'sigmoid(', not an identifier"),
        (["nodes", MAP, "parameters"], {"exponent": "nan"}, f"'exponent' of 'parameters' of node {MAP} is 'nan', not an exact number such as '1/2'"),
        (["nodes", ALONG_, "axes"], [1], f"'axes' of node {ALONG_} is (1,): not axes of (m,), in order"),
        (["nodes", ALONG_, "axes"], [0, 0], f"'axes' of node {ALONG_} is (0, 0): not axes of (m,), in order"),
        (["nodes", ALONG_, "keeps"], 1, f"'keeps' of node {ALONG_} is 1, not true or false"),
        (["nodes", PICK, "axis"], 2, f"node {PICK} is outside (2, m)"),
        (["nodes", PICK, "index"], 2, f"node {PICK} has the index 2, outside an axis of size 2"),
        (["nodes", PICK, "index"], -1, f"node {PICK} has the index -1, outside an axis of size 2"),
        (["nodes", NAME, "role"], "boss", f"node {NAME} has the unknown role 'boss'"),
        (["nodes", NAME, "label"], "w", f"node {NAME} has the name of an input, 'w'"),
        (["nodes", NAME, "label"], "L", "the document has 2 values of the name 'L'"),
        (["nodes", NAME, "label"], "2nd", f"'label' of node {NAME} is '2nd', not the name of a value such as Z1 or A[1]"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_refused(path: list[Any], value: Any, reason: str):
    assert why(changed(path, value)) == f"the saved model cannot be read: {reason}{DAMAGED}"


@pytest.mark.parametrize("path", [["loss"], ["name"], ["version"], ["nodes", EIN, "args", 0], ["data"]])  # fmt: skip
def test_a_number_too_long_for_python_to_print_is_refused(path: list[Any]):
    assert " is a huge number, not " in why(changed(path, 10**5000))


@pytest.mark.parametrize("value", [None, 3, "perceptron", [], [{}], {1: 2}, {"model": {}}])
def test_a_foreign_document_is_refused(value: object):
    assert why(value).startswith("the saved model cannot be read: ")
    assert why(value).endswith(DAMAGED)


def test_a_document_of_a_newer_version_says_so():
    assert why({"version": 2, "anything": "else"}) == (
        "the saved model has version 2, and this chainrule reads version 1. "
        "It was saved by a newer one: pip install --upgrade chainrule"
    )


def test_whatever_is_cut_off_is_missed():
    for key in small():
        document = small()
        del document[key]
        assert why(document) == f"the saved model cannot be read: the document has no {key!r}{DAMAGED}"  # fmt: skip
    for length in range(len(small()["nodes"])):
        assert why(changed(["nodes"], small()["nodes"][:length])).endswith(DAMAGED)


def test_an_unknown_operation_is_refused_where_the_known_are_given():
    document = changed(["nodes", ALONG_, "op"], "softmaxx")
    assert from_plain(document).name == "small"  # the graph knows no operation's meaning
    assert why(document, ["exp", "softmax"]) == (
        f"the saved model cannot be read: 'op' of node {ALONG_} cannot be used: unknown operation: 'softmaxx'. "
        f"Did you mean 'softmax'? Known: exp, softmax{DAMAGED}"
    )


INJECTED = ['"""\nimport os', 'm"', "a\\", "a\nb", "a\rb", "a\u2028b", "\x1b[2J", "a\udc80"]


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize("path", [["name"], ["nodes", NAME, "label"], ["nodes", NAME, "of"]])
def test_no_text_breaks_out_of_a_programs_comment(path: list[Any], text: str):
    name = text if path == ["name"] else f"Z[{text}]"
    assert "without quotation marks and backslashes" in why(changed(path, name))


@pytest.mark.parametrize("group", ["data", "parameters"])
@pytest.mark.parametrize("text", [*INJECTED, "x, y", "x=print()", "W[0]", ""])
def test_every_input_is_an_identifier(group: str, text: str):
    assert "not an identifier" in why(changed([group, text], "m"))
    assert "not a shape" in why(changed([group, "extra"], f"m {text or '-'}"))


def tower(height: int, width: int) -> Document:
    """A document in which every unnamed node reads the one below it `width` times."""
    document = small()
    first = document["nodes"].index({"kind": "input", "name": "w", "args": []})
    nodes_: list[Any] = [document["nodes"][first]]
    nodes_ += [{"kind": "add", "args": [i] * width} for i in range(height)]
    nodes_ += [{"kind": "name", "label": "L", "of": "L", "role": "value", "args": [height]}]
    return {**document, "nodes": nodes_, "loss": height + 1}


def test_formulas_that_explode_in_print_are_refused():
    assert from_plain(tower(10, 2)).loss.label == "L"
    flat: Document = {"kind": "map", "op": "tanh", "parameters": {}}
    deep = tower(DEEPEST_FORMULA, 2)
    deep["nodes"][1:-1] = [{**flat, "args": [i]} for i in range(DEEPEST_FORMULA)]
    for bomb in (tower(40, 2), tower(2, 400), deep):
        assert "the document has a formula so large that it could not be printed" in why(bomb)
    deep["nodes"][1:-1] = [{**flat, "args": [i]} for i in range(DEEPEST_FORMULA - 1)]
    deep["nodes"][-1]["args"], deep["loss"] = [DEEPEST_FORMULA - 1], DEEPEST_FORMULA
    assert (
        from_graph(from_plain(deep)).loss({"x": [[1.0], [2.0]]}, {"w": 1.0}) < 1
    )  # Python compiles it


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner: dict[Any, Any] = {}
    if isinstance(value, dict | list):
        inner = value if isinstance(value, dict) else dict(enumerate(value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    for key, one in inner.items():
        yield from spots(one, (*path, key))


JUNK: list[Any] = [None, True, 0, 1, -1, 7, 10**30, 1.5, float("nan"), "", "x", "m", "1", "W[0]", '"""', [], [0], [[0]], {}, {"a": 1}]  # fmt: skip


def sound(document: object) -> Graph | None:
    """The graph, or None where the document is refused; every other error is this test's failure."""
    try:
        return from_plain(document, KNOWN)
    except DataError:
        return None


def test_whatever_is_changed_the_graph_is_sound_or_refused():
    rng = random.Random(0)
    documents = [to_plain(make()) for make in (every_kind, *[lambda m=m: m.graph for m in MODELS.values()])]  # fmt: skip
    read = 0
    for _ in range(2000):
        document: Any = copy.deepcopy(rng.choice(documents))
        path = rng.choice(list(spots(document)))
        at = document
        for key in path[:-1]:
            at = at[key]
        if rng.random() < 0.2:
            del at[path[-1]]
        elif type(at[path[-1]]) is int and rng.random() < 0.5:
            at[path[-1]] += rng.choice([-1, 1])
        else:
            at[path[-1]] = rng.choice(JUNK)
        graph = sound(document)
        if graph is not None:
            assert from_plain(to_plain(graph)) == graph
            read += 1
    assert 20 < read < 1000  # some changes are harmless, most are not


# -- what cannot be saved


def test_a_graph_that_could_not_be_read_is_not_written():
    graph = lists().graph
    named = replace(graph, name='a "quoted" name')
    with pytest.raises(DataError) as caught:
        to_plain(named)
    assert str(caught.value) == (
        "the model a \"quoted\" name cannot be saved: 'name' of the document is 'a \"quoted\" name', "
        "not a name on one line, without quotation marks and backslashes."
    )
    with pytest.raises(DataError, match="reads 'b\\[0\\]', which is no input"):
        to_plain(replace(graph, parameters={"W": graph.parameters["W"], "c": ()}))
    loss = nodes.named("L", nodes.scaled(coefficient(2), nodes.input_node("w", (), "symbol")))
    assert isinstance(loss, Name)
    with pytest.raises(DataError, match="its formulas read an input that it does not list"):
        to_plain(Graph("strange", {}, {"w": ()}, loss))


@pytest.mark.parametrize("number", [Fraction(10**MOST_DIGITS), Fraction(1, 10**MOST_DIGITS), Fraction(-(10**5000))])  # fmt: skip
def test_a_constant_of_too_many_digits(number: Fraction):
    w = nodes.input_node("w", (), "parameter")
    loss = nodes.named("L", nodes.scaled(Coefficient(number), w))
    assert isinstance(loss, Name)
    with pytest.raises(DataError) as caught:
        to_plain(Graph("large", {}, {"w": ()}, loss))
    assert str(caught.value) == (
        "the model large cannot be saved: a constant of it has more than 3000 digits."
    )
    fits = nodes.named("L", nodes.scaled(Coefficient(Fraction(10**MOST_DIGITS - 1, 7)), w))
    assert isinstance(fits, Name)
    graph = Graph("large", {}, {"w": ()}, fits)
    assert from_plain(by_way_of_a_file(to_plain(graph))).loss is graph.loss
