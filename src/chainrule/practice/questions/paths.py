"""Family 7: a trajectory is given; which optimizer, which learning rate, does it settle?"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import lru_cache

from chainrule.emit.program import Callable_, compiled
from chainrule.model import parse
from chainrule.optim.adam import Adam
from chainrule.optim.adaptive import RMSprop
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum
from chainrule.optim.optimizer import Optimizer
from chainrule.practice.questions.content import Block, Curve, Paragraph, Table
from chainrule.practice.questions.question import Blank, Mistake, Option, Question, Worked
from chainrule.practice.questions.worksheet import decimal, short

SHOWN, LONG, FAR = 6, 150, 1e3
LEAST = 1e-6  # of the first slope, for the second
SETTLES, DIVERGES = "it settles at the minimum", "it diverges"
BOWL = parse("L = c * w**2 / 2", {"c": ""}, {"w": ""}, name="bowl")
MADE: Mapping[str, Callable[[float], Optimizer]] = {
    "gradient descent": lambda a: GradientDescent(a),
    "momentum": lambda a: Momentum(a, 0.8),
    "RMSprop": lambda a: RMSprop(a, decay=0.9, epsilon=1e-8),
    "Adam": lambda a: Adam(a, beta1=0.9, beta2=0.999, epsilon=1e-8),
}
VARIANTS = tuple(f"trajectory-{k}" for k, _ in enumerate(MADE, 1))
FORMER = {f"path-{name.replace(' ', '-').lower()}": name for name in MADE}  # they named the answer


def method_of(variant: str, seed: int) -> str:
    """Return the method of a question: of one seed the topics have all methods, in an order that the seed draws."""
    return random.Random(f"trajectory/{seed}").sample(list(MADE), len(MADE))[
        VARIANTS.index(variant)
    ]


def renamed(former: str, seed: int) -> str:
    """Return what the topic is called now that asks the same of this seed."""
    return next(v for v in VARIANTS if method_of(v, seed) == FORMER[former])


@lru_cache(maxsize=8)
def _rule(name: str) -> Callable_:
    """Return a method's own rule at the learning rate 1, compiled once."""
    return compiled(MADE[name](1.0).program())


@lru_cache(maxsize=1)
def _slope() -> Callable_:
    return compiled(BOWL.derivation.program())


def walk(
    name: str, rate: float, start: float, curvature: float, steps: int
) -> tuple[list[float], list[float]]:
    """Return the weights and their gradients, step by step, until the weight is far out.

    None of these methods reads w, and all multiply by the learning rate last: a step is the rate times that of rate 1 from 0.
    """
    rule, slope = _rule(name), _slope()
    state: dict[str, float] = dict.fromkeys(rule.arguments, 0.0)
    weights, slopes = [start], list[float]()
    for t in range(1, steps + 2):
        slopes.append(float(slope.run({"c": curvature, "w": weights[-1]})[1]["w"]))
        if t > steps:
            break
        moved = rule.run({**state, "w": 0.0, "dw": slopes[-1], "t": float(t)})
        state.update(moved)
        weights.append(weights[-1] + rate * float(moved["w"]))
        if abs(weights[-1]) > FAR * abs(start):
            break
    return weights, slopes


def generate(variant: str, seed: int) -> Question:
    """Return the question of a variant and a seed."""
    name = method_of(variant, seed)
    former = next(k for k, method in FORMER.items() if method == name)
    for attempt in range(100):
        rng = random.Random(f"{former}/{seed}/{attempt}")  # the numbers of former links stay
        start, curvature = (
            rng.choice((-1, 1)) * rng.choice(range(12, 60)) / 10,
            rng.choice(range(3, 25)) / 10,
        )
        rate = (
            rng.choice(range(1, 18)) / 10
            if name in ("gradient descent", "momentum")
            else rng.choice(range(1, 8)) / 10
        )
        weights, slopes = walk(name, rate, start, curvature, SHOWN)
        first = abs(weights[1] - start)
        apart = [abs(first / abs(slopes[0]) - rate), abs(first - rate)]
        settled = abs(walk(name, rate, start, curvature, LONG)[0][-1]) / abs(start)
        clear = settled < 0.05 or settled > FAR
        lost = min(map(abs, slopes[:2])) < LEAST * abs(slopes[0])  # nothing to divide a step by
        if (
            not lost
            and len(slopes) >= SHOWN
            and max(apart) > 0.02 * rate
            and clear
            and abs(slopes[0]) not in (0, 1)
        ):
            return _question(variant, seed, rate, weights, slopes, settled < 0.05)
    raise AssertionError(f"{variant} has no instance for seed {seed}")


