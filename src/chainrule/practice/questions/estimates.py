"""Family 8: estimate and explain. Every option, right or wrong, is computed; the wrong ones from known mistakes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping

import numpy as np

from chainrule import models
from chainrule.model import parse
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.practice.questions.content import Paragraph
from chainrule.practice.questions.question import Blank, Mistake, Option, Question, Worked
from chainrule.practice.questions.worksheet import short

STEPS = 200
Wrong = list[
    tuple[str, str, str, str]
]  # the option, the mistake's key, what was done, the counterexample


def _asked(
    variant: str, seed: int, title: str, text: str, right: str, wrong: Wrong, how: str
) -> Question:
    texts = [right, *(w[0] for w in wrong)]
    rng = random.Random(f"{variant}/{seed}/order")
    order = list(range(len(texts)))
    rng.shuffle(order)
    ids = {texts[k]: "abcdef"[place] for place, k in enumerate(order)}
    where = "Think about what the quantity must be before computing it."
    mistakes = [
        Mistake(key, said, ids[option], (where, how, counter, f"The answer is: {right}."))
        for option, key, said, counter in wrong
    ]
    options = tuple(Option(ids[texts[k]], (texts[k],)) for k in order)
    blank = Blank(
        "choice",
        "choice",
        (text,),
        ids[right],
        "choice",
        mistakes=tuple(mistakes),
        options=options,
        where=where,
        how=how,
    )
    return Question(
        8,
        "estimates",
        variant,
        seed,
        title,
        (Paragraph((text,)),),
        (blank,),
        (Worked(("choice",), (f"{right}. {how}",)),),
        ("One point.",),
    )


def initial_loss(variant: str, seed: int) -> Question:
    """The loss of a softmax classifier at zero weights is log K."""
    rng = random.Random(f"{variant}/{seed}")
    classes, m = rng.choice([3, 4, 5, 6, 8, 10, 12, 20, 50, 100]), rng.choice([20, 30, 50, 80])
    Y = np.zeros((classes, m))
    Y[np.arange(m) % classes, np.arange(m)] = 1
    data = {"X": np.ones((2, m)), "Y": Y}
    zero = {"W": np.zeros((classes, 2)), "b": np.zeros((classes, 1))}
    loss = models.softmax_classifier.loss(data, zero)
    how = f"All probabilities are 1/{classes} at first, whatever the labels, and the loss is −log of that."
    wrong: Wrong = [
        (
            short(math.log(2)),
            "wrong-average",
            "that is the loss of two classes",
            f"log 2 belongs to K = 2; here K = {classes}.",
        ),
        (
            short(loss * m),
            "missing-1-over-m",
            "the losses were added up, not averaged",
            f"The sum over {m} examples is {short(loss * m)}; the mean is {short(loss)}.",
        ),
        (
            short(1 / classes),
            "missing-function",
            "that is the probability, not its −log",
            f"−log({short(1 / classes)}) = {short(loss)}.",
        ),
        (
            short(1 - 1 / classes),
            "missing-function",
            "that is the share of wrong guesses, not the cross-entropy",
            f"{short(1 - 1 / classes)} is the error rate.",
        ),
    ]
    text = f"A softmax classifier of {classes} classes starts with all weights zero, on {m} examples. What is its mean cross-entropy?"
    return _asked(variant, seed, "The loss at the start", text, short(loss), wrong, how)


def shrinking(variant: str, seed: int) -> Question:
    """Through n sigmoids a gradient shrinks to (1/4)^n at best."""
    rng = random.Random(f"{variant}/{seed}")
    layers = rng.randrange(2, 9)
    slope = parse("a = sigmoid(z); L = a", {}, {"z": ""})
    most = float(slope.value_and_grad({}, {"z": 0.0})[1]["z"])
    right = most**layers
    how = "The slope of a sigmoid is a(1 − a), at most 1/4 (at z = 0); the slopes multiply."
    wrong: Wrong = [
        (
            short(0.5**layers),
            "another-activation-derivative",
            "the value of the sigmoid at 0 was taken for its slope",
            f"sigmoid(0) = 0.5; its slope there is {short(most)}.",
        ),
        (
            short(most * layers),
            "wrong-coefficient",
            "the slopes were added, and they multiply",
            f"{layers} slopes of {short(most)} multiply to {short(right)}.",
        ),
        (short(most), "missing-factor", "one layer was counted", f"There are {layers}."),
        (
            "1",
            "missing-activation-derivative",
            "the derivative of the sigmoid was left out",
            f"Each layer multiplies by at most {short(most)}.",
        ),
    ]
    text = f"A gradient flows back through {layers} sigmoids, one after the other (all weights 1). By what factor, at most, does it arrive?"
    return _asked(variant, seed, "How a gradient shrinks", text, short(right), wrong, how)


def zero_start(variant: str, seed: int) -> Question:
    """At zero weights a perceptron's first layer has no gradient."""
    rng = random.Random(f"{variant}/{seed}")
    n_h, m = rng.randrange(2, 9), rng.randrange(3, 30)
    draw = np.random.default_rng(rng.randrange(2**32))
    data = {"X": draw.normal(size=(2, m)), "Y": (np.arange(m) % 3 == 0).astype(float)[None, :]}
    zero = {"W1": np.zeros((n_h, 2)), "b1": np.zeros((n_h, 1)), "w2": np.zeros((1, n_h)), "b2": 0.0}
    gradients = models.perceptron.value_and_grad(data, zero)[1]
    dead = [name for name, g in gradients.items() if not np.any(g)]
    alike = "all its entries are equal" if np.ptp(gradients["w2"]) < 1e-12 else "its entries differ"
    right = f"those of {' and '.join(dead)}; the gradient of w2 is not zero, and {alike}"
    how = (
        "dA1 = w2ᵀ dZ2 is zero where w2 is; dw2 = dZ2 A1ᵀ is not, because every sigmoid(0) is 1/2."
    )
    size = short(float(np.abs(gradients["w2"]).max()))
    wrong: Wrong = [
        (
            "all of them",
            "zero-gradient",
            "activations are not zero at zero weights",
            f"dw2 has entries of size {size}: sigmoid(0) is 0.5.",
        ),
        (
            "none of them",
            "missing-factor",
            "the factor w2 of dA1 was left out",
            "w2 is zero, so nothing flows back to the hidden layer.",
        ),
        (
            "that of w2 only",
            "swapped-gradients",
            "the two layers were exchanged",
            f"dw2 has entries of size {size}; dW1 is zero.",
        ),
    ]
    text = f"A 2-{n_h}-1 perceptron with sigmoid hidden units starts with all weights and biases zero, on {m} examples, a third of them with the label 1. Which gradients are zero at the first step?"
    return _asked(variant, seed, "Zero initialisation", text, right, wrong, how)


