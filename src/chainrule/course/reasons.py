"""Reasons in words for a step of a derivation: why this transpose, why this sum, where the 1/m comes from.

Read off the graph and the written form of a formula; knows no model by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.derive.sweep import Gradient, depends_on_parameters
from chainrule.emit import forms, text
from chainrule.emit.plan import plan
from chainrule.emit.symbols import symbol, symbol_of
from chainrule.explain.derivation import Step
from chainrule.graph import nodes
from chainrule.graph.nodes import Add, Along, Ein, Input, Map, Name, Node, Pick, Put
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph
from chainrule.ops.table import ALONG, TABLE

_RULES = {
    "matrix product": "in a product of two matrices, the gradient of one factor is the incoming gradient times the other factor, turned so that the shapes fit",
    "contraction": "in a product, the gradient of one factor is the incoming gradient times the other factors, added up over what it does not have",
    "elementwise product": "in a product, entry by entry, the slope of one factor is the other factor",
    "mean": "in a mean every entry has the same share",
    "sum": "a sum hands its gradient to every term as it is",
    "sum rule": "a sum hands its gradient to every term as it is",
    "constant factor": "a constant factor stays in front",
    "transpose": "what was turned on the way forward is turned back",
    "indexing": "the gradient goes back to the place that the value was taken from",
    "sigmoid with cross-entropy": "under this loss the slope of the sigmoid cancels",
    "softmax with cross-entropy": "under this loss the slope of the softmax cancels",
    "no path with a slope": "every path to the loss is flat",
}


def rule_sentence(rule: str) -> str:
    """Return a rule of a step as a sentence's core: "a sum hands its gradient to every term as it is"."""
    if rule in _RULES:
        return _RULES[rule]
    if rule.startswith(("broadcast", "product, broadcast")):
        return "what was copied on the way forward collects what every copy sends back"
    if rule.startswith("product with a scalar"):
        return "one number that multiplies many entries collects from all of them"
    record = TABLE.get(rule) or ALONG.get(rule)
    return record.sentence if record else rule


def operations(formula: Node) -> str:
    """Return in words how a value is made: "matrix product, addition"; "" for an input."""
    found: dict[str, None] = {}
    for node in nodes.inside(formula):
        word = _operation(node)
        if word:
            found[word] = None
    return ", ".join(found)


def _operation(node: Node) -> str:
    if isinstance(node, Map | Along):
        return node.op.replace("_", " ")
    if isinstance(node, Add):
        minus = any(isinstance(a, Ein) and a.coefficient.number < 0 for a in node.args)
        return "difference" if minus and len(node.args) == 2 else "addition"
    if isinstance(node, Pick | Put):
        return "indexing"
    return _multilinear(node) if isinstance(node, Ein) else ""


def _multilinear(node: Ein) -> str:
    real = [x for x in node.summed if node.dims[x] != "1"]
    if len(node.args) > 1:
        small = any(not [x for x in letters if node.dims[x] != "1"] for letters in node.letters)
        return "matrix product" if real else "product with a scalar" if small else "product"
    if real:
        powers = dict(node.coefficient.dims)
        return "mean" if all(powers.get(node.dims[x], 0) < 0 for x in real) else "sum"
    return ""


class Ways:
    """How values reach the loss: which named values read a value, and which values depend on parameters."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.learned = depends_on_parameters(nodes.topological([graph.loss]))
        self._readers: dict[Node, list[Name]] = {}
        for value in graph.values:
            for node in nodes.inside(value.inner):
                self._readers.setdefault(node, []).append(value)

    def readers(self, value: Node) -> list[Name]:
        """Return the named values whose formulas read a value, in the order of the model."""
        return self._readers.get(value, [])

    def at_loss(self, gradient: Gradient) -> bool:
        """Tell whether the loss reads the value itself."""
        return self.graph.loss in self.readers(gradient.value)

    def data_in(self, value: Node) -> list[Node]:
        """Return what a named value reads that depends on no parameter."""
        inner = nodes.inside(value.inner) if isinstance(value, Name) else []
        return [n for n in inner if isinstance(n, Input | Name) and n not in self.learned]


def reasons(step: Step, gradient: Gradient, ways: Ways) -> list[str]:
    """Return the reasons for a backward step, one sentence or two each."""
    found = [*_seed(gradient, ways), *_mean(gradient, ways)]
    found += [sentence(_shown(note, step)) for note in step.reasons]
    found += _transposes(step, gradient)
    found += [reason for rule in gradient.rules if (reason := _gathered(rule, gradient))]
    return [*found, *_stops(gradient, ways)]


def sentence(words: str) -> str:
    """Return words as a sentence."""
    return f"{words[0].upper()}{words[1:]}." if words else ""


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: "a, b and c"."""
    *first, last = words or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def shown(node: Node) -> str:
    """Return the symbol of an input or a named value as text: W₁, Ŷ, dZ₁."""
    return text.render(symbol_of(node))


