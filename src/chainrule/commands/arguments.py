"""Arguments that several commands take, and how they are read."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.model import Model

Commands = Any  # what add_subparsers returns has no public name


def model(parser: ArgumentParser, more: str = "") -> None:
    """Take a model, and options of it."""
    name = f"a built-in model (see `chainrule models`) or path.py:function{more}"
    parser.add_argument("model", metavar="MODEL", help=name)
    model_options(parser, "set an option of the model, as in --set hidden=tanh")


def model_options(parser: ArgumentParser, words: str) -> None:
    """Take options of a model."""
    repeated(parser, "--set", "NAME=VALUE", words, dest="options")


def repeated(parser: ArgumentParser, flag: str, metavar: str, words: str, **more: Any) -> None:
    """Take an option that may be given several times."""
    parser.add_argument(flag, action="append", default=[], metavar=metavar, help=words, **more)


def columns(parser: ArgumentParser, required: bool = False) -> None:
    """Take the columns of a table."""
    parser.add_argument(
        "--target",
        required=required,
        action="append",
        metavar="COLUMN",
        help="the column to predict (repeat for several)",
    )
    parser.add_argument(
        "--features", metavar="A,B,...", help="the columns to predict from (default: all others)"
    )


def hints(parser: ArgumentParser, default: int) -> None:
    """Take how much of a mistake is told."""
    parser.add_argument("--hints", type=int, default=default, choices=range(5), metavar="LEVEL")


def seconds(parser: ArgumentParser, words: str) -> None:
    """Take the time that a function of the user's may take."""
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help=words)


def seed(parser: ArgumentParser, words: str, default: int | None = 0) -> None:
    """Take a seed."""
    parser.add_argument("--seed", type=int, default=default, metavar="N", help=words)


def flag(parser: ArgumentParser, name: str, words: str) -> None:
    """Take something that is said or not."""
    parser.add_argument(name, action="store_true", help=words)


def named_model(options: Namespace) -> Model:
    """Return the model that was named, with its options."""
    from chainrule.modelfile import find_model, parse_options

    found = find_model(options.model)
    return found.with_options(**parse_options(options.options, found)) if options.options else found
