"""What each use of a value sends back to it, written over named values only; with one rule on the way replaced, if asked.

The reverse sweep again, but from named value to named value: the formula that a student writes in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chainrule.derive.pull import pull
from chainrule.derive.sweep import Backward
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE
from chainrule.graph.nodes import Input, Name, Node
from chainrule.graph.trace import Graph


@dataclass(frozen=True)
class Link:
    """One application of a rule on the way: the operation, which argument, the gradient that arrives, the named output."""

    node: Node
    index: int
    upstream: Node
    shown: Node
    sent: Node


Replace = Callable[[Link], "Node | None"]


class Uses:
    """The uses of one value: the links between it and the named values computed from it.

    `instead` gives some values another definition than the model's: a student's, where it is known.
    """

    def __init__(
        self,
        graph: Graph,
        backward: Backward,
        value: Input | Name,
        instead: Mapping[Name, Node] | None = None,
    ) -> None:
        self.graph, self.backward, self.value = graph, backward, value
        self._inner = {v: v.inner for v in graph.values} | dict(instead or {})
        self._shown = {inner: v for v, inner in reversed(self._inner.items())}
        self.consumers = [v for v, inner in self._inner.items() if value in nodes.inside(inner)]

    def under(self, instead: Mapping[Name, Node]) -> Uses:
        """Return the uses in the same model with some values computed otherwise."""
        return Uses(self.graph, self.backward, self.value, instead)

    def contributions(self, replace: Replace | None = None) -> list[Node]:
        """Return what each use sends back."""
        return [sent for consumer in self.consumers for sent in self._through(consumer, replace)]

    def links(self) -> list[Link]:
        """Return every rule applied on the way."""
        found: list[Link] = []

        def keep(link: Link) -> None:
            found.append(link)

        self.contributions(keep)
        return found

    def formula(self, replace: Replace | None = None) -> Node | None:
        """Return the sum of the contributions, None where nothing flows back."""
        sent = self.contributions(replace)
        return nodes.add(sent) if sent else None

    def _seed(self, consumer: Name) -> Node | None:
        if consumer is self.graph.loss:
            return nodes.constant(ONE)
        found = self.backward.gradients.get(consumer.label)
        return found.node if found else None

    def _through(self, consumer: Name, replace: Replace | None) -> Iterator[Node]:
        seed = self._seed(consumer)
        if seed is None:
            return
        output = self._inner[consumer]
        inside = nodes.inside(output)
        reaches = _reaching(inside, self.value)
        arrived: dict[Node, list[Node]] = {output: [seed]}
        if output is self.value:
            yield seed
            return
        for node in reversed(inside):
            if node in arrived and node in reaches and not nodes.is_leaf(node):
                yield from self._send(node, nodes.add(arrived[node]), reaches, arrived, replace)

    def _send(
        self,
        node: Node,
        g: Node,
        reaches: Mapping[Node, bool],
        arrived: dict[Node, list[Node]],
        replace: Replace | None,
    ) -> Iterator[Node]:
        shown = self._shown.get(node, node)
        for sent in pull(node, g, shown):
            arg = node.args[sent.index]
            if arg not in reaches:
                continue
            new = replace(Link(node, sent.index, g, shown, sent.formula)) if replace else None
            formula = sent.formula if new is None else new
            if arg is self.value:
                yield formula
            else:
                arrived.setdefault(arg, []).append(formula)


def _reaching(inside: list[Node], value: Node) -> dict[Node, bool]:
    """Return the nodes that read the value, and the value itself."""
    found: dict[Node, bool] = {}
    for node in inside:
        if node is value or (not nodes.is_leaf(node) and any(a in found for a in node.args)):
            found[node] = True
    return found
