"""Family 4: the table of shapes, with sizes that all differ, and the lines of a backward pass to be put in order."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from string import ascii_lowercase

from chainrule import models
from chainrule.emit.expressions import Printer
from chainrule.emit.languages import LANGUAGES
from chainrule.emit.plan import plan
from chainrule.graph import nodes
from chainrule.graph.nodes import Name, Node
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph
from chainrule.practice.mutants.catalogue import kind
from chainrule.practice.mutants.formulas import label
from chainrule.practice.questions.content import Code, Paragraph, math, sign
from chainrule.practice.questions.question import Blank, Mistake, Option, Question, Worked

MODELS = ("multivariate", "two_layer_linear", "two_layer_sigmoid", "logistic", "perceptron", "softmax_classifier")  # fmt: skip
SHAPES = {f"shapes-{name.replace('_', '-')}": name for name in MODELS}
ORDERS = {f"order-{name.replace('_', '-')}": name for name in MODELS}


def code_of(graph: Graph, node: Node) -> str:
    """Return a formula as a line of NumPy."""
    return _line(node, tuple(graph.dims))


@lru_cache(maxsize=4096)
def _line(node: Node, dims: tuple[str, ...]) -> str:
    return Printer(LANGUAGES["numpy"], label, "X", {d: d for d in dims}).whole(plan(node))


def shapes(variant: str, seed: int) -> Question:
    """Return the table of shapes of a model at some sizes."""
    model = models.names()[SHAPES[variant]]
    rng = random.Random(f"{variant}/{seed}")
    sizes = dict(
        zip(model.graph.dims, rng.sample(range(2, 13), len(model.graph.dims)), strict=True)
    )
    gradients = model.derivation.backward.gradients.values()
    values: list[Name] = [v for v in model.graph.values if v is not model.graph.loss]
    values += [g.node for g in gradients]
    asked = [v for v in values if v.shape][:12]
    told = ", ".join(f"{n.name} {show(n.shape)}" for n in model.graph.inputs)
    numbers = ", ".join(f"{dim} = {n}" for dim, n in sizes.items())
    intro = Paragraph((f"Arrays: {told}. Sizes: {numbers}. Write the shape of every value, by names or by numbers.",))  # fmt: skip
    equations = [Paragraph((math(v, v.inner),)) for v in values if v in model.graph.values]
    blanks = tuple(_shape_blank(v, sizes) for v in asked)
    solution = tuple(Worked((v.label,), (math(v, v.inner), f": {show(v.shape)}")) for v in asked)
    return Question(
        4, model.name, variant, seed, f"Shapes of {model.name}", (intro, *equations), blanks, solution,
        ("One point for each shape.",),
    )  # fmt: skip


def _shape_blank(value: Name, sizes: Mapping[str, int]) -> Blank:
    what = sign(value.of, "d") if value.role == "gradient" else sign(value.label)
    where = f"Look at {what.text}: which axes do its factors leave?"
    gradient = f"A gradient has the shape of what it is the gradient of. {math(value, value.inner).text}"  # fmt: skip
    how = gradient if value.role == "gradient" else math(value, value.inner).text
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    if len(value.shape) == 2:
        found["transposed-result"] = ("the axes are exchanged", value.shape[::-1])
    if "1" in value.shape:
        found["missing-keepdims"] = ("an axis of size 1 was lost", tuple(d for d in value.shape if d != "1"))  # fmt: skip
    mistakes = [
        Mistake(key, said, show(shape), (where, how, f"{show(shape)} would be {_sized(shape, sizes)}, and it is {_sized(value.shape, sizes)}.", f"To mend it: {kind(key).remedy}."))
        for key, (said, shape) in found.items()
    ]  # fmt: skip
    return Blank(
        value.label, "shape", (what,), show(value.shape), value.label, mistakes=tuple(mistakes),
        sizes=dict(sizes), where=where, how=how,
    )  # fmt: skip


def _sized(shape: tuple[str, ...], sizes: Mapping[str, int]) -> str:
    return show(tuple(str(sizes.get(d, d)) for d in shape))


def order(variant: str, seed: int) -> Question:
    """Return the lines of a model's program in disorder."""
    model = models.names()[ORDERS[variant]]
    lines = model.derivation.program().lines
    rng = random.Random(f"{variant}/{seed}")
    ids = list(ascii_lowercase[: len(lines)])
    rng.shuffle(ids)
    by_value = {line.value: id for line, id in zip(lines, ids, strict=True)}
    texts = {id: f"{line.identifier} = {code_of(model.graph, line.formula)}" for line, id in zip(lines, ids, strict=True)}  # fmt: skip
    before = [
        (by_value[read], by_value[line.value])
        for line in lines
        for read in nodes.inside(line.formula)
        if isinstance(read, Name) and read in by_value
    ]
    options = tuple(Option(id, (texts[id],)) for id in sorted(ids))
    blank = Blank(
        "order", "order", ("The lines in an order in which they run:",), ",".join(ids), "order", options=options,
        before=tuple(before), where="Look for a line whose right-hand side needs what has not been computed yet.",
        how="A value comes after everything that it reads; gradients go from the loss back.", points=len(lines),
    )  # fmt: skip
    known = ", ".join(n.name for n in model.graph.inputs)
    intro = Paragraph((f"These lines compute the loss of {model.name} and its gradients. Given: {known}. Put them in an order in which they run; several orders may be right.",))  # fmt: skip
    code = Code(tuple(f"{id}: {texts[id]}" for id in sorted(ids)))
    solution = Worked(("order",), ("\n".join(texts[id] for id in ids),))
    title = f"Order the lines of {model.name}"
    return Question(4, model.name, variant, seed, title, (intro, code), (blank,), (solution,), ("All points for any order in which every line runs.",))  # fmt: skip
