"""The command line: chainrule open, build, notes, derive, check, practice, sheet, fit, predict, compare, models. Every error is one clear message and a non-zero exit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule import errors

if TYPE_CHECKING:
    from chainrule.model import Model
    from chainrule.practice.report import Report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 done, 1 a clear error, 2 wrong usage, 3 checked and not right, 130 interrupted."""
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
    _open_parser(commands)
    _build_parser(commands)
    _notes_parser(commands)
    _derive_parser(commands)
    _check_parser(commands)
    _sheet_parser(commands)
    _practice_parser(commands)
    _fit_parser(commands)
    _predict_parser(commands)
    _compare_parser(commands)
    models = commands.add_parser("models", help="list the built-in models and data sets")
    models.set_defaults(run=_models)
    return parser


def _model_argument(parser: argparse.ArgumentParser, more: str = "") -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=f"a built-in model (see `chainrule models`) or path.py:function{more}",
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


def _sheet_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "sheet", help="write a sheet of exercises with solutions and a marking scheme"
    )
    parser.add_argument(
        "--topics", nargs="+", default=["exam"], metavar="TOPIC", help="(default exam; see --list)"
    )
    parser.add_argument("--questions", type=int, default=12, metavar="N", help="(default 12)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="another seed, another sheet"
    )
    parser.add_argument(
        "--format",
        default="pdf",
        metavar="FORMAT",
        help="pdf (default), html, ipynb, qti, moodle, scorm",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="where to (default: sheet, with the format's ending)"
    )
    parser.add_argument("--title", default="", metavar="TEXT", help="what stands at its head")
    parser.add_argument("--date", metavar="DAY", help="as in 2026-12-01 (default: today)")
    parser.add_argument("--list", action="store_true", help="list the topics")
    parser.set_defaults(run=_sheet)


def _sheet(options: argparse.Namespace) -> int:
    from chainrule.sheets.command import print_sheet, print_topics

    print(print_topics() if options.list else print_sheet(vars(options)))
    return 0


def _check_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "check", help="check your own backward pass or optimizer's step; name its mistakes"
    )
    _model_argument(parser, ", or a question that asks for a function, as in 5/code-step-adam/3")
    parser.add_argument("solution", metavar="SOLUTION", help="path.py or path.py:function")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="draws other instances")
    parser.add_argument("--arrays", metavar="NAME", help="numpy, jax or torch")
    parser.add_argument("--hints", type=int, default=4, choices=range(5), metavar="LEVEL")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="time (default 10)"
    )
    parser.add_argument("--memory", type=float, default=2.0, metavar="GIB", help="(default 2)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=_check)


def _check(options: Any) -> int:
    import json
    from dataclasses import asdict

    report = _checked(options)
    print(json.dumps(asdict(report)) if options.json else report.text(options.hints), end="")
    return 0 if report.ok else 3


def _checked(options: Any) -> Report:
    from chainrule.practice.check import check_file
    from chainrule.practice.questions.bank import named
    from chainrule.practice.questions.programs import check_answer
    from chainrule.practice.sandbox import Limits

    limits = Limits(options.seconds, int(options.memory * 2**30))
    settings: dict[str, Any] = {"arrays": options.arrays, "limits": limits}
    question = named(options.model, options.seed)
    if question is None:
        return check_file(_model(options), options.solution, seed=options.seed, **settings)
    if options.options:
        raise errors.DataError(f"{question.key} is a question, and has no options. Leave --set out.")  # fmt: skip
    return check_answer(question, options.solution, **settings)


def _practice_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "practice", help="practise in your editor: files with holes, marked whenever you save"
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        default="practice",
        help="the folder of the exercises, made if there is none (default: practice)",
    )
    parser.add_argument(
        "--topics", metavar="A,B,...", help="which (see --list); new ones are added to the folder"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="draws other numbers (default: 0)")
    parser.add_argument("--once", action="store_true", help="mark everything once; 3 if not right")
    parser.add_argument("--list", action="store_true", help="list exercises and topics, make none")
    parser.add_argument("--hints", type=int, default=1, choices=range(5), metavar="LEVEL")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="time per function (default 10)"
    )
    parser.add_argument("--json", action="store_true", help="mark once, print the result as JSON")
    parser.set_defaults(run=_practice)


def _practice(options: Any) -> int:
    from dataclasses import fields

    from chainrule.practice.terminal.command import Wish, practise

    return practise(Wish(**{field.name: getattr(options, field.name) for field in fields(Wish)}))


