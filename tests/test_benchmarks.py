"""The benchmarks run; what they measure is not judged here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "derive.py"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="not in the source distribution")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def test_quick_prints_a_row_for_every_measurement() -> None:
    page = SCRIPT.parent.parent / "docs" / "benchmarks.md"
    before = page.read_bytes() if page.exists() else None
    done = run("--quick")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    for what in ("5 layers", "10 layers", "derived NumPy", "emitted JAX", "import chainrule"):
        found = [row for row in rows if what in row]
        assert found, f"no row for {what}"
        assert re.search(r"\d\.\d+ m?s|not measured", found[0])
    assert "< 0.1 s" in done.stdout
    assert (page.read_bytes() if page.exists() else None) == before  # only --write writes


def test_quick_numbers_are_not_written_down() -> None:
    done = run("--quick", "--write")
    assert done.returncode == 2
    assert "too little" in done.stderr
