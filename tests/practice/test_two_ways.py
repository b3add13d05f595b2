"""Every number of every family comes out again in a second way that shares nothing with the first: PyTorch's own autograd and optimizers."""

import math

import pytest
import torch

import chainrule as cr
from chainrule.emit.expressions import Printer
from chainrule.emit.languages import LANGUAGES
from chainrule.emit.plan import plan
from chainrule.practice.mutants.formulas import label
from chainrule.practice.questions import answers as language
from chainrule.practice.questions import paths, stepping, symbolic
from chainrule.practice.questions.content import Curve, Table
from chainrule.practice.questions.entries import entry_name, places, size
from chainrule.practice.questions.tasks import TASKS

SEEDS = range(3)
MORE = {"ln": torch.log, "softplus": torch.nn.functional.softplus}


def arrays_of(task, values):
    """Return the inputs as nested lists, from the entries' values."""
    found = {}
    for node in task.model.graph.inputs:
        shape = [size(d, task.sizes) for d in node.shape]
        flat = [values[entry_name(node.name, p, shape)] for p in places(shape)]
        for n in reversed(shape):
            flat = [flat[i : i + n] for i in range(0, len(flat), n)]
        found[node.name] = flat[0]
    return found


def tensor(value):
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def computed(rule, known):
    """Return a rule's value at tensors: a second reader of postfix, of PyTorch's functions."""
    stack = []
    for kind, word in language.postfix(rule):
        if kind == "number":
            stack.append(torch.tensor(float(word), dtype=torch.float64))
        elif kind == "name":
            stack.append(known[word])
        elif kind == "call":
            stack.append((MORE.get(word) or getattr(torch, word))(stack.pop()))
        elif word == "neg":
            stack.append(-stack.pop())
        else:
            right, left = stack.pop(), stack.pop()
            stack.append({"+": left + right, "-": left - right, "*": left * right, "/": left / right, "^": left**right}[word])  # fmt: skip
    return stack[0]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", TASKS)
def test_gradients_by_hand_are_those_of_autograd_through_the_forward_rules(variant, seed):
    question = cr.question(variant, seed=seed)
    known = {name: tensor(value) for name, value in question.values.items()}
    for blank in question.blanks:
        known[blank.id] = computed(blank.rule, known)
        assert float(blank.answer) == pytest.approx(known[blank.id].item(), rel=1e-10)
        if blank.id == "L":
            break
    after = [b for b in question.blanks if b.id not in known]
    read = [b for b in after if b.id[1:] in known]
    assert len(read) >= 3
    slopes = torch.autograd.grad(known["L"], [known[b.id[1:]] for b in read])
    for blank, slope in zip(read, slopes, strict=True):
        assert float(blank.answer) == pytest.approx(slope.item(), rel=1e-10)


def forward(graph, inputs, sizes):
    """Return every value of a graph, by PyTorch."""
    printer = Printer(LANGUAGES["torch"], label, "X", {d: d for d in graph.dims})
    known = {"torch": torch, **sizes, **{name: tensor(value) for name, value in inputs.items()}}
    for value in graph.values:
        known[value.label] = eval(printer.whole(plan(value.inner)), known)
    return known


@pytest.mark.parametrize("variant", TASKS)
def test_gradients_by_hand_are_those_of_autograd_through_the_matrices(variant):
    question, task = cr.question(variant, seed=4), TASKS[variant]
    graph = task.model.graph
    known = forward(graph, arrays_of(task, question.values), task.sizes)
    asked = [name for name in task.asked if name[0] == "d" and name[1:] in known]
    loss = known[graph.loss.label]
    slopes = torch.autograd.grad(loss, [known[name[1:]] for name in asked])
    for name, slope in zip(asked, slopes, strict=True):
        answers = [float(b.answer) for b in question.blanks if b.step == name]
        assert answers == pytest.approx(slope.reshape(-1).tolist(), rel=1e-10)


def the_same(method, weights):
    """Return PyTorch's optimizer of the same name and numbers."""
    made, rate = method.optimizer, method.optimizer.learning_rate
    return {
        "step-gradient-descent": lambda: torch.optim.SGD([weights], rate),
        "step-momentum": lambda: torch.optim.SGD([weights], rate, momentum=made.momentum),
        "step-nesterov": lambda: torch.optim.SGD([weights], rate, momentum=made.momentum, nesterov=True),
        "step-adagrad": lambda: torch.optim.Adagrad([weights], rate, eps=made.epsilon),
        "step-rmsprop": lambda: torch.optim.RMSprop([weights], rate, alpha=made.decay, eps=made.epsilon),
        "step-adam": lambda: torch.optim.Adam([weights], rate, (made.beta1, made.beta2), made.epsilon),
        "step-adamw": lambda: torch.optim.AdamW([weights], rate, (made.beta1, made.beta2), made.epsilon, made.weight_decay),
    }  # fmt: skip


