"""STACK questions as exported, read again: answers go through the response tree to the node they belong to. Maxima itself: docs/stack.py."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

import chainrule as cr
from chainrule.practice.questions import answers as language
from chainrule.sheets import stack

TOPICS = ("derive-one-weight", "derive-one-unit")
POINTS = [{n: 0.3 + 0.37 * k + 0.11 * i for i, n in enumerate("adrxyzw")} for k in range(3)]


def value(text, point):
    known = {**point, **{f"d{n}": 1.7 * v for n, v in point.items()}}
    return language.compute(language.postfix(text), known)


@pytest.fixture(params=TOPICS)
def items(request):
    """The STACK items of a question, each with its blank."""
    made = cr.sheet([request.param], questions=1, seed=3, day="2026-12-01")
    root = ET.fromstring(made.files("moodle")[""])
    blanks = [b for q in made.questions for b in q.blanks if b.kind == "expression"]
    return list(zip(root.iterfind("question[@type='stack']"), blanks, strict=True))


def walked(item, answer):
    """Send an answer through the tree, tests of equivalence by values; return node, branch, score and feedback."""
    variables = dict(re.findall(r"(\w+): (.+);", item.findtext("questionvariables/text")))
    nodes = {node.findtext("name"): node for node in item.iterfind("prt/node")}
    name = "0"
    while True:
        node = nodes[name]
        pairs = [(value(answer, p), value(variables[node.findtext("tans")], p)) for p in POINTS]
        branch = "true" if all(a == pytest.approx(b, rel=1e-9) for a, b in pairs) else "false"
        following = node.findtext(f"{branch}nextnode")
        if following == "-1":
            return name, branch, node.findtext(f"{branch}score"), node.findtext(f"{branch}feedback/text")  # fmt: skip
        name = following


def test_the_right_answer_is_right_and_each_known_mistake_ends_at_its_node(items):
    for item, blank in items:
        variables = dict(re.findall(r"(\w+): (.+);", item.findtext("questionvariables/text")))
        right = variables.pop("ta")
        assert walked(item, right) == walked(item, f"({right}) * 2 / 2") == ("0", "true", "1", "<p>Right.</p>")  # fmt: skip
        assert len(variables) == len(blank.mistakes) == 5
        for k, (wrong, mistake) in enumerate(zip(variables.values(), blank.mistakes, strict=True), 1):  # fmt: skip
            assert walked(item, wrong)[:3] == (str(k), "true", "0")
            assert mistake.message in walked(item, wrong)[3]
        assert walked(item, f"{right} + 17")[:3] == (str(len(variables)), "false", "0")


def test_names_that_stack_takes_for_numbers_are_left_to_a_person():
    blank = cr.question("derive-one-weight", seed=1).blank("dr")
    assert stack.can(blank)
    for name in ("e", "i", "pi"):
        assert not stack.can(replace(blank, names={**blank.names, name: ()}))
