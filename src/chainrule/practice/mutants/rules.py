"""Mutants of a gradient by calculus: one rule on the way applied wrongly, or one use of the value forgotten.

The wrong rules are those that the records of the rule table carry, and other activations' derivatives.
"""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.derive.patterns import Collapse
from chainrule.derive.pull import partial
from chainrule.graph import nodes
from chainrule.graph.arithmetic import stretched
from chainrule.graph.coefficient import ONE, ZERO
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node
from chainrule.graph.tensor import Tensor, lift
from chainrule.ops.table import ALONG, TABLE
from chainrule.practice.mutants.catalogue import Mutant, mutant
from chainrule.practice.mutants.contributions import Link, Uses
from chainrule.practice.mutants.formulas import ACTIVATIONS, exchanged, label

_ACTIVATING = (*ACTIVATIONS, "leaky_relu", "abs", "sin", "cos")


def rule_mutants(uses: Uses, usual: Node) -> Iterator[Mutant]:
    """Yield the mutants of a value's gradient: `usual` is its formula, `uses` how it comes about."""
    for link in uses.links():
        for wrong in _wrong(link):
            sent = wrong.formula
            if sent.shape != link.sent.shape:
                continue

            def replace(here: Link, link: Link = link, sent: Node = sent) -> Node | None:
                return sent if (here.node, here.index) == (link.node, link.index) else None

            formula = uses.formula(replace)
            if formula is not None:
                yield wrong.over(formula)
    yield from _forgotten_uses(uses)
    yield from _extra_derivatives(uses, usual)
    yield from _extra_terms(uses, usual)
    if isinstance(uses.value, Name):
        nothing = nodes.constant(ZERO, usual.shape)
        yield mutant(
            "missing-term", nothing, "nothing flows back to it: its gradient is 0", extra=0.8
        )


def _wrong(link: Link) -> Iterator[Mutant]:
    if isinstance(link.node, Map):
        yield from _wrong_slopes(link, link.node)
    elif isinstance(link.node, Along):
        yield from _wrong_along(link, link.node)


def _wrong_slopes(link: Link, node: Map) -> Iterator[Mutant]:
    record = TABLE[node.op]
    args = [Tensor(a) for a in node.args]
    for mistake in record.mistakes if link.index == 0 else ():
        built = mistake.build(*args, Tensor(link.shown), **dict(node.parameters))
        slope = stretched(lift(built).node, node.shape)
        said = f"{node.op}: {mistake.message}"
        rare = 0.0 if node.op in _ACTIVATING else 1.0
        yield mutant(mistake.key, _times(link.upstream, slope), said, extra=rare)
    if node.op not in _ACTIVATING:
        said = f"the derivative of {node.op} was left out"
        yield mutant("missing-activation-derivative", link.upstream, said, extra=1.0)
    own = partial(node, link.index, link.shown)
    if own is None:
        return
    twice = _times(_times(link.upstream, own), own)
    said = f"the derivative of {node.op} stands there twice"
    yield mutant("extra-activation-derivative", twice, said, extra=0.2)
    over = _times(link.upstream, nodes.elementwise("reciprocal", [own]))
    yield mutant("divided-by-derivative", over, "divided by {}", own)
    if node.op in _ACTIVATING:
        yield from _at_the_output(link, node)
        for other, slope in _other_slopes(node.op, node.args[0], link.shown):
            said = f"{{}} is the derivative of {other}, not of {node.op}"
            wrong = _times(link.upstream, slope)
            rare = (
                0.8 if other == "softplus" else 0.0
            )  # its derivative is a sigmoid: half of a(1 - a)
            yield mutant("another-activation-derivative", wrong, said, slope, extra=rare)


def _at_the_output(link: Link, node: Map) -> Iterator[Mutant]:
    """Yield the derivative taken at the activation's output, and the activation in place of its derivative."""
    again = nodes.elementwise(node.op, [link.shown], node.parameters)
    assert isinstance(again, Map)
    slope = partial(again, 0, again)
    if slope is not None:
        said = f"the derivative of {node.op} was taken at {{}}, its output"
        yield mutant("derivative-at-output", _times(link.upstream, slope), said, link.shown)
    said = f"{{}} stands where the derivative of {node.op} is meant"
    wrong = _times(link.upstream, link.shown)
    own = partial(node, 0, link.shown)
    part = own is not None and link.shown in own.args  # a of a(1 - a): a factor was left out
    yield mutant("activation-for-derivative", wrong, said, link.shown, extra=0.5 if part else 0.0)


def _other_slopes(op: str, z: Node, a: Node) -> Iterator[tuple[str, Node]]:
    """Yield the derivatives of other activations, as formulas of the cached output and of the input."""
    for other in ACTIVATIONS:
        if other == op:
            continue
        new = nodes.elementwise(other, [z])
        assert isinstance(new, Map)
        for shown in (a, new):
            slope = partial(new, 0, shown)
            if slope is not None:
                yield other, slope


