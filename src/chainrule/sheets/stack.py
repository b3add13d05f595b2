"""A formula's blank as a STACK question: one response tree that asks for the right formula first, then for known mistakes."""

from __future__ import annotations

import re
from html import escape
from xml.etree import ElementTree as ET

from chainrule.practice.questions.question import Blank, Question
from chainrule.sheets.package import add

MOST = 6
# what our formulas call a function, and what Maxima computes for it
_FUNCTIONS = {"sigmoid": "1/(1+exp(-({0})))", "square": "({0})^2", "reciprocal": "1/({0})"}
_PLAIN = {"exp", "log", "sqrt", "tanh", "sin", "cos", "abs"}
# what STACK reads as a number: e is 2.718..., i and j are the imaginary unit
RESERVED = {"e", "i", "j", "pi", "gamma", "phi", "inf"}


def can(blank: Blank) -> bool:
    """Tell whether Maxima can judge a blank: scalars only, whose names it takes for names, and functions that it has."""
    scalar = not blank.shape and all(not dims for dims in blank.names.values())
    return scalar and not RESERVED & set(blank.names) and _maxima(blank.answer) is not None


def _maxima(formula: str) -> str | None:
    """Return a formula in Maxima's language; None where it has something that is not a plain function of scalars."""
    called = set(re.findall(r"([A-Za-z_]\w*)\s*\(", formula))
    if not called <= _PLAIN | set(_FUNCTIONS) or any(sign in formula for sign in ("@", ".T", "[")):
        return None
    text = formula.replace("**", "^")
    while match := re.search(rf"\b({'|'.join(_FUNCTIONS)})\(", text):
        end = _closing(text, match.end())
        inner = text[match.end() : end]
        text = f"{text[: match.start()]}({_FUNCTIONS[match[1]].format(inner)}){text[end + 1 :]}"
    return text


def _closing(text: str, start: int) -> int:
    depth = 1
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if not depth:
            return i
    return len(text)


def item(root: ET.Element, name: str, question: Question, blank: Blank, prompt: str) -> ET.Element:
    """Return the question, added to a quiz."""
    made = add(root, "question", type="stack")
    add(add(made, "name"), "text", name)
    _text(made, "questiontext", f"{prompt}<p>[[input:ans1]] [[validation:ans1]]</p><p>[[feedback:prt1]]</p>")  # fmt: skip
    add(made, "idnumber", f"{question.hash}-{name}")
    right = _maxima(blank.answer)
    told = [(m.message, found) for m in blank.mistakes if (found := _maxima(m.formula or m.fingerprint))]  # fmt: skip
    told = told[:MOST]
    variables = [f"ta: {right};", *(f"wrong{k}: {f};" for k, (_, f) in enumerate(told, 1))]
    add(add(made, "questionvariables"), "text", "\n".join(variables))
    add(add(made, "questionnote"), "text", f"{question.key}")
    asked = add(made, "input")
    for tag, text in (("name", "ans1"), ("type", "algebraic"), ("tans", "ta"), ("boxsize", "25"), ("strictsyntax", "1"),
                      ("insertstars", "0"), ("mustverify", "1"), ("showvalidation", "1")):  # fmt: skip
        add(asked, tag, text)
    _tree(made, [words for words, _ in told])
    return made


def _text(parent: ET.Element, tag: str, text: str) -> None:
    add(add(parent, tag, format="html"), "text", text)


def _tree(made: ET.Element, mistakes: list[str]) -> None:
    """Add the response tree: node 0 asks for the right formula, each further one for a known mistake."""
    tree = add(made, "prt")
    add(tree, "name", "prt1")
    add(tree, "value", "1.0000000")
    add(tree, "autosimplify", "1")
    add(add(tree, "feedbackvariables"), "text", "")
    for k, words in enumerate(["Right.", *mistakes]):
        node = add(tree, "node")
        right = k == 0
        add(node, "name", str(k))
        add(node, "answertest", "AlgEquiv")
        add(node, "sans", "ans1")
        add(node, "tans", "ta" if right else f"wrong{k}")
        add(node, "testoptions", "")
        add(node, "quiet", "1")
        for branch, score, following, said in (
            ("true", "1" if right else "0", "-1", words),
            ("false", "0", str(k + 1) if k < len(mistakes) else "-1", ""),
        ):
            add(node, f"{branch}scoremode", "=" if right or branch == "true" else "+")
            add(node, f"{branch}score", score)
            add(node, f"{branch}penalty", "")
            add(node, f"{branch}nextnode", following)
            add(node, f"{branch}answernote", f"prt1-{k}-{branch[0].upper()}")
            _text(node, f"{branch}feedback", f"<p>{escape(said)}</p>" if said else "")


__all__ = ["can", "item"]