def _fit_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "fit", help="fit a model to a CSV or Parquet file by gradient descent"
    )
    _model_argument(parser)
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a CSV or Parquet file, or a shipped data set (see `chainrule models`)",
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
    parser.add_argument(
        "--stream",
        action="store_true",
        default=None,
        help="read a Parquet file in pieces, for models linear in the data (default: beyond 1 GiB)",
    )
    parser.add_argument("--raw", action="store_true", help="do not standardise the columns")
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
    parser.add_argument(
        "--with",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another setting of the optimizer, as in --with beta1=0.8",
    )
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
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        metavar="DIM=N",
        help="the size of a dim that the data do not tell, as in --size n_h=8",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="for the start and the batches (default: 0)",
    )
    parser.add_argument(
        "--init",
        default="fan-in",
        metavar="SCHEME",
        help="fan-in (default), xavier, he, normal, zeros",
    )
    parser.add_argument(
        "--save", metavar="DIR", help="save the run in this folder, also on the way"
    )
    parser.add_argument(
        "--resume", action="store_true", help="carry on the run saved in --save, if any"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON, for machines"
    )
    parser.set_defaults(run=_fit)


def _open_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "open", help="open the course, or a model with its data, in the browser"
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a built-in model or path.py:function (default: the course)",
    )
    parser.add_argument(
        "--set",
        dest="options",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the model",
    )
    parser.add_argument(
        "--data", metavar="FILE", help="a CSV or Parquet file, or a shipped data set"
    )
    parser.add_argument(
        "--target",
        action="append",
        metavar="COLUMN",
        help="the column to predict (repeat for several)",
    )
    parser.add_argument(
        "--features", metavar="A,B,...", help="the columns to predict from (default: all others)"
    )
    parser.add_argument(
        "--size", action="append", default=[], metavar="DIM=N", help="a size, as in --size n_h=8"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help="where to serve (default: 8321, or the next free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.set_defaults(run=_open)


def _build_parser(commands: Any) -> None:
    parser = commands.add_parser("build", help="write the course as static files")
    parser.add_argument(
        "folder", metavar="DIR", help="where to; files of the same names are replaced"
    )
    parser.add_argument(
        "--single-file", action="store_true", help="put script, style and fonts into every page"
    )
    parser.add_argument(
        "--base-url",
        metavar="URL",
        default="",
        help="where the pages will stand, for links with a picture",
    )
    parser.set_defaults(run=_build)


def _notes_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "notes", help="print the course's mathematics, with numbers and figures, as one PDF"
    )
    parser.add_argument(
        "--out",
        default="notes.pdf",
        metavar="FILE",
        help="where to: a .pdf (default: notes.pdf), or a .typ for its source",
    )
    parser.add_argument(
        "--chapters", metavar="N,N,...", help="the chapters by number, as in 1,4 (default: all)"
    )
    parser.add_argument(
        "--date",
        metavar="YYYY-MM-DD",
        help="the date that it bears (default: SOURCE_DATE_EPOCH, else today)",
    )
    parser.set_defaults(run=_notes)


def _predict_parser(commands: Any) -> None:
    parser = commands.add_parser("predict", help="predict with a saved run; prints CSV")
    parser.add_argument("run_folder", metavar="RUN", help="the folder of a run saved by fit --save")
    parser.add_argument("data", metavar="DATA", help="a CSV or Parquet file with the same features")
    parser.add_argument("--to", metavar="FILE", help="write the predictions to a file")
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="for classes: their probabilities, not their names",
    )
    parser.set_defaults(run=_predict)


def _compare_parser(commands: Any) -> None:
    parser = commands.add_parser("compare", help="compare saved runs: a table, and a figure")
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="folders of runs saved by fit --save"
    )
    parser.add_argument(
        "--figure", metavar="FILE", help="draw their losses into a .png, .svg or .pdf"
    )
    parser.set_defaults(run=_compare)


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


def _open(options: argparse.Namespace) -> int:
    from chainrule.course.server import open_course
    from chainrule.modelfile import parse_sizes

    features = options.features
    open_course(
        _model(options) if options.model else None,
        options.data,
        options.target,
        options.port,
        browser=not options.no_browser,
        features=None
        if features is None
        else [x for x in map(str.strip, features.split(",")) if x],
        sizes=parse_sizes(options.size),
    )
    return 0


def _build(options: argparse.Namespace) -> int:
    from chainrule.course.site import build

    written = build(options.folder, options.single_file, options.base_url)
    print(f"{len(written)} files in {options.folder}; open {written[0]}")
    return 0


def _notes(options: argparse.Namespace) -> int:
    from chainrule.handout.command import print_notes

    print(print_notes(options.out, options.chapters, options.date))
    return 0


def _predict(options: argparse.Namespace) -> int:
    from chainrule.fit.command import predict_table

    return predict_table(options)


def _compare(options: argparse.Namespace) -> int:
    from chainrule.fit.command import compare_runs

    return compare_runs(options)


def _models(options: argparse.Namespace) -> int:
    from chainrule.models import COURSE, GALLERY
    from chainrule.tables.table import shipped

    for title, group in (("The course", COURSE), ("The gallery", GALLERY)):
        print(title)
        for model in group:
            print(f"  {model.name:<22}{model.__doc__}")
    print("Data sets\n  " + "   ".join(shipped()))
    return 0
