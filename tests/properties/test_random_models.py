"""Random models over the table: derived gradients against finite differences, JAX and the emitted NumPy program."""

import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.derive.bounded import Bounded, evaluate
from chainrule.derive.instances import instance
from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Pick, Put

jax.config.update("jax_enable_x64", True)

SIZES = {"n": 3, "m": 4, "k": 2}  # distinct, so that a wrong transpose cannot fit
SHAPES = {"matrix": "n m", "column": "n 1", "row": "1 m", "scalar": ""}
DATA = {"X": "n m", "u": "n 1", "v": "1 m"}
PARAMETERS = {"A": "n m", "W": "n n", "K": "k n", "b": "n 1", "c": "1 m", "s": ""}
INPUTS = {name: tuple(shape.split()) for name, shape in {**DATA, **PARAMETERS}.items()}

# {0} is any real value; every formula is smooth there, and its values stay moderate
SMOOTH = (
    "tanh({0})", "sigmoid({0})", "softplus({0})", "sin({0})", "cos({0})", "exp(-square({0}))", "exp(sin({0}))",
    "log(1 + square({0}))", "sqrt(1 + {0} ** 2)", "1 / (2 + cos({0}))", "square({0})", "(1 + square({0})) ** -1.5",
    "tanh({0}) ** 3", "pow(1.5 + sin({0}), cos({0}))", "-{0} / 3", "0.5 * {0} + 1", "2 - {0}", "{0} - {0} / (1 + {0} ** 2)",
)  # fmt: skip
KINKED = (
    "relu({0})", "abs({0})", "leaky_relu({0}, 0.2)", "clip({0}, -0.7, 0.6)", "huber({0}, 0.5)", "maximum({0}, 0.3 * {0} + 0.1)",
    "minimum({0}, 0.25)", "where({0} > 0.1, {0}, tanh({0}))", "sign({0}) * {0}", "step({0}) + {0}",
)  # fmt: skip
# of two values of one shape, or that broadcast
BINARY = (
    "{0} + {1}",
    "{0} - {1}",
    "{0} * {1}",
    "{0} * tanh({1})",
    "{0} / (1 + square({1}))",
    "tanh({0}) * {0} + {1}",
)
BINARY_KINKED = ("maximum({0}, {1})", "minimum({0}, {1})", "where({0} > {1}, {0}, {1} / 2)")
# of a matrix (n, m): what comes out, and its shape
OF_MATRIX = (
    ("sum({0}, axis='m', keepdims=True)", "column"), ("mean({0}, axis=1, keepdims=True)", "column"),
    ("mean({0}, axis='n', keepdims=True)", "row"), ("sum({0}, axis=0, keepdims=True) / 2", "row"),
    ("softmax({0}, axis=0)", "matrix"), ("softmax({0}, axis='m')", "matrix"), ("softmax({0}, axis=(0, 1))", "matrix"),
    ("log_softmax({0}, axis=1)", "matrix"), ("log_softmax({0}, axis='n')", "matrix"),
    ("logsumexp({0}, axis=0, keepdims=True)", "row"), ("logsumexp({0}, axis='m', keepdims=True)", "column"),
    ("logsumexp({0})", "scalar"), ("mean({0})", "scalar"), ("l2({0}) / 12", "scalar"), ("l2_norm({0})", "scalar"),
    ("W @ {0}", "matrix"), ("W.T @ {0}", "matrix"), ("K.T @ (K @ {0})", "matrix"), ("({0}.T @ W).T", "matrix"), ("{0} @ ({0}.T @ X) / 4", "matrix"),
    ("X @ (X.T @ {0})", "matrix"), ("{0} @ c.T", "column"), ("b.T @ {0}", "row"), ("u.T @ {0}", "row"),
    ("{0} - mean({0}, axis=0, keepdims=True)", "matrix"), ("einsum('ij,kj->ki', {0}, W.T @ A).T @ X", "matrix"),
    ("dot({0}, X)", "scalar"), ("einsum('ij,ij->', {0}, A)", "scalar"),
)  # fmt: skip
OF_MATRIX_KINKED = (("max({0}, axis=0, keepdims=True)", "row"), ("max({0}, axis='m', keepdims=True)", "column"), ("max({0})", "scalar"))  # fmt: skip
OF_COLUMN = (("{0} @ v", "matrix"), ("W @ {0}", "column"), ("{0} @ c", "matrix"), ("mean({0})", "scalar"),
             ("softmax({0}, axis=0)", "column"), ("({0}.T @ X)", "row"), ("K.T @ tanh(K @ {0})", "column"))  # fmt: skip
