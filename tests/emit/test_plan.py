"""Planned forms compute what the graph means: random formulas against loops over every index."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from chainrule.emit import forms
from chainrule.emit.expressions import Printer
from chainrule.emit.languages import LANGUAGES
from chainrule.emit.plan import plan
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient, coefficient

SIZES = {"1": 1, "2": 2, "3": 3, "n": 2, "h": 3, "m": 4}
# letter -> dim: several letters share a dim, several are unit
POOL = ("m", "m", "h", "n", "m", "1", "1", "1")
COEFFICIENTS = (ONE, ONE, coefficient(-1), coefficient(2, m=-1), Coefficient(Fraction(1, 3)))


# -- what the graph means, by loops
def meaning(node, arrays):
    """The value of a node: its definition, one entry at a time."""
    return nodes.fold(node, lambda at, args: entries(at, args, arrays), nodes.is_leaf)


def entries(node, args, arrays):
    if isinstance(node, nodes.Input):
        return arrays[node.name]
    if isinstance(node, nodes.Ein):
        return contraction(node, args)
    if isinstance(node, nodes.Add):
        return sum(args)
    if isinstance(node, nodes.Map):
        return {"exp": np.exp, "greater": lambda a, b: 1.0 * (a > b)}[node.op](*args)
    if isinstance(node, nodes.Along):
        assert node.op == "max"
        return args[0].max(axis=node.axes, keepdims=True)
    if isinstance(node, nodes.Pick):
        return np.take(args[0], node.index, axis=node.axis)
    assert isinstance(node, nodes.Put)
    value = np.zeros(lengths(node.shape))
    value[(slice(None),) * node.axis + (node.index,)] = args[0]
    return value


def contraction(node, args):
    letters = sorted(node.dims)
    total = np.zeros(lengths(node.shape))
    for index in itertools.product(*(range(SIZES[node.dims[x]]) for x in letters)):
        at = dict(zip(letters, index, strict=True))
        term = node.coefficient.at(SIZES)
        for arg, word in zip(args, node.letters, strict=True):
            term *= arg[tuple(at[x] for x in word)]
        total[tuple(at[x] for x in node.out)] += term
    return total


def lengths(shape):
    return tuple(SIZES[dim] for dim in shape)


# -- what the forms compute
def below(form):
    parts = (getattr(form, field) for field in ("terms", "factors", "args") if hasattr(form, field))
    some = [part for group in parts for part in group]
    return some + [getattr(form, x) for x in ("left", "right", "body") if hasattr(form, x)]


def everything(form):
    found = [form]
    for at in found:
        found += below(at)
    return found


def printed(form, arrays):
    """The value of a form, through the text that the NumPy printer writes."""
    text = Printer(LANGUAGES["numpy"], lambda leaf: leaf.name, "like").whole(form)
    scope = {
        "np": np,
        "like": np.zeros(1),
        **arrays,
        **{dim: n for dim, n in SIZES.items() if dim.isalpha()},
    }
    return np.asarray(eval(text, scope)), text


def assert_computes(node, arrays):
    """The form says its shapes truly, in every part, and computes the node's value."""
    form = plan(node)
    assert form.shape == node.shape
    for part in everything(form):
        value, text = printed(part, arrays)
        if not isinstance(part, forms.Filled):  # in a larger form, a number
            assert value.shape == lengths(part.shape), f"{text} in {form}"
    value, text = printed(form, arrays)
    expected = meaning(node, arrays)
    assert value.shape == expected.shape, text
    # at most 4^4 terms of size below 10, added in another order
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12, err_msg=text)


def leaf(name, *shape):
    return nodes.input_node(name, shape, "data")


def arrays_for(node, seed=0):
    draw = np.random.default_rng(seed)
    leaves = [x for x in nodes.topological([node]) if isinstance(x, nodes.Input)]
    return {x.name: draw.standard_normal(lengths(x.shape)) for x in leaves}


