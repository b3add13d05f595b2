"""What a check found, as values and as text. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap

WIDTH = 79
LEVELS = ("where", "rule", "example", "fix")


@dataclass(frozen=True)
class Finding:
    """One mistake.

    `target` is the value whose gradient (or, with stage "forward", the value itself) is first wrong; "" where that is not
    known. `mistake` is a stable key of `chainrule.practice.mutants.catalogue.KINDS`, None when it is unknown. `hints` go
    from where, over the rule and an example with numbers, to the fix.
    """

    target: str
    mistake: str | None
    message: str
    hints: list[str] = field(default_factory=list[str])
    stage: str = "backward"
    line: int = 0
    equation: str = ""
    shape: str = ""
    facts: list[str] = field(default_factory=list[str])

    @property
    def title(self) -> str:
        """The value and the mistake in one line."""
        value = f"d{self.target}" if self.stage == "backward" and self.target else self.target
        where = f"{value} (line {self.line})" if self.line and value else value
        where = where or (f"line {self.line}" if self.line else "the result")
        return f"{where}: {self.mistake or 'wrong, and no known mistake explains it'}"


@dataclass(frozen=True)
class Report:
    """The result of a check: `ok`, the findings in order, remarks. `print` it to read it."""

    ok: bool
    findings: list[Finding] = field(default_factory=list[Finding])
    notes: list[str] = field(default_factory=list[str])
    about: str = ""
    output: str = ""  # what the function printed, where it ran in a process of its own

    def hints(self, level: int) -> list[str]:
        """Return every finding's hints up to a level: 1 where, 2 the rule, 3 an example with numbers, 4 the fix."""
        return [hint for finding in self.findings for hint in finding.hints[:level]]

    def text(self, level: int = 4) -> str:
        """Return the report as text, the hints opened up to a level."""
        lines = [self._summary()]
        for number, finding in enumerate(self.findings, 1):
            lines += ["", f"{number}. {finding.title}", *_paragraph(finding.message)]
            for i, hint in enumerate(finding.hints[:level]):
                lines += _hint(LEVELS[min(i, 3)], hint)
        if self.notes:
            lines += ["", *(line for note in self.notes for line in _paragraph(f"Note: {note}", 0))]
        return "\n".join(lines) + "\n"

    def _summary(self) -> str:
        if self.ok:
            return f"Right: {self.about}"
        count = len(self.findings)
        return f"Not right: {self.about}{f'; {count} findings' if count > 1 else ''}"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        said = ", ".join(f"{f.target}: {f.mistake}" for f in self.findings)
        return f"<report: {'right' if self.ok else said or 'not right'}>"


def _paragraph(text: str, by: int = 3) -> list[str]:
    start = " " * by
    return wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=start, break_on_hyphens=False
    ) or [""]


def _hint(level: str, hint: str) -> list[str]:
    head, *rest = hint.split("\n")
    lines = wrap(head, WIDTH - 12, break_on_hyphens=False) or [""]
    for line in rest:
        inside = " " * (len(line) - len(line.lstrip()))
        lines += wrap(
            line, WIDTH - 12, subsequent_indent=inside + "  ", break_on_hyphens=False
        ) or [""]
    return [f"   {level:<8} {lines[0]}", *(f"{' ' * 12}{line}" for line in lines[1:])]


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: "W1, b1 and w2"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
