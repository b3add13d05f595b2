"""The table: every operation by name. What can be generated from a record is generated from it."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.ops.axes import REDUCTIONS
from chainrule.ops.kinked import KINKED
from chainrule.ops.record import Elementwise, Record, Reduction
from chainrule.ops.smooth import SMOOTH

TABLE: Mapping[str, Elementwise] = {record.name: record for record in (*SMOOTH, *KINKED)}
ALONG: Mapping[str, Reduction] = {record.name: record for record in REDUCTIONS}


def records() -> list[Record]:
    """Return all records, in teaching order."""
    from chainrule.ops.losses import COMPOSITES

    return [*TABLE.values(), *ALONG.values(), *COMPOSITES]
