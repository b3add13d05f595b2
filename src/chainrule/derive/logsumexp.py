"""The logarithm of a sum of exponentials, written out: derived as written, computed without overflow.

log Σ exp(Z) is announced as logsumexp(Z): its gradient is the upstream one shared out as exp(Z - logsumexp(Z)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, ONE
from chainrule.graph.nodes import Ein, Map, Name, Node
from chainrule.graph.trace import Graph


@dataclass(frozen=True)
class LogSumExp:
    """One occurrence: the log, the exp inside it, the overflow-free value of the log, and its name if it has one."""

    log: Map
    exp: Map
    total: Ein
    stable: Node
    shown: Node

    name = "log-sum-exp"
    note = "the logarithm undoes the exponentials: each entry takes the share exp(z - logsumexp(z))"

    def gradient(self, upstream: Node) -> Node:
        """Return what the log's gradient sends to the exponents, without overflow."""
        z, letters = self.exp.args[0], self.total.letters[0]
        spread = nodes.ein(ONE, [(self.shown, self.total.out)], letters, z.shape)
        share = nodes.elementwise("exp", [nodes.add([z, nodes.scaled(MINUS_ONE, spread)])])
        return nodes.ein(ONE, [(upstream, self.total.out), (share, letters)], letters, z.shape)


def find_logsumexps(graph: Graph) -> list[LogSumExp]:
    """Return every log of a plain sum of exponentials in a graph whose parts are used nowhere else."""
    order = nodes.topological([graph.loss])
    uses: dict[Node, int] = {}
    for node in order:
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    shown = {node.inner: node for node in reversed(order) if isinstance(node, Name)}
    return [
        found
        for node in order
        if isinstance(node, Map) and node.op == "log" and (found := _match(node, uses, shown))
    ]


def _match(log: Map, uses: Mapping[Node, int], shown: Mapping[Node, Name]) -> LogSumExp | None:
    total = nodes.definition(log.args[0])
    if not (isinstance(total, Ein) and len(total.args) == 1 and total.coefficient == ONE):
        return None
    exp = nodes.definition(total.args[0])
    dims = total.dims
    fresh = [x for x in total.out if x not in total.letters[0] and dims[x] != "1"]
    if not (isinstance(exp, Map) and exp.op == "exp" and total.summed) or fresh:
        return None
    if uses[log.args[0]] > 1 or uses[total.args[0]] > 1:
        return None
    letters = total.letters[0]
    axes = tuple(i for i, x in enumerate(letters) if x in total.summed)
    kept = tuple(1000 + i if i in axes else x for i, x in enumerate(letters))
    reduced = nodes.along("logsumexp", exp.args[0], axes, False)
    stable = nodes.ein(ONE, [(reduced, kept)], total.out, total.shape)
    return LogSumExp(log, exp, total, stable, shown.get(log, stable))


def substitute(outputs: Sequence[Node], changes: Mapping[Node, Node]) -> list[Node]:
    """Return the outputs with some nodes exchanged, everywhere below them."""
    done: dict[Node, Node] = {}
    for node in nodes.topological([*outputs, *changes.values()]):
        done[node] = node.rebuild([done[a] for a in node.args])
        if node in changes:
            done[node] = changes[node]
    return [done[output] for output in outputs]
