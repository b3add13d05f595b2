"""Family 5: implement the backward pass in NumPy. The answer is a file of its own, run apart and diagnosed by `chainrule.check`."""

from __future__ import annotations

from chainrule import models
from chainrule.graph.shapes import show
from chainrule.practice.questions.content import Block, Code, Paragraph, math
from chainrule.practice.questions.question import Blank, Question, Worked

MODELS = ("univariate", "multivariate", "two_layer_linear", "two_layer_sigmoid", "logistic", "perceptron", "softmax_classifier")  # fmt: skip
VARIANTS = {f"code-{name.replace('_', '-')}": name for name in MODELS}


def generate(variant: str, seed: int) -> Question:
    """Return the task to implement the gradients of a model; the seed draws the instances that it is judged on."""
    model = models.names()[VARIANTS[variant]]
    graph = model.graph
    names = [n.name for n in graph.inputs]
    told = ", ".join(f"{n.name} {show(n.shape)}" for n in graph.inputs)
    wanted = ", ".join(f'"{name}": d{name}' for name in model.parameters)
    starter = (
        "import numpy as np",
        "",
        "",
        f"def backward({', '.join(names)}):",
        f"    ...  # return {{{wanted}}}",
    )
    solution = model.derivation.to("numpy").replace("loss_and_gradients", "backward")
    equations: list[Block] = [Paragraph((math(v, v.inner),)) for v in graph.values]
    intro = Paragraph(
        (f"Write a function backward that returns the gradients of this loss. Arrays: {told}.",)
    )
    ask = Paragraph(
        (
            f"It is judged on arrays whose sizes all differ. On the command line: chainrule check 5/{variant}/{seed} answer.py",
        )
    )
    blank = Blank(
        "backward", "code", ("The function",), solution, "backward", model=model.name, starter="\n".join(starter),
        where="Start from the gradient of the prediction, and go back line by line.",
        how="Each gradient has the shape of its value.", points=len(model.parameters),
    )  # fmt: skip
    steps = tuple(
        Worked(("backward",), (math(s.node, s.sides[-1]),)) for s in model.derivation.steps
    )
    return Question(
        5, model.name, variant, seed, f"Implement the gradients of {model.name}", (intro, *equations, Code(starter), ask), (blank,), steps,
        ("All points for right gradients; a check names the first wrong step.",),
    )  # fmt: skip
