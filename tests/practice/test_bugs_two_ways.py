"""Family 6 in a second way: the lines that are shown are run as NumPy, and the losses differentiated by PyTorch; both against the engine."""

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.practice.questions import bugs, mazur
from chainrule.practice.questions.content import Code, Table

SEEDS = range(4)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def log_softmax(z, axis):
    return np.log(softmax(z, axis))


FUNCTIONS = {"np": np, "sigmoid": sigmoid, "softmax": softmax, "log_softmax": log_softmax}


def run(lines, one):
    """Run the lines of a question as a reader would, from its arrays; return every name."""
    known = {**FUNCTIONS, **one.trial.sizes, **one.trial.arrays}
    exec("\n".join(lines), known)
    return known


def losses():
    """The losses of the models, written once more, by PyTorch."""
    hidden = lambda a: torch.sigmoid(a["W1"] @ a["X"] + a["b1"])  # noqa: E731
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    return {
        "multivariate": lambda a: torch.mean((a["w"] @ a["X"] + a["b"] - a["Y"]) ** 2),
        "two_layer_sigmoid": lambda a: torch.mean((a["w2"] @ hidden(a) + a["b2"] - a["Y"]) ** 2),
        "logistic": lambda a: entropy(a["w"] @ a["X"] + a["b"], a["Y"]),
        "perceptron": lambda a: entropy(a["w2"] @ hidden(a) + a["b2"], a["Y"]),
        "softmax_classifier": lambda a: torch.nn.functional.cross_entropy((a["W"] @ a["X"] + a["b"]).T, a["Y"].T),
    }  # fmt: skip


def slopes(one):
    arrays = {k: torch.tensor(np.asarray(v, dtype=float), requires_grad=k in one.model.parameters) for k, v in one.trial.arrays.items()}  # fmt: skip
    losses()[one.model.name](arrays).backward()
    return {k: arrays[k].grad.numpy() for k in one.model.parameters}


@pytest.fixture(params=[(v, s) for v in bugs.VARIANTS for s in SEEDS], ids=lambda p: f"{p[0]}-{p[1]}")  # fmt: skip
def asked(request):
    variant, seed = request.param
    return cr.question(variant, seed=seed), bugs.instance(variant, seed)[0]


def shown(question, kind):
    return next(block for block in question.statement if isinstance(block, kind))


def test_the_lines_that_are_shown_give_the_numbers_of_the_gradient_check(asked):
    question, one = asked
    known = run(shown(question, Code).lines, one)
    engine = bugs._run(one.lines, one.trial, one.model, {one.at: one.made[0].formula})
    for line in one.lines:
        assert np.broadcast_to(known[line.identifier], np.shape(engine[line.value.label])) == pytest.approx(engine[line.value.label], rel=1e-10, abs=1e-13)  # fmt: skip
    true = slopes(one)
    differ = 0
    for row, (name, code, _) in zip(shown(question, Table).rows, one.rows, strict=True):
        own, right = np.ravel(known[f"d{name}"]), np.ravel(true[name])
        own = np.broadcast_to(own, right.shape)
        apart = np.abs(own - right)
        assert row[0] == (name,)
        place = int(np.argmin(np.abs(own - code) + np.abs(right - float(row[2][0]))))
        assert code == pytest.approx(own[place], rel=1e-10, abs=1e-13)
        assert apart[place] == pytest.approx(np.max(apart), rel=1e-6, abs=1e-9)  # that differs most
        assert float(row[1][0]) == pytest.approx(own[place], rel=1e-5)
        assert float(row[2][0]) == pytest.approx(right[place], rel=1e-4, abs=1e-6)  # a difference
        differ += apart[place] > 1e-3 * np.abs(right[place])
    assert differ


def test_the_right_line_mends_the_program_and_the_others_do_not(asked):
    question, one = asked
    at = int(question.blank("line").answer) - 1
    fix, true = question.blank("fix"), slopes(one)
    for option in fix.options:
        lines = list(shown(question, Code).lines)
        lines[at] = option.pieces[0]
        known = run(lines, one)
        near = [
            np.allclose(known[f"d{k}"], true[k], rtol=1e-10, atol=1e-12) for k in one.model.parameters
        ]  # fmt: skip
        assert all(near) == (option.id == fix.answer)


def test_the_published_example_comes_out_of_plain_numpy():
    """The network of the example by hand, all gradients at the old weights; and the printed loss from the new ones."""
    (x1, x2), (y1, y2) = mazur.DATA["X"].ravel(), mazur.DATA["Y"].ravel()
    x, y, rate = np.array([x1, x2]), np.array([y1, y2]), mazur.RATE
    w1, w2 = mazur.START["W1"], mazur.START["W2"]
    b1, b2 = float(mazur.START["b1"]), float(mazur.START["b2"])
    hidden = sigmoid(w1 @ x + b1)
    out = sigmoid(w2 @ hidden + b2)
    back = (out - y) * out * (1 - out)
    new2 = w2 - rate * np.outer(back, hidden)

    def loss(through):
        new1 = w1 - rate * np.outer((through.T @ back) * hidden * (1 - hidden), x)
        return np.sum((y - sigmoid(new2 @ sigmoid(new1 @ x + b1) + b2)) ** 2) / 2

    question = cr.question("published-loss", seed=1)
    assert float(question.blank("loss").answer) == pytest.approx(loss(w2), rel=1e-11)
    printed = next(m for m in question.blank("loss").mistakes if m.key == "already-updated-weights")
    assert float(printed.fingerprint) == pytest.approx(loss(new2), rel=1e-9)
