"""The sheet as one HTML file without scripts, and its solutions as another. Mathematics is MathML; it prints well."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from chainrule.course.site import digest, find_assets
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

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet

_MATHS = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1c1e22, #e9e6df); --soft: light-dark(#666b72, #9aa0a8); --rule: light-dark(#c9c4ba, #464b54); }
body { margin: 3rem auto; padding: 0 1.2rem; max-width: 44rem; font: 1.06rem/1.55 'STIX Two Text', 'Times New Roman', serif;
       color: var(--ink); background: light-dark(#fcfbf8, #14161a); }
math { font-family: 'STIX Two Math', 'Cambria Math', math; }
h1 { font-weight: 400; font-size: 2.1rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0 0 .5rem; display: flex; justify-content: space-between; gap: 1rem; }
h2 small, .soft { color: var(--soft); font: 400 .85rem/1.5 system-ui, sans-serif; }
section { margin: 2.6rem 0; break-inside: avoid; }
p { margin: .35rem 0; } .formula { margin-left: 1.4rem; } .given { display: flex; flex-wrap: wrap; gap: .3rem 1.8rem; margin: .5rem 0; }
pre { font: .82rem/1.6 ui-monospace, monospace; border-left: 2px solid var(--rule); padding-left: .8rem; overflow-x: auto; counter-reset: line; }
pre span::before { counter-increment: line; content: counter(line); display: inline-block; width: 1.8em; color: var(--soft); }
table { border-collapse: collapse; margin: .6rem 0; } th, td { padding: .25rem .8rem .25rem 0; text-align: left; border-bottom: 1px solid var(--rule); }
.room { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .9rem 2rem; margin: .9rem 0; }
.room > div { display: flex; gap: .6rem; align-items: baseline; } .line { flex: 1; min-width: 5rem; border-bottom: 1px solid var(--ink); }
.long { display: flex; gap: .6rem; margin: .7rem 0; } ul { list-style: none; padding-left: 1.2rem; margin: .3rem 0; } ul.scheme { padding-left: 1.6rem; }
.space { height: 14rem; border: 1px solid var(--rule); } svg { max-width: 100%; height: auto; background: white; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; background: none; } }
"""


def files(sheet: Sheet) -> Files:
    """Return the sheet and its solutions as HTML."""
    return {
        "": document(sheet, solutions=False).encode(),
        "-solutions": document(sheet, solutions=True).encode(),
    }


def document(sheet: Sheet, *, solutions: bool) -> str:
    """Return the page of the sheet, or of its solutions."""
    title = escape(f"{sheet.title}: solutions" if solutions else sheet.title)
    made = _solved if solutions else _asked
    body = "".join(made(i, q) for i, q in enumerate(sheet.questions, 1))
    note = (
        f"{sheet.day} · {len(sheet.questions)} questions, {sheet.points} points · seed {sheet.seed}"
    )
    under = f"Made by <code>{escape(sheet.command)}</code>" if solutions else _rules(sheet)
    style = _font() + _STYLE
    policy = f"default-src 'none'; style-src '{digest(style)}'; font-src data:; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="soft">{escape(note)}</p>\n<p class="soft">{under}</p>\n{body}'
        f"{_scheme(sheet) if solutions else ''}</main>\n</body>\n</html>\n"
    )


def _font() -> str:
    """Return the maths font of the pages, inside the style sheet; none where the pages were not built."""
    try:
        file = find_assets().folder / "fonts" / "stix-two-math.woff2"
        data = base64.b64encode(file.read_bytes()).decode()
    except OSError:
        return ""
    return (
        f"@font-face {{ font-family: 'STIX Two Math'; src: url(data:font/woff2;base64,{data}); }}"
    )


def _rules(sheet: Sheet) -> str:
    return (
        "Four significant figures are enough. A value that follows correctly from your own wrong one counts as right. "
        f"Points: ______ of {sheet.points}"
    )


# -- questions
def _asked(i: int, question: Question) -> str:
    return f"<section>{_heading(i, question)}{statement(question.statement)}{_room(question)}</section>\n"


def _heading(i: int, question: Question) -> str:
    points = f"{question.points} point{'s' * (question.points != 1)}"
    return f"<h2><span>{i}. {escape(question.title)}</span><small>{points}</small></h2>"


def statement(blocks: Sequence[Block]) -> str:
    """Return the statement of a question as HTML; blanks in its tables are left empty."""
    parts: list[str] = []
    for k, block in enumerate(blocks):
        if isinstance(block, Given):
            first = k == 0 or not isinstance(blocks[k - 1], Given)
            last = k + 1 == len(blocks) or not isinstance(blocks[k + 1], Given)
            parts.append(f"{'<div class=given>' * first}{_given(block)}{'</div>' * last}")
        else:
            parts.append(_block(block))
    return "".join(parts)


