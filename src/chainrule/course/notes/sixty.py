"""The widget of chapter 5 that builds an automatic differentiation program before the reader's eyes, piece by piece.

The program is the lesson's own autodiff.py, and what it answers is what it answered when it was run for this page.
"""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from chainrule.course.notes.widget import Place, Widget, widget
from chainrule.errors import DataError

_HEADING = re.compile(r"^\s*# (\d+) · (.+)$")


def pieces(path: Path) -> list[tuple[str, str]]:
    """Return a program cut at its headings, lines such as "# 2 · Sums and products", as (heading, code)."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in path.read_text(encoding="utf-8").splitlines():
        match = _HEADING.match(line)
        if match:
            found.append((match[2], []))
        else:
            found[-1][1].append(line)
    return [(title, _trimmed(lines)) for title, lines in found]


def _trimmed(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def tour(program: Path, questions: Path) -> list[list[dict[str, str]]]:
    """Return what a program answers, piece by piece: the statements of a second file, each with what it gives.

    Both files belong to the lesson; nothing that a reader writes comes here.
    """
    names = runpy.run_path(str(program))
    return [_asked(code, names) for _, code in pieces(questions)[1:]]


def _asked(code: str, names: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for statement in ast.parse(code).body:
        source = ast.get_source_segment(code, statement) or ""
        if isinstance(statement, ast.Expr):
            shown = repr(eval(compile(ast.Expression(statement.value), "tour", "eval"), names))
        else:
            exec(compile(ast.Module([statement], []), "tour", "exec"), names)
            shown = ""
        found.append({"source": source, "shown": shown})
    return found


@widget("scalar/code")
def code(block: Mapping[str, Any], place: Place) -> Widget:
    """A program that is built piece by piece: its pieces, what is said of each, and what it answers so far."""
    if place.folder is None:
        raise DataError("scalar/code stands in a lesson with a folder, which holds its program.")
    program, questions = (place.folder / str(block[key]) for key in ("program", "tour"))
    cut, asked, words = pieces(program), tour(program, questions), list[str](block["words"])
    titles = [title for title, _ in cut[1:]]
    if not len(titles) == len(asked) == len(words):
        raise DataError(
            f"{program.name} has {len(titles)} pieces, {questions.name} {len(asked)}, and the lesson has words for {len(words)}. "
            "Write one of each for every piece."
        )
    found = [
        {"title": title, "code": text, "words": said, "runs": runs}
        for (title, text), said, runs in zip(cut[1:], words, asked, strict=True)
    ]
    whole = escape(program.read_text(encoding="utf-8"))
    return Widget(
        {"head": cut[0][1], "pieces": found, "lines": _lines(cut), "name": program.name},
        f"<pre><code>{whole}</code></pre>", (370, 763), wide=True,
    )  # fmt: skip


def _lines(cut: list[tuple[str, str]]) -> int:
    """Return how many lines a program has, without empty ones and remarks."""
    lines = [line.strip() for _, code in cut for line in code.splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in lines)


__all__ = ["code", "pieces", "tour"]