# -- random formulas
def random_ein(draw, make):
    """An Ein node over one to three factors; `make(draw, shape)` gives a factor."""
    letters = list(range(len(POOL)))
    words = [
        tuple(draw.sample(letters, draw.randint(0, 3))) for _ in range(draw.choice((1, 1, 2, 2, 3)))
    ]
    held = sorted({x for word in words for x in word})
    fresh = [x for x in letters if x not in held]  # broadcast letters, now and then
    out = draw.sample(held, draw.randint(0, min(3, len(held))))
    if fresh and len(out) < 3 and draw.random() < 0.3:
        out.insert(draw.randint(0, len(out)), draw.choice(fresh))
    factors = [(make(draw, tuple(POOL[x] for x in word)), word) for word in words]
    shape = tuple(POOL[x] for x in out)
    return nodes.ein(draw.choice(COEFFICIENTS), factors, tuple(out), shape)


def input_of(draw, shape):
    return leaf(f"{draw.choice('ABC')}{''.join(shape)}", *shape)


def nested(draw, shape, depth=2):
    """A formula of a shape: an input, or an operation over broadcast parts."""
    kind = draw.choice(("input", "input", "stretched", "sum", "exp", "greater", "max", "constant"))
    if depth == 0 or kind == "input":
        return input_of(draw, shape)
    if kind == "constant":
        return nodes.constant(draw.choice(COEFFICIENTS), shape)
    if kind == "stretched":
        kept = [i for i in range(len(shape)) if draw.random() < 0.5]
        inner = nested(draw, tuple(shape[i] for i in kept), depth - 1)
        return nodes.ein(ONE, [(inner, tuple(kept))], tuple(range(len(shape))), shape)
    parts = [nested(draw, shape, depth - 1) for _ in range(2)]
    if kind == "sum":
        return nodes.add(parts)
    if kind == "greater":
        return nodes.elementwise("greater", parts)
    if kind == "max" and shape:
        axis = draw.randrange(len(shape))
        top = nodes.along("max", parts[0], (axis,), keeps=False)
        spread = tuple(99 if i == axis else i for i in range(len(shape)))
        return nodes.ein(ONE, [(top, spread)], tuple(range(len(shape))), shape)
    return nodes.elementwise("exp", parts[:1])


@pytest.mark.parametrize("block", range(20))
def test_random_contractions_of_inputs(block):
    draw = random.Random(block)
    for _ in range(60):
        node = random_ein(draw, input_of)
        assert_computes(node, arrays_for(node))


@pytest.mark.parametrize("block", range(20))
def test_random_contractions_of_formulas(block):
    draw = random.Random(1000 + block)
    for _ in range(60):
        node = random_ein(draw, nested)
        assert_computes(node, arrays_for(node))


@pytest.mark.parametrize("block", range(10))
def test_random_formulas_around_contractions(block):
    draw = random.Random(2000 + block)
    for _ in range(40):
        inner = random_ein(draw, nested)
        other = nested(draw, inner.shape)
        node = nodes.add([nodes.elementwise("exp", [other]), inner, other])
        assert_computes(node, arrays_for(node))
        if inner.shape:
            axis = draw.randrange(len(inner.shape))
            assert_computes(nodes.put(inner, axis, 0, "3"), arrays_for(inner))
            assert_computes(nodes.pick(inner, axis, 0), arrays_for(inner))


# -- the ways of writing that readers expect
i, j, k, u = range(4)  # letters of a contraction
W, DZ, X, A = leaf("W", "h", "n"), leaf("dZ", "h", "m"), leaf("X", "n", "m"), leaf("A", "h", "m")
ROWS, DROWS = leaf("X", "m", "n"), leaf("dZ", "m", "h")
COLUMN, ROW = leaf("w", "h", "1"), leaf("dy", "1", "m")
TWO_OVER_M = coefficient(2, m=-1)
V, Q = leaf("v", "n"), leaf("Q", "m", "n")


def ein(*factors, out, scale=ONE):
    dims = {x: dim for node, word in factors for x, dim in zip(word, node.shape, strict=True)}
    return nodes.ein(scale, factors, out, tuple(dims[x] for x in out))