def _question(
    variant: str, seed: int, rate: float, weights: list[float], slopes: list[float], settles: bool
) -> Question:
    name = method_of(variant, seed)
    rows = tuple(
        ((str(t),), (f"{w:.5g}",), (f"{g:.5g}",))
        for t, (w, g) in enumerate(zip(weights, slopes, strict=False))
    )[:SHOWN]
    intro = "A weight w descends a loss. Its value and the gradient before every step are given. It is gradient descent, momentum 0.8, RMSprop (ρ = 0.9) or Adam (β₁ = 0.9, β₂ = 0.999), from a state of zeros."
    blocks: tuple[Block, ...] = (
        Paragraph((intro,)),
        Table((("step",), ("w",), ("dw",)), rows),
        Curve(
            tuple((float(t), float(f"{w:.12g}")) for t, w in enumerate(weights[:SHOWN])),
            "step",
            "w",
        ),
    )
    method, alpha = _method(name, weights, slopes), _rate(name, rate, weights, slopes)
    blanks = (method, alpha, _settles(name, settles))
    solution = (
        Worked(("method",), (f"{name}: {method.how}",)),
        Worked(("rate",), (f"α = {rate:g}: {alpha.how}",)),
        Worked(("settles",), (SETTLES if settles else DIVERGES,)),
    )
    return Question(
        7,
        "optimizers",
        variant,
        seed,
        "Read a trajectory",
        blocks,
        blanks,
        solution,
        ("One point for each answer.",),
    )


def _method(name: str, weights: list[float], slopes: list[float]) -> Blank:
    ids = dict(zip(MADE, "abcd", strict=True))
    first, second = (abs(weights[i + 1] - weights[i]) / abs(slopes[i]) for i in (0, 1))
    where = "Compare each step with the gradient before it."
    how = f"Step over gradient is {short(first)} at first and {short(second)} then; the first step is {short(abs(weights[1] - weights[0]))} long."
    curvature = slopes[0] / weights[0]
    mistakes: list[Mistake] = []
    for other in MADE:
        if other != name:
            fitted = _fitted(other, weights, slopes)
            there = walk(other, fitted, weights[0], curvature, 2)[0][2]
            counter = f"{other} with the same first step would need α = {short(fitted)} and then be at {short(there)}; here it is at {short(weights[2])}."
            mistakes.append(
                Mistake(
                    "another-form",
                    f"{other} moves otherwise",
                    ids[other],
                    (where, how, counter, f"It is {name}."),
                )
            )
    options = tuple(Option(id, (other,)) for other, id in ids.items())
    return Blank(
        "method",
        "choice",
        ("Which optimizer is it?",),
        ids[name],
        "method",
        mistakes=tuple(mistakes),
        options=options,
        where=where,
        how=how,
    )


def _fitted(name: str, weights: list[float], slopes: list[float]) -> float:
    """Return the learning rate with which a method makes the same first step."""
    one = walk(name, 1.0, weights[0], slopes[0] / weights[0], 1)[0][1]
    return abs(weights[1] - weights[0]) / abs(one - weights[0])


def _rate(name: str, rate: float, weights: list[float], slopes: list[float]) -> Blank:
    step, slope = abs(weights[1] - weights[0]), abs(slopes[0])
    where = "The first step tells, because the state is still zero."
    how = {
        "Adam": "Adam's first step is α long, whatever the gradient.",
        "RMSprop": "RMSprop's first step is α/√(1 − ρ) long, whatever the gradient.",
    }.get(name, "The first step is α times the gradient.")
    wrong = {
        "the length of the step was taken for the learning rate": step,
        "the step was divided by the gradient": step / slope,
    }
    mistakes = [
        Mistake(
            "another-form",
            said,
            decimal(value),
            (where, how, f"That gives {short(value)}.", "Solve the rule of the first step for α."),
        )
        for said, value in wrong.items()
        if abs(value - rate) > 5e-3 * rate
    ]
    return Blank(
        "rate",
        "number",
        ("The learning rate α",),
        decimal(rate),
        "rate",
        mistakes=tuple(mistakes),
        where=where,
        how=how,
    )


def _settles(name: str, settles: bool) -> Blank:
    options = (Option("a", (SETTLES,)), Option("b", (DIVERGES,)))
    answer, other = ("a", "b") if settles else ("b", "a")
    said = SETTLES if settles else DIVERGES
    where, how = (
        "Do the steps grow or shrink in the long run?",
        "Gradient descent diverges where α is above 2 over the curvature; the curvature is dw over w.",
    )
    counter = f"After {LONG} steps it {'has come to rest at the minimum' if settles else 'is more than a thousand times as far out'}."
    mistake = Mistake("another-form", said, other, (where, how, counter, f"I{said[1:]}."))
    return Blank(
        "settles",
        "choice",
        ("In the long run,",),
        answer,
        "settles",
        mistakes=(mistake,),
        options=options,
        where=where,
        how=how,
    )
