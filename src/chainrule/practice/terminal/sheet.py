"""The files of a folder, read as data: header, answers, holes. Nothing in them is executed."""

from __future__ import annotations

import ast
import os
import re
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

from chainrule.errors import DataError, ParseError
from chainrule.practice.terminal.starter import HOLE

LARGEST = 200_000  # bytes
_HEADER = re.compile(
    r"# chainrule practice: ([a-z0-9-]{1,60}), seed (-?[0-9]{1,18})(?:, question ([0-9a-f]{16}))?"
)


@dataclass(frozen=True)
class Sheet:
    """An exercise's file as it is now: what it says it is, and its text."""

    path: Path
    topic: str
    seed: int
    hash: str
    title: str
    text: str


def load(path: Path) -> Sheet | None:
    """Return a file that is an exercise; None if it is another file.

    Raises:
        DataError: it cannot be read, or is too large.
    """
    text = _text(path)
    lines = text[:4000].split("\n")
    found = _HEADER.fullmatch(lines[0].rstrip())
    if found is None:
        return None
    title = next((x[2:] for x in lines[1:] if x.startswith("# ")), found[1])
    return Sheet(path, found[1], int(found[2]), found[3] or "", title.rstrip("."), text)


def _text(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe must not block
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise DataError(f"{path.name} is not a plain file.")
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise DataError(f"{path.name} is gone.") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise DataError(
            f"{path.name} is larger than {LARGEST:,} bytes. Only smaller ones are read."
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 text: its byte {error.start + 1} cannot be read. Save it as UTF-8."
        ) from None


def tree_of(text: str) -> ast.Module:
    """Return a program's syntax.

    Raises:
        ParseError: it is not Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        said = (error.msg or "invalid syntax").rstrip(".")
        raise ParseError(f"Line {error.lineno or 1} is not Python: {said}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError("This cannot be read as Python: it is nested too deeply, or holds null bytes.") from None  # fmt: skip


def answers_of(text: str) -> dict[str, str]:
    """Return the dictionary `answers` of a file: a string as it is, anything else as the text that stands there.

    >>> answers_of('answers = {"Z": "0.5", "A": 1/3, "b": None, "c": open("x")}')
    {'Z': '0.5', 'A': '1/3', 'b': '', 'c': 'open("x")'}

    Raises:
        ParseError: the file is not Python, or holds no dictionary of that name written out.
    """
    node = next((v for v in map(_value, reversed(tree_of(text).body)) if v is not None), None)
    if not isinstance(node, ast.Dict):
        raise ParseError('There is no dictionary `answers` written out here. Put back: answers = {"...": "", ...}')  # fmt: skip
    found: dict[str, str] = {}
    lines = text.split("\n")
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            raise ParseError(f"Line {value.lineno}: the name of a blank is missing. Write \"name\": \"answer\".")  # fmt: skip
        if key.value in found:
            raise ParseError(f"Line {key.lineno}: {shown(key.value)} is answered twice. Keep one of the answers.")  # fmt: skip
        found[key.value] = _answer(value, lines)
    return found


def _value(statement: ast.stmt) -> ast.expr | None:
    """Return what a statement gives to `answers`."""
    if isinstance(statement, ast.Assign):
        named = any(isinstance(t, ast.Name) and t.id == "answers" for t in statement.targets)
        return statement.value if named else None
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.value if statement.target.id == "answers" else None
    return None


def _answer(value: ast.expr, lines: list[str]) -> str:
    if isinstance(value, ast.Constant):
        if isinstance(value.value, str):
            return value.value
        if value.value is None or value.value is Ellipsis:
            return ""
    if isinstance(value, ast.Name) and value.id == HOLE:
        return ""
    return _source(value, lines)


def _source(value: ast.expr, lines: list[str]) -> str:
    """Return the text of an expression. ast.get_source_segment splits the whole file anew for each."""
    last = value.end_lineno or value.lineno
    part = [line.encode() for line in lines[value.lineno - 1 : last]]
    part[-1] = part[-1][: value.end_col_offset]
    part[0] = part[0][value.col_offset :]
    return b" ".join(part).decode("utf-8", "replace")


@dataclass(frozen=True)
class Hole:
    """A place that is still to be filled: the name that is assigned, and its line."""

    name: str
    line: int


def holes_of(text: str) -> list[Hole]:
    """Return the holes of a program in the order of its lines.

    Raises:
        ParseError: it is not Python.
    """
    tree = tree_of(text)
    names: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.lineno] = node.targets[0].id
    lines = sorted(n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == HOLE)
    return [Hole(names.get(line, f"line {line}"), line) for line in dict.fromkeys(lines)]


def unwritten(text: str, function: str = "backward") -> bool:
    """Tell whether a function's body is still empty: dots, pass, or words only."""
    found = [n for n in tree_of(text).body if isinstance(n, ast.FunctionDef) and n.name == function]
    return bool(found) and all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in found[-1].body
    )  # fmt: skip


def shown(text: str, most: int = 40) -> str:
    """Return a reader's text for a terminal: on one line, cut, and without characters that steer the terminal."""
    line = " ".join(text[: 4 * most].split())
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
