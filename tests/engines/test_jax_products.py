"""Long products are turned, and nothing else changes."""

import jax
import numpy as np
import pytest

import chainrule as cr
from chainrule.derive.instances import instance
from chainrule.emit import program as programs
from chainrule.engines import jax_products

MODELS = sorted(cr.models.names())


def compiled(model):
    space = {}
    exec(programs.write(model.derivation.program(), "jax"), space)
    slope = space["loss_and_gradients"]

    def flat(*given):
        loss, gradients = slope(*given)
        return loss, list(gradients.values())

    return flat


def _argument(given, name):
    """Return an argument's array, or its list of arrays: W[0], W[1], ..."""
    if name in given:
        return np.array(given[name])
    return [np.array(value) for key, value in given.items() if key.startswith(f"{name}[")]


@pytest.mark.parametrize("name", MODELS)
def test_values_stay(name, monkeypatch):
    monkeypatch.setattr(jax_products, "LONG", 1)
    model = cr.models.names()[name]
    sizes = {dim: 3 + i for i, dim in enumerate(model.dims) if not dim.isdigit()}
    given = instance(model.graph, sizes, 0)
    arguments = [_argument(given, name) for name in (*model.data, *model.parameters)]
    with jax.enable_x64(True):
        arguments = jax.tree.map(
            jax.numpy.asarray, arguments, is_leaf=lambda x: isinstance(x, np.ndarray)
        )
        plain = compiled(model)(*arguments)
        turned = jax_products.turned(jax, compiled(model))(*arguments)
    for a, b in zip(jax.tree.leaves(plain), jax.tree.leaves(turned), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def shapes_of_products(function, *given):
    equations = jax.make_jaxpr(function)(*given).jaxpr.eqns
    return [
        tuple(x.aval.shape for x in e.invars)
        for e in equations
        if e.primitive.name == "dot_general"
    ]


def test_a_row_times_a_long_matrix_has_its_factors_exchanged():
    d, A = np.ones((1, 2000)), np.ones((7, 2000))
    plain = lambda d, A: d @ A.T  # noqa: E731
    assert shapes_of_products(plain, d, A) == [((1, 2000), (2000, 7))]
    assert shapes_of_products(jax_products.turned(jax, plain), d, A) == [((7, 2000), (1, 2000))]


def test_a_transpose_is_taken_into_a_long_product_and_not_into_a_short_one():
    plain = lambda Z, X: Z @ X.T  # noqa: E731
    turned = jax_products.turned(jax, plain)
    assert shapes_of_products(turned, np.ones((3, 2000)), np.ones((7, 2000))) == [
        ((3, 2000), (7, 2000))
    ]
    assert shapes_of_products(turned, np.ones((3, 200)), np.ones((7, 200))) == [
        ((3, 200), (200, 7))
    ]
