"""The sheet as a QTI 1.2 package, as Canvas imports it: a text for each question, and an item for each of its blanks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from chainrule.practice.questions.question import Blank, Question
from chainrule.sheets import html
from chainrule.sheets.package import add, packed, xml
from chainrule.sheets.platform import mistakes, orders, reach

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_CP = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"


def files(sheet: Sheet) -> Files:
    """Return the package."""
    name = f"chainrule-{'-'.join(sheet.topics)}-{sheet.seed}"
    return {
        "": packed({"imsmanifest.xml": xml(_manifest(name)), f"{name}/{name}.xml": xml(_test(sheet, name))})
    }  # fmt: skip


def _manifest(name: str) -> ET.Element:
    root = ET.Element("manifest", {"xmlns": _CP, "identifier": f"{name}-manifest"})
    about = add(root, "metadata")
    add(about, "schema", "IMS Content")
    add(about, "schemaversion", "1.1.3")
    add(root, "organizations")
    resource = add(
        add(root, "resources"), "resource",
        identifier=name, type="imsqti_xmlv1p2", href=f"{name}/{name}.xml",
    )  # fmt: skip
    add(resource, "file", href=f"{name}/{name}.xml")
    return root


def _test(sheet: Sheet, name: str) -> ET.Element:
    root = ET.Element("questestinterop", {"xmlns": _QTI})
    test = add(root, "assessment", ident=name, title=sheet.title)
    section = add(test, "section", ident="root_section")
    for i, question in enumerate(sheet.questions, 1):
        _asked(section, i, question)
        for k, blank in enumerate(question.blanks, 1):
            _item(section, f"{question.hash}_{k}", f"{i}.{k}", question, blank)
    return root


def _asked(section: ET.Element, i: int, question: Question) -> None:
    text = f"<h3>{i}. {escape(question.title)}</h3>{html.statement(question.statement)}"
    item = _opened(section, question.hash, f"{i}", "text_only_question", 0)
    _material(add(item, "presentation"), text)


def _opened(section: ET.Element, ident: str, title: str, kind: str, points: int) -> ET.Element:
    item = add(section, "item", ident=ident, title=title)
    fields = add(add(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", kind), ("points_possible", str(points))):
        field = add(fields, "qtimetadatafield")
        add(field, "fieldlabel", label)
        add(field, "fieldentry", entry)
    return item


def _material(parent: ET.Element, text: str) -> None:
    add(add(parent, "material"), "mattext", text, texttype="text/html")


def _item(section: ET.Element, ident: str, title: str, question: Question, blank: Blank) -> None:
    kinds = {"number": "numerical_question", "choice": "multiple_choice_question"}
    exact = _exact(blank)
    kind = kinds.get(blank.kind, "short_answer_question" if exact else "essay_question")
    if blank.kind == "choice" and "," in blank.answer:
        kind = "multiple_answers_question"
    item = _opened(section, ident, title, kind, blank.points)
    shown = add(item, "presentation")
    _material(shown, f"<p>{title} {html.pieces(blank.prompt)}</p>{_listed(blank)}")
    if blank.kind == "choice":
        _choices(item, shown, blank)
    elif kind == "essay_question":
        _field(shown)
        _processing(item)
        _feedback(item, "general_fb", html.solution(question))
    elif blank.kind == "number":
        _number(item, shown, question, blank)
    else:
        _field(shown)
        _right(_processing(item), *exact)


def _listed(blank: Blank) -> str:
    """Return the options that an order names."""
    if blank.kind != "order":
        return ""
    items = "".join(f"<li>{escape(o.id)}: {html.pieces(o.pieces)}</li>" for o in blank.options)
    return f"<ul>{items}</ul><p>Write the names in order, with commas between them.</p>"


def _exact(blank: Blank) -> list[str]:
    """Return the texts that are right, where they can be listed."""
    if blank.kind == "order":
        return orders(blank)
    if blank.kind == "shape":
        plain = blank.answer.replace(" ", "")
        return sorted({blank.answer, plain, plain.strip("()")})
    return [blank.answer] if blank.kind == "line" else []


def _field(shown: ET.Element, **kind: str) -> None:
    response = add(shown, "response_str", ident="response1", rcardinality="Single")
    add(add(response, "render_fib", **kind), "response_label", ident="answer1")


def _processing(item: ET.Element) -> ET.Element:
    found = add(item, "resprocessing")
    add(
        add(found, "outcomes"),
        "decvar",
        maxvalue="100",
        minvalue="0",
        varname="SCORE",
        vartype="Decimal",
    )
    return found  # fmt: skip


def _right(processing: ET.Element, *texts: str) -> None:
    condition = add(processing, "respcondition")
    condition.set("continue", "No")
    asked = add(condition, "conditionvar")
    for text in texts:
        add(asked, "varequal", text, respident="response1")
    add(condition, "setvar", "100", action="Set", varname="SCORE")


def _number(item: ET.Element, shown: ET.Element, question: Question, blank: Blank) -> None:
    _field(shown, fibtype="Decimal")
    processing, right = _processing(item), float(blank.answer)
    condition = _within(processing, right, question)
    add(condition, "setvar", "100", action="Set", varname="SCORE")
    told = mistakes(blank, question)
    for k, (value, _) in enumerate(told, 1):
        wrong = _within(processing, value, question)
        add(wrong, "setvar", "0", action="Set", varname="SCORE")
        add(wrong, "displayfeedback", feedbacktype="Response", linkrefid=f"mistake{k}_fb")
    for k, (_, words) in enumerate(told, 1):
        _feedback(item, f"mistake{k}_fb", f"<p>{escape(words)}</p>")


def _within(processing: ET.Element, value: float, question: Question) -> ET.Element:
    """Return a condition that holds for answers near a value."""
    condition = add(processing, "respcondition")
    condition.set("continue", "No")
    either = add(add(condition, "conditionvar"), "or")
    add(either, "varequal", repr(value), respident="response1")
    both = add(either, "and")
    add(both, "vargte", repr(value - reach(value, question)), respident="response1")
    add(both, "varlte", repr(value + reach(value, question)), respident="response1")
    return condition


def _choices(item: ET.Element, shown: ET.Element, blank: Blank) -> None:
    chosen = blank.answer.split(",")
    several = "Multiple" if len(chosen) > 1 else "Single"
    response = add(shown, "response_lid", ident="response1", rcardinality=several)
    render = add(response, "render_choice")
    for option in blank.options:
        _material(add(render, "response_label", ident=option.id), html.pieces(option.pieces))
    processing = _processing(item)
    condition = add(processing, "respcondition")
    condition.set("continue", "No")
    parent = add(condition, "conditionvar")
    if len(chosen) > 1:
        parent = add(parent, "and")
    for option in blank.options:
        place = parent if option.id in chosen else None
        if place is None and len(chosen) > 1:
            place = add(parent, "not")
        if place is not None:
            add(place, "varequal", option.id, respident="response1")
    add(condition, "setvar", "100", action="Set", varname="SCORE")
    by_answer = {m.fingerprint: m for m in blank.mistakes}
    for option in blank.options:
        if option.id in by_answer:
            wrong = add(processing, "respcondition")
            wrong.set("continue", "Yes")
            add(add(wrong, "conditionvar"), "varequal", option.id, respident="response1")
            add(wrong, "displayfeedback", feedbacktype="Response", linkrefid=f"{option.id}_fb")
    for option in blank.options:
        if option.id in by_answer:
            _feedback(item, f"{option.id}_fb", f"<p>{escape(by_answer[option.id].message)}</p>")


def _feedback(item: ET.Element, ident: str, text: str) -> None:
    _material(add(add(item, "itemfeedback", ident=ident), "flow_mat"), text)


__all__ = ["files"]
