"""Family 5, optimizers: write one step in NumPy. The seed draws the arrays that it is judged on."""

from __future__ import annotations

from dataclasses import fields

from chainrule.practice.questions.content import Block, Code, Paragraph
from chainrule.practice.questions.question import Blank, Question, Worked
from chainrule.practice.questions.stepping import METHODS, equation_of, method_values

VARIANTS = {f"code-{name}": name for name in METHODS}
FUNCTION = "step"


def generate(variant: str, seed: int) -> Question:
    """Return the task to implement a step of an optimizer."""
    optimizer = METHODS[VARIANTS[variant]].optimizer
    kind = type(optimizer).__name__
    numbers = ", ".join(
        f"{f.name.replace('_', ' ')} {value:g}"
        for f in fields(optimizer)
        if isinstance(value := getattr(optimizer, f.name), float) and value
    )
    arguments = ", ".join(optimizer.arguments)
    wanted = ", ".join(f'"{name}": {name}' for name in optimizer.traced.results)
    starter = ("import numpy as np", "", "", f"def {FUNCTION}({arguments}):", f"    ...  # return {{{wanted}}}")  # fmt: skip
    told = "w and dw are arrays of one shape" + (f", and so is the state {', '.join(optimizer.slots)}" if optimizer.slots else "")  # fmt: skip
    counted = "; t is the number of this step, from 1" if "t" in optimizer.arguments else ""
    intro = f"Write a function {FUNCTION} that makes one step of {kind} with {numbers}, and returns the new values. {told}{counted}. The rule:"
    rule: list[Block] = [Paragraph((equation_of(optimizer, v.label),)) for v in method_values(optimizer)]  # fmt: skip
    ask = Paragraph((f"It is judged at a state that is not zero. On the command line: chainrule check 5/{variant}/{seed} answer.py",))  # fmt: skip
    blank = Blank(
        FUNCTION, "code", ("The function",), optimizer.to("numpy").replace("def update(", f"def {FUNCTION}("), FUNCTION,
        starter="\n".join(starter), where="Compute the new state first, in the order of the rule, then the step.",
        how=f"The rule: {'; '.join(optimizer.to('text').splitlines())}.", points=len(optimizer.traced.results),
    )  # fmt: skip
    worked = tuple(Worked((FUNCTION,), (equation_of(optimizer, v.label),)) for v in method_values(optimizer))  # fmt: skip
    return Question(
        5, "optimizers", variant, seed, f"Implement a step of {kind}", (Paragraph((intro,)), *rule, Code(starter), ask), (blank,), worked,
        ("All points for right new values; the first wrong one is named.",),
    )  # fmt: skip
