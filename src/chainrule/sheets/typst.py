"""The sheet on paper, in Typst: questions with room for answers; and its solutions with the marking scheme. PDF/UA-1."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.practice.questions.content import (
    Block,
    Code,
    Curve,
    Given,
    Graph,
    Math,
    Paragraph,
    Pieces,
    Table,
)
from chainrule.practice.questions.question import Blank, Question
from chainrule.sheets import pictures
from chainrule.sheets.answers import answer_text, are_listed, is_said, parts_of
from chainrule.typeset import pdf, string

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet

_NEGATIVE = re.compile(r"(?<![\w-])-(?=\d)")
_SETUP = """
#set page(paper: "a4", margin: (x: 22mm, top: 24mm, bottom: 22mm), numbering: "1 / 1",
  header: context if counter(page).get().first() > 1 [#set text(8.5pt, fill: luma(90)); #doc-title #h(1fr) #doc-note])
#set text(font: "Libertinus Serif", size: 10.5pt, lang: "en", hyphenate: false)
#set par(leading: 0.62em, spacing: 0.85em, justify: false)
#show math.equation: set text(font: "New Computer Modern Math", top-edge: "bounds", bottom-edge: "bounds")
#show raw: set text(font: "DejaVu Sans Mono", size: 8.4pt)
#set table(stroke: (x, y) => (bottom: if y == 0 { 0.6pt } else { 0.3pt + luma(190) }), inset: (x: 6pt, y: 4pt))
#show heading.where(level: 1): set text(19pt, weight: "regular")
#show heading.where(level: 2): it => block(above: 2.1em, below: 0.8em, sticky: true, text(12pt, weight: "semibold", it.body))
#let blank(width) = box(width: width, height: 1.15em, stroke: (bottom: 0.6pt), baseline: 0.25em)
#let tick = box(width: 0.85em, height: 0.85em, stroke: 0.6pt, baseline: 0.1em)
"""


def files(sheet: Sheet) -> Files:
    """Return the sheet and its solutions as PDF."""
    return {
        "": pdf(document(sheet, solutions=False), sheet.day),
        "-solutions": pdf(document(sheet, solutions=True), sheet.day),
    }


def document(sheet: Sheet, *, solutions: bool) -> str:
    """Return the Typst text of the sheet, or of its solutions."""
    title = f"{sheet.title}: solutions" if solutions else sheet.title
    note = f"{len(sheet.questions)} questions, {sheet.points} points"
    head = [
        f"#set document(title: {string(title)}, author: {string('chainrule')}, description: {string(note)})",
        f"#let doc-title = {string(title)}",
        f"#let doc-note = {string(f'seed {sheet.seed}')}",
        _SETUP,
        f"#heading(level: 1, {string(title)})",
        _under(sheet, note, solutions),
    ]
    made: Callable[[int, Question], str] = _solved if solutions else asked
    body = [made(i, q) for i, q in enumerate(sheet.questions, 1)]
    return "\n".join([*head, *body, *([_scheme(sheet)] if solutions else [])])


def _under(sheet: Sheet, note: str, solutions: bool) -> str:
    line = f"#text(9pt, fill: luma(80), {string(f'{sheet.day} · {note} · seed {sheet.seed}')})"
    if solutions:
        return f"{line}\n\n#text(9pt, fill: luma(80))[Made by #raw({string(sheet.command)})]"
    return (
        f"{line}\n\n#v(0.4em)#text(10pt)[Name #blank(7.5cm) #h(1em) Points #blank(2cm) of {sheet.points}]#v(0.2em)\n\n"
        "#text(9.5pt)[Four significant figures are enough. A value that follows correctly from your own wrong one counts as right.]"
    )


# -- questions
def asked(i: int, question: Question) -> str:
    """Return a question with room for its answers; on one page, unless a program is to be written."""
    parts = [_heading(i, question), _statement(question.statement), _room(question)]
    whole = "\n\n".join(parts)
    breaks = any(b.kind == "code" for b in question.blanks)
    return whole if breaks else f"#block(breakable: false, width: 100%, above: 2.1em)[{whole}]"


def _heading(i: int, question: Question) -> str:
    points = f"{question.points} point{'s' * (question.points != 1)}"
    said = f"{i}.  {question.title}"
    return (
        f"#heading(level: 2)[#{string(said)} #h(1fr) "
        f"#text(9.5pt, weight: {string('regular')}, fill: luma(80), {string(points)})]"
    )


def _statement(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    given: list[Given] = []
    for block in (*blocks, None):
        if isinstance(block, Given):
            given.append(block)
            continue
        if given:
            parts.append(_given(given))
            given = []
        if block is not None:
            parts.append(_block(block))
    return "\n\n".join(parts)


def _given(given: Sequence[Given]) -> str:
    return "#par(leading: 1em)[" + " #h(1.6em) ".join(f"#box[{_array(one)}]" for one in given) + "]"


def _array(given: Given) -> str:
    rows = "; ".join(", ".join(x.replace("-", "−") for x in row) for row in given.rows)
    scalar = len(given.rows) == len(given.rows[0]) == 1
    typst = rows if scalar else f"mat(delim: #({string('(')}, {string(')')}), {rows})"
    text = f"{given.symbol.text} = {rows}"
    return _math(Math(text, "", f"{given.symbol.typst} = {typst}", ""))


def _block(block: Paragraph | Code | Table | Graph | Curve) -> str:
    if isinstance(block, Paragraph):
        if len(block.pieces) == 1 and isinstance(block.pieces[0], Math):
            return f"#pad(left: 1.4em, {_math(block.pieces[0], display=True).removeprefix('#')})"
        return _pieces(block.pieces)
    if isinstance(block, Code):
        return _code(block)
    if isinstance(block, Table):
        return _table(block)
    return _picture(block)


def _pieces(pieces: Pieces, display: bool = False) -> str:
    return "".join(
        _math(p, display) if isinstance(p, Math) else f"#{string(_minus(p))}" for p in pieces
    )


def _minus(text: str) -> str:
    return _NEGATIVE.sub("−", text)


def _math(one: Math, display: bool = False) -> str:
    maths = f"display({one.typst})" if display else one.typst
    return f"#math.equation(alt: {string(one.text)}, ${maths}$)"


def _code(code: Code) -> str:
    rows = ", ".join(
        f"text(7.5pt, fill: luma(110), {string(str(k))}), raw({string(line or ' ')})"
        for k, line in enumerate(code.lines, 1)
    )
    return f"#block(inset: (left: 0.6em), stroke: (left: 0.8pt + luma(190)), grid(columns: 2, column-gutter: 0.9em, row-gutter: 0.55em, align: (right, left), {rows}))"


def _table(table: Table) -> str:
    head = ", ".join(f"[{_pieces(cell)}]" for cell in table.head)
    cells = ", ".join(f"[{_cell(cell)}]" for row in table.rows for cell in row)
    made = f"table(columns: {len(table.head)}, table.header({head}), {cells})"
    caption = f"#text(9pt, {string(table.caption)})\n\n" if table.caption else ""
    return f"{caption}#{made}"


def _cell(cell: Pieces) -> str:
    if len(cell) == 1 and isinstance(cell[0], str) and cell[0].startswith("{"):
        return "#blank(2.2cm)"
    return _pieces(cell)


def _picture(block: Graph | Curve) -> str:
    svg = pictures.graph(block) if isinstance(block, Graph) else pictures.curve(block)
    width = svg.partition('width="')[2].partition('"')[0]
    return f"#image(bytes({string(svg)}), format: {string('svg')}, width: {float(width) * 0.64:g}pt, alt: {string(pictures.described(block))})"


# -- room for answers
def _room(question: Question) -> str:
    inline = [b for b in question.blanks if b.kind in ("number", "shape", "line")]
    placed = _placed(question)
    parts: list[str] = []
    lines = [b for b in inline if b.id not in placed]
    if lines:
        short = all(_length(b) < 14 for b in lines)
        between, columns = ("#h(1fr)", "(1fr, 1fr, 1fr)") if short else ("#h(0.6em)", "1")
        cells = ", ".join(f"[{_pieces(b.prompt)} {between} #blank(2.6cm)]" for b in lines)
        parts.append(f"#grid(columns: {columns}, column-gutter: 2em, row-gutter: 1em, {cells})")
    parts += [_wide(b, question) for b in question.blanks if b not in inline]
    return "\n\n".join(parts)


def _placed(question: Question) -> set[str]:
    """Return the ids of blanks that a table of the statement has room for."""
    cells: set[Any] = set()
    for block in question.statement:
        if isinstance(block, Table):
            cells |= {cell[0] for row in block.rows for cell in row if len(cell) == 1}
    return {b.id for b in question.blanks if "{" + b.id + "}" in cells}


def _length(blank: Blank) -> int:
    return sum(len(p if isinstance(p, str) else p.text) for p in blank.prompt)


def _wide(blank: Blank, question: Question) -> str:
    prompt = "" if is_said(blank, question) else _pieces(blank.prompt)
    if blank.kind == "choice":
        options = "".join(
            f"\n\n#pad(left: 1.2em)[#tick #h(0.5em) {_pieces(o.pieces)}]" for o in blank.options
        )
        return f"{prompt}{options}"
    if blank.kind == "order" and are_listed(blank, question):
        return f"{prompt}\n\n{' #h(0.5em) '.join(['#blank(0.8cm)'] * len(blank.options))}"
    if blank.kind == "order":
        options = "".join(
            f"\n\n#pad(left: 1.2em)[#blank(0.9cm) #h(0.6em) {_pieces(o.pieces)}]"
            for o in blank.options
        )
        return f"{prompt}{options}"
    if blank.kind == "code":
        starter = _code(Code(tuple(blank.starter.splitlines()))) if blank.starter else ""
        return (
            f"{prompt}\n\n{starter}\n\n#block(width: 100%, height: 7cm, stroke: 0.4pt + luma(170))"
        )
    return f"{prompt} #h(0.4em) #blank(11cm)"


# -- solutions
def _solved(i: int, question: Question) -> str:
    steps = "".join(
        f"\n\n#pad(left: 1.2em)[{_pieces(worked.pieces, display=True)}]"
        for worked in question.solution
    )
    answers = "".join(
        f"\n\n#pad(left: 1.2em)[{_pieces(b.prompt)} #h(0.4em) {_answer(b)}]"
        for b in parts_of(question)
    )
    said = f"{_heading(i, question)}\n\n{_statement(question.statement)}"
    whole = f"#block(breakable: false, width: 100%, above: 2.1em)[{said}]"
    return f"{whole}\n\n#block(sticky: true, strong[Solution]){steps}{answers}"


def _answer(blank: Blank) -> str:
    if blank.kind == "code":
        return "\n\n" + _code(Code(tuple(blank.answer.splitlines())))
    if blank.kind == "choice":
        chosen = set(blank.answer.split(","))
        return " · ".join(_pieces(o.pieces) for o in blank.options if o.id in chosen)
    return f"#strong({string(_minus(answer_text(blank)))})"


def _scheme(sheet: Sheet) -> str:
    rows = "".join(
        f"\n\n#strong[{i}] #h(0.5em) #{string(f'{q.title} ({q.points})')}"
        + "".join(f"\n\n#pad(left: 1.6em)[#{string(line)}]" for line in q.scheme)
        for i, q in enumerate(sheet.questions, 1)
    )
    return f"#heading(level: 2)[Marking scheme]\n\n#text(9.5pt)[A step that follows from the student's own wrong value earns its points.]{rows}"


__all__ = ["asked", "document", "files"]
