"""What a run saves, as plain data and arrays, and the fingerprints by which it knows its data again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.graph.plain import to_plain
from chainrule.optim import names as methods

if TYPE_CHECKING:
    from chainrule.fit.run import Run

Array = NDArray[Any]


def document(run: Run) -> dict[str, Any]:
    """Return everything about a run but its arrays."""
    s = run.settings
    return {
        "model": to_plain(run.model.graph),
        "optimizer": methods.to_plain(s.optimizer),
        "settings": {
            k: getattr(s, k)
            for k in ("steps", "batch_size", "seed", "engine", "dtype", "tolerance", "patience")
        },
        "parameters": {k: _count(v) for k, v in run.start.items()},
        "step": run.steps,
        "loss": run.loss if np.isfinite(run.loss) else None,
        "every": run.record.every,
        "engine": run.engine,
        "why": run.why,
        "stopped": run.stopped,
        "seconds": run.seconds,
        "evaluations": run.evaluations,
        "condition": run.condition,
        "fingerprint": run.fingerprint,
        "reading": None if run.reading is None else run.reading.to_plain(),
        "versions": versions(),
    }


def arrays(run: Run) -> dict[str, Array]:
    """Return the arrays of a run, by name."""
    width = run.flat.size * (1 + len(run.position.state))
    found = {
        f"start/{name}": np.asarray(leaf)
        for name, leaf in zip(
            run.flat.names, run.flat.leaves(run.flat.join(run.start)), strict=True
        )
    }
    return {
        **found,
        "end": run.position.row(),
        "losses": run.losses,
        "record/steps": np.array(run.record.steps, dtype=np.int64),
        "record/rows": np.array(run.record.rows).reshape(len(run.record.rows), width),
        "record/norms": np.array(run.record.norms, dtype=np.float64),
    }


def _count(value: Any) -> int | None:
    """Return how many arrays a list holds, None for a single array."""
    return len(cast("list[Any]", value)) if isinstance(value, list) else None


def fingerprint(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of arrays: their names, shapes and every bit."""
    digest = hashlib.sha256()
    for name, value in data.items():
        for piece in value if isinstance(value, list) else [value]:  # pyright: ignore[reportUnknownVariableType]
            array = np.ascontiguousarray(np.asarray(piece, dtype=np.float64))
            digest.update(f"{name} {array.shape} ".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of what made the numbers."""
    found = {"python": platform.python_version()}
    for package in ("chainrule", "numpy", "jax", "jaxlib"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