def _shown(note: str, step: Step) -> str:
    return note.replace(f"{step.target} is", f"{text.render(symbol(step.target))} is", 1)


def _seed(gradient: Gradient, ways: Ways) -> list[str]:
    if not ways.at_loss(gradient):
        return []
    loss, value = shown(ways.graph.loss), shown(gradient.value)
    found = [f"What comes in from above is ∂{loss}/∂{loss} = 1: it is the loss itself."]
    given = [shown(n) for n in ways.data_in(ways.graph.loss)]
    if given:
        found.append(
            f"{joined(given)} {'adds' if len(given) == 1 else 'add'} 0 here: data do not depend on {value}."
        )
    return found


def _mean(gradient: Gradient, ways: Ways) -> list[str]:
    dims = [
        dim
        for node in nodes.inside(ways.graph.loss.inner)
        if isinstance(node, Ein)
        for dim, power in node.coefficient.dims
        if power < 0
    ]
    if "mean" not in gradient.rules or not ways.at_loss(gradient) or not dims:
        return []
    size = " ".join(dict.fromkeys(text.render(symbol(dim)) for dim in dims))
    part = f"1/({size})" if " " in size else f"1/{size}"
    return [
        f"Where {part} comes from: the loss is a mean, so each of its {size} entries counts for {part} of it."
    ]


def _matrix_products(formula: Node) -> list[forms.MatMul]:
    found: list[forms.MatMul] = []
    stack: list[forms.Form] = [plan(formula)]
    while stack:
        form = stack.pop()
        if isinstance(form, forms.MatMul):
            found.append(form)
        stack += forms.below(form)
    return found


def _factor(form: forms.Form) -> tuple[str, bool]:
    """Return a factor of a product as (name, whether it is turned); "" for the name of a larger formula."""
    turned = isinstance(form, forms.Transposed)
    body = form.body if isinstance(form, forms.Transposed) else form
    return (shown(body.node) if isinstance(body, forms.Leaf) else ""), turned


def _transposes(step: Step, gradient: Gradient) -> list[str]:
    found: list[str] = []
    for product in _matrix_products(step.sides[-1]):
        named = [_factor(product.left), _factor(product.right)]
        if not all(name for name, _ in named) or not any(turned for _, turned in named):
            continue
        turned = joined([name for name, is_turned in named if is_turned])
        written = " ".join(f"{name}ᵀ" if is_turned else name for name, is_turned in named)
        found.append(
            f"Why this transpose: {shown(gradient.node)} must have the shape of {shown(gradient.value)}, "
            f"{show(gradient.node.shape)}. With {turned} turned the shapes fit: {written} is "
            f"{show(product.left.shape)}{show(product.right.shape)}, {_meeting(product.left.shape[-1])} {show(product.shape)} is left."
        )
    return found


def _meeting(dim: str) -> str:
    return "and" if dim == "1" else f"the two {text.render(symbol(dim))} meet, are added up, and"


def _gathered(rule: str, gradient: Gradient) -> str:
    name = shown(gradient.value)
    if rule.startswith("product with a scalar"):
        return (
            f"Why this sum: the one number {name} multiplies every entry, so every entry sends something back to it, "
            "and all of that adds up."
        )
    if "broadcast: add up over" in rule:
        dims = rule.partition("add up over ")[2]
        return (
            f"Why this sum: {name} was broadcast over {dims}: one {name} served all {dims}, so it collects what each of "
            "them sends back."
        )
    return ""


def _stops(gradient: Gradient, ways: Ways) -> list[str]:
    data = [shown(n) for n in ways.data_in(gradient.value)]
    if not data:
        return []
    return [
        f"Nothing flows on from here to {joined(data)}: data depend on no parameter, so their slope is 0."
    ]


__all__ = ["Ways", "joined", "operations", "reasons", "rule_sentence", "sentence", "shown"]
