"""Gradients of every built-in and gallery model against JAX, PyTorch and finite differences, within the error bound."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from oracles import losses

import chainrule as cr
from chainrule import models
from chainrule.derive.bounded import evaluate, flatten
from chainrule.derive.forward import hessian_vector_products
from chainrule.derive.instances import instance, sizes_for
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat

MODELS = {
    **models.names(),
    "perceptron_tanh": models.perceptron.with_options(hidden=cr.tanh),
    "perceptron_relu": models.perceptron.with_options(hidden=cr.relu),
}


def size_sets(graph):
    """Three sets of distinct sizes, all sizes equal, and one example."""
    distinct = [sizes_for(graph.dims, seed) for seed in (1, 2, 3)]
    return [*distinct, dict.fromkeys(graph.dims, 4), {**distinct[0], "m": 1}]


CASES = [(name, k) for name in MODELS for k in range(5)]


def arrays_of(model, sizes, seed):
    """Random data and parameters by argument name, as NumPy arrays."""
    flat = {name: np.array(value) for name, value in instance(model.graph, sizes, seed).items()}

    def pick(group):
        return {
            name: [flat[f"{name}[{i}]"] for i in range(len(shape))]
            if isinstance(shape, list)
            else flat[name]
            for name, shape in group.items()
        }

    return pick(model.data), pick(model.parameters), flat


def by_label(tree):
    out = {}
    for name, value in tree.items():
        if isinstance(value, (list, tuple)):
            out.update({f"{name}[{i}]": np.asarray(v) for i, v in enumerate(value)})
        else:
            out[name] = np.asarray(value)
    return out


def jax_gradients(name, data, params):
    loss = getattr(losses, name)
    value, grads = jax.value_and_grad(
        lambda p: loss(losses.Jax, *map(jnp.asarray, data.values()), **p)
    )(jax.tree.map(jnp.asarray, params))
    return float(value), by_label(grads)


def torch_gradients(name, data, params):
    loss = getattr(losses, name)

    def leaf(x):
        return (
            [torch.tensor(v, requires_grad=True) for v in x]
            if isinstance(x, list)
            else torch.tensor(x, requires_grad=True)
        )

    leaves = {k: leaf(v) for k, v in params.items()}
    value = loss(losses.Torch, *(torch.tensor(x) for x in data.values()), **leaves)
    value.backward()
    grads = {k: [t.grad for t in v] if isinstance(v, list) else v.grad for k, v in leaves.items()}
    return float(value.detach()), by_label(grads)


@pytest.mark.parametrize(("name", "k"), CASES)
def test_gradients_equal_autodiff(name, k):
    model = MODELS[name]
    sizes = size_sets(model.graph)[k]
    data, params, flat = arrays_of(model, sizes, seed=k)
    backward = model.derivation.backward
    labels = [p.name for p in model.graph.inputs if p.role == "parameter"]
    nodes = [model.graph.loss, *(backward.gradients[label].node for label in labels)]
    bounded = evaluate(nodes, {n: v.tolist() for n, v in flat.items()}, sizes)
    ours_loss, ours = model.value_and_grad(data, params)
    ours = by_label(ours)
    for oracle in (jax_gradients, torch_gradients):
        loss, grads = oracle(name, data, params)
        # the composed loss of the oracles and our fused one differ by rounding: 64 bounds is still 1e-13 relative
        assert abs(loss - ours_loss) <= 64 * bounded[0].bounds[0]
        for label, reference in zip(labels, bounded[1:], strict=True):
            bound = np.array(reference.bounds).reshape(reference.shape)
            value = np.array(reference.values).reshape(reference.shape)
            assert ours[label].shape == grads[label].shape == reference.shape
            # each side is within its own rounding of the truth; the oracle's unfused chain earns the factor 16
            assert np.all(np.abs(ours[label] - value) <= 4 * bound), label
            assert np.all(np.abs(grads[label] - value) <= 16 * bound), label


@pytest.mark.parametrize("name", MODELS)
def test_gradients_equal_finite_differences(name):
    model = MODELS[name]
    sizes = size_sets(model.graph)[1]
    data, params, flat = arrays_of(model, sizes, seed=11)
    _, grads = model.value_and_grad(data, params)
    grads = by_label(grads)
    rng = np.random.default_rng(5)
    h = 1e-5  # central differences: truncation h^2, rounding eps/h, so about 1e-10 of the loss's scale
    for label, grad in grads.items():
        direction = rng.standard_normal(grad.shape)
        slopes = []
        for sign in (1, -1):
            moved = {**flat, label: flat[label] + sign * h * direction}
            slopes.append(
                evaluate(
                    [model.graph.loss], {n: np.asarray(v).tolist() for n, v in moved.items()}, sizes
                )[0].values[0]
            )
        numeric = (slopes[0] - slopes[1]) / (2 * h)
        derived = float(np.sum(grad * direction))
        scale = max(abs(derived), float(np.linalg.norm(grad)), abs(slopes[0]))
        assert math.isclose(numeric, derived, abs_tol=2e-8 * scale), label


def test_the_comparison_can_fail():
    model = MODELS["multivariate"]
    sizes = size_sets(model.graph)[0]
    data, params, flat = arrays_of(model, sizes, seed=0)
    wrong = evaluate(
        [model.derivation.backward.gradients["w"].node],
        {n: v.tolist() for n, v in flat.items()},
        sizes,
    )[0]
    _, grads = jax_gradients("ridge", data, params)
    assert not np.allclose(grads["w"], np.array(wrong.values).reshape(wrong.shape))
    assert len(flatten(grads["w"].tolist())) == len(wrong.values)


def rounding_of_products(model, flat, sizes, direction):
    """The error bounds of H v by label, as computed by the interpreter that shares no code with the printers."""
    symbols, products = hessian_vector_products(model.derivation.backward)
    arrays = {n: np.asarray(v).tolist() for n, v in flat.items()}
    arrays.update({s.name: direction[n].tolist() for n, s in symbols.items()})
    return dict(zip(products, evaluate(list(products.values()), arrays, sizes), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_hessian_vector_products_equal_jax(name):
    model = MODELS[name]
    sizes = size_sets(model.graph)[2]
    data, params, flat = arrays_of(model, sizes, seed=6)
    rng = np.random.default_rng(8)
    vector = rng.standard_normal(Flat(params).size)
    flat_params = Flat(params)
    pieces = flat_params.split(vector)
    ours = by_label(
        flat_params.split(Curvature(model.derivation, data, flat_params).product(params, vector))
    )

    def gradient(p):
        arrays = [jnp.asarray(x) for x in data.values()]
        return jax.grad(lambda q: getattr(losses, name)(losses.Jax, *arrays, **q))(p)

    start, along = (jax.tree.map(jnp.asarray, tree) for tree in (params, pieces))
    _, oracle = jax.jvp(gradient, (start,), (along,))
    oracle = by_label(oracle)
    bounded = rounding_of_products(model, flat, sizes, by_label(pieces))
    largest = max(float(np.max(np.abs(value))) for value in oracle.values())
    for label, reference in bounded.items():
        bound = np.array(reference.bounds).reshape(reference.shape)
        assert np.all(np.abs(ours[label] - oracle[label]) <= 64 * bound + 1e-14 * largest), label
        assert np.max(bound) <= 1e-9 * max(largest, 1.0), label  # the bound itself is no excuse
