"""The sheet as Moodle XML: a description for each question, then an item for each blank; formulas for STACK where it can.

A number is "numerical", with an answer range for the truth and one for each known mistake, whose message is its feedback.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from chainrule.practice.questions.question import Blank, Question
from chainrule.sheets import html, stack
from chainrule.sheets.package import add, xml
from chainrule.sheets.platform import mistakes, orders, reach

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet


def files(sheet: Sheet) -> Files:
    """Return the file."""
    root = ET.Element("quiz")
    category = add(root, "question", type="category")
    add(add(category, "category"), "text", f"$course$/{sheet.title.replace('/', ' ')}")
    for i, question in enumerate(sheet.questions, 1):
        _asked(root, i, question)
        for k, blank in enumerate(question.blanks, 1):
            _item(root, f"{i:02}.{k:02}", question, blank)
    return {"": xml(root)}


def _opened(root: ET.Element, kind: str, name: str, question: Question, text: str) -> ET.Element:
    made = add(root, "question", type=kind)
    add(add(made, "name"), "text", name)
    _html(made, "questiontext", text)
    add(made, "idnumber", f"{question.hash}-{name}")
    return made


def _html(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    made = add(parent, tag, format="html", **attributes)
    add(made, "text", text)
    return made


def _asked(root: ET.Element, i: int, question: Question) -> None:
    text = f"<h4>{i}. {escape(question.title)}</h4>{html.statement(question.statement)}"
    made = _opened(root, "description", f"{i:02}", question, text)
    _html(made, "generalfeedback", html.solution(question))
    add(made, "defaultgrade", "0")


def _item(root: ET.Element, name: str, question: Question, blank: Blank) -> None:
    prompt = f"<p>{html.pieces(blank.prompt)}</p>"
    if blank.kind == "number":
        made = _opened(root, "numerical", name, question, prompt)
        _numbers(made, question, blank)
    elif blank.kind == "choice":
        made = _opened(root, "multichoice", name, question, prompt)
        _choices(made, blank)
    elif blank.kind == "expression" and stack.can(blank):
        made = stack.item(root, name, question, blank, prompt)
    elif found := _texts(blank):
        made = _opened(root, "shortanswer", name, question, prompt + _listed(blank))
        add(made, "usecase", "0")
        for text in found:
            _answer(made, text, 100, "Right.")
    else:
        made = _opened(root, "essay", name, question, prompt)
        _essay(made, blank)
        _html(made, "graderinfo", html.solution(question) + html.code(blank.answer.splitlines()))
    add(made, "defaultgrade", str(blank.points))
    add(made, "penalty", "0.3333333")


def _essay(made: ET.Element, blank: Blank) -> None:
    is_code = blank.kind == "code"
    for tag, text in (("responseformat", "monospaced" if is_code else "plain"), ("responserequired", "1"),
                      ("responsefieldlines", "20" if is_code else "3"), ("attachments", "0"), ("attachmentsrequired", "0")):  # fmt: skip
        add(made, tag, text)
    _html(made, "responsetemplate", html.code(blank.starter.splitlines()) if blank.starter else "")


def _texts(blank: Blank) -> list[str]:
    if blank.kind == "order":
        return orders(blank)
    if blank.kind == "shape":
        plain = blank.answer.replace(" ", "")
        return sorted({blank.answer, plain, plain.strip("()")})
    return [blank.answer] if blank.kind == "line" else []


def _listed(blank: Blank) -> str:
    if blank.kind != "order":
        return ""
    items = "".join(f"<li>{escape(o.id)}: {html.pieces(o.pieces)}</li>" for o in blank.options)
    return f"<ul>{items}</ul><p>Write the names in order, with commas between them.</p>"


def _answer(made: ET.Element, text: str, fraction: int, words: str) -> ET.Element:
    answer = add(made, "answer", fraction=str(fraction), format="moodle_auto_format")
    add(answer, "text", text)
    _html(answer, "feedback", f"<p>{escape(words)}</p>" if words else "")
    return answer


def _numbers(made: ET.Element, question: Question, blank: Blank) -> None:
    right = float(blank.answer)
    told = [(right, "Right.", 100)] + [(v, words, 0) for v, words in mistakes(blank, question)]
    for value, words, fraction in told:
        add(_answer(made, repr(value), fraction, words), "tolerance", repr(reach(value, question)))
    for text in (blank.where, blank.how):
        if text:
            _html(made, "hint", f"<p>{escape(text)}</p>")


def _choices(made: ET.Element, blank: Blank) -> None:
    chosen = blank.answer.split(",")
    add(made, "single", "true" if len(chosen) == 1 else "false")
    add(made, "shuffleanswers", "true")
    add(made, "answernumbering", "abc")
    said = {m.fingerprint: m.message for m in blank.mistakes}
    wrong = len(blank.options) - len(chosen)
    for option in blank.options:
        right = option.id in chosen
        fraction = 100 / len(chosen) if right else (-100 / wrong if len(chosen) > 1 else 0)
        answer = add(
            made, "answer", fraction=f"{fraction:.5f}".rstrip("0").rstrip("."), format="html"
        )
        add(answer, "text", html.pieces(option.pieces))
        words = "Right." if right else said.get(option.id, "")
        _html(answer, "feedback", f"<p>{escape(words)}</p>" if words else "")


__all__ = ["files"]