def _wrong_along(link: Link, node: Along) -> Iterator[Mutant]:
    record = ALONG[node.op]
    g, x, y = Tensor(link.upstream), Tensor(node.args[0]), Tensor(link.shown)
    for mistake in record.mistakes:
        built = stretched(lift(mistake.build(g, x, y, node.axes)).node, link.sent.shape)
        yield mutant(mistake.key, built, mistake.message)
    everything = tuple(range(len(node.args[0].shape)))
    for axes in [*((i,) for i in everything), everything]:
        if axes != node.axes and node.keeps:
            dims = " and ".join(node.shape[i] for i in axes)
            said = f"in the derivative of {node.op}, the sum runs over {dims}"
            yield mutant("wrong-axis", record.pull(g, x, y, axes).node, said)


def _times(a: Node, b: Node) -> Node:
    axes = tuple(range(len(a.shape)))
    return nodes.ein(ONE, [(a, axes), (b, axes)], axes, a.shape)


def _forgotten_uses(uses: Uses) -> Iterator[Mutant]:
    sent = uses.contributions()
    if len(sent) < 2:
        return
    many = f"{uses.backward.gradients[_label(uses)].node.of} is used {len(sent)} times"
    for i, one in enumerate(sent):
        rest = nodes.add([s for k, s in enumerate(sent) if k != i])
        said = f"{many}, and the contribution {{}} was left out"
        yield mutant("missing-term", rest, said, one)
        if len(sent) > 2:
            yield mutant("missing-term", one, f"{many}, and only {{}} was kept", one)


def _label(uses: Uses) -> str:
    return uses.value.label if isinstance(uses.value, Name) else uses.value.name


def _extra_terms(uses: Uses, usual: Node) -> Iterator[Mutant]:
    """Yield a parameter's gradient with the penalty that other parameters have."""
    if not isinstance(uses.value, Input):
        return
    for other in uses.backward.gradients.values():
        for term in other.formula.args if isinstance(other.formula, Add) else ():
            own = term.args[0] if isinstance(term, Ein) and len(term.args) == 1 else None
            if own is other.value and own is not uses.value:
                assert isinstance(term, Ein)
                extra = nodes.scaled(term.coefficient, uses.value)
                said = f"{{}} was added: the penalty is on {label(other.value)} only"
                yield mutant("extra-term", nodes.add([usual, extra]), said, extra)


def _extra_derivatives(uses: Uses, usual: Node) -> Iterator[Mutant]:
    """Yield a derivative too many: after a cross-entropy that has undone it, or of an activation that is not there."""
    for collapse in uses.backward.collapses:
        if _argument(collapse) is uses.value:
            yield from _collapsed(collapse, usual)
        elif collapse.probability is uses.value:
            said = "{} is the gradient of the value before, activation and cross-entropy together"
            g, at = collapse.gradient, collapse.at
            yield mutant("extra-activation-derivative", g, said, g)
            slope = partial(at, 0, collapse.probability) if isinstance(at, Map) else None
            if slope is not None:
                said = "{} was multiplied by {}, where it is to be divided"
                yield mutant("inverse", _times(g, slope), said, g, slope)
    if not isinstance(uses.value, Name):
        yield from _slopes_in_between(uses, usual)
        return
    v = uses.value
    for op in ACTIVATIONS:
        z = nodes.elementwise(op, [v])
        assert isinstance(z, Map)
        for shown in (v, z):
            slope = partial(z, 0, shown)
            if slope is not None:
                said = f"multiplied by {{}}, though nothing here is a {op}"
                wrong = _times(usual, slope)
                yield mutant("extra-activation-derivative", wrong, said, slope, extra=0.3)


def _slopes_in_between(uses: Uses, usual: Node) -> Iterator[Mutant]:
    """Yield a parameter's gradient with the derivative of the next activation multiplied in once more."""
    for gradient in uses.backward.gradients.values():
        if gradient.node not in nodes.inside(usual):
            continue
        for node in nodes.topological([uses.graph.loss]):
            if not (isinstance(node, Map) and node.op in ACTIVATIONS):
                continue
            shown = next((v for v in uses.graph.values if v.inner is node), node)
            slope = partial(node, 0, shown) if node.args[0] is gradient.value else None
            if slope is not None:
                said = f"multiplied by {{}}, which {label(gradient.node)} holds already"
                wrong = exchanged(usual, {gradient.node: _times(gradient.node, slope)})
                yield mutant("extra-activation-derivative", wrong, said, slope, extra=0.3)


def _argument(collapse: Collapse) -> Node:
    return collapse.at.args[0]


def _collapsed(collapse: Collapse, usual: Node) -> Iterator[Mutant]:
    said = f"{collapse.note}; its derivative is not to be multiplied in again"
    at = collapse.at
    if isinstance(at, Map):
        slope = partial(at, 0, collapse.probability)
        if slope is not None:
            yield mutant("extra-activation-derivative", _times(usual, slope), said, extra=-0.2)
    elif isinstance(at, Along):
        p = Tensor(collapse.probability)
        own = ALONG[at.op].pull(Tensor(usual), Tensor(at.args[0]), p, at.axes).node
        entries = (Tensor(usual) * p * (1 - p)).node
        yield mutant("extra-activation-derivative", own, said, extra=-0.2)
        yield mutant("extra-activation-derivative", entries, said, extra=-0.2)