OF_ROW = (("u @ {0}", "matrix"), ("sum({0})", "scalar"), ("X @ {0}.T", "column"), ("log_softmax({0}, axis=1)", "row"),
          ("b @ {0}", "matrix"))  # fmt: skip


def start():
    """Values by kind, before anything is computed."""
    return {"matrix": ["X", "A"], "column": ["u", "b"], "row": ["v", "c"], "scalar": ["s"]}


@st.composite
def texts(draw, kinks):
    """Model text: 2 to 6 named values, each from those before it, then a loss that reads the last and others."""
    values = start()
    lines = []
    for i in range(draw(st.integers(2, 6))):
        formula, kind = draw(formulas(values, kinks))
        lines.append(f"V{i} = {formula}")
        values[kind] = [*values[kind], f"V{i}"]
    made = [x for found in values.values() for x in found if x.startswith("V")]
    terms = [f"mean({x} * tanh({x}))" for x in made if not is_read(x, lines)]
    penalty = draw(st.sampled_from(["0.1", "1 / 7", "2"]))
    terms += [
        f"{penalty} * mean(square({p}))" for p in PARAMETERS
    ]  # so that every parameter is used
    return "; ".join([*lines, f"L = {' + '.join(terms)}"])


def is_read(name, lines):
    return any(re.search(rf"\b{name}\b", line.partition("=")[2]) for line in lines)


@st.composite
def formulas(draw, values, kinks):
    kind = draw(st.sampled_from(["matrix", "matrix", "column", "row", "scalar"]))
    x = draw(st.sampled_from(values[kind][:-4:-1]))  # one of the three newest: deep models
    form = draw(st.sampled_from(["structural", "binary", "unary", "structural"]))
    if form == "structural" and kind != "scalar":
        table = {"matrix": OF_MATRIX + (OF_MATRIX_KINKED if kinks else ()), "column": OF_COLUMN, "row": OF_ROW}[kind]  # fmt: skip
        template, result = draw(st.sampled_from(table))
        return template.format(x), result
    if form == "binary":
        other = (
            kind
            if kind != "matrix"
            else draw(st.sampled_from(["matrix", "column", "row", "scalar"]))
        )
        y = draw(st.sampled_from(values[other][::-1]))
        template = draw(st.sampled_from(BINARY + (BINARY_KINKED if kinks and x != y else ())))
        return template.format(x, y), kind
    return draw(st.sampled_from(KINKED + SMOOTH[:4] if kinks else SMOOTH)).format(x), kind


def model_of(text):
    return cr.parse(text, DATA, PARAMETERS)


# -- an evaluator of its own: one function of JAX per node
MAPS = {
    "exp": jnp.exp, "log": jnp.log, "sqrt": jnp.sqrt, "square": lambda x: x * x, "tanh": jnp.tanh, "sin": jnp.sin, "cos": jnp.cos,
    "power": lambda x, exponent: x**exponent, "pow": lambda x, b: jnp.exp(b * jnp.log(x)), "reciprocal": lambda x: 1 / x,
    "sigmoid": lambda x: (1 + jnp.tanh(x / 2)) / 2, "softplus": lambda x: jnp.logaddexp(x, 0.0), "abs": jnp.abs, "sign": jnp.sign,
    "relu": lambda x: jnp.where(x > 0, x, 0.0), "leaky_relu": lambda x, slope: jnp.where(x > 0, x, slope * x),
    "step": lambda x: jnp.where(x > 0, 1.0, 0.0), "clip": lambda x, low, high: jnp.where(x < low, low, jnp.where(x > high, high, x)),
    "huber": lambda x, delta: jnp.where(jnp.abs(x) <= delta, x * x / 2, delta * jnp.abs(x) - delta**2 / 2),
    "maximum": lambda a, b: jnp.where(a > b, a, b), "minimum": lambda a, b: jnp.where(a < b, a, b),
    "greater": lambda a, b: jnp.where(a > b, 1.0, 0.0), "where": lambda c, a, b: jnp.where(c != 0, a, b),
}  # fmt: skip


