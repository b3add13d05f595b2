"""The reverse sweep: one gradient per named value, each a formula of named values, with the log of how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chainrule.derive.logsumexp import LogSumExp, find_logsumexps
from chainrule.derive.patterns import Collapse, find_collapses
from chainrule.derive.pull import pull
from chainrule.derive.simplify import Rewriter
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, ZERO
from chainrule.graph.nodes import Input, Name, Node
from chainrule.graph.trace import Graph


@dataclass(frozen=True)
class Contribution:
    """What one use of a value sends back: the formula as the rule gives it, and as it is kept."""

    raw: Node
    kept: Node
    rules: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Gradient:
    """The gradient of one value: the node `dV`, its raw and its simplified formula, and what led from one to the other."""

    value: Input | Name
    node: Name
    raw: Node
    rules: tuple[str, ...]
    rewrites: tuple[str, ...]
    uses: int
    notes: tuple[str, ...] = ()

    @property
    def formula(self) -> Node:
        """The simplified formula."""
        return self.node.inner

    @property
    def reads(self) -> list[Input | Name]:
        """The named values and inputs that the formula reads, in order of appearance."""
        return [n for n in nodes.inside(self.formula) if isinstance(n, Input | Name)]


@dataclass(frozen=True)
class Backward:
    """All gradients of a graph: in teaching order, and by label; and the patterns that collapsed."""

    graph: Graph
    gradients: Mapping[str, Gradient]
    collapses: tuple[Collapse, ...]
    logsumexps: tuple[LogSumExp, ...] = ()


@dataclass
class _Sweep:
    seed: Node
    learned: set[Node]
    collapses: Mapping[Node, Collapse]
    shown: Mapping[Node, Name]  # the named value that a node defines
    logsumexps: Sequence[LogSumExp] = ()
    upstream: dict[Node, Node] = field(default_factory=dict[Node, Node])  # of the logs among them
    arrived: dict[Node, list[Contribution]] = field(default_factory=dict[Node, list[Contribution]])
    found: dict[Node, Gradient] = field(default_factory=dict[Node, Gradient])

    def visit(self, node: Node, loss: Node) -> None:
        if node not in self.learned or (
            node is not loss and node not in self.arrived and not isinstance(node, Input)
        ):
            return
        if node is loss:
            g, rules = self.seed, ()
        elif isinstance(node, Input | Name):
            g, rules = self._name(node), ()
        else:
            g, rules = self._unnamed(node)
        if isinstance(node, Input):
            return
        self._send(node, g, rules)

    def _send(self, node: Node, g: Node, rules: tuple[str, ...]) -> None:
        inner = next((x for x in self.logsumexps if x.exp is node), None)
        if any(x.log is node for x in self.logsumexps):
            self.upstream[node] = g
        for sent in pull(node, g, self.shown.get(node)):
            arg = node.args[sent.index]
            if arg in self.learned:
                more = (*rules, sent.rule) if sent.rule else rules
                kept, note = sent.formula, ""
                collapse = self.collapses.get(node)
                if collapse:
                    kept, note, more = collapse.gradient, collapse.note, (*more, collapse.name)
                if inner:
                    kept, note = inner.gradient(self.upstream[inner.log]), inner.note
                    more = (*more, inner.name)
                self.arrived.setdefault(arg, []).append(
                    Contribution(sent.formula, kept, tuple(dict.fromkeys(more)), note)
                )

    def _unnamed(self, node: Node) -> tuple[Node, tuple[str, ...]]:
        sent = self.arrived.pop(node)
        total = Rewriter().simplify(nodes.add([c.kept for c in sent]))
        return total, tuple(dict.fromkeys(rule for c in sent for rule in c.rules))

    def _name(self, node: Input | Name) -> Node:
        sent = self.arrived.pop(node, None) or [_nothing(node)]
        label = node.name if isinstance(node, Input) else node.label
        rewriter = Rewriter()
        formula = rewriter.simplify(nodes.add([c.kept for c in sent]))
        g = nodes.named(f"d{label}", formula, "gradient", label)
        assert isinstance(g, Name)
        rules = tuple(dict.fromkeys(rule for c in sent for rule in c.rules))
        notes = tuple(c.note for c in sent if c.note)
        raw = nodes.add([c.raw for c in sent])
        self.found[node] = Gradient(node, g, raw, rules, tuple(rewriter.fired), len(sent), notes)
        return g


def _nothing(node: Node) -> Contribution:
    zero = nodes.constant(ZERO, node.shape)
    return Contribution(
        zero, zero, ("no path with a slope",), "nothing flows back: every path to the loss is flat"
    )


def sweep(graph: Graph) -> Backward:
    """Return the gradient of the loss with respect to every named value and parameter."""
    order = nodes.topological([graph.loss])
    learned = depends_on_parameters(order)
    collapses = find_collapses(graph)
    logsumexps = tuple(find_logsumexps(graph))
    state = _Sweep(
        nodes.constant(ONE),
        learned,
        {c.at: c for c in collapses},
        {v.inner: v for v in reversed(graph.values)},
        logsumexps,
    )
    for node in reversed(order):
        state.visit(node, graph.loss)
    ordered = teaching_order(graph, state.found)
    return Backward(graph, {g.node.of: g for g in ordered}, tuple(collapses), logsumexps)


def depends_on_parameters(order: Sequence[Node]) -> set[Node]:
    """Return the nodes that some parameter reaches."""
    learned: set[Node] = set()
    for node in order:
        if (isinstance(node, Input) and node.role == "parameter") or any(
            a in learned for a in node.args
        ):
            learned.add(node)
    return learned


def teaching_order(graph: Graph, found: Mapping[Node, Gradient]) -> list[Gradient]:
    """Return gradients as a textbook lists them: each value, then the parameters that it makes available."""
    values = graph.values
    leaves = {v: [n for n in nodes.inside(v.inner) if isinstance(n, Input)] for v in values}
    waiting: dict[Input, int] = {}
    for v in values:
        for leaf in leaves[v]:
            waiting[leaf] = waiting.get(leaf, 0) + 1
    result: list[Gradient] = []
    for v in reversed(values):
        if v in found:
            result.append(found[v])
        for leaf in leaves[v]:
            waiting[leaf] -= 1
            if not waiting[leaf] and leaf in found:
                result.append(found[leaf])
    return result
