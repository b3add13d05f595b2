"""Every status and every message of the marking is given at least once: what is written in its modules is held against what was said."""

import ast
import importlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.practice.questions import updates
from chainrule.practice.questions.answers import number
from chainrule.practice.questions.programs import check_answer
from chainrule.practice.questions.slips import CLOSE, results, slips, trials
from chainrule.practice.questions.updating import VARIANTS
from chainrule.practice.questions.verdict import STATUSES, Verdict

SHARED = (
    "marking",
    "numbers",
    "choices",
    "formulas",
    "answers",
    "verdict",
)  # the browser says it, too
APART = ("updates", "programs")
CASES = Path(__file__).parents[2] / "contract" / "marking.json"
SENTENCE = re.compile(r"[A-Za-z]+ [a-zA-Z]+")


def templates(name):
    """Return every text of a module that reads like a message: docstrings and single words do not."""
    module = importlib.import_module(f"chainrule.practice.questions.{name}")
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    inside = {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in ast.walk(n) if part is not n}  # fmt: skip
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
    found = {}
    for node in ast.walk(tree):
        if id(node) in inside | said or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        fixed = [p.value if isinstance(p, ast.Constant) else "\0" for p in parts]
        if all(isinstance(p, str) for p in fixed) and SENTENCE.search("".join(fixed)):
            text = "".join(fixed)
            found[text] = re.compile("(?s)" + ".*".join(map(re.escape, text.split("\0"))))
    return found


@pytest.fixture(scope="module")
def shared():
    """What was said of the cases that Python and the browser both mark."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    return [verdict for case in cases for verdict in case["verdicts"].values()]


STEP = "def step(w, dw, v):\n    {}\n"
BODIES = (
    "return None", "return 'w', v", "return w.sum(), v", "return w * float('nan'), v", "return w / x, v", "return w, v",
    "v = 0.8 * v + dw; return w - 0.3 * v, v", "return w - v, 0.8 * v + dw + 1.37",
    "v = 0.8 * v + dw; return w + 0.3 * v, v", "v = 0.8 * v - dw; return w + 0.3 * v, v",
)  # fmt: skip


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """What was said of functions, which Python alone judges."""
    question = cr.question("code-step-momentum", seed=1)
    said = [cr.mark(question, {"step": STEP.format(body)}).verdicts[0] for body in BODIES]
    said.append(cr.mark(question, {"step": "x = 1"}).verdicts[0])
    path = tmp_path_factory.mktemp("apart") / "answer.py"
    path.write_text(STEP.format("print('x' * 20_000); v = 0.8 * v + dw; return w - 0.3 * v, v"))
    report = check_answer(question, str(path))
    path.write_text(STEP.format("return w - v, 0.8 * v + dw"))
    wrong = check_answer(question, str(path))
    path.write_text(STEP.format("exit()"))
    ended = check_answer(question, str(path))
    texts = [v.message for v in said] + [h for v in said for h in v.hints]
    texts += [report.about, *report.notes, wrong.about, ended.about]
    with pytest.raises(cr.ChainRuleError) as caught:
        check_answer(cr.question("logistic-1"), str(path))
    return said, [*texts, str(caught.value)]


def test_every_status_is_given(shared, apart):
    given = {status for status, *_ in shared} | {v.status for v in apart[0]} | {"right", "empty"}
    assert given == set(STATUSES) - {
        "elsewhere"
    }  # the browser alone says "elsewhere": web/tests/marking.test.ts
    assert all(f'"{status}"' in Verdict.__doc__ for status in STATUSES)


def test_every_message_of_shared_answers_is_said(shared):
    said = {verdict[2] for verdict in shared if len(verdict) == 3} | {"Right.", "Not answered."}
    question = cr.question("derive-multivariate", seed=1)
    for text in (
        "dw +",
        "(",
        "X @ X @ X",
        "log(dY_hat - dY_hat) @ X.T",
    ):  # each reader says in its own words why a formula cannot be read
        said |= {v.message for v in cr.mark(question, {"dw": text}).verdicts}
    with pytest.raises(cr.ChainRuleError) as caught:
        cr.mark(question, {"dw": 1})
    said.add(str(caught.value))
    with pytest.raises(cr.ChainRuleError) as caught:
        number("")  # `mark` does not ask for it: an empty answer is "Not answered."
    said.add(str(caught.value))
    never = [t for name in SHARED for t, form in templates(name).items() if not any(map(form.search, said))]  # fmt: skip
    assert never == []


def test_every_message_of_functions_is_said(apart):
    never = [t for name in APART for t, form in templates(name).items() if not any(map(form.search, apart[1]))]  # fmt: skip
    assert never == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_known_slip_of_a_step_is_named_with_its_hints(variant):
    question = cr.question(variant, seed=1)
    method = VARIANTS[variant]
    given = trials(method, question.seed)
    told = 0
    for slip in slips(method):
        made = [results(slip, one) for one in given]
        if not all(np.all(np.isfinite(a)) for one in made for a in one.values()):
            continue  # a root of a negative number, which is said before any mistake is looked for
        told += 1
        verdict = updates._Judge(method, question.seed, question.blanks[0], made, CLOSE).verdict()
        assert (verdict.status, verdict.message) == ("mistake", slip.message)
        assert len(verdict.hints) == 4
        assert all(verdict.hints)
    assert told >= 10


def test_the_search_for_messages_finds_some_and_misses_none_that_was_never_said():
    found = templates("numbers")
    assert "The sign is wrong, and the size too." in found
    assert found["It is too \0, and no known mistake explains it."].search("It is too large, and no known mistake explains it.")  # fmt: skip
    assert not any(form.search("Right.") for form in found.values())
