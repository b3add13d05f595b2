"""Trajectories against torch.optim and optax: 20 steps from a state that is not zero, both in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import chainrule as cr

A = np.array([[3.0, 0.5], [0.5, 1.0]])
STEPS, BEFORE = 20, 7
# Both sides round every operation in float64; over 27 steps of contracting updates 1e-12 leaves room for the
# libraries' fused or reordered sums (1 - beta as a float, addcmul), and none for another definition.
TOLERANCE = 1e-12


def gradient(w):
    """The slope of a quadratic plus a ripple, so that gradients change sign and size."""
    return A @ w + np.sin(3 * w)


def ours(optimizer, steps=STEPS + BEFORE):
    params = {"w": np.array([1.0, -2.0])}
    state = optimizer.init(params)
    path = []
    for _ in range(steps):
        params, state = optimizer.update(params, {"w": gradient(params["w"])}, state)
        path.append(params["w"])
    return np.array(path)


def torch_path(make, schedule=None):
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    scheduler = schedule(optimizer) if schedule else None
    path = []
    for _ in range(STEPS + BEFORE):
        w.grad = torch.tensor(gradient(w.detach().numpy()))
        optimizer.step()
        if scheduler:
            scheduler.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def optax_path(method):
    with jax.enable_x64(True):
        w = jnp.array([1.0, -2.0])
        state = method.init(w)
        path = []
        for _ in range(STEPS + BEFORE):
            change, state = method.update(jnp.asarray(gradient(np.asarray(w))), state, w)
            w = optax.apply_updates(w, change)
            path.append(np.asarray(w))
    return np.array(path)


def assert_same_path(mine, theirs):
    """The 20 steps after the state has filled, and those before it."""
    assert mine.shape == theirs.shape
    assert np.ptp(mine[BEFORE:], axis=0).max() > 1e-3, "the path stands still and proves nothing"
    np.testing.assert_allclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE)


T = torch.optim
TORCH = {
    "sgd": (cr.GradientDescent(0.05), lambda p: T.SGD(p, lr=0.05)),
    "sgd weight decay": (
        cr.GradientDescent(0.05, weight_decay=0.3),
        lambda p: T.SGD(p, lr=0.05, weight_decay=0.3),
    ),
    "momentum": (cr.Momentum(0.05, 0.8), lambda p: T.SGD(p, lr=0.05, momentum=0.8)),
    "momentum weight decay": (
        cr.Momentum(0.05, 0.8, weight_decay=0.1),
        lambda p: T.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.1),
    ),
    "nesterov": (
        cr.Nesterov(0.05, 0.8),
        lambda p: T.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    ),
    "adagrad": (cr.AdaGrad(0.2), lambda p: T.Adagrad(p, lr=0.2, eps=1e-10)),
    "adagrad epsilon": (
        cr.AdaGrad(0.2, epsilon=0.1),
        lambda p: T.Adagrad(p, lr=0.2, eps=0.1),
    ),
    "rmsprop": (
        cr.RMSprop(0.05, decay=0.8),
        lambda p: T.RMSprop(p, lr=0.05, alpha=0.8, eps=1e-8),
    ),
    "rmsprop epsilon": (
        cr.RMSprop(0.05, epsilon=0.1),
        lambda p: T.RMSprop(p, lr=0.05, alpha=0.9, eps=0.1),
    ),
    "rmsprop centered": (
        cr.RMSprop(0.02, centered=True, epsilon=0.1),
        lambda p: T.RMSprop(p, lr=0.02, alpha=0.9, eps=0.1, centered=True),
    ),
    "rmsprop momentum": (
        cr.RMSprop(0.02, momentum=0.5, centered=True, epsilon=0.1),
        lambda p: T.RMSprop(p, lr=0.02, alpha=0.9, eps=0.1, centered=True, momentum=0.5),
    ),
    "adam": (cr.Adam(0.1), lambda p: T.Adam(p, lr=0.1)),
    "adam epsilon": (
        cr.Adam(0.1, beta1=0.7, beta2=0.9, epsilon=0.1),
        lambda p: T.Adam(p, lr=0.1, betas=(0.7, 0.9), eps=0.1),
    ),
    "adam weight decay": (
        cr.Adam(0.1, weight_decay=0.2),
        lambda p: T.Adam(p, lr=0.1, weight_decay=0.2),
    ),
    "adamw": (cr.AdamW(0.1), lambda p: T.AdamW(p, lr=0.1, weight_decay=0.01)),
    "adamw weight decay": (
        cr.AdamW(0.1, weight_decay=0.5),
        lambda p: T.AdamW(p, lr=0.1, weight_decay=0.5),
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_torch(name):
    optimizer, make = TORCH[name]
    assert_same_path(ours(optimizer), torch_path(make))


OPTAX = {
    "sgd": (cr.GradientDescent(0.05), lambda: optax.sgd(0.05)),
    "momentum": (cr.Momentum(0.05, 0.8), lambda: optax.sgd(0.05, momentum=0.8)),
    "momentum average": (
        cr.Momentum(0.2, 0.8, form="average"),
        lambda: optax.chain(optax.ema(0.8, debias=False), optax.scale(-0.2)),
    ),
    "nesterov": (cr.Nesterov(0.05, 0.8), lambda: optax.sgd(0.05, momentum=0.8, nesterov=True)),
    "adagrad epsilon inside": (
        cr.AdaGrad(0.2, epsilon=0.1, epsilon_inside=True),
        lambda: optax.adagrad(0.2, initial_accumulator_value=0.0, eps=0.1),
    ),
    "rmsprop inside": (
        cr.RMSprop(0.05, epsilon=0.1, epsilon_inside=True),
        lambda: optax.rmsprop(0.05, decay=0.9, eps=0.1, eps_in_sqrt=True),
    ),
    "rmsprop outside": (
        cr.RMSprop(0.05, epsilon=0.1),
        lambda: optax.rmsprop(0.05, decay=0.9, eps=0.1, eps_in_sqrt=False),
    ),
    "rmsprop centered": (
        cr.RMSprop(0.02, epsilon=0.1, epsilon_inside=True, centered=True),
        lambda: optax.rmsprop(0.02, decay=0.9, eps=0.1, centered=True),
    ),
    "adam": (cr.Adam(0.1), lambda: optax.adam(0.1)),
    "adam inside": (
        cr.Adam(0.1, epsilon=0.1, epsilon_inside=True),
        lambda: optax.adam(0.1, eps=0.0, eps_root=0.1),
    ),
    "adamw": (
        cr.AdamW(0.1, weight_decay=0.3),
        lambda: optax.adamw(0.1, weight_decay=0.3),
    ),
    "clipping": (
        cr.GradientDescent(0.05, clip_norm=0.7),
        lambda: optax.chain(optax.clip_by_global_norm(0.7), optax.sgd(0.05)),
    ),
    "cosine": (
        cr.Momentum(cr.Cosine(0.1, 15, end=0.01), 0.8),
        lambda: optax.sgd(optax.cosine_decay_schedule(0.1, 15, alpha=0.1), momentum=0.8),
    ),
    "warm-up": (
        cr.GradientDescent(cr.WarmUp(0.1, 10)),
        lambda: optax.sgd(
            lambda count: 0.1 * jnp.minimum(1.0, (count.astype(jnp.float64) + 1) / 10)
        ),
    ),
}


@pytest.mark.parametrize("name", OPTAX)
def test_optax(name):
    optimizer, make = OPTAX[name]
    with jax.enable_x64(True):
        method = make()
    assert_same_path(ours(optimizer), optax_path(method))


S = torch.optim.lr_scheduler
SCHEDULES = {
    "step": (cr.StepDecay(0.1, 0.5, every=4), lambda o: S.StepLR(o, step_size=4, gamma=0.5)),
    "cosine": (
        cr.Cosine(0.1, STEPS + BEFORE, end=0.01),
        lambda o: S.CosineAnnealingLR(o, T_max=STEPS + BEFORE, eta_min=0.01),
    ),
    "warm-up": (
        cr.WarmUp(0.1, 10),
        lambda o: S.LinearLR(o, start_factor=0.1, end_factor=1.0, total_iters=9),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_torch_schedules(name):
    schedule, make = SCHEDULES[name]
    assert_same_path(
        ours(cr.GradientDescent(schedule)), torch_path(lambda p: T.SGD(p, lr=0.1), make)
    )


def test_the_forms_of_momentum_agree_where_they_should():
    average = ours(cr.Momentum(0.25, 0.8, form="average"))
    np.testing.assert_allclose(average, ours(cr.Momentum(0.05, 0.8)), rtol=1e-12, atol=1e-13)
    for method in (cr.Momentum, cr.Nesterov):
        velocity = ours(method(0.05, 0.8, form="velocity"))
        np.testing.assert_allclose(velocity, ours(method(0.05, 0.8)), rtol=1e-12, atol=1e-13)
        decay = cr.StepDecay(0.05, 0.5, every=3)
        apart = ours(method(decay, 0.8, form="velocity")) - ours(method(decay, 0.8))
        assert np.abs(apart).max() > 1e-3  # under a schedule the two forms part


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (cr.Adam(0.1, epsilon=0.1), cr.Adam(0.1, epsilon=0.1, epsilon_inside=True)),
        (cr.RMSprop(0.1, epsilon=0.1), cr.RMSprop(0.1, epsilon=0.1, epsilon_inside=True)),
        (cr.AdaGrad(0.1, epsilon=0.1), cr.AdaGrad(0.1, epsilon=0.1, epsilon_inside=True)),
        (cr.Adam(0.1, beta1=0.9, beta2=0.7), cr.Adam(0.1, beta1=0.7, beta2=0.9)),
        (cr.Adam(0.1), cr.Adam(0.1, bias_correction=False)),
        (cr.Adam(0.1, weight_decay=0.3), cr.AdamW(0.1, weight_decay=0.3)),
        (cr.RMSprop(0.1, epsilon=0.1), cr.RMSprop(0.1, epsilon=0.1, centered=True)),
        (cr.Momentum(0.1), cr.Nesterov(0.1)),
    ],
    ids=lambda o: repr(o),
)
def test_variants_are_told_apart(one, other):
    assert np.abs(ours(one, 5) - ours(other, 5)).max() > 1e-3


def test_the_comparison_can_fail():
    with pytest.raises(AssertionError):
        assert_same_path(ours(cr.Adam(0.1, epsilon=1e-7)), torch_path(TORCH["adam"][1]))
