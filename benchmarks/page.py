"""docs/benchmarks.md: one section for each command that measures, with the machine it ran on. Knows nothing of timing."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Each section was written by the command that it names. All sides of a comparison ran in the same process, in turn; times
are medians.
"""


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    cells = [head, *lines]
    wide = [max(len(line[k]) for line in cells) for k in range(len(head))]
    rows = [
        "| " + " | ".join(x.ljust(w) for x, w in zip(line, wide, strict=True)) + " |"
        for line in cells
    ]
    return "\n".join([rows[0], "|" + "|".join("-" * (w + 2) for w in wide) + "|", *rows[1:]])


def machine(packages: Sequence[str]) -> str:
    """Return the facts that the numbers depend on."""
    facts = [f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"]
    if hasattr(os, "getloadavg"):
        facts.append(f"load average at the end {os.getloadavg()[0]:.1f}")
    facts.append(f"Python {platform.python_version()}")
    for package in packages:
        try:
            facts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            facts.append(f"no {package}")
    return "; ".join(facts)


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or 'a processor'} ({platform.machine()})"


def today() -> str:
    """Return the date, as the page shows it."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def with_section(text: str, title: str, body: str) -> str:
    """Return the page with a section in place of its older self, or at the end; the others stay as they are."""
    sections: dict[str, str] = {}
    for part in text.split("\n## ")[1:]:
        name, _, rest = part.partition("\n")
        sections[name] = rest.strip()
    sections[title] = body.strip()
    return HEAD + "".join(f"\n## {name}\n\n{rest}\n" for name, rest in sections.items())


def write(title: str, body: str) -> None:
    """Write a section into docs/benchmarks.md."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(with_section(text, title, body), encoding="utf-8")
    print(f"wrote {PAGE}")
