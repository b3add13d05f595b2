"""Mini-batch Adam on a classifier with one hidden layer: chainrule's epochs against PyTorch's, on the same batches."""

# pyright: reportUndefinedVariable=false, reportInvalidTypeForm=false
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from measure import Steps

import chainrule as cr
from chainrule.engines import batches
from chainrule.fit import loop
from chainrule.fit.descent import prepared
from chainrule.fit.fitting import plan
from chainrule.ops.functions import log, relu, softmax
from chainrule.ops.multilinear import mean, sum

RATE = 1e-3


@cr.model
def classifier(X: "n_x m", Y: "n_y m", *, W1: "n_h n_x", b1: "n_h 1", W2: "n_y n_h", b2: "n_y 1"):
    """Classes from a hidden layer of relu units, cross-entropy."""
    A1 = relu(W1 @ X + b1)
    Z2 = W2 @ A1 + b2
    return -mean(sum(Y * log(softmax(Z2, axis="n_y")), axis="n_y"))


@dataclass(frozen=True)
class Lesson:
    """Examples as columns, one-hot labels, a start, and how the examples are cut into batches."""

    data: dict[str, Any]
    start: dict[str, Any]
    size: int
    seed: int = 0

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.data["X"].shape[1])

    @property
    def batches(self) -> batches.Batches:
        """The batches that every side learns from, in this order."""
        return batches.Batches(self.m, self.size, self.seed, {"X": 1, "Y": 1})


def lesson(n_x: int, n_h: int, n_y: int, m: int, size: int) -> Lesson:
    """Return classes around random centres, in float32; a few labels are wrong."""
    random = np.random.default_rng(0)
    labels = random.integers(n_y, size=m)
    centres = random.normal(size=(n_y, n_x)) * (3 / np.sqrt(n_x))
    X = (centres[labels] + random.normal(size=(m, n_x))).T.astype(np.float32)
    labels = np.where(random.random(m) < 0.05, random.integers(n_y, size=m), labels)
    data = {"X": np.ascontiguousarray(X), "Y": np.eye(n_y, dtype=np.float32)[:, labels]}
    start = classifier.init(data, n_h=n_h, seed=0)
    return Lesson(data, {k: np.asarray(w, np.float32) for k, w in start.items()}, size)


def by_chainrule(lesson: Lesson) -> Steps:
    """Return what `cr.fit` does for each of its epochs: its loop and engine; a new order of the examples each time."""
    method = cr.Adam(RATE)
    run = plan(
        classifier, lesson.data, params=lesson.start, optimizer=method, epochs=10**6, batch_size=lesson.size,
        seed=lesson.seed, dtype="float32",
    )  # fmt: skip
    ready = prepared(run, method)

    def go(epochs: int) -> Any:
        batches.order.cache_clear()  # as if it were the first time
        steps = epochs * lesson.batches.per_epoch
        record = loop.Record(loop.spacing(steps, 3 * run.flat.size))
        loop.descend(ready.engine, run.position, loop.Limits(steps), record)
        return record.losses

    return go


def by_jax(lesson: Lesson) -> Steps:
    """JAX by hand: an epoch is a scan over whole batches of chosen rows, Adam from optax; the short batch by itself."""
    import jax
    import optax

    X, labels = jax.numpy.asarray(lesson.data["X"].T), jax.numpy.asarray(_labels(lesson))
    method = optax.adam(RATE)

    def loss(params: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = params
        scores = jax.nn.relu(x @ W1.T + b1) @ W2.T + b2
        return optax.softmax_cross_entropy_with_integer_labels(scores, y).mean()

    def step(carry: Any, chosen: Any, X: Any, labels: Any) -> Any:
        params, state = carry
        value, slope = jax.value_and_grad(loss)(params, X[chosen], labels[chosen])
        change, state = method.update(slope, state, params)
        return (optax.apply_updates(params, change), state), value

    @jax.jit
    def epoch(carry: Any, whole: Any, short: Any, X: Any, labels: Any) -> Any:
        carry, losses = jax.lax.scan(lambda c, i: step(c, i, X, labels), carry, whole)
        if not short.size:
            return carry, losses
        carry, last = step(carry, short, X, labels)
        return carry, jax.numpy.append(losses, last)

    def go(epochs: int) -> Any:
        batches.order.cache_clear()
        params = [jax.numpy.asarray(w.reshape(-1) if w.shape[1] == 1 else w) for w in lesson.start.values()]  # fmt: skip
        carry, losses = (params, method.init(params)), []
        for i in range(epochs):
            order = batches.order(lesson.seed, i, lesson.m)
            cut = lesson.m // lesson.size * lesson.size
            whole, short = order[:cut].reshape(-1, lesson.size), order[cut:]
            carry, found = epoch(carry, whole, short, X, labels)
            losses.append(np.asarray(found))
        return np.concatenate(losses)

    return go


def by_torch(lesson: Lesson, *, fused: bool = True, own_order: bool = True) -> Steps:
    """PyTorch by hand: rows chosen by index_select, cross-entropy of whole labels, torch.optim.Adam.

    `fused`: its fastest form, which is not the default on a CPU. `own_order`: shuffle with torch.randperm; otherwise with
    chainrule's order, so that the losses can be compared.
    """
    import torch
    from torch.nn.functional import cross_entropy, linear, relu

    X = torch.from_numpy(np.ascontiguousarray(lesson.data["X"].T))
    labels = torch.from_numpy(_labels(lesson))

    def go(epochs: int) -> Any:
        torch.set_num_threads(os.cpu_count() or 1)
        W1, b1, W2, b2 = params = [
            torch.from_numpy(w.reshape(-1).copy() if w.shape[1] == 1 else w.copy()).requires_grad_()
            for w in lesson.start.values()
        ]
        method = torch.optim.Adam(params, lr=RATE, fused=fused)
        losses: list[Any] = []
        for i in range(epochs):
            order = (
                torch.randperm(lesson.m)
                if own_order
                else torch.from_numpy(batches.order(lesson.seed, i, lesson.m).copy())
            )
            for chosen in order.split(lesson.size):
                x, y = X.index_select(0, chosen), labels.index_select(0, chosen)
                loss = cross_entropy(linear(relu(linear(x, W1, b1)), W2, b2), y)
                method.zero_grad(set_to_none=True)
                loss.backward()
                method.step()
                losses.append(loss.detach())
        return torch.stack(losses).numpy()

    return go


def last_losses(lesson: Lesson, epochs: int) -> tuple[float, float]:
    """Return the mean loss of the last epoch of chainrule and of PyTorch on the same batches."""
    per_epoch = lesson.batches.per_epoch
    ours = by_chainrule(lesson)(epochs)[-per_epoch:]
    theirs = by_torch(lesson, own_order=False)(epochs)[-per_epoch:]
    return float(np.mean(ours)), float(np.mean(theirs))


def _labels(lesson: Lesson) -> Any:
    return np.argmax(lesson.data["Y"], axis=0)
