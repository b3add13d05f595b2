"""Derivation: the steps of a model's gradients, with their equations, shapes, rules and reused values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from chainrule.derive.bounded import evaluate
from chainrule.derive.conventions import with_convention, with_examples
from chainrule.derive.instances import agree, instance, sizes_for
from chainrule.derive.logsumexp import substitute
from chainrule.derive.patterns import stable_loss
from chainrule.derive.simplify import Rewriter
from chainrule.derive.sweep import Backward, Gradient, sweep
from chainrule.emit import program as programs
from chainrule.emit.plan import plan
from chainrule.errors import unknown
from chainrule.explain import pages
from chainrule.explain.formulas import Equation, render
from chainrule.graph import nodes
from chainrule.graph.nodes import Input, Name, Node, Shape
from chainrule.graph.trace import Graph

MATHS_FORMATS = ("text", "latex", "typst", "mathml", "html")
CODE_FORMATS = ("numpy", "jax", "torch", "js", "tape")


@dataclass(frozen=True)
class Step:
    """One step: `target` is the value whose gradient it gives (or, forward, the value itself).

    `equation` is its text, the last right-hand side being the simplified form; `rule` names what was used; `shape` are
    its dims; `reuses` names the values that it reads (forward values, data, gradients as "dZ1").
    """

    number: int
    target: str
    node: Name
    sides: tuple[Node, ...]
    rule: tuple[str, ...]
    reuses: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    rewrites: tuple[str, ...] = ()
    uses: int = 1

    @property
    def shape(self) -> Shape:
        """The dims of the value."""
        return self.node.shape

    @property
    def equation(self) -> str:
        """The equation as text."""
        return render(self.as_equation(), "text")

    def as_equation(self) -> Equation:
        """The equation as nodes: the left-hand side and the right-hand sides in turn."""
        return Equation(self.node, self.sides)

    @property
    def backward(self) -> bool:
        """Whether this is a gradient's step."""
        return self.node.role == "gradient"

    def __repr__(self) -> str:
        return f"<step {self.number}: {self.equation}>"


class Derivation:
    """The derivation of all gradients of a model.

    `steps` are the gradients in teaching order, `forward` the values before them; `print` it to read it.
    """

    def __init__(self, graph: Graph, wrt: str | None = None, notation: str = "d") -> None:
        self.graph = graph
        self.notation = notation
        self.backward: Backward = sweep(graph)
        self.forward = [_forward_step(i, value) for i, value in enumerate(graph.values, 1)]
        wanted = self._wanted(wrt)
        first = len(self.forward) + 1
        self.steps = [_backward_step(first + i, g) for i, g in enumerate(wanted)]

    def _wanted(self, wrt: str | None) -> list[Gradient]:
        gradients = list(self.backward.gradients.values())
        if wrt is None:
            return gradients
        if wrt not in self.backward.gradients:
            raise unknown("value to differentiate with respect to", wrt, self.backward.gradients)
        needed = set(nodes.topological([self.backward.gradients[wrt].node]))
        for g in reversed(
            gradients
        ):  # the raw form of a step may read more than the form that is kept
            if g.node in needed:
                needed.update(nodes.topological([g.raw]))
        return [g for g in gradients if g.node in needed]

    def grad(self, name: str) -> Expression:
        """Return the gradient of the loss with respect to a value or parameter, as an expression.

        >>> import chainrule as cr
        >>> print(cr.derive(cr.models.multivariate).grad("w"))
        dŶ Xᵀ
        """
        if name not in self.backward.gradients:
            raise unknown("gradient", name, self.backward.gradients)
        return Expression(self.backward.gradients[name].node)

    def to(self, format: str, **options: Any) -> Any:
        """Return the derivation in a format.

        Mathematics: "text", "latex", "typst", "mathml", "html". Programs that define loss_and_gradients(...): "numpy",
        "jax", "torch", "js" (exports lossAndGradients), and "tape", the same program as a list of array operations.
        """
        if format in MATHS_FORMATS:
            return pages.page(self, format, **options)
        if format in CODE_FORMATS:
            return programs.write(self.program(), format, **options)
        raise unknown("format", format, (*MATHS_FORMATS, *CODE_FORMATS))

    def program(self) -> programs.Program:
        """Return the program of the loss and its gradients: the overflow-free form, nothing computed in vain."""
        loss, in_order = (
            self.stable_loss(),
            self._stable([g.node for g in self.backward.gradients.values()]),
        )
        gradients = dict(zip(self.backward.gradients, in_order, strict=True))
        wanted = {p.name: gradients[p.name] for p in self.parameters() if p.name in gradients}
        needed = set(nodes.topological([loss, *wanted.values()]))
        order = nodes.topological([loss, *(g for g in in_order if g in needed)])
        values = [n for n in order if isinstance(n, Name)]
        notes = [found.note for found in (*self.backward.collapses, *self.backward.logsumexps)]
        return programs.build(self.graph.name, self.graph, loss, values, wanted, notes)

    def _stable(self, names: list[Name]) -> list[Name]:
        """Return named values with every logarithm of a sum of exponentials in its overflow-free form."""
        changes: dict[Node, Node] = {x.log: x.stable for x in self.backward.logsumexps}
        return cast("list[Name]", substitute(names, changes)) if changes else names

    def stable_loss(self) -> Name:
        """Return the loss with announced patterns in their overflow-free form."""
        formula = stable_loss(self.graph, self.backward.collapses)
        return self._stable([cast("Name", nodes.named(self.graph.loss.label, formula))])[0]

    def parameters(self) -> list[Input]:
        """Return the parameters, lists spread out."""
        return [node for node in self.graph.inputs if node.role == "parameter"]

    def substituted(self, name: str) -> Expression:
        """Return a gradient with every gradient that it reads written out: a formula of forward values and data only."""
        done: dict[Node, Node] = {}
        for node in nodes.topological([self.grad(name).node]):
            if isinstance(node, Name) and node.role == "gradient":
                done[node] = done[node.inner]
            else:
                done[node] = node.rebuild([done[a] for a in node.args])
        return Expression(Rewriter().simplify(done[self.grad(name).node]))

    def __str__(self) -> str:
        return pages.page(self, "text")

    def __repr__(self) -> str:
        return f"<derivation of {self.graph.name}: {len(self.forward)} forward steps, {len(self.steps)} gradients>"

    def _repr_html_(self) -> str:
        return pages.page(self, "html")


