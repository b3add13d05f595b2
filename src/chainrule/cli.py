"""The command line: chainrule derive, fit, models. Every error is one clear message and a non-zero exit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule import errors

if TYPE_CHECKING:
    from chainrule.model import Model


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 done, 1 a clear error, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    if not hasattr(options, "run"):
        _parser().print_help()
        return 0
    try:
        return options.run(options)
    except errors.ChainRuleError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader (head, less) has left: no message
        return 0
    except KeyboardInterrupt:
        print("chainrule: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainrule", description="Derive, show and run the gradient descent of a model."
    )
    parser.add_argument("--version", action="version", version="chainrule 0.1.0")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _derive_parser(commands)
    _fit_parser(commands)
    models = commands.add_parser("models", help="list the built-in models and data sets")
    models.set_defaults(run=_models)
    return parser


def _model_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a built-in model (see `chainrule models`) or path.py:function",
    )
    parser.add_argument(
        "--set",
        dest="options",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set an option of the model, as in --set hidden=tanh",
    )


def _derive_parser(commands: Any) -> None:
    parser = commands.add_parser("derive", help="derive all gradients of a model, step by step")
    _model_argument(parser)
    parser.add_argument(
        "--to",
        default="text",
        metavar="FORMAT",
        help="text (default), latex, typst, mathml, html, numpy, jax, torch, js, tape",
    )
    parser.add_argument(
        "--wrt", metavar="NAME", help="only the steps that lead to this value's gradient"
    )
    parser.add_argument(
        "--convention",
        metavar="NAME",
        help="mean, sum or half-mean (default: as the model is written)",
    )
    parser.add_argument(
        "--examples", metavar="LAYOUT", help="columns or rows (default: as the model is written)"
    )
    parser.add_argument(
        "--notation", default="d", metavar="STYLE", help="d for dW1 (default), partial for ∂L/∂W1"
    )
    parser.set_defaults(run=_derive)


def _fit_parser(commands: Any) -> None:
    parser = commands.add_parser("fit", help="fit a model to a CSV file by gradient descent")
    _model_argument(parser)
    parser.add_argument(
        "data", metavar="DATA", help="a CSV file, or a shipped data set (see `chainrule models`)"
    )
    parser.add_argument(
        "--target",
        required=True,
        action="append",
        metavar="COLUMN",
        help="the column to predict (repeat for several)",
    )
    parser.add_argument(
        "--features", metavar="A,B,...", help="the columns to predict from (default: all others)"
    )
    parser.add_argument(
        "--positive",
        metavar="CLASS",
        help="the class that counts as 1, where the target holds two classes",
    )
    parser.add_argument(
        "--drop-missing", action="store_true", help="leave out rows with missing values"
    )
    parser.add_argument("--raw", action="store_true", help="do not standardise the columns")
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="ALPHA",
        help="default: 1/λmax, from the largest curvature at the start",
    )
    parser.add_argument(
        "--steps",
        type=int,
        default=100_000,
        metavar="N",
        help="the most steps to make (default: 100000)",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=1e-10,
        help="stop when the gradient has shrunk to this fraction (default: 1e-10)",
    )
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        metavar="DIM=N",
        help="the size of a dim that the data do not tell, as in --size n_h=8",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="for the starting parameters (default: 0)"
    )
    parser.set_defaults(run=_fit)


def _model(options: argparse.Namespace) -> Model:
    from chainrule.modelfile import find_model, parse_options

    model = find_model(options.model)
    return model.with_options(**parse_options(options.options, model)) if options.options else model


def _derive(options: argparse.Namespace) -> int:
    from chainrule.model import derive

    derivation = derive(
        _model(options),
        wrt=options.wrt,
        convention=options.convention,
        examples=options.examples,
        notation=options.notation,
    )
    result = derivation.to(options.to)
    if not isinstance(result, str):
        import json

        result = json.dumps(result, indent=1, ensure_ascii=False)
    print(result.rstrip("\n"))
    return 0


def _fit(options: argparse.Namespace) -> int:
    from chainrule.fit.command import fit_table

    return fit_table(_model(options), options)


def _models(options: argparse.Namespace) -> int:
    from chainrule.fit.table import shipped
    from chainrule.models import COURSE, GALLERY

    for title, group in (("The course", COURSE), ("The gallery", GALLERY)):
        print(title)
        for model in group:
            print(f"  {model.name:<22}{model.__doc__}")
    print("Data sets\n  " + "   ".join(shipped()))
    return 0
