"""The JAX engine: the emitted JAX source inside one compiled loop. Needs the extra `jax`; runs on a GPU where there is one."""

# pyright: reportUnknownLambdaType=false
# JAX calls the lambdas below with traced values, whose types pyright cannot know.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.cache import folder
from chainrule.emit import program as programs
from chainrule.emit.terms import Program
from chainrule.engines.jax_products import turned
from chainrule.engines.work import Position, Stretch, Work
from chainrule.errors import missing_extra

_ENTRIES = 1 << 22  # the most indices of batches that one stretch holds
_STEPS = (
    1 << 16
)  # the most steps that one stretch makes: a call costs as much as hundreds of the smallest steps
_RECORD = 1 << 21  # the most numbers that the record of one stretch holds


class JaxEngine:
    """Whole stretches of steps in one compiled call. Losses and records stay on the device until its end."""

    name = "jax"

    def __init__(self, work: Work) -> None:
        try:
            import jax
        except ImportError:
            raise missing_extra("jax", "jax") from None
        self.jax: Any = jax
        self.work = work
        _keep_compiled(self.jax)
        batches = work.batches
        self.most = _STEPS if batches is None else max(1, min(8192, _ENTRIES // batches.size))
        width = work.flat.size * (1 + len(work.optimizer.slots))
        self.rows = max(1, min(1024, _RECORD // max(width, 1)))
        slope = _function(work.program)
        self._gradient = turned(self.jax, lambda *given: self._spread(slope(*given)))
        self._update = _function(work.update)
        with self._wide():
            self._data = self._arranged()
            self._stretch = self.jax.jit(
                self._compiled, static_argnames=("watch",), donate_argnums=(0, 1)
            )

    def _wide(self) -> Any:
        return self.jax.enable_x64(self.work.dtype == "float64")

    def _arranged(self) -> list[Any]:
        """Return the data on the device; batched arrays with their examples first, so that a batch is read in rows."""
        axes: Mapping[str, int] = {} if self.work.batches is None else self.work.batches.axes

        def on_device(name: str, x: Any) -> Any:
            if name in axes:
                x = np.ascontiguousarray(np.moveaxis(x, axes[name], 0))
            return self.jax.tree.map(self.jax.numpy.asarray, x)

        return [on_device(name, x) for name, x in self.work.data.items()]

    def advance(
        self, start: Position, windows: int, length: int, threshold: float | None
    ) -> Stretch:
        """Make windows x length steps; see Engine."""
        jnp, work = self.jax.numpy, self.work
        slots = work.optimizer.slots
        table = None
        if (
            work.batches is not None
        ):  # one shape for all stretches, so that one compilation serves them
            table = np.zeros((self.most, work.batches.size), dtype=np.int32)
            table[: windows * length] = work.batches.table(start.step, windows * length)
        with self._wide():
            leaves = [jnp.array(x) for x in work.flat.leaves(start.vector)]
            state = {
                slot: [jnp.array(x) for x in work.flat.leaves(start.state[slot])] for slot in slots
            }
            limit = -1.0 if threshold is None else threshold
            out = self._stretch(
                leaves, state, start.step, windows, length, self._data, table, limit,
                watch=threshold is not None,
            )  # fmt: skip
            # asarray of each, where device_get takes as long as a hundred of the smallest steps
            leaves, state, made, losses, rows, norms, settled = self.jax.tree.map(np.asarray, out)
        steps, stopped = int(made), bool(settled)
        reached = -(-(steps + stopped) // length)  # windows whose start was reached
        end = Position(
            start.step + steps,
            _joined(leaves),
            {slot: _joined(state[slot]) for slot in slots},
        )
        return Stretch(end, losses[:steps], rows[:reached], norms[:reached], stopped)

    # -- what is compiled
    def _compiled(
        self,
        leaves: Any,
        state: Any,
        step: Any,
        windows: Any,
        length: Any,
        data: Any,
        table: Any,
        limit: Any,
        watch: bool,
    ) -> Any:
        lax, jnp = self.jax.lax, self.jax.numpy
        width = self.work.flat.size * (1 + len(self.work.optimizer.slots))
        dtype = leaves[0].dtype
        rows, norms = jnp.zeros((self.rows, width), dtype), jnp.zeros(self.rows, dtype)
        losses = jnp.zeros(self.most, dtype)

        def moved(i: Any, leaves: Any, state: Any) -> Any:
            loss, gradients = self._slope(leaves, data, table, i, step + i)
            return loss, gradients, self._moved(leaves, gradients, state, step + i + 1)

        def one(i: Any, carry: Any) -> Any:
            leaves, state, losses = carry
            loss, _, (leaves, state) = moved(i, leaves, state)
            return leaves, state, losses.at[i].set(loss)

        def measured(i: Any, carry: Any) -> Any:
            leaves, state, losses = carry
            loss, gradients, new = moved(i, leaves, state)
            norm = self._norm(gradients)
            settled = norm <= limit if watch else jnp.asarray(False)
            if watch:
                new = self.jax.tree.map(
                    lambda old, new: jnp.where(settled, old, new), (leaves, state), new
                )
            return (*new, losses.at[i].set(loss)), norm, settled

        def watched(i: Any, end: Any, inner: Any, settled: Any) -> Any:
            """Steps i to end, each with its norm, until one settles; returns the step it came to as well."""

            def further(c: Any) -> Any:
                inner, _, settled = measured(c[0], c[1])
                return c[0] + jnp.where(settled, 0, 1), inner, settled

            return lax.while_loop(lambda c: (c[0] < end) & ~c[2], further, (i, inner, settled))

        def window(carry: Any) -> Any:
            k, rows, norms, inner, _, _ = carry
            leaves, state, _ = inner
            parts = [*leaves, *(y for s in state.values() for y in s)]
            rows = rows.at[k].set(jnp.concatenate([x.reshape(-1) for x in parts]))
            first, end = k * length, (k + 1) * length
            inner, norm, settled = measured(first, inner)  # the first step measures the gradient
            norms = norms.at[k].set(norm)
            if watch:
                made = first + jnp.where(settled, 0, 1)
                made, inner, settled = watched(made, end, inner, settled)
            else:
                made = end
                inner = lax.fori_loop(first + 1, end, one, inner)
            return k + 1, rows, norms, inner, made, settled

        zero, no = jnp.asarray(0), jnp.asarray(False)
        start = (zero, rows, norms, (leaves, state, losses), zero, no)
        _, rows, norms, inner, made, settled = lax.while_loop(
            lambda c: (c[0] < windows) & ~c[5] if watch else c[0] < windows, window, start
        )
        leaves, state, losses = inner
        return leaves, state, made, losses, rows, norms, settled

    def _slope(self, leaves: Any, data: Any, table: Any, i: Any, step: Any) -> Any:
        batches = self.work.batches
        params = list(self.work.flat.grouped(leaves).values())
        if batches is None:
            return self._gradient(*data, *params)
        chosen = table[i]

        def at(count: int) -> Any:
            return self._gradient(*self._picked(data, chosen[:count]), *params)

        if not batches.short:
            return at(batches.size)
        last = step % batches.per_epoch == batches.per_epoch - 1
        return self.jax.lax.cond(last, lambda: at(batches.short), lambda: at(batches.size))

    def _picked(self, data: Any, chosen: Any) -> list[Any]:
        assert self.work.batches is not None
        axes = self.work.batches.axes
        return [
            self.jax.numpy.moveaxis(x[chosen], 0, axes[name]) if name in axes else x
            for name, x in zip(self.work.data, data, strict=True)
        ]

    @staticmethod
    def _spread(result: Any) -> Any:
        loss, gradients = result
        leaves: list[Any] = []
        for value in gradients.values():
            leaves += value if isinstance(value, list) else [value]
        return loss, leaves

    def _moved(self, leaves: Any, gradients: Any, state: Any, t: Any) -> Any:
        names, slots = self.work.optimizer.arguments, self.work.optimizer.slots
        dtype = leaves[0].dtype
        shared: dict[str, Any] = {"t": t.astype(dtype)} if "t" in names else {}
        if "norm" in names:
            shared["norm"] = self._norm(gradients)
        moved: list[Any] = []
        kept: dict[str, list[Any]] = {slot: [] for slot in slots}
        for i, (w, dw) in enumerate(zip(leaves, gradients, strict=True)):
            given = {"w": w, "dw": dw, **{slot: state[slot][i] for slot in slots}, **shared}
            new = self._update(*[given[name] for name in names])
            moved.append(new["w"])
            for slot in slots:
                kept[slot].append(new[slot])
        return moved, kept

    def _norm(self, gradients: Any) -> Any:
        jnp = self.jax.numpy
        return jnp.sqrt(sum(jnp.sum(g * g) for g in gradients))


def _keep_compiled(jax: Any) -> None:
    """Let JAX keep compiled loops on disk, so that the next process starts at once; the reader's own settings win."""
    config = jax.config
    if config.jax_compilation_cache_dir is not None:
        return
    kept = folder("jax")
    if kept is not None:
        config.update("jax_compilation_cache_dir", str(kept))
        config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def _function(program: Program) -> Any:
    """Return the emitted JAX function. The text is our own: no text of a user's is ever executed."""
    space: dict[str, Any] = {}
    exec(compile(programs.write(program, "jax"), f"<chainrule {program.name}, jax>", "exec"), space)
    return space[program.function]


def _joined(leaves: Any) -> Any:
    return np.concatenate([np.asarray(x).reshape(-1) for x in leaves])