@dataclass(frozen=True)
class Expression:
    """A formula of the graph. `str` prints it; `to(format)` gives any maths tongue; `equals` compares within error bounds."""

    node: Node

    @property
    def shape(self) -> Shape:
        """The dims."""
        return self.node.shape

    @property
    def formula(self) -> Node:
        """The formula itself, without its name."""
        return nodes.definition(self.node)

    def to(self, format: str) -> str:
        """Return the formula in a maths tongue: "text", "latex", "typst" or "mathml"."""
        return render(Equation(None, (self.formula,)), format)

    def __str__(self) -> str:
        return self.to("text")

    def equals(self, other: Expression, graph: Graph, trials: int = 3) -> bool:
        """Tell whether two expressions agree within rounding-error bounds at random instances of a graph."""
        for seed in range(trials):
            sizes = sizes_for(graph.dims, seed)
            if not agree(*evaluate([self.node, other.node], instance(graph, sizes, seed), sizes)):
                return False
        return True


def derive_graph(
    graph: Graph, wrt: str | None, convention: str | None, examples: str | None, notation: str
) -> Derivation:
    """Return the derivation of a graph under the conventions asked for (None: as written)."""
    if convention is not None:
        graph = with_convention(graph, convention)
    if examples is not None:
        graph = with_examples(graph, examples)
    if notation not in ("d", "partial"):
        raise unknown("notation", notation, ("d", "partial"))
    return Derivation(graph, wrt, notation)


def _forward_step(number: int, value: Name) -> Step:
    reads = [n for n in nodes.inside(value.inner) if isinstance(n, Input | Name)]
    shown = value.inner
    if not value.shape:  # a mean of sums reads better as one sum
        merged = Rewriter().simplify(value.inner)
        shown = min(value.inner, merged, key=lambda formula: len(_text(formula)))
    return Step(number, value.label, value, (shown,), (), labels(reads))


def labels(reads: list[Input | Name]) -> tuple[str, ...]:
    """Return the names that a formula reads."""
    return tuple(n.name if isinstance(n, Input) else n.label for n in reads)


def _backward_step(number: int, g: Gradient) -> Step:
    sides = (g.formula,) if not g.notes and same_text(g.raw, g.formula) else (g.raw, g.formula)
    rules = tuple(rule for rule in g.rules if rule != "sum rule") or g.rules
    reasons = (*g.notes, *why(g))
    return Step(
        number, g.node.of, g.node, sides, rules, labels(g.reads), reasons, g.rewrites, g.uses
    )


def same_text(a: Node, b: Node) -> bool:
    """Tell whether two formulas read the same."""
    return a is b or plan(a) == plan(b) or _text(a) == _text(b)


def _text(formula: Node) -> str:
    return render(Equation(None, (formula,)), "text")


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def why(g: Gradient) -> list[str]:
    """Return the reasons in words, beyond the rules: fan-out."""
    reasons: list[str] = []
    if g.uses > 1:
        reasons.append(f"{g.node.of} is used {_times(g.uses)}: the contributions add up")
    return reasons


__all__ = ["Derivation", "Expression", "Step", "derive_graph", "plan"]
