"""The sides: full-batch gradient descent on a task with chainrule, and as a person writes it with each other library.

Each function returns what makes n steps from the task's start and returns the loss that each step saw. The work that
one does once (moving data, building functions) is done before; compilation happens in the first call.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from measure import Steps

import chainrule as cr
from chainrule.fit import loop
from chainrule.fit.descent import prepared
from chainrule.fit.fitting import plan
from chainrule.model import Model

LONG = (
    10**6
)  # the steps that chainrule is told to expect: a long run, for which compiling is worth while


@dataclass(frozen=True)
class Task:
    """A model, its data and its start in chainrule's layout (examples as columns), and the loss by hand.

    `numpy(p, X, Y)` returns the loss and the gradients; `jax(p, X, Y)` the loss; `torch(p, X, Y)` too, for arrays in
    PyTorch's layout: examples as rows, biases as vectors.
    """

    model: Model
    data: dict[str, Any]
    start: dict[str, Any]
    rate: float
    numpy: Callable[..., Any]
    jax: Callable[..., Any]
    torch: Callable[..., Any]

    @property
    def dtype(self) -> str:
        """Of data and parameters."""
        return str(next(iter(self.data.values())).dtype)


def chainrule(task: Task, engine: str = "auto", steps: int = LONG) -> Steps:
    """Return what `cr.fit` does in a run of so many steps: its loop and engine, every loss and as many positions."""
    method = cr.GradientDescent(task.rate)
    run = plan(
        task.model, task.data, params=task.start, optimizer=method, steps=steps, engine=engine, dtype=task.dtype,
    )  # fmt: skip
    ready = prepared(run, method)

    def go(n: int) -> Any:
        record = loop.Record(loop.spacing(steps, run.flat.size))
        loop.descend(ready.engine, run.position, loop.Limits(n), record)
        return record.losses

    return go


def by_numpy(task: Task) -> Steps:
    """NumPy, with the gradients by hand."""
    data = list(task.data.values())

    def go(n: int) -> Any:
        params, losses = [x.copy() for x in task.start.values()], np.empty(n)
        for i in range(n):
            losses[i], gradients = task.numpy(params, *data)
            for w, dw in zip(params, gradients, strict=True):
                w -= task.rate * dw
        return losses

    return go


def by_jax(task: Task, unroll: int = 1) -> Steps:
    """JAX: value_and_grad inside a scan, all steps in one compiled call."""
    import jax

    def step(params: Any, _: Any, data: Any) -> Any:
        loss, gradients = jax.value_and_grad(task.jax)(params, *data)
        return jax.tree.map(lambda w, dw: w - task.rate * dw, params, gradients), loss

    def steps(params: Any, data: Any, n: int) -> Any:
        return jax.lax.scan(lambda p, x: step(p, x, data), params, None, length=n, unroll=unroll)[1]

    compiled = jax.jit(steps, static_argnames="n")
    with jax.enable_x64(task.dtype == "float64"):
        params, data = jax.tree.map(
            jax.numpy.asarray, (list(task.start.values()), list(task.data.values()))
        )

    def go(n: int) -> Any:
        with jax.enable_x64(task.dtype == "float64"):
            return np.asarray(compiled(params, data, n))

    return go


def by_torch(task: Task) -> Steps:
    """PyTorch as it is: a loop with autograd and an update of all parameters in one call, without an optimizer's overhead."""
    import torch

    data = [_rows(torch, x) for x in task.data.values()]

    def go(n: int) -> Any:
        _threads(torch, task)
        params = [_layer(torch, w).requires_grad_() for w in task.start.values()]
        losses: list[Any] = []
        for _ in range(n):
            loss = task.torch(params, *data)
            gradients = torch.autograd.grad(loss, params)
            with torch.no_grad():
                torch._foreach_add_(params, gradients, alpha=-task.rate)
            losses.append(loss.detach())
        return torch.stack(losses).numpy()

    return go


def by_torch_compile(task: Task, together: int = 1, backend: str = "inductor") -> Steps:
    """torch.compile of whole steps, `together` of them in a call: loss, gradients and the update in place."""
    import torch

    data = [_rows(torch, x) for x in task.data.values()]
    slope = torch.func.grad_and_value(lambda params: task.torch(params, *data))

    def steps(params: Any) -> Any:
        losses: list[Any] = []
        for _ in range(together):
            gradients, loss = slope(params)
            for w, dw in zip(params, gradients, strict=True):
                w.sub_(task.rate * dw)
            losses.append(loss)
        return torch.stack(losses) if together > 1 else loss

    torch._dynamo.reset()
    compiled = torch.compile(steps, fullgraph=True, dynamic=False, backend=backend)

    def go(n: int) -> Any:
        _threads(torch, task)
        params = [_layer(torch, w) for w in task.start.values()]
        with torch.no_grad():
            losses = [compiled(params) for _ in range(-(-n // together))]
        return torch.stack(losses).reshape(-1)[:n].numpy()

    return go


def by_scikit_learn(task: Task) -> Steps:
    """MLPRegressor, one epoch of one batch for each step. Its loss is half the squared error."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    X, Y = (np.ascontiguousarray(x.T) for x in task.data.values())
    W1, b1, w2, b2 = task.start.values()
    settings = {
        "hidden_layer_sizes": (len(W1),), "activation": "logistic", "solver": "sgd", "alpha": 0, "momentum": 0,
        "learning_rate_init": 2 * task.rate, "shuffle": False, "tol": 0, "n_iter_no_change": 10**9, "warm_start": True,
    }  # fmt: skip

    def go(n: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            shown = MLPRegressor(**settings, max_iter=1, batch_size=1)
            shown.fit(X[:1], Y[:1, 0])  # makes the arrays that are set now
            shown.coefs_ = [W1.T.copy(), w2.T.copy()]
            shown.intercepts_ = [b1[:, 0].copy(), np.full(1, b2, dtype=X.dtype)]
            shown.set_params(max_iter=n, batch_size=len(X)).fit(X, Y[:, 0])
        return 2 * np.asarray(shown.loss_curve_[1:])

    return go


def _threads(torch: Any, task: Task) -> None:
    """Let small networks run in one thread: they are faster so, by a tenth to a third."""
    widest = max([1, *(w.shape[0] for w in task.start.values() if w.ndim)])
    small = widest * next(iter(task.data.values())).size < 1 << 14
    torch.set_num_threads(1 if small else os.cpu_count() or 1)


def _rows(torch: Any, x: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(x.T))


def _layer(torch: Any, w: Any) -> Any:
    """Return a parameter in PyTorch's layout: a column or a number becomes a vector."""
    return torch.from_numpy(w.reshape(-1).copy() if w.ndim == 0 or w.shape[1] == 1 else w.copy())
