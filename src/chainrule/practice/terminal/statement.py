"""An exercise as the text of its file: a header, the statement as comments, and the holes. Writes nothing."""

from __future__ import annotations

import re
from textwrap import wrap

from chainrule import models
from chainrule.practice.questions.content import (
    Block,
    Code,
    Curve,
    Given,
    Graph,
    Paragraph,
    Table,
    text_of,
)
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.terminal.exercises import Exercise
from chainrule.practice.terminal.starter import HOLE

WIDTH = 92
HOW = {
    "number": "Numbers such as -0.25, fractions such as 1/3, and calculations such as exp(-1)/2 can be read.",
    "expression": "Expressions in the names of the statement can be read, with + - * / ^ @ and .T.",
    "shape": "A shape is written (n_h, m), and () for a scalar.",
    "choice": "A choice is what stands before its bracket: a for a); several are joined by commas.",
    "order": "An order is the letters of all lines, joined by commas: c, a, b.",
    "line": "A line is its number.",
}
_FILL = f"Put an expression in the place of every {HOLE}, and save. Names and lines are yours to change:"
_WRITE = "Write the function, and save. How it is written is yours to choose:"
_JUDGED = "what counts is what `{}` returns. It runs in a process of its own, with limits."
_SHAPE = re.compile(r"\([^()]{1,24}\)")


def header(topic: str, seed: int, hash: str) -> str:
    """Return the line by which a file is known."""
    return f"# chainrule practice: {topic}, seed {seed}" + (f", question {hash}" if hash else "")


def file_text(exercise: Exercise) -> str:
    """Return the text of an exercise's file."""
    lines = ["", *_paragraph(exercise.title.rstrip(".") + "."), *_body(exercise)]
    comments = "\n".join(f"# {line}".rstrip() for line in lines)
    first = header(exercise.topic, exercise.seed, exercise.hash)
    return (
        f"{first}\n{comments}\n\n{exercise.starter if exercise.function else _dictionary(exercise)}"
    )


def _body(exercise: Exercise) -> list[str]:
    if exercise.question is None:
        return [*_equations(exercise.model), "", _FILL, _JUDGED.format(exercise.function)]
    lines = _statement(exercise.question)
    if exercise.function:
        return [*lines, "", _WRITE, _JUDGED.format(exercise.function)]
    kinds = dict.fromkeys(blank.kind for blank in exercise.question.blanks)
    how = [line for kind in kinds if kind in HOW for line in _paragraph(HOW[kind])]
    return [*lines, "", "Write each answer between its quotes, and save.", *how]


def _statement(question: Question) -> list[str]:
    """Return the statement's lines, an empty one between blocks of different kinds; its first does not repeat the title."""
    lines: list[str] = []
    before = ""
    for block in _told(question):
        here = f"{block.kind}{_alone(block)}"
        new = drawn(block, any(blank.kind == "line" for blank in question.blanks))
        if not lines and new and new[0].startswith(f"{question.title}. "):
            new = _paragraph(" ".join(new).removeprefix(f"{question.title}. "))
        lines += ["", *new] if before and here != before else new
        before = here
    return lines


def _told(question: Question) -> list[Block]:
    """Return the blocks that tell something here: not the function that follows, nor the curve of a table."""
    kinds = {block.kind for block in question.statement}
    code = any(blank.kind == "code" for blank in question.blanks)
    left = {"curve"} if "table" in kinds else set[str]()
    return [b for b in question.statement if b.kind not in left and not (code and b.kind == "code")]


def _alone(block: Block) -> bool:
    """Tell whether a block is a formula on a line of its own."""
    return isinstance(block, Paragraph) and len(block.pieces) == 1 and not isinstance(block.pieces[0], str)  # fmt: skip


def _equations(name: str) -> list[str]:
    derivation = models.names()[name].derivation
    return [
        f"{models.names()[name].__doc__ or name} The model is",
        "",
        *(f"    {step.equation}" for step in derivation.forward),
    ]


def drawn(block: Block, numbered: bool = False) -> list[str]:
    """Return a block of a statement as lines of text; lines of a program with their numbers, if those are asked for."""
    if isinstance(block, Paragraph):
        text = text_of(block.pieces)
        return [f"    {text}"] if _alone(block) else _paragraph(text)
    if isinstance(block, Given):
        return _given(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Code):
        return [f"{n:>3}  {x}" if numbered else f"    {x}" for n, x in enumerate(block.lines, 1)]
    if isinstance(block, Graph):
        return _graph(block)
    return _curve(block)


def _paragraph(text: str) -> list[str]:
    whole = _SHAPE.sub(lambda found: found[0].replace(" ", "\xa0"), text)  # (n_h, m) stays whole
    return [line.replace("\xa0", " ") for line in wrap(whole, WIDTH, break_on_hyphens=False)] or [
        ""
    ]


def _given(given: Given) -> list[str]:
    name = f"    {given.symbol.text} = "
    if given.shape in ((), (1,)):
        return [name + given.rows[0][0]]
    widths = [max(map(len, column)) for column in zip(*given.rows, strict=True)]
    rows = [
        "[ " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + " ]"
        for row in given.rows
    ]
    shape = f"   ({', '.join(map(str, given.shape))})"
    return [name + rows[0] + shape, *(" " * len(name) + row for row in rows[1:])]


def _table(table: Table) -> list[str]:
    cells = [[_cell(text_of(c)) for c in row] for row in (table.head, *table.rows)]
    count = max(map(len, cells))
    cells = [row + [""] * (count - len(row)) for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = [
        "    " + "   ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells
    ]
    rule = "    " + "   ".join("-" * w for w in widths)
    return [*([table.caption, ""] if table.caption else []), rows[0], rule, *rows[1:]]


def _cell(text: str) -> str:
    return f"[{text[1:-1]}]" if text[:1] + text[-1:] == "{}" else text


def _graph(graph: Graph) -> list[str]:
    """Return for each box those that read it: where there are several, gradients add up."""
    lines: list[str] = []
    for box in graph.boxes:
        readers = [b.symbol.text for b in graph.boxes if box.label in b.reads]
        lines += (
            [f"    {box.symbol.text} \N{RIGHTWARDS ARROW} {', '.join(readers)}"] if readers else []
        )
    return ["Which value is read by which:", *lines]


def _curve(curve: Curve) -> list[str]:
    step = max(1, len(curve.points) // 24)
    rows = [f"    {x:>10.4g}  {y:>12.5g}" for x, y in curve.points[::step]]
    return [f"    {curve.across:>10}  {curve.up:>12}", *rows]


def _dictionary(exercise: Exercise) -> str:
    assert exercise.question is not None
    told = " ".join(line for b in exercise.question.statement for line in drawn(b))
    lines: list[str] = []
    for blank in exercise.question.blanks:
        lines += [f"    # {line}".rstrip() for line in _asked(blank, told)]
        lines.append(f'    "{blank.id}": "",')
    return "answers = {\n" + "\n".join(lines) + "\n}\n"


def _asked(blank: Blank, told: str) -> list[str]:
    """Return what is asked, where neither the blank's name nor the statement says it, and the options."""
    named = len(blank.prompt) == 1 and not isinstance(blank.prompt[0], str)
    prompt = text_of(blank.prompt).strip()
    options = [f"  {option.id}) {text_of(option.pieces)}" for option in blank.options]
    known = named or prompt in told
    return [
        *([] if known or prompt == blank.id else _paragraph(prompt)),
        *([] if blank.kind == "order" else options),
    ]
