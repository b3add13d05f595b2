"""`chainrule fit`, `chainrule predict` and `chainrule compare`: descents of a table, saved and read again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from chainrule.commands import arguments
from chainrule.commands.arguments import Commands


def add_fit(commands: Commands) -> None:
    """Add `chainrule fit`."""
    parser = commands.add_parser(
        "fit", help="fit a model to a CSV or Parquet file by gradient descent"
    )
    arguments.model(parser)
    _table_arguments(parser)
    _method_arguments(parser)
    _start_arguments(parser)
    parser.add_argument(
        "--save", metavar="DIR", help="save the run in this folder, also on the way"
    )
    arguments.flag(parser, "--resume", "carry on the run saved in --save, if any")
    arguments.flag(
        parser,
        "--show",
        "open the run in the browser when it has ended: every step, its data, its derivation",
    )
    arguments.flag(parser, "--json", "print the result as JSON, for machines")
    parser.set_defaults(run=_fit)


def _table_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a CSV or Parquet file, or a shipped data set (see `chainrule models`)",
    )
    arguments.columns(parser, required=True)
    parser.add_argument(
        "--positive",
        metavar="CLASS",
        help="the class that counts as 1, where the target holds two classes",
    )
    arguments.flag(parser, "--drop-missing", "leave out rows with missing values")
    parser.add_argument(
        "--stream",
        action="store_true",
        default=None,
        help="read a Parquet file in pieces, for models linear in the data (default: beyond 1 GiB)",
    )
    arguments.flag(parser, "--raw", "do not standardise the columns")


def _method_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--optimizer",
        metavar="NAME",
        help="gradient-descent (default), momentum, nesterov, adagrad, rmsprop, adam, adamw, random-search, closed-form",
    )
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="ALPHA",
        help="default for gradient descent: 1/λmax, from the largest curvature at the start",
    )
    arguments.repeated(
        parser,
        "--with",
        "NAME=VALUE",
        "another setting of the optimizer, as in --with beta1=0.8",
        dest="settings",
    )
    _length_arguments(parser)


def _length_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--steps", type=int, metavar="N", help="the most steps to make (default: 100000)"
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="runs through the data, in place of --steps"
    )
    parser.add_argument(
        "--batch-size", type=int, metavar="N", help="examples per step (default: all)"
    )
    parser.add_argument(
        "--engine", default="auto", metavar="NAME", help="auto (default), numpy, jax, moments"
    )
    parser.add_argument(
        "--dtype", default="float64", metavar="NAME", help="float64 (default) or float32"
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        help="stop when the gradient has shrunk to this fraction (default: 1e-10; not with batches)",
    )
    parser.add_argument(
        "--patience", type=int, metavar="N", help="stop after N epochs without a better loss"
    )


def _start_arguments(parser: ArgumentParser) -> None:
    arguments.repeated(
        parser, "--size", "DIM=N", "the size of a dim that the data do not tell, as in --size n_h=8"
    )
    arguments.seed(parser, "for the start and the batches (default: 0)")
    parser.add_argument(
        "--init",
        default="fan-in",
        metavar="SCHEME",
        help="fan-in (default), xavier, he, normal, zeros",
    )


def _fit(options: Namespace) -> int:
    from chainrule.fit.command import fit_table

    return fit_table(arguments.named_model(options), options)


def add_predict(commands: Commands) -> None:
    """Add `chainrule predict`."""
    parser = commands.add_parser("predict", help="predict with a saved run; prints CSV")
    parser.add_argument("run_folder", metavar="RUN", help="the folder of a run saved by fit --save")
    parser.add_argument("data", metavar="DATA", help="a CSV or Parquet file with the same features")
    parser.add_argument("--to", metavar="FILE", help="write the predictions to a file")
    arguments.flag(parser, "--probabilities", "for classes: their probabilities, not their names")
    parser.set_defaults(run=_predict)


def _predict(options: Namespace) -> int:
    from chainrule.fit.command import predict_table

    return predict_table(options)


def add_compare(commands: Commands) -> None:
    """Add `chainrule compare`."""
    parser = commands.add_parser("compare", help="compare saved runs: a table, and a figure")
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="folders of runs saved by fit --save"
    )
    parser.add_argument(
        "--figure", metavar="FILE", help="draw their losses into a .png, .svg or .pdf"
    )
    parser.set_defaults(run=_compare)


def _compare(options: Namespace) -> int:
    from chainrule.fit.command import compare_runs

    return compare_runs(options)
