"""Every record of the table: its fields, its value, its derivative, in reverse and in forward mode, and its mistakes."""

import math
import random

import pytest

from chainrule.derive.bounded import evaluate, nest
from chainrule.derive.forward import directions, tangents
from chainrule.derive.instances import instance, sizes_for
from chainrule.derive.sweep import sweep
from chainrule.graph import nodes
from chainrule.graph.shapes import parse_shape
from chainrule.graph.tensor import Tensor
from chainrule.graph.text import read_model
from chainrule.ops import FUNCTIONS
from chainrule.ops.record import TONGUES, Composite, Elementwise, Reduction
from chainrule.ops.table import records

RECORDS = {record.name: record for record in records()}
ELEMENTWISE = [r for r in records() if isinstance(r, Elementwise)]
REDUCTIONS = [r for r in records() if isinstance(r, Reduction)]


def call(record):
    """How a record is written in model text, over A, B and the condition C."""
    special = {"power": "A**3", "pow": "A**B", "where": "where(C > 0, A, B)"}
    parameters = [str(float(eval(v))) for v in record.parameters.values()]
    return (
        special.get(record.name)
        or f"{record.name}({', '.join(['A', 'B'][: record.arity] + parameters)})"
    )


def elementwise_graph(record):
    domain = {"positive": "positive", "nonzero": "positive"}.get(record.domain[0], "real")
    parameters = {"A": ("n", "m"), "B": ("n", "m")}
    text = f"L = sum(M * {call(record)}) + sum(A) + sum(B)"
    return read_model(
        text, {"M": ("n", "m"), "C": ("n", "m")}, parameters, FUNCTIONS, domains={"A": domain}
    )


def reduction_graph(record, axis):
    keep = "" if record.keeps else ", keepdims=True"
    return read_model(
        f"L = sum(M * square({record.name}(A, axis={axis}{keep}) + 0 * A))",
        {"M": ("n", "m")},
        {"A": ("n", "m")},
        FUNCTIONS,
    )


def composite_graph(record):
    shapes = {name: parse_shape(text, name) for name, text in record.shapes.items()}
    data = {k: v for k, v in shapes.items() if record.domains.get(k) in ("label", "one-hot")}
    parameters = {k: v for k, v in shapes.items() if k not in data}
    return read_model(record.example, data, parameters, FUNCTIONS, domains=record.domains)


def graphs():
    for record in ELEMENTWISE:
        yield record.name, elementwise_graph(record)
    for record in REDUCTIONS:
        for axis in ("0", "1", "(0, 1)", "'m'"):
            yield f"{record.name} {axis}", reduction_graph(record, axis)
    for record in records():
        if isinstance(record, Composite):
            yield record.name, composite_graph(record)


GRAPHS = dict(graphs())


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("seed", range(3))
def test_gradient_equals_finite_differences(name, seed):
    graph = GRAPHS[name]
    sizes = sizes_for(graph.dims, seed)
    arrays = instance(graph, sizes, seed)
    backward = sweep(graph)
    rng = random.Random(seed)
    for parameter in (n for n in graph.inputs if n.role == "parameter"):
        grad = evaluate([backward.gradients[parameter.name].node], arrays, sizes)[0]
        direction = [rng.gauss(0, 1) for _ in grad.values]
        flat = evaluate([parameter], arrays, sizes)[0].values
        h = 1e-5
        ends = []
        for sign in (1, -1):
            moved = nest(
                [x + sign * h * d for x, d in zip(flat, direction, strict=True)], grad.shape
            )
            ends.append(
                evaluate([graph.loss], {**arrays, parameter.name: moved}, sizes)[0].values[0]
            )
        numeric = (ends[0] - ends[1]) / (2 * h)
        derived = math.fsum(g * d for g, d in zip(grad.values, direction, strict=True))
        scale = max(1.0, abs(ends[0]), math.fsum(abs(g) for g in grad.values))
        assert math.isclose(
            numeric, derived, abs_tol=1e-7 * scale
        )  # truncation h^2 and rounding eps/h