def small_gradient(variant: str, seed: int) -> Question:
    """A small gradient on a plateau is not convergence."""
    rng = random.Random(f"{variant}/{seed}")
    w = rng.randrange(50, 95) / 10
    here = {"w1": w, "w2": 0.0}
    loss, slopes = models.plateau.value_and_grad({}, here)
    size = math.hypot(*(float(g) for g in slopes.values()))
    params = dict(here)
    slope = models.plateau.slope_at({}, here)
    method = GradientDescent(0.2)
    state = method.init(params)
    for _ in range(STEPS):
        params, state = method.update(params, slope(params)[1], state)
    best = models.plateau.loss({}, params)
    lowest = models.plateau.loss({}, {"w1": 0.0, "w2": 0.0})
    right = (
        f"no: it stands on a plateau; the loss is {short(loss)} and {short(lowest)} can be reached"
    )
    how = "A gradient is small on plateaus and saddles, too; only the loss, or the curvature, tells them from a minimum."
    wrong: Wrong = [
        (
            "yes: a gradient this small means a minimum",
            "zero-gradient",
            "a small gradient was taken for a minimum",
            f"{STEPS} more steps take the loss from {short(loss)} to {short(best)}.",
        ),
        (
            "yes: smaller steps would not help",
            "zero-gradient",
            "small steps were taken for convergence",
            f"The loss here is {short(loss)}; at (0, 0) it is {short(lowest)}.",
        ),
        (
            "no: the learning rate is too large",
            "learning-rate-included",
            "a learning rate that is too large makes large steps",
            f"The gradient is {short(size)} long: the steps are tiny.",
        ),
    ]
    text = f"A descent stops at w = ({w:g}, 0), where the loss w₁² + 4w₂² over 1 plus the same is {short(loss)} and the gradient is {short(size)} long. Has it converged?"
    return _asked(
        variant, seed, "When a small gradient is not convergence", text, right, wrong, how
    )


GENERATORS: Mapping[str, Callable[[str, int], Question]] = {
    "initial-loss": initial_loss,
    "shrinking-gradient": shrinking,
    "zero-start": zero_start,
    "small-gradient": small_gradient,
}
