"""Every deliberate error is drawn in the module's tree, and is what the tree says it is."""

from __future__ import annotations

import builtins
import re

import pytest

from chainrule import errors

CLASSES = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, Exception)
}
DRAWN = re.findall(r"^(\W*)(\w+Error) +\((\w+)\)", errors.__doc__ or "", re.MULTILINE)


def test_the_tree_draws_every_error():
    assert {name for _, name, _ in DRAWN} | {"ChainRuleError"} == set(CLASSES)


@pytest.mark.parametrize(("branch", "name", "builtin"), DRAWN, ids=[name for _, name, _ in DRAWN])
def test_an_error_is_the_builtin_it_stands_for(branch: str, name: str, builtin: str):
    error = CLASSES[name]
    assert issubclass(error, errors.ChainRuleError)
    assert issubclass(error, getattr(builtins, builtin))
    assert error.__doc__
    assert (errors.ChainRuleError in error.__bases__) == (len(branch) == len("├── "))


@pytest.mark.parametrize("error", CLASSES.values())
def test_the_message_is_printed_as_it_was_written(error: type[Exception]):
    assert str(error("no column 'x'.")) == "no column 'x'."  # a KeyError would print its repr


def test_missing_extra_names_the_extra():
    error = errors.missing_extra("matplotlib", "plot")
    assert isinstance(error, errors.MissingExtraError)
    assert (
        str(error) == "matplotlib is not installed. Install it with: pip install 'chainrule[plot]'"
    )


def test_unknown_guesses_the_nearest_name():
    error = errors.unknown("model", "univariat", ["univariate", "logistic"])
    assert isinstance(error, errors.UnknownNameError)
    assert (
        str(error)
        == "unknown model: 'univariat'. Did you mean 'univariate'? Known: univariate, logistic."
    )


def test_unknown_does_not_guess_where_nothing_is_near():
    error = errors.unknown("format", "pdf", ["text", "latex"])
    assert str(error) == "unknown format: 'pdf'. Known: text, latex."
