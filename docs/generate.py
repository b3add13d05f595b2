"""Writes docs/operations.md from the rule table. Run it after a change to a record: `make docs`."""

from pathlib import Path

from chainrule.ops.record import Composite, Elementwise, Record, Reduction
from chainrule.ops.table import records

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


if __name__ == "__main__":
    (HERE / "operations.md").write_text(operations(), encoding="utf-8")
