"""Every deliberate error. Each is a ChainRuleError and also the builtin that it stands for.

ChainRuleError
├── ShapeError             (ValueError)       dims that do not fit, an axis that is not there
├── TraceError             (TypeError)        something that cannot be done with a traced value
│   └── MissingAttributeError (AttributeError)  x.sum(), x.reshape(...)
├── NameClashError         (ValueError)       two things of one name
├── LossError              (ValueError)       a loss that is not a scalar, a parameter never used
├── ParseError             (ValueError)       model text that cannot be read
├── UnknownNameError       (LookupError)      no such model, operation, format, data set
├── DataError              (ValueError)       data that do not fit the model, or cannot be read
├── DivergenceError        (ArithmeticError)  a descent that left the finite numbers
├── ModelFileError         (ImportError)      a model file that is missing or raises
├── MissingExtraError      (ImportError)      an optional package that is not installed
└── MissingAssetsError     (FileNotFoundError)  the pages' script and style, which are not built
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class ChainRuleError(Exception):
    """The root of all deliberate errors of chainrule."""


class ShapeError(ChainRuleError, ValueError):
    """Dims that do not fit each other, or an axis that is not there."""


class TraceError(ChainRuleError, TypeError):
    """Something that cannot be done with a traced value."""


class MissingAttributeError(TraceError, AttributeError):
    """An attribute or method that a traced value does not have."""


class NameClashError(ChainRuleError, ValueError):
    """Two things that want one name."""


class LossError(ChainRuleError, ValueError):
    """A loss that gradient descent cannot use."""


class ParseError(ChainRuleError, ValueError):
    """Model text that is not in the formula language."""


class UnknownNameError(ChainRuleError, LookupError):
    """A name that is not in a list of known ones."""


class DataError(ChainRuleError, ValueError):
    """Data that cannot be read, or do not fit the model."""


class DivergenceError(ChainRuleError, ArithmeticError):
    """A descent whose numbers stopped being finite; `run` holds what it did until then."""

    run: Any = None


class ModelFileError(ChainRuleError, ImportError):
    """A model file that is missing, raises, or holds no such model."""


class MissingExtraError(ChainRuleError, ImportError):
    """An optional package that is not installed."""


class MissingAssetsError(ChainRuleError, FileNotFoundError):
    """The pages' script, style or fonts are not there: they were not built."""


def missing_extra(package: str, extra: str) -> MissingExtraError:
    """Return the error for an optional package, naming the extra that brings it."""
    return MissingExtraError(
        f"{package} is not installed. Install it with: pip install 'chainrule[{extra}]'"
    )


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not known, with the nearest known ones first."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownNameError(f"unknown {kind}: {name!r}.{guess} Known: {', '.join(names)}.")
