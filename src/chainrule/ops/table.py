"""The table: every operation by name. What can be generated from a record is generated from it."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.errors import DataError
from chainrule.graph.nodes import Along, Map, topological
from chainrule.graph.trace import Graph
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


def check_operations(graph: Graph) -> None:
    """Make sure that a graph read from a file calls every operation as its record says.

    Raises:
        DataError: an operation with other arguments or numbers than it takes.
    """
    for node in topological([graph.loss]):
        if isinstance(node, Map):
            record = TABLE.get(node.op)
            right = record and len(node.args) == record.arity
            right = right and {name for name, _ in node.parameters} == set(record.parameters)  # type: ignore[union-attr]
        elif isinstance(node, Along):
            along = ALONG.get(node.op)
            right = along and node.keeps == along.keeps
        else:
            continue
        if not right:
            raise DataError(
                f"the saved model calls {node.op} in a way that chainrule does not know. It was damaged: save the model again."
            )
