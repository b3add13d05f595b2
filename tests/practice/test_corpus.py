"""The corpus: how often the step and the mistake are named, no right pass rejected, the page up to date.

Of the wrong passes, every third is run here; `python docs/diagnosis.py` runs all of them.
"""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("diagnosis", DOCS / "diagnosis.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outcomes(page):
    """What is found in every third wrong pass."""
    return page.outcomes(3)


@pytest.fixture(scope="module")
def rejected(page):
    """The right passes that are not accepted."""
    return page.rejected()


def test_no_right_pass_is_rejected(page, rejected):
    assert len(page.RIGHT) >= 40
    assert rejected == []


def test_every_wrong_pass_is_found_wrong(outcomes):
    assert len(outcomes) >= 60
    assert [o.entry.name for o in outcomes if not o.found] == []


def test_the_step_is_named_in_95_percent(outcomes):
    missed = [(o.entry.name, o.found) for o in outcomes if not o.step]
    assert len(missed) <= 0.05 * len(outcomes), missed


def test_the_mistake_is_named_in_85_percent(outcomes):
    missed = [(o.entry.name, o.found) for o in outcomes if not o.mistake]
    assert len(missed) <= 0.15 * len(outcomes), missed


def test_several_independent_mistakes_are_all_named(outcomes):
    several = [o for o in outcomes if len(o.entry.found) > 1]
    assert len(several) >= 10
    missed = [(o.entry.name, o.found) for o in several if not o.all]
    assert len(missed) <= 0.15 * len(several), missed


def test_the_blind_batches_are_whole(page):
    for batch in page.BATCHES:
        own = [e for e in page.WRONG if page.is_of(e, batch)]
        assert len(own) == batch.FIRST["passes"]


def test_the_page_is_up_to_date(page, outcomes):
    written = (DOCS / "diagnosis.md").read_text(encoding="utf-8").splitlines()
    missing = [row for row in page.table(outcomes).splitlines() if row not in written]
    assert missing == [], "run python docs/diagnosis.py"


def test_the_page_counts_what_it_lists(page):
    written = (DOCS / "diagnosis.md").read_text(encoding="utf-8")
    rows = [
        row for row in written.partition("## Every wrong pass")[2].splitlines() if row[:2] == "| "
    ]
    rows = rows[1:]
    assert len(rows) == len(page.WRONG)
    assert f"| wrong passes | {len(rows)} |" in written
    assert f"| right passes | {len(page.RIGHT)} |" in written
    named = sum(row.split(" | ")[3] == "yes" for row in rows)
    assert f"| the first wrong step is named | {named} |" in written