def _given(given: Given) -> str:
    def number(x: str) -> str:
        return f"<mo form=prefix>−</mo><mn>{x[1:]}</mn>" if x[0] == "-" else f"<mn>{x}</mn>"

    rows = [[number(x) for x in row] for row in given.rows]
    if len(rows) == len(rows[0]) == 1:
        value = rows[0][0]
    else:
        body = "".join("<mtr>" + "".join(f"<mtd>{x}</mtd>" for x in row) + "</mtr>" for row in rows)
        value = f"<mo>(</mo><mtable>{body}</mtable><mo>)</mo>"
    return f"<span>{_MATHS}<mrow>{given.symbol.mathml}<mo>=</mo>{value}</mrow></math></span>"


def _block(block: Paragraph | Code | Table | Graph | Curve) -> str:
    if isinstance(block, Paragraph):
        alone = len(block.pieces) == 1 and isinstance(block.pieces[0], Math)
        return f"<p{' class=formula' * alone}>{pieces(block.pieces)}</p>"
    if isinstance(block, Code):
        return code(block.lines)
    if isinstance(block, Table):
        return _table(block)
    svg = pictures.graph(block) if isinstance(block, Graph) else pictures.curve(block)
    told = f'<svg role="img" aria-label="{escape(pictures.described(block))}" '
    return f"<p>{svg.replace('<svg ', told, 1)}</p>"


def pieces(given: Pieces) -> str:
    """Return pieces of text and mathematics as HTML."""
    return "".join(
        f"{_MATHS}<mrow>{p.mathml}</mrow></math>" if isinstance(p, Math) else escape(p)
        for p in given
    )


def code(lines: Sequence[str]) -> str:
    """Return lines of a program, numbered."""
    return "<pre>" + "\n".join(f"<span>{escape(line)}</span>" for line in lines) + "</pre>"


def _table(table: Table) -> str:
    head = "".join(f"<th scope=col>{pieces(cell)}</th>" for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(cell: Pieces) -> str:
    is_blank = len(cell) == 1 and isinstance(cell[0], str) and cell[0].startswith("{")
    return "________" if is_blank else pieces(cell)


# -- room for answers
def _room(question: Question) -> str:
    short = [b for b in question.blanks if b.kind in ("number", "shape", "line")]
    cells = "".join(
        f'<div><span>{pieces(b.prompt)}</span><span class="line"></span></div>' for b in short
    )
    room = f'<div class="room">{cells}</div>' if short else ""
    return room + "".join(_wide(b, question) for b in question.blanks if b not in short)


def _wide(blank: Blank, question: Question) -> str:
    prompt = "" if is_said(blank, question) else f"<p>{pieces(blank.prompt)}</p>"
    if blank.kind == "order" and are_listed(blank, question):
        return f"{prompt}<p class=formula>{'____ ' * len(blank.options)}</p>"
    if blank.kind in ("choice", "order"):
        sign = "☐" if blank.kind == "choice" else "____"
        items = "".join(f"<li>{sign} {pieces(o.pieces)}</li>" for o in blank.options)
        return f"{prompt}<ul>{items}</ul>"
    if blank.kind == "code":
        return f'{prompt}{code(blank.starter.splitlines())}<div class="space"></div>'
    return f'<div class="long"><span>{pieces(blank.prompt)}</span><span class="line"></span></div>'


# -- solutions
def _solved(i: int, question: Question) -> str:
    return f"<section>{_heading(i, question)}{statement(question.statement)}<p><strong>Solution</strong></p>{solution(question)}</section>\n"


def solution(question: Question) -> str:
    """Return the worked solution of a question as HTML."""
    steps = "".join(f"<p class=formula>{pieces(w.pieces)}</p>" for w in question.solution)
    more = "".join(
        f"<p class=formula>{pieces(b.prompt)} {_answer(b)}</p>" for b in parts_of(question)
    )
    return steps + more


def _answer(blank: Blank) -> str:
    if blank.kind == "code":
        return "</p>" + code(blank.answer.splitlines()) + "<p>"
    if blank.kind == "choice":
        chosen = set(blank.answer.split(","))
        return " · ".join(pieces(o.pieces) for o in blank.options if o.id in chosen)
    return f"<strong>{escape(answer_text(blank))}</strong>"


def _scheme(sheet: Sheet) -> str:
    rows = "".join(
        f"<p><strong>{i}. {escape(q.title)} ({q.points})</strong></p><ul class=scheme>"
        + "".join(f"<li>{escape(line)}</li>" for line in q.scheme)
        + "</ul>"
        for i, q in enumerate(sheet.questions, 1)
    )
    return f"<section><h2>Marking scheme</h2><p>A step that follows from the student's own wrong value earns its points.</p>{rows}</section>\n"


__all__ = ["code", "document", "files", "pieces", "solution", "statement"]
