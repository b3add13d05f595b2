"""`chainrule check` with the key of a question: one command for every function that is asked for, with what `mark` says."""

import json
import re

import pytest

import chainrule as cr
from chainrule.cli import main
from chainrule.practice.questions.bank import named, variants
from chainrule.practice.questions.programs import check_answer
from chainrule.practice.questions.topics import CODE
from chainrule.practice.sandbox import Limits

CODED = [topic for topic, family in variants().items() if family == CODE]


@pytest.fixture
def answer(tmp_path, monkeypatch):
    """Return a function that writes an answer into the folder where the command runs."""
    monkeypatch.chdir(tmp_path)

    def written(text, name="answer.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return written


def solution(question):
    return question.blanks[0].answer


@pytest.mark.parametrize("topic", ["code-step-adam", "code-step-gradient-descent", "code-softmax-classifier"])  # fmt: skip
def test_the_command_of_a_question_says_that_its_solution_is_right(topic, answer, capsys):
    question = cr.question(topic, seed=3)
    told = [p for block in question.statement if block.kind == "paragraph" for p in block.pieces]
    (command,) = (t.split("chainrule ")[1] for t in told if isinstance(t, str) and "chainrule " in t)  # fmt: skip
    assert command == f"check 5/{topic}/3 answer.py"
    answer(solution(question))
    assert main(command.split()) == 0
    assert capsys.readouterr().out.startswith("Right: ")


@pytest.mark.parametrize("topic", CODED)
def test_every_topic_of_functions_is_found_by_its_key_and_by_its_name(topic):
    question = named(f"5/{topic}/4")
    assert question.key == f"5/{topic}/4"
    assert named(topic, 4) == question
    assert f"chainrule check {question.key} answer.py" in json.dumps(question.to_json())


@pytest.mark.parametrize(
    ("topic", "old", "new"),
    [("code-step-momentum", "w - ", "w - 2 * "), ("code-univariate", "2 / m", "2"), ("code-step-adam", "w - ", "w + ")],
)  # fmt: skip
def test_it_says_what_mark_says(topic, old, new, answer, capsys):
    question = cr.question(topic, seed=5)
    assert old in solution(question)
    text = solution(question).replace(old, new)
    (verdict,) = cr.mark(question, {question.blanks[0].id: text}).verdicts
    assert verdict.status == "mistake"
    assert main(["check", question.key, answer(text), "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    first = report["findings"][0]
    assert (first["mistake"], first["message"]) == (verdict.mistake, verdict.message)
    assert first["hints"][0] == verdict.hints[0]
    assert first["hints"][-1] == verdict.hints[-1]


def test_hints_open_level_by_level_and_what_is_printed_is_kept(answer, capsys):
    text = solution(cr.question("code-step-adagrad")).replace("w - ", "w + ")
    name = answer(text.replace("\n    ", "\n    print('here')\n    ", 1))
    for level in range(5):
        assert main(["check", "code-step-adagrad", name, "--hints", str(level)]) == 3
        out = capsys.readouterr().out
        assert out.startswith("Not right: the new w is wrong\n\n1. w: ascent\n")
        assert sum(f"   {word} " in out for word in ("where", "rule", "example", "fix")) == level
    report = check_answer(cr.question("code-step-adagrad"), name)
    assert report.output == "here\n" * 2


def test_a_function_of_any_name_and_a_file_that_hangs(answer):
    question = cr.question("code-step-gradient-descent", seed=1)
    name = answer("def mine(w, dw):\n    return w - 0.3 * dw\n")
    assert check_answer(question, f"{name}:mine").ok
    name = answer("def step(w, dw):\n    while True:\n        pass\n")
    report = check_answer(question, name, limits=Limits(seconds=0.5))
    assert not report.ok
    assert report.about == "the step has no new values that can be judged"
    assert re.match(
        r"It stopped( in line [23] \(.+\))?: TimeoutError: ", report.findings[0].message
    )


KNOWN = ", ".join(CODED)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["5/code-step-adam/1", "none.py"], "there is no file none.py. Name a solution as PATH.py:FUNCTION."),
        (["5/code-step-adam/1", "answer.py"], "answer.py has no function 'step'. Functions there: backward. Name one: PATH.py:FUNCTION."),
        (["5/code-step-adam/1", "answer.py:backward"], "answer.py: backward takes (x), and"),
        (["5/code-step-adm/1", "answer.py"], "unknown topic of questions: 'code-step-adm'. Did you mean 'code-step-adam'?"),
        (["code-step-adm", "answer.py"], f"unknown topic of questions: 'code-step-adm'. Did you mean 'code-step-adam'? Known: {KNOWN}."),
        (["4/code-step-adam/1", "answer.py"], "unknown key of a question: '4/code-step-adam/1'. Did you mean '5/code-step-adam/1'? Known: 5/code-step-adam/1."),
        (["1/logistic-1/3", "answer.py"], "1/logistic-1/3 asks for no function: Logistic regression, one example. Answer it with chainrule practice --topics logistic-1 --seed 3, or with cr.mark."),
        (["5/code-step-adam/1", "answer.py", "--seed", "4"], "The key 5/code-step-adam/1 has its seed, and --seed 4 is another. Leave --seed out."),
        (["5/code-step-adam/1", "answer.py", "--set", "a=1"], "5/code-step-adam/1 is a question, and has no options. Leave --set out."),
        (["5/code-step-adam/1", "answer.py", "--arrays", "numpi"], "unknown array library: 'numpi'. Did you mean 'numpy'?"),
        (["logisticc", "answer.py"], "unknown model: 'logisticc'. Did you mean 'logistic'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_named(arguments, said, answer, capsys):
    answer("def backward(x):\n    return x\n")
    assert main(["check", *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"chainrule: {said}")
