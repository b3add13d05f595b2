"""What operations mean: one record each, and the functions that models call. `FUNCTIONS` is the list of those."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.ops import functions, losses, multilinear
from chainrule.ops.table import ALONG, TABLE, records

_ELSEWHERE = ("power",)  # written as **, not called
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    record.name: getattr(
        next(
            room
            for room in (functions, multilinear, losses)
            if callable(getattr(room, record.name, None))
        ),
        record.name,
    )
    for record in records()
    if record.name not in _ELSEWHERE
}

__all__ = ["ALONG", "FUNCTIONS", "TABLE", "records"]
