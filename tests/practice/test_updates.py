"""Optimizers' steps written by hand: right ones in other words are right, wrong ones are named, nothing hangs."""

import pytest

import chainrule as cr
from chainrule.practice.questions.slips import results, slips, trials, truth
from chainrule.practice.questions.updating import VARIANTS

ADAM = """
import numpy as np

def step(w, dw, m, v, t):
    b1, b2 = 0.9, 0.99
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw**2
    mh = m / (1 - b1**t)
    vh = v / (1 - b2**t)
    return {"w": w - 0.1 * mh / (np.sqrt(vh) + 0.1), "m": m, "v": v}
"""
MOMENTUM = """
def step(w, dw, v):
    v = 0.8 * v + dw
    w = w - 0.3 * v
    return w, v
"""


def judged(variant, text, seed=1):
    (verdict,) = cr.mark(cr.question(variant, seed=seed), {"step": text}).verdicts
    return verdict


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_solution_is_right(variant):
    question = cr.question(variant, seed=2)
    assert cr.mark(question, {"step": question.blanks[0].answer}).ok


@pytest.mark.parametrize(
    ("variant", "text"),
    [
        ("code-step-adam", ADAM),
        ("code-step-adam", ADAM.replace("np.sqrt(vh) + 0.1", "0.1 + vh ** 0.5").replace("dw**2", "dw * dw")),
        ("code-step-momentum", MOMENTUM),
        ("code-step-momentum", MOMENTUM.replace("return w, v", "return {'new_w': w, 'v_new': v}")),
        ("code-step-momentum", "def step(w, grad, velocity):\n    velocity *= 0.8\n    velocity += grad\n    w -= 0.3 * velocity\n    return w, velocity"),
        ("code-step-gradient-descent", "def step(w, dw):\n    return w - 0.3 * dw"),
    ],
)  # fmt: skip
def test_other_words_are_right(variant, text):
    assert judged(variant, text).status == "right"


WRONG = [
    ("code-step-adam", ADAM, "+ 0.1), ", "), ", "missing-term"),
    ("code-step-adam", ADAM, "np.sqrt(vh) + 0.1", "np.sqrt(vh + 0.1)", "epsilon-inside"),
    ("code-step-adam", ADAM, "0.9, 0.99", "0.99, 0.9", "betas-swapped"),
    ("code-step-adam", ADAM, "/ (1 - b1**t)", "", "bias-correction"),
    ("code-step-adam", ADAM, "/ (1 - b2**t)", "", "bias-correction"),
    ("code-step-adam", ADAM.replace("/ (1 - b2**t)", ""), "/ (1 - b1**t)", "", "bias-correction"),
    ("code-step-adam", ADAM, "    mh =", "    t = t + 1\n    mh =", "step-number"),
    ("code-step-adam", ADAM, "    mh =", "    t = t - 1\n    mh =", "step-number"),
    ("code-step-adam", ADAM, "dw**2", "dw", "missing-square"),
    ("code-step-adam", ADAM, "w - 0.1", "w + 0.1", "ascent"),
    ("code-step-adam", ADAM, "np.sqrt(vh)", "vh", "missing-function"),
    ("code-step-momentum", MOMENTUM, "+ dw", "+ 0.2 * dw", "another-form"),
    ("code-step-momentum", MOMENTUM, "+ dw\n    w = w - 0.3 * v", "+ 0.3 * dw\n    w = w - v", "learning-rate-included"),
    ("code-step-momentum", MOMENTUM, "w = w - 0.3 * v", "w = w - 0.3 * dw", "another-form"),
    ("code-step-momentum", MOMENTUM, "w - 0.3", "w + 0.3", "ascent"),
    ("code-step-momentum", MOMENTUM, "    v = 0.8 * v + dw\n    w = w - 0.3 * v", "    w = w - 0.3 * v\n    v = 0.8 * v + dw", "another-form"),
]  # fmt: skip


@pytest.mark.parametrize(("variant", "text", "right", "wrong", "mistake"), WRONG)
def test_mistakes_are_named(variant, text, right, wrong, mistake):
    assert right in text
    verdict = judged(variant, text.replace(right, wrong))
    assert (verdict.status, verdict.mistake) == ("mistake", mistake)
    assert verdict.points == 0
    assert len(verdict.hints) == 4
    assert "and the rule gives" in verdict.hints[2]


def test_two_mistakes_are_both_named():
    text = ADAM.replace("dw**2", "dw").replace("w - 0.1 * mh", "w + 0.1 * mh")
    verdict = judged("code-step-adam", text)
    assert verdict.status == "two"
    assert (
        verdict.message
        == "Two mistakes: in v, the square of dw was left out; and in w, the step was added: that climbs."
    )


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("def step(w, dw, v):\n    return None", "unreadable", 'The new values cannot be found in what it returned. Return {"w": w, "v": v}.'),
        ("def step(w, dw, v):\n    return 'w', v", "unreadable", 'w is str, and not an array of numbers. Return {"w": w, "v": v}.'),
        ("def step(w, dw, v):\n    return w.sum(), v", "shape", "The new w has the shape (), and it must be (3,), that of w."),
        ("def step(w, dw, v):\n    return w * float('nan'), v", "wrong", "The new w holds what is not a finite number."),
        ("def step(w, dw, v):\n    return w / x, v", "wrong", "It stopped in line 2 (return w / x, v): NameError: name 'x' is not defined."),
        ("def step(w, dw, v):\n    exit(3)", "wrong", "It stopped in line 2 (exit(3)): SystemExit: 3."),
        ("def step(w, dw, v):\n    return w, v", "wrong", "The first wrong value is v: v comes back as it was; in w, the term −0.3 v was left out."),
        ("def update(w, dw, v):\n    return w, v", "unreadable", "answer.py has no function 'step'."),
        ("def step(w):\n    return w, w", "unreadable", "answer.py: step takes (w), and"),
        ("x = 1 +", "wrong", "It stopped in line 1 (x = 1 +): SyntaxError: invalid syntax"),
    ],
)  # fmt: skip
def test_what_is_no_step_is_answered(text, status, said):
    verdict = judged("code-step-momentum", text)
    assert verdict.status == status
    assert verdict.message.startswith(said)


@pytest.mark.parametrize("variant", VARIANTS.values())
def test_every_known_mistake_is_told_from_the_truth_at_every_seed(variant):
    assert len(slips(variant)) >= 10
    for seed in range(3):
        for given in trials(variant, seed)[:1]:
            right = results(truth(variant), given)
            for slip in slips(variant)[:10]:
                made = results(slip, given)
                assert any(abs(made[k] - right[k]).max() > 1e-6 for k in right), slip.message