WRITTEN = {
    "dZ @ X.T": ein((DZ, (i, k)), (X, (j, k)), out=(i, j)),
    "2 / m * (dZ @ X.T)": ein((DZ, (i, k)), (X, (j, k)), out=(i, j), scale=TWO_OVER_M),
    "dy @ X.T": ein((ROW, (u, k)), (X, (j, k)), out=(u, j)),
    "w.T @ A": ein((COLUMN, (k, u)), (A, (k, j)), out=(u, j)),
    "w @ dy": ein((COLUMN, (i, u)), (ROW, (u, j)), out=(i, j)),
    "W.T @ dZ": ein((W, (k, i)), (DZ, (k, j)), out=(i, j)),
    "A @ A.T": ein((A, (i, k)), (A, (j, k)), out=(i, j)),
    "A.T @ A": ein((A, (k, i)), (A, (k, j)), out=(i, j)),
    "X.T @ dZ": ein((ROWS, (k, i)), (DROWS, (k, j)), out=(i, j)),
    "Q @ v": ein((Q, (i, k)), (V, (k,)), out=(i,)),
    "np.sum(dZ * A)": ein((DZ, (i, j)), (A, (i, j)), out=()),
    "np.sum(dZ, axis=1, keepdims=True)": nodes.ein(ONE, [(DZ, (i, k))], (i, u), ("h", "1")),
    "np.sum(dZ, axis=0)": ein((DZ, (k, i)), out=(i,)),
    "dZ.T": ein((DZ, (j, i)), out=(i, j)),
    "w * A": ein((COLUMN, (i, u)), (A, (i, j)), out=(i, j)),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_written_as_expected(text):
    node = WRITTEN[text]
    assert printed(plan(node), arrays_for(node))[1] == text
    assert_computes(node, arrays_for(node))


def test_rank_one_product_turns_a_column():
    w, dy = leaf("w", "1", "h"), leaf("dy", "1", "m")
    node = nodes.ein(ONE, [(w, (u, i)), (dy, (u, j))], (i, j), ("h", "m"))
    assert printed(plan(node), arrays_for(node))[1] == "w.T @ dy"


def test_scalar_weight_is_a_sum_of_products():
    x, dy = leaf("x", "1", "m"), leaf("dy", "1", "m")
    node = nodes.ein(ONE, [(dy, (u, k)), (x, (u, k))], (), ())
    assert printed(plan(node), arrays_for(node))[1] == "np.sum(dy * x)"


def test_attention_is_made_of_matrix_products():
    queries, keys, values = leaf("Q", "m", "h"), leaf("K", "m", "h"), leaf("V", "m", "n")
    scores = ein((queries, (i, k)), (keys, (j, k)), out=(i, j))
    node = ein(
        (nodes.along("softmax", scores, (1,), keeps=True), (i, k)), (values, (k, j)), out=(i, j)
    )
    assert printed_only(plan(node)) == "softmax(Q @ K.T, 1) @ V"


def printed_only(form):
    return Printer(LANGUAGES["numpy"], lambda leaf: leaf.name, "A").whole(form)


def test_a_leaf_is_a_leaf():
    assert plan(X) == forms.Leaf(X.shape, X)
    assert plan(nodes.named("Z", ein((W, (i, k)), (X, (k, j)), out=(i, j)))).shape == ("h", "m")


def test_three_axes_are_spelled_with_letters():
    cube = leaf("T", "n", "h", "m")
    node = ein((cube, (i, j, k)), (leaf("B", "h", "m"), (j, u)), (X, (i, k)), out=(k, u))
    assert any(isinstance(form, forms.Einsum) for form in everything(plan(node)))
    assert_computes(node, arrays_for(node))


def test_a_group_without_the_summed_letter_is_not_stretched_into_a_matrix():
    node = ein((leaf("c", "h"), (i,)), (X, (j, k)), out=(i, j))
    assert written_parts(node) == {forms.Einsum, forms.Leaf}
    assert_computes(node, arrays_for(node))
    node = ein((leaf("c", "h"), (i,)), (V, (k,)), out=(i,))
    assert forms.MatMul not in written_parts(node)
    assert_computes(node, arrays_for(node))


def test_a_triangle_of_matrices_is_spelled_with_letters():
    node = ein((W, (i, j)), (X, (j, k)), (A, (i, k)), out=())
    assert written_parts(node) == {forms.Einsum, forms.Leaf}  # no array with three axes is made
    assert_computes(node, arrays_for(node))


def written_parts(node):
    return {type(form) for form in everything(plan(node))}


def test_the_comparison_can_fail(monkeypatch):
    node = WRITTEN["dZ @ X.T"]
    wrong = plan(ein((DZ, (i, k)), (X, (j, k)), out=(i, j), scale=coefficient(2)))
    monkeypatch.setitem(assert_computes.__globals__, "plan", lambda _: wrong)
    with pytest.raises(AssertionError):
        assert_computes(node, arrays_for(node))