def along(op, x, axes):
    total = jnp.log(
        jnp.sum(jnp.exp(x), axis=axes, keepdims=True)
    )  # values are moderate: no overflow
    if op == "max":
        return jnp.max(x, axis=axes, keepdims=True)
    return {"softmax": jnp.exp(x - total), "log_softmax": x - total, "logsumexp": total}[op]


def value_of(node, args, arrays):
    shape = tuple(int(d) if d.isdigit() else SIZES[d] for d in node.shape)
    match node:
        case Input():
            return arrays[node.name]
        case Name():
            return args[0]
        case Ein():
            operands = [x for pair in zip(args, map(list, node.letters), strict=True) for x in pair]
            held = {x for word in node.letters for x in word}
            body = (
                jnp.einsum(*operands, [x for x in node.out if x in held]) if args else jnp.ones(())
            )
            spread = [n if x in held else 1 for x, n in zip(node.out, shape, strict=True)]
            scale = float(node.coefficient.number)
            for dim, power in node.coefficient.dims:
                scale *= SIZES[dim] ** float(power)
            return jnp.broadcast_to(scale * body.reshape(spread), shape)
        case Add():
            return sum(args)
        case Map():
            return MAPS[node.op](*args, **{k: float(v) for k, v in node.parameters})
        case Along():
            return along(node.op, args[0], node.axes)
        case Pick() | Put():
            raise AssertionError("no formula here has one")


def loss_of(graph, parameters, data):
    arrays = {**data, **parameters}
    done = {}
    for node in nodes.topological([graph.loss]):
        done[node] = value_of(node, [done[a] for a in node.args], arrays)
    return done[graph.loss]


def kink_distance(graph, nested):
    """The least distance of any value from the kink of an operation that reads it."""
    smallest = math.inf
    order = nodes.topological([graph.loss])
    results = dict(zip(order, evaluate(order, nested, SIZES), strict=True))
    for node in order:
        args = [results[a].values for a in node.args]
        if isinstance(node, Along) and node.op == "max":
            x, axes = np.array(args[0]).reshape(results[node.args[0]].shape), node.axes
            along_axes = math.prod(x.shape[a] for a in axes)
            flat = np.moveaxis(x, axes, range(len(axes))).reshape(along_axes, -1)
            top = np.sort(flat, axis=0)
            smallest = min(smallest, float(np.min(top[-1] - top[-2])))
        if not isinstance(node, Map):
            continue
        at = {
            "relu": [0.0], "abs": [0.0], "leaky_relu": [0.0], "step": [0.0], "sign": [0.0],
            "clip": [float(v) for _, v in node.parameters], "huber": [s * float(v) for _, v in node.parameters for s in (1, -1)],
        }.get(node.op, [])  # fmt: skip
        for kink in at:
            smallest = min(smallest, *(abs(v - kink) for v in args[0]))
        if node.op in ("maximum", "minimum", "greater"):
            smallest = min(smallest, *(abs(a - b) for a, b in zip(*args, strict=True)))
    return smallest


H = 1e-4


def check(text, seed):
    model = model_of(text)
    graph = model.graph
    nested = instance(graph, SIZES, seed)
    kinked = kink_distance(graph, nested)
    # a step of H moves every value by H times its slope, which here is below 100
    assume(kinked > 100 * H)
    gradients = model.derivation.backward.gradients
    wanted = [graph.loss, *(gradients[p].node for p in PARAMETERS)]
    loss, *found = evaluate(wanted, nested, SIZES)
    derived = dict(zip(PARAMETERS, found, strict=True))
    flat = {name: np.array(value, dtype=float) for name, value in nested.items()}
    data = {name: flat[name] for name in DATA}
    params = {name: flat[name] for name in PARAMETERS}
    # values up to 1e3 keep the differences' own error small; larger ones say nothing more
    assume(max(abs(loss.values[0]), *(abs(v) for g in found for v in g.values)) < 1e3)

    against_program(model, data, params, loss, derived)
    against_jax(graph, data, params, loss, derived)
    against_differences(model, data, params, derived, seed)


