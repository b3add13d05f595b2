"""The benchmarks run; what they measure is not judged here."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
PAGE = FOLDER.parent / "docs" / "benchmarks.md"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="not in the source distribution")


def run(*arguments: str, script: str = "derive.py") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(FOLDER / script), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def test_quick_prints_a_row_for_every_measurement() -> None:
    before = PAGE.read_bytes() if PAGE.exists() else None
    done = run("--quick")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    for what in ("5 layers", "10 layers", "derived NumPy", "emitted JAX", "import chainrule"):
        found = [row for row in rows if what in row]
        assert found, f"no row for {what}"
        assert re.search(r"\d\.\d+ m?s|not measured", found[0])
    assert "< 0.1 s" in done.stdout
    assert (PAGE.read_bytes() if PAGE.exists() else None) == before  # only --write writes


def test_quick_numbers_are_not_written_down() -> None:
    done = run("--quick", "--write")
    assert done.returncode == 2
    assert "too little" in done.stderr


def test_quick_holds_the_pages_against_every_budget() -> None:
    before = PAGE.read_bytes() if PAGE.exists() else None
    done = run("--quick", script="pages.py")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    for what, measured in (
        ("script and style of a page", r"\d\d\.\d kB +\| <= 60\.0 kB +\| (met|LOSES)"),
        ("fonts in all", r"\d+\.\d kB +\| <= 250\.0 kB"),
        ("extras", r"\d\d\.\d kB"),
        ("interactive", r"\d\.\d\d s +\| < 1 s"),
        ("slider to redraw, 2,000 steps", r"\d ms +\| <= 33 ms"),
        ("contours of 1-univariate-regression", r"\d a second +\| 60 at 256 x 256"),
        ("layout shift at 1280 px", r"\d\.\d{4}.*\| 0 "),
        (
            "a network with 8 hidden units, 1,000 points: longest task, one step",
            r"\d ms +\| <= 200 ms",
        ),
        ("50 layers of 8 units: longest task, the learning rate dragged", r"\d ms +\| <= 200 ms"),
        ("chainrule open, the first time", r"\d\.\d\d s +\| < 2 s"),
        ("chainrule open, later", r"\d\.\d\d s +\| < 0\.5 s"),
    ):
        found = [row for row in rows if what in row]
        assert found, f"no row for {what}"
        assert re.search(measured, found[0]), found[0]
    assert (PAGE.read_bytes() if PAGE.exists() else None) == before
    assert run("--quick", "--write", script="pages.py").returncode == 2


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found  # dataclasses look their module up
    spec.loader.exec_module(found)
    return found


def test_quick_descends_every_way_and_the_ways_agree() -> None:
    before = PAGE.read_bytes() if PAGE.exists() else None
    done = run("--quick", script="descend.py")
    assert done.returncode == 0, done.stderr
    tables = dict(re.findall(r"^### (.+?)\n\n((?:\|.*\n)+)", done.stdout, re.MULTILINE))
    sides = {  # the sides that a table must have, beside chainrule
        "Two-layer sigmoid network, tiny": ["NumPy", "JAX", "PyTorch", "torch.compile", "scikit-learn"],
        "Multivariate regression": ["NumPy", "JAX", "PyTorch"],
        "Two-layer linear network": ["NumPy", "JAX", "PyTorch"],
        "The same, 100 steps": ["NumPy", "JAX", "PyTorch"],
        "Mini-batch Adam": ["PyTorch", "JAX", "mean loss"],
        "Univariate regression": ["NumPy", "JAX", "PyTorch"],
        "Streamed Parquet": ["pyarrow", "chainrule's highest memory"],
    }  # fmt: skip
    for work, expected in sides.items():
        table = next((rows for title, rows in tables.items() if title.startswith(work)), "")
        for side in ["chainrule", *expected]:
            rows = [row for row in table.splitlines() if row.startswith(f"| {side}")]
            assert rows, f"no row for {side} in {work}"
            missing = side == "scikit-learn" and not find_spec("sklearn")
            pattern = "not measured" if missing else r"\d\.\d+ (us|ms|s)|\d+ MiB|\d\.\d{6}"
            assert re.search(pattern, rows[0]), rows[0]
    assert "LOSES" not in done.stdout  # so little is not judged
    assert (PAGE.read_bytes() if PAGE.exists() else None) == before


def test_quick_descents_are_not_written_down() -> None:
    for arguments in (("--quick", "--write"), ("--only", "linear", "--write")):
        done = run(*arguments, script="descend.py")
        assert done.returncode == 2
        assert "only a whole run is written down" in done.stderr


def test_a_section_replaces_itself_and_no_other() -> None:
    page = module("page")
    text = page.with_section("", "One", "first\n\n### part\n\n| a |")
    text = page.with_section(text, "Two", "second")
    again = page.with_section(text, "One", "third")
    assert again == page.HEAD + "\n## One\n\nthird\n\n## Two\n\nsecond\n"
    assert page.with_section(text, "Two", "second") == text


def test_a_race_compares_with_the_first_side_and_leaves_out_what_cannot_run() -> None:
    measure = module("measure")

    def slow(n: int) -> list[float]:
        for _ in range(n):
            measure.time.sleep(0.004)
        return [1.0] * n

    def fast(n: int) -> list[float]:
        for _ in range(n):
            measure.time.sleep(0.001)
        return [1.0] * n

    def absent() -> None:
        raise ImportError("no such library")

    one, two, none = measure.race({"fast": lambda: fast, "slow": lambda: slow, "absent": absent}, 3, 0.02)  # fmt: skip
    assert one.ratio == 1
    assert 1.5 < two.ratio < 8  # 4, but sleeping takes longer than asked for
    assert two.seconds >= 0.004
    assert none.why_not == "ImportError: no such library"


def test_sides_that_disagree_or_diverge_are_not_timed() -> None:
    measure = module("measure")

    def side(*losses: float):
        return lambda: lambda n: np.array(losses[:n])

    good = side(4.0, 2.0)
    measure.race({"a": good, "b": side(4.0, 2.0001)}, 1, 0.0, agree=2, tolerance=1e-3)
    with pytest.raises(AssertionError, match=r"the losses of b and a are 2\.5e-01 apart"):
        measure.race({"a": good, "b": side(4.0, 3.0)}, 1, 0.0, agree=2, tolerance=1e-3)
    with pytest.raises(AssertionError, match="a diverged"):
        measure.race({"a": side(4.0, np.inf), "b": good}, 1, 0.0, agree=2, tolerance=1e-3)


def test_a_goal_that_is_missed_reads_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setitem(sys.modules, "page", module("page"))
    measure = module("measure")
    monkeypatch.setitem(sys.modules, "measure", measure)
    comparison = module("comparison")
    laps = [measure.Lap("chainrule", 2e-6), measure.Lap("JAX", 1e-6, 0.5), measure.Lap("Torch", 4e-2, 2e4, 1.5)]  # fmt: skip
    found = comparison.Comparison("W", "a step", comparison.lines(laps, {"JAX": 0.95, "Torch": 20}))
    assert [line.cells for line in found.lines] == [
        ["chainrule", "2.00 us", "", "", "", ""],
        ["JAX", "1.00 us", "0.50", ">= 0.95", "LOSES", ""],
        ["Torch", "40.00 ms", "20,000", ">= 20", "met", "1.50 s"],
    ]
    assert "LOSES" in str(found)
    assert "LOSES" not in str(found.unjudged())