@pytest.mark.parametrize("name", GRAPHS)
def test_forward_mode_equals_reverse_mode(name):
    graph = GRAPHS[name]
    sizes = sizes_for(graph.dims, 4)
    parameters = [n for n in graph.inputs if n.role == "parameter"]
    symbols = directions(parameters)
    arrays = instance(graph, sizes, 4)
    rng = random.Random(9)
    for parameter, symbol in zip(parameters, symbols.values(), strict=True):
        shape = [sizes[d] if not d.isdigit() else int(d) for d in parameter.shape]
        arrays[symbol.name] = nest([rng.gauss(0, 1) for _ in range(math.prod(shape))], shape)
    tangent = tangents([graph.loss], symbols)[0]
    backward = sweep(graph)
    pairing = nodes.add([
        (Tensor(backward.gradients[p.name].node) * Tensor(s)).node if not p.shape else _total(backward.gradients[p.name].node, s)
        for p, s in zip(parameters, symbols.values(), strict=True)
    ])  # fmt: skip
    forward, reverse = evaluate([tangent, pairing], arrays, sizes)
    assert abs(forward.values[0] - reverse.values[0]) <= forward.bounds[0] + reverse.bounds[0]


def _total(a, b):
    from chainrule.ops.multilinear import dot

    return dot(Tensor(a), Tensor(b)).node


@pytest.mark.parametrize("record", records(), ids=lambda r: r.name)
def test_every_field_is_filled(record):
    for field in ("name", "signature", "formula", "rule", "sentence", "kink", "source"):
        assert str(getattr(record, field)).strip(), field
    if isinstance(record, Elementwise):
        assert set(record.code) == set(TONGUES)
        assert len(record.domain) == record.arity
    if isinstance(record, Elementwise | Reduction):
        assert set(record.code) == set(TONGUES)
        assert record.notation.form
        flat = isinstance(record, Elementwise) and record.reuses == "nothing"
        assert flat or record.name in ("maximum", "minimum", "where") or record.mistakes
        for tongue in ("text", "latex", "typst"):
            assert record.notation.form not in ("function", "indicator") or record.notation.sign(
                tongue
            )


@pytest.mark.parametrize(
    "record", [r for r in records() if isinstance(r, Composite)], ids=lambda r: r.name
)
def test_composite_means_what_its_record_says(record):
    graph = composite_graph(record)
    sizes = sizes_for(graph.dims, 2)
    arrays = instance(graph, sizes, 2)
    loss = evaluate([graph.loss], arrays, sizes)[0]
    expected = record.value(*[arrays[name] for name in record.shapes])
    assert abs(loss.values[0] - expected) <= 4 * loss.bounds[0] + 1e-15


@pytest.mark.parametrize("record", [r for r in ELEMENTWISE if r.mistakes], ids=lambda r: r.name)
def test_mistakes_differ_from_the_derivative(record):
    shape = ("n", "m")
    args = [
        Tensor(nodes.input_node(name, shape, "parameter"))
        for name in ("A", "B", "C")[: record.arity]
    ]
    fixed = {k: __import__("fractions").Fraction(v) for k, v in record.parameters.items()}
    y = Tensor(nodes.elementwise(record.name, [a.node for a in args], tuple(fixed.items())))
    right = record.derivatives[0](*args, y, **fixed)
    rng = random.Random(3)
    positive = record.domain[0] in ("positive", "nonzero")
    arrays = {
        k: nest([rng.uniform(0.5, 2) if positive else rng.gauss(0, 2) for _ in range(12)], (3, 4))
        for k in "ABC"
    }
    for mistake in record.mistakes:
        wrong = mistake.build(*args, y, **fixed)
        a, b = (
            evaluate([Tensor(t.node).node], arrays, {"n": 3, "m": 4})[0] for t in (right, wrong)
        )
        assert any(abs(p - q) > 1e-6 for p, q in zip(a.values, b.values, strict=True)), mistake.key
