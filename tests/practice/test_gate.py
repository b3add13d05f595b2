"""The gate that every family of questions passes, on a few seeds here; `python docs/questions.py --seeds 1000` runs it whole."""

import json
import math
import time

import pytest

import chainrule as cr
from chainrule.derive.bounded import evaluate, flatten
from chainrule.practice.questions import answers as language
from chainrule.practice.questions.bank import variants
from chainrule.practice.questions.entries import entry_name, places, size
from chainrule.practice.questions.tasks import TASKS

SEEDS = range(3)


def numbers(question):
    return [b for b in question.blanks if b.kind == "number"]


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


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", TASKS)
def test_by_hand_agrees_with_the_bounded_evaluator_and_the_emitted_program(variant, seed):
    task, question = TASKS[variant], cr.question(variant, seed=seed)
    arrays = arrays_of(task, question.values)
    graph, derivation = task.model.graph, task.model.derivation
    nodes = {v.label: v for v in graph.values}
    nodes |= {f"d{k}": g.node for k, g in derivation.backward.gradients.items()}
    names = [n for n in task.asked if n != "L"]
    found = dict(zip(names, evaluate([nodes[n] for n in names], arrays, task.sizes), strict=True))
    loss, gradients = task.model.value_and_grad(
        {k: arrays[k] for k in graph.data}, {k: arrays[k] for k in graph.parameters}
    )
    for name in task.asked:
        answers = [float(b.answer) for b in question.blanks if b.step == name]
        first = [loss] if name == "L" else found[name].values
        assert answers == pytest.approx(first, rel=1e-10)
        if name[1:] in gradients:
            second = gradients[name[1:]]
            second = flatten(second.tolist() if hasattr(second, "tolist") else second)
            assert answers == pytest.approx(second, rel=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", variants())
def test_right_answers_are_right_and_every_message_fires(variant, seed):
    question = cr.question(variant, seed=seed)
    right = {b.id: b.answer for b in question.blanks if b.kind != "code"}
    assert {v.status for v in cr.mark(question, right).verdicts} <= {"right", "empty"}
    for blank in question.blanks:
        for mistake in blank.mistakes:
            made = {
                b.id: m.fingerprint
                for b in question.blanks
                if b.step == blank.step
                for m in b.mistakes
                if m.message == mistake.message
            }
            marking = cr.mark(question, {**right, blank.id: mistake.fingerprint, **made})
            verdict = next(v for v in marking.verdicts if v.blank == blank.id)
            assert verdict.status == "mistake"
            assert verdict.message == mistake.message
            assert verdict.points == 0
            assert len(verdict.hints) == 4
            assert all(verdict.hints)


@pytest.mark.parametrize("variant", variants())
def test_magnitudes_are_readable(variant):
    for seed in SEEDS:
        question = cr.question(variant, seed=seed)
        assert all(1e-3 <= abs(float(b.answer)) < 1000 for b in numbers(question))
        for value in question.values.values():
            assert value in (0, 1) or round(10 * value) == pytest.approx(10 * value)


@pytest.mark.parametrize("variant", variants())
def test_the_same_seed_gives_the_same_question_and_hash(variant):
    one, again, other = (cr.question(variant, seed=s) for s in (5, 5, 6))
    assert len({b.id for b in one.blanks}) == len(one.blanks)
    assert one == again
    assert one.hash == again.hash != other.hash
    text = json.dumps(one.to_json(), allow_nan=False)
    assert json.loads(text)["hash"] == one.hash


def test_a_slip_costs_one_step():
    question = cr.question("perceptron-2-2-1", seed=3)
    given = dict(question.values)
    wrong = next(m for m in question.blank("Z1_1").mistakes if m.key == "sign")
    answers = {}
    for blank in question.blanks:
        value = float(wrong.fingerprint) if blank.id == "Z1_1" else language.compute(language.postfix(blank.rule), given)  # fmt: skip
        given[blank.id] = value
        answers[blank.id] = f"{value:.4g}"
    marking = cr.mark(question, answers)
    assert marking.points == marking.of - 1
    assert {v.status for v in marking.verdicts} == {"right", "carried", "mistake"}


def test_a_question_is_made_quickly():
    cr.question("logistic-1", seed=0)
    times = []
    for seed in range(20):
        start = time.process_time()
        cr.question("logistic-1", seed=seed)
        times.append(time.process_time() - start)
    assert sorted(times)[10] < 0.5  # measured: 0.011


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25), ("−0.25", -0.25), ("0,25", 0.25), ("1/3", 1 / 3), ("２.５", 2.5), ("3·10⁻²", 0.03), ("2e-3", 0.002),
        ("1/(1+exp(-0.5))", 1 / (1 + math.exp(-0.5))), ("-2^2", -4), ("2^-1", 0.5), ("2**3**2", 512), ("sigmoid(0)", 0.5),
        ("½", 0.5), ("+3", 3), ("- -3", 3), ("ln(e)", 1), (" 1 ", 1), ("2*-3", -6),
    ],
)  # fmt: skip
def test_numbers_are_read(text, value):
    assert language.number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1" * 100_000, "The answer has 100000 characters; at most 1000 are read."),
        ("__import__('os')", "'_' cannot be read here. Write numbers, names and + - * / ^ ( )."),
        ("import os", "Write an operator, such as *, before os."),
        ("open(1)", "There is no function open. The functions are: exp, log, ln, sqrt, tanh, sigmoid, relu, step, softplus, abs, sin, cos, sign."),
        ("1,234.5", "A comma and a point in one number: write 1234.5, with a point only."),
        ("1/0", "The answer is not a finite number."),
        ("9^9^9^9", "The answer is not a finite number."),
        ("(-8)^(1/3)", "The answer is not a finite number."),
        ("(1", "A bracket is not closed: write )."),
        ("1)", "There is a ) without its (."),
        ("1 2", "Write an operator, such as *, before 2."),
        ("1+", "The answer breaks off: a value is missing at its end."),
        ("*2", "A value is missing before *."),
        ("()", "A value is missing before )."),
        ("х", "The character х (U+0445) cannot be read here. Write plain digits, letters and + - * / ^ ( )."),
        ("w", "w is not known here."),
        ("nan", "nan is not known here."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text, said):
    with pytest.raises(cr.ChainRuleError) as caught:
        language.number(text)
    assert str(caught.value) == said


