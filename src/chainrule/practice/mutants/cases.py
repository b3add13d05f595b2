"""Mutants with another loss's derivative, other labels, or one case of a function with cases wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from chainrule.derive.instances import implied_domains
from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE, Coefficient, size_of
from chainrule.graph.nodes import Add, Ein, Input, Map, Name, Node
from chainrule.graph.tensor import Tensor, elementwise
from chainrule.graph.trace import Graph
from chainrule.practice.grounds.scales import loss_average
from chainrule.practice.mutants.catalogue import Mutant, mutant
from chainrule.practice.mutants.contributions import Link, Uses
from chainrule.practice.mutants.formulas import ACTIVATIONS, exchanged, label


def case_mutants(root: Node, graph: Graph) -> Iterator[Mutant]:
    """Yield the mutants of a formula in which a case is wrong, or the labels are other numbers."""
    domains = implied_domains(graph)
    for node in nodes.inside(root):
        if isinstance(node, Map) and node.op == "clip":
            for made in _clipped(node):
                yield made.over(exchanged(root, {node: made.formula}))
        elif isinstance(node, Map) and node.op in ("step", "greater", "less", "inside"):
            turned = (1 - Tensor(node)).node
            said = "{} is where it should be 0, and the other way round"
            yield mutant("wrong-case", exchanged(root, {node: turned}), said, node)
        elif isinstance(node, Input) and domains.get(node.name) in ("label", "one-hot"):
            yield from _recoded(root, node)
        elif isinstance(node, Input) and node.role == "parameter":
            yield from _other_penalties(root, node)


def _clipped(node: Map) -> Iterator[Mutant]:
    """Yield a clipped value with one of its cases wrong."""
    x, high = Tensor(node.args[0]), dict(node.parameters)["high"]
    inside = elementwise("inside", [x], node.parameters)
    middle, outside = x * inside, 1 - inside
    sign = elementwise("sign", [x])
    bound = f"{high}"
    said = f"outside the bounds it is {bound} on both sides: the sign is missing"
    yield mutant("sign", (middle + outside * high).node, said)
    said = "outside the bounds the sign is the wrong way round"
    yield mutant("sign", (middle - outside * sign * high).node, said)
    said = f"outside the bounds it is the sign alone, and {bound} is missing"
    yield mutant("missing-factor", (middle + outside * sign).node, said)
    cases = [
        (middle, "outside the bounds it is 0"),
        (sign * high, "the case between the bounds is missing"),
        (x * outside + sign * inside * high, "the two cases are exchanged"),
        (elementwise("abs", [x]) * inside + outside * high, "the sign is missing in both cases"),
    ]
    for new, said in cases:
        yield mutant("wrong-case", new.node, said)
    twice = "between the bounds there is a factor 2 too many"
    yield mutant("extra-factor-2", (2 * middle + outside * sign * high).node, twice)
    half = "between the bounds a factor 2 is missing"
    yield mutant("missing-factor-2", (middle / 2 + outside * sign * high).node, half)


def _recoded(root: Node, leaf: Input) -> Iterator[Mutant]:
    """Yield a formula with labels of -1 and 1, exchanged labels, or ones."""
    y = Tensor(leaf)
    name = label(leaf)
    for new, said, extra in (
        (2 * y - 1, f"2{name} - 1, labels of -1 and 1, stands where {name} is meant", -0.2),
        (1 - y, f"1 - {name} stands where {name} is meant: the classes are exchanged", 0.1),
        (y * 0 + 1, f"1 stands where {name} is meant, for every class and example", 0.3),
    ):
        yield mutant("wrong-value", exchanged(root, {leaf: new.node}), said, extra=extra)


def _other_penalties(root: Node, leaf: Input) -> Iterator[Mutant]:
    """Yield a formula in which a term c w is c sign(w), or c w²."""
    w = Tensor(leaf)
    for term in root.args if isinstance(root, Add) else ():
        if isinstance(term, Ein) and term.args == (leaf,):
            sign, root_of = elementwise("sign", [w]), w / _norm(w)
            for new, said in (
                (sign / 2, "the penalty is that of the absolute values"),
                (sign, "the penalty is that of the absolute values, with a factor 2"),
                (w**2 / 2, "the penalty itself stands there, not its derivative"),
                (w**2, "the penalty itself stands there, with a factor 2"),
                (root_of / 2, "the penalty is that of the norm, not of its square"),
                (root_of, "the penalty is that of the norm, with a factor 2"),
            ):
                changed = exchanged(term, {leaf: new.node})
                formula = exchanged(root, {term: changed})
                yield mutant("another-penalty", formula, said)


def _norm(w: Tensor) -> Tensor:
    """Return the root of the sum of squares, in every entry of an array of the same shape."""
    axes = tuple(range(len(w.node.shape)))
    out = tuple(100 + i for i in axes)
    squares = nodes.ein(ONE, [((w**2).node, axes)], out, w.node.shape)
    return elementwise("sqrt", [Tensor(squares)])


def use_mutants(uses: Uses) -> Iterator[Mutant]:
    """Yield a gradient with a function itself where its derivative is meant: e² for 2e."""
    for link in uses.links():
        node = link.node
        if not isinstance(node, Map) or node.op in (*ACTIVATIONS, "exp") or len(node.args) > 1:
            continue
        sent = (Tensor(link.upstream) * Tensor(link.shown)).node
        if sent.shape != link.sent.shape:
            continue

        def replace(here: Link, link: Link = link, sent: Node = sent) -> Node | None:
            return sent if (here.node, here.index) == (link.node, link.index) else None

        formula = uses.formula(replace)
        if formula is not None:
            said = f"{{}} stands where the derivative of {node.op} is meant"
            yield mutant("not-differentiated", formula, said, link.shown)


def loss_mutants(value: Node, usual: Node, graph: Graph) -> Iterator[Mutant]:
    """Yield the gradients that a prediction has of other losses."""
    if not isinstance(value, Name) or graph.loss is value:
        return
    targets = [n for n in graph.inputs if n.role == "data" and n.shape == value.shape]
    read = nodes.inside(graph.loss.inner)
    share = _share(graph)
    for target in targets if value in read else ():
        if target in read:
            for name, gradient in _losses(Tensor(value), Tensor(target)).items():
                formula = nodes.scaled(share, gradient.node)
                if formula is not usual:
                    said = f"this is the derivative of {name}, and the model's loss is another"
                    yield mutant("another-loss", formula, said)


def _share(graph: Graph) -> Coefficient:
    return size_of(loss_average(graph)).to_the(Fraction(-1)) or ONE


def _losses(p: Tensor, y: Tensor) -> Mapping[str, Tensor]:
    """Return the derivatives of one example's loss by the prediction."""
    e = p - y
    count = size_of(e.node.shape).to_the(Fraction(-1, 2)) or ONE
    root = Tensor(nodes.scaled(count, _norm(e).node))
    return {
        "the absolute error": elementwise("sign", [e]),
        "the squared error": 2 * e,
        "the root of the mean squared error": e / root,
        "the cubed error": 3 * e**2,
        "the error to the fourth power": 4 * e**3,
        "log cosh of the error": elementwise("tanh", [e]),
        "Huber's loss": elementwise("clip", [e], (("high", Fraction(1)), ("low", Fraction(-1)))),
        "the binary cross-entropy": e / (p * (1 - p)),
        "the cross-entropy of the labels that are 1": -y / p,
        "a relative error": e / p,
    }
