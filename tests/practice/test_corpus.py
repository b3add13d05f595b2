"""A sample of the corpus: right passes are accepted, wrong ones blamed where they are wrong. The whole corpus is a command's work."""

import pytest
from practice.corpus import RIGHT, WRONG

from chainrule.practice.check import check

QUICK = (
    "univariate",
    "multivariate",
    "two_layer_linear",
    "two_layer_sigmoid",
    "logistic",
    "softmax",
)


def sample(entries, count):
    """The first few entries of each quick model."""
    found = []
    for model in QUICK:
        found += [e for e in entries if e.model.name.startswith(model)][:count]
    return found


@pytest.mark.parametrize("entry", sample(RIGHT, 2), ids=lambda e: e.name)
def test_right_passes_are_accepted(entry):
    report = check(entry.model, entry.function, **entry.more)
    assert report.ok, str(report)


@pytest.mark.parametrize("entry", sample(WRONG, 3), ids=lambda e: e.name)
def test_wrong_passes_are_blamed_where_they_are_wrong(entry):
    report = check(entry.model, entry.function, **entry.more)
    assert not report.ok
    assert report.findings
    assert (report.findings[0].target, report.findings[0].mistake) == entry.found[0], str(report)