STATE = {"momentum_buffer": "v", "sum": "s", "square_avg": "s", "exp_avg": "m", "exp_avg_sq": "v"}


@pytest.mark.parametrize("variant", stepping.METHODS)
def test_steps_are_those_of_pytorchs_optimizers(variant):
    method = stepping.METHODS[variant]
    for seed in SEEDS:
        question = cr.question(variant, seed=seed)
        names = ["_1", "_2"] if method.weights > 1 else [""]
        wanted = {b.id: float(b.answer) for b in question.blanks}
        weights = tensor([question.values[f"w_t0{n}"] for n in names])
        makers = the_same(method, weights)
        if variant not in makers:
            return averaged(question, wanted, method.optimizer, names)
        optimizer, compared = makers[variant](), 0
        for step in (1, 2):
            weights.grad = tensor([question.values[f"g_t{step}{n}"] for n in names]).detach()
            optimizer.step()
            held = {"w": weights, **{STATE[k]: v for k, v in optimizer.state[weights].items() if k in STATE}}  # fmt: skip
            for slot, beta in (("m", "beta1"), ("v", "beta2")):
                if hasattr(method.optimizer, beta):
                    held[f"{slot}_hat"] = held[slot] / (1 - getattr(method.optimizer, beta) ** step)
            for slot, value in held.items():
                for n, entry in zip(names, value.tolist(), strict=True):
                    assert wanted[f"{slot}_t{step}{n}"] == pytest.approx(entry, rel=1e-10)
                    compared += 1
        assert compared == len(wanted)
    return None


def averaged(question, wanted, optimizer, names):
    """The average of all gradients, weighted, in closed form (PyTorch starts its buffer at the first gradient)."""
    beta, rate = optimizer.momentum, optimizer.learning_rate
    for n in names:
        w, first, second = (question.values[f"{k}{n}"] for k in ("w_t0", "g_t1", "g_t2"))
        v1, v2 = (1 - beta) * first, (1 - beta) * (beta * first + second)
        found = {"v_t1": v1, "v_t2": v2, "w_t1": w - rate * v1, "w_t2": w - rate * (v1 + v2)}
        assert {k: wanted[k + n] for k in found} == pytest.approx(found, rel=1e-10)


PATHS = {
    "gradient descent": lambda w, a: torch.optim.SGD([w], a),
    "momentum": lambda w, a: torch.optim.SGD([w], a, momentum=0.8),
    "RMSprop": lambda w, a: torch.optim.RMSprop([w], a, alpha=0.9, eps=1e-8),
    "Adam": lambda w, a: torch.optim.Adam([w], a, (0.9, 0.999), 1e-8),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", paths.VARIANTS)
def test_trajectories_are_those_of_pytorch_with_the_method_and_the_rate_of_the_answers(variant, seed):  # fmt: skip
    question = cr.question(variant, seed=seed)
    table, curve = (next(b for b in question.statement if isinstance(b, kind)) for kind in (Table, Curve))  # fmt: skip
    curvature = round(float(table.rows[0][2][0]) / float(table.rows[0][1][0]), 1)
    weight = tensor(curve.points[0][1])
    method = paths.method_of(variant, seed)
    optimizer = PATHS[method](weight, float(question.blank("rate").answer))
    walked = [weight.item()]
    for _ in range(paths.LONG):
        weight.grad = curvature * weight.detach()
        optimizer.step()
        walked.append(weight.item())
    shown = [w for _, w in curve.points]
    assert shown == pytest.approx(walked[: len(shown)], rel=1e-10, abs=1e-12)
    far = abs(walked[-1]) > abs(walked[0])
    assert question.blank("settles").answer == ("b" if far else "a")
    if method == "gradient descent":
        factor = 1 - float(question.blank("rate").answer) * curvature
        assert shown == pytest.approx([shown[0] * factor**t for t in range(len(shown))], rel=1e-10)
        assert far == (abs(factor) > 1)


@pytest.mark.parametrize("variant", symbolic.TASKS)
def test_formulas_are_judged_by_what_autograd_gives(variant):
    question, graph = cr.question(variant, seed=2), symbolic.TASKS[variant].model.graph
    for blank in question.blanks:
        sample = blank.samples[0]
        inputs = {n.name: sample.values[n.name] for n in graph.inputs}
        known = forward(graph, inputs, blank.sizes)
        slope = torch.autograd.grad(known[graph.loss.label], known[blank.step])[0]
        answer = torch.tensor(sample.answer, dtype=torch.float64)
        torch.testing.assert_close(answer, slope, rtol=1e-10, atol=1e-13)


def test_the_loss_at_the_start_is_log_k():
    for seed in SEEDS:
        question = cr.question("initial-loss", seed=seed)
        (blank,) = question.blanks
        classes = int(question.blanks[0].prompt[0].split("of ")[1].split()[0])
        (text,) = next(o.pieces for o in blank.options if o.id == blank.answer)
        assert text == f"{math.log(classes):.4g}"
