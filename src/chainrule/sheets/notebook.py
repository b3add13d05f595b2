"""The sheet as a notebook: a student's version with holes, which fails when it is run, and a solution, which passes.

Cells carry nbgrader's metadata, and the notebook's own metadata the same tests for Otter.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chainrule.practice.questions.content import (
    Block,
    Code,
    Given,
    Graph,
    Math,
    Paragraph,
    Pieces,
    Table,
    text_of,
)
from chainrule.practice.questions.question import Blank, Question
from chainrule.sheets import pictures

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet

Cell = dict[str, Any]


def files(sheet: Sheet) -> Files:
    """Return the student's notebook and the solution."""
    return {
        "": _bytes(document(sheet, solutions=False)),
        "-solutions": _bytes(document(sheet, solutions=True)),
    }


def _bytes(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def document(sheet: Sheet, *, solutions: bool) -> dict[str, Any]:
    """Return the notebook as data for JSON (nbformat 4.5)."""
    title = f"{sheet.title}: solutions" if solutions else sheet.title
    intro = f"# {title}\n\n{sheet.day} · {len(sheet.questions)} questions, {sheet.points} points · seed {sheet.seed}"
    cells = [
        _markdown("title", intro),
        _code("setup", "import chainrule as cr"),
        *(c for i, q in enumerate(sheet.questions, 1) for c in _question(i, q, solutions)),
    ]
    tests = {f"q{i}": _otter(i, q) for i, q in enumerate(sheet.questions, 1)}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": kernel,
            "language_info": {"name": "python"},
            "otter": {"OK_FORMAT": True, "tests": tests},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _question(i: int, question: Question, solutions: bool) -> list[Cell]:
    points = f"{question.points} point{'s' * (question.points != 1)}"
    head = f"## {i}. {question.title} ({points})"
    asked = "\n\n".join([head, *(_block(b) for b in question.statement), _prompts(question)])
    return [
        _markdown(f"q{i}-asked", asked),
        _code(f"q{i}", _answers(i, question, solutions), _grader(f"q{i}", solution=True)),
        _code(f"q{i}-test", _test(i, question), _grader(f"q{i}-test", points=question.points)),
    ]


def _answers(i: int, question: Question, solutions: bool) -> str:
    """Return the cell of the answers: a dictionary of texts, with ... for what is to be filled in."""
    lines = [f"q{i} = {{"]
    for blank in question.blanks:
        value = _literal(blank.answer) if solutions else "..."
        lines.append(f"    {blank.id!r}: {value},  # {_comment(blank)}")
    return "\n".join([*lines, "}"])


def _literal(answer: str) -> str:
    if "\n" not in answer:
        return repr(answer)
    return "'''\n" + answer.replace("\\", "\\\\").replace("'''", "\\'\\'\\'") + "\n'''"


def _comment(blank: Blank) -> str:
    return text_of(blank.prompt).replace("\n", " ")


def _test(i: int, question: Question) -> str:
    return (
        f"marking = cr.mark(cr.question({question.variant!r}, seed={question.seed}), {{k: v for k, v in q{i}.items() if v is not ...}})\n"
        'print(*(f"{v.blank}: {v.message}" for v in marking.verdicts), sep="\\n")\n'
        f'assert marking.ok, f"{{marking.points}} of {{marking.of}} points"'
    )


def _otter(i: int, question: Question) -> dict[str, Any]:
    code = "\n".join(
        [
            f">>> given = {{k: v for k, v in q{i}.items() if v is not ...}}",
            f">>> cr.mark(cr.question({question.variant!r}, seed={question.seed}), given).ok",
            "True",
        ]
    )
    case = {"code": code, "hidden": False, "locked": False}
    return {
        "name": f"q{i}",
        "points": question.points,
        "suites": [
            {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        ],
    }


def _grader(name: str, *, points: int = 0, solution: bool = False) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell to fill in, or of its test."""
    kept: dict[str, Any] = {
        "grade": not solution,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": kept if solution else {**kept, "points": points}}


# -- text
def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        alone = len(block.pieces) == 1 and isinstance(block.pieces[0], Math)
        return f"$${_pieces(block.pieces).strip('$')}$$" if alone else _pieces(block.pieces)
    if isinstance(block, Given):
        rows = r" \\ ".join(" & ".join(row) for row in block.rows)
        scalar = len(block.rows) == len(block.rows[0]) == 1
        value = rows if scalar else rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
        return f"${block.symbol.latex} = {value}$"
    if isinstance(block, Code):
        width = len(str(len(block.lines)))
        lines = [f"{k:>{width}}  {line}" for k, line in enumerate(block.lines, 1)]
        return "```\n" + "\n".join(lines) + "\n```"
    if isinstance(block, Table):
        return _table(block)
    svg = pictures.graph(block) if isinstance(block, Graph) else pictures.curve(block)
    return f"{svg}\n\n*{pictures.described(block)}*"


def _table(table: Table) -> str:
    rows = [
        "| " + " | ".join(_cell(cell) for cell in table.head) + " |",
        "|" + "---|" * len(table.head),
        *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in table.rows),
    ]
    return "\n".join([*([f"{table.caption}\n"] if table.caption else []), *rows])


def _cell(cell: Pieces) -> str:
    if len(cell) == 1 and isinstance(cell[0], str) and cell[0].startswith("{"):
        return f"`{cell[0].strip('{}')}`"
    return _pieces(cell).replace("|", r"\|")


def _pieces(pieces: Pieces) -> str:
    return "".join(f"${p.latex}$" if isinstance(p, Math) else p for p in pieces)


def _prompts(question: Question) -> str:
    """Return what each blank asks for: its key in the dictionary, and its options."""
    parts: list[str] = []
    for blank in question.blanks:
        options = "".join(f"\n    - `{o.id}`: {_pieces(o.pieces)}" for o in blank.options)
        parts.append(f"- `{blank.id}`: {_pieces(blank.prompt)}{options}")
    return "\n".join(parts)


def _markdown(name: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(True)}


def _code(name: str, text: str, metadata: dict[str, Any] | None = None) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": metadata or {},
        "outputs": [],
        "source": text.splitlines(True),
    }


__all__ = ["document", "files"]