def test_wrong_questions_and_answers_are_named():
    with pytest.raises(cr.ChainRuleError, match="unknown topic of questions: 'logistics-1'"):
        cr.question("logistics-1")
    with pytest.raises(cr.ChainRuleError, match="unknown family of questions: '99'"):
        cr.question(99)
    with pytest.raises(cr.ChainRuleError, match=r"The seed is '1'\. Give an integer\."):
        cr.question("logistic-1", seed="1")
    question = cr.question("logistic-1")
    with pytest.raises(cr.ChainRuleError, match="unknown blank: 'z'"):
        cr.mark(question, {"z": "1"})
    with pytest.raises(cr.ChainRuleError, match="Give answers as text"):
        cr.mark(question, {"Z": 1.0})


@pytest.mark.parametrize("variant", [v for v, f in variants().items() if f == 5][:2])
def test_a_written_function_is_checked_and_diagnosed(variant):
    question = cr.question(variant)
    (blank,) = question.blanks
    assert cr.mark(question, {"backward": blank.answer}).ok
    wrong = cr.mark(question, {"backward": blank.answer.replace("2 / m", "2")}).verdicts[0]
    assert (wrong.status, wrong.mistake, wrong.points) == ("mistake", "missing-1-over-m", 0)
    assert len(wrong.hints) == 4


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("(2/m) * (Y_hat - Y) @ X.T", "right"),
        ("X @ dY_hat.T", "shape"),
        ("-(dY_hat @ X.T)", "ratio"),
        ("dY_hat @ X", "unreadable"),
        ("__import__('os').system('true')", "unreadable"),
        ("().__class__", "unreadable"),
        ("X" * 100_000, "unreadable"),
        ("(X @ dY_hatᵀ)^T", "right"),
    ],
)
def test_formulas_are_judged_in_any_form(text, status):
    question = cr.question("derive-multivariate", seed=2)
    verdict = next(v for v in cr.mark(question, {"dw": text}).verdicts if v.blank == "dw")
    assert verdict.status == status


def test_the_published_loss_is_the_one_of_already_updated_weights():
    question = cr.question("published-loss", seed=1)
    assert float(question.blank("loss").answer) == pytest.approx(0.29102777369, abs=5e-12)
    verdict = cr.mark(question, {"loss": "0.291027924"}).verdicts[0]  # as it was printed
    assert (verdict.status, verdict.mistake) == ("mistake", "already-updated-weights")