def against_program(model, data, params, loss, derived):
    got_loss, got = model.value_and_grad(data, params)
    # program and reference are each within one bound of the truth; NumPy's functions may be a few ulps worse than
    # the table says: 4. The loss may be computed in another form (log of softmax as log_softmax): 64.
    assert abs(got_loss - loss.values[0]) <= 64 * loss.bounds[0]
    for name, g in derived.items():
        value, bound = (np.array(x).reshape(g.shape) for x in (g.values, g.bounds))
        assert got[name].shape == g.shape
        assert np.all(np.abs(got[name] - value) <= 4 * bound), name


def against_jax(graph, data, params, loss, derived):
    # not under jit: all sizes are the same, so that each operation is compiled once for all models
    slope = jax.value_and_grad(lambda p: loss_of(graph, p, data))
    jax_loss, got = slope({k: jnp.asarray(v) for k, v in params.items()})
    assert abs(float(jax_loss) - loss.values[0]) <= 64 * loss.bounds[0]
    for name, g in derived.items():
        value, bound = (np.array(x).reshape(g.shape) for x in (g.values, g.bounds))
        # the bound is per entry of our formula; JAX's chain reaches the entry by other sums, whose rounding is
        # relative to the largest entry: 64 bounds of the worst
        assert np.all(np.abs(np.asarray(got[name]) - value) <= 64 * np.max(bound)), name


def against_differences(model, data, params, derived, seed):
    rng = np.random.default_rng(seed)
    for name, g in derived.items():
        direction = rng.uniform(-1, 1, params[name].shape)

        def at(t, name=name, direction=direction):
            return model.loss(data, {**params, name: params[name] + t * direction})

        # Richardson: two central differences, whose h^2 terms cancel; left are h^4 and eps/h
        wide, close = (at(2 * H) - at(-2 * H)) / (4 * H), (at(H) - at(-H)) / (2 * H)
        numeric = (4 * close - wide) / 3
        slope = float(np.sum(np.array(g.values).reshape(g.shape) * direction))
        # h^4 = 1e-16 times fifth derivatives (up to 1e8 here); eps/h = 2e-12 of the loss. What the h^2 terms
        # differed by bounds the curvature's scale.
        allowed = 1e-8 * max(1.0, abs(at(0.0)), abs(slope)) + 0.1 * abs(wide - close)
        assert abs(numeric - slope) <= allowed, name


OPTIONS = settings(
    max_examples=60, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip


@OPTIONS
@given(texts(kinks=False), st.integers(0, 2**20))
def test_smooth_models(text, seed):
    check(text, seed)


@OPTIONS
@given(texts(kinks=True), st.integers(0, 2**20))
def test_models_with_kinks_away_from_them(text, seed):
    check(text, seed)


def test_the_comparisons_can_fail():
    text = "V0 = tanh(W @ X); V1 = mean(V0 * A, axis=1, keepdims=True); L = mean(V1 * V1) + s * sum(K) + sum(b) + sum(c)"
    model = model_of(text)
    nested = instance(model.graph, SIZES, 3)
    gradients = model.derivation.backward.gradients
    loss, *found = evaluate(
        [model.graph.loss, *(gradients[p].node for p in PARAMETERS)], nested, SIZES
    )
    flat = {name: np.array(value, dtype=float) for name, value in nested.items()}
    data, params = ({n: flat[n] for n in group} for group in (DATA, PARAMETERS))
    right = dict(zip(PARAMETERS, found, strict=True))
    w = right["W"]
    turned = Bounded(
        w.shape, [x for column in zip(*w.nested(), strict=True) for x in column], w.bounds
    )
    for derived, refused in ((right, False), ({**right, "W": turned}, True)):
        for compare in (
            lambda d: against_program(model, data, params, loss, d),
            lambda d: against_jax(model.graph, data, params, loss, d),
            lambda d: against_differences(model, data, params, d, 3),
        ):
            if refused:
                with pytest.raises(AssertionError):
                    compare(derived)
            else:
                compare(derived)
