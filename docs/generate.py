"""Writes docs/operations.md from the rule table, and docs/optimizers.md from the update rules: `make docs`."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

from chainrule.emit import program as programs
from chainrule.ops.record import Composite, Elementwise, Record, Reduction
from chainrule.ops.table import records
from chainrule.optim.names import METHODS
from chainrule.optim.optimizer import Optimizer

HERE = Path(__file__).parent
HEAD = """# Operations

Every operation that a model may use: one record each in `src/chainrule/ops`, from which this page, the tests and the printers are made.
Call them as `cr.name(...)`, or write the operators `+ - * / ** @`, `.T`, `abs()` and comparisons.

| operation | value | rule | in words | where it is not smooth |
|---|---|---|---|---|
"""


def cell(text: str) -> str:
    """Return text that can stand in a table cell."""
    return text.replace("|", "\\|")


def row(record: Record) -> str:
    """Return a record's row."""
    cells = (f"`{record.signature}`", record.formula, record.rule, record.sentence, record.kink)
    return f"| {' | '.join(map(cell, cells))} |"


def detail(record: Record) -> str:
    """Return a record's section: programs, reuse, mistakes, source."""
    lines = [
        f"### {record.name}",
        "",
        f"{record.sentence.capitalize()}. {record.kink.capitalize()}.",
        "",
    ]
    if isinstance(record, Elementwise | Reduction):
        lines += [
            "```",
            *(f"{tongue:<6} {code}" for tongue, code in record.code.items()),
            "```",
            "",
            f"Reuses: the {record.reuses}.",
            "",
        ]
        lines += [f"- Common mistake ({m.key}): {m.message}." for m in record.mistakes] + (
            [""] if record.mistakes else []
        )
    if isinstance(record, Composite):
        lines += [f"Made of other operations, as in `{record.example}`.", ""]
    return "\n".join([*lines, f"Source: {record.source}.", ""])


def operations() -> str:
    """Return the page."""
    return HEAD + "\n".join(map(row, records())) + "\n\n" + "\n".join(map(detail, records()))


OPTIMIZERS = """# Optimizers

Each is a value: settings, and one rule written with the operations of the table, from which the formula, the program in every language and the numbers come.
`print(cr.Adam(0.01))` shows the rule, `cr.Adam(0.01).to("torch")` the program, `init` and `update` do a step by hand, `cr.fit(..., optimizer=cr.Adam(0.01))` many.
Every method takes `weight_decay` and `clip_norm`, and a number or a schedule for `learning_rate`: `cr.Constant`, `cr.StepDecay`, `cr.Cosine`, `cr.WarmUp`.

"""


def optimizers() -> str:
    """Return the page."""
    return OPTIMIZERS + "\n".join(
        method(kind) for kind in METHODS.values() if issubclass(kind, Optimizer)
    )


def method(kind: type[Optimizer]) -> str:
    """Return a method's section: what it is, its rule, its NumPy program, who differs, where it comes from."""
    about = inspect.getdoc(kind) or ""
    title = about.split("\n")[0].partition(": ")[2]
    differs, source = (passage(about, word) for word in ("Differs", "Source"))
    body = programs.write(kind().program(), "numpy").split("\n\n\n")[-1]
    lines = [
        f"## {kind.__name__}", "", title[:1].upper() + title[1:], "",
        "```", kind().to("text"), "```", "",
        f"Defaults: `{settings(kind())}`", "",
        "```python", body.rstrip(), "```", "",
        f"Differs: {differs}", "", f"Source: {source}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def passage(about: str, word: str) -> str:
    """Return the paragraph of a docstring that begins with a word."""
    found = re.search(rf"^{word}: (.*?)(?=^\S|\n\n|\Z)", about, re.DOTALL | re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def settings(optimizer: Optimizer) -> str:
    """Return all settings with their values."""
    return ", ".join(f"{f.name}={getattr(optimizer, f.name)!r}" for f in fields(optimizer))


if __name__ == "__main__":
    (HERE / "optimizers.md").write_text(optimizers(), encoding="utf-8")
    (HERE / "operations.md").write_text(operations(), encoding="utf-8")
