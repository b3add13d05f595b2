"""`chainrule open`, `chainrule build` and `chainrule notes`: the course in the browser, as files, on paper."""

from __future__ import annotations

from argparse import Namespace

from chainrule.commands import arguments
from chainrule.commands.arguments import Commands


def add_open(commands: Commands) -> None:
    """Add `chainrule open`."""
    parser = commands.add_parser(
        "open", help="open the course, or a model with its data, in the browser"
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a built-in model or path.py:function (default: the course)",
    )
    arguments.model_options(parser, "an option of the model")
    parser.add_argument(
        "--data", metavar="FILE", help="a CSV or Parquet file, or a shipped data set"
    )
    arguments.columns(parser)
    arguments.repeated(parser, "--size", "DIM=N", "a size, as in --size n_h=8")
    parser.add_argument(
        "--port", type=int, metavar="N", help="where to serve (default: 8321, or the next free one)"
    )
    arguments.flag(parser, "--no-browser", "only print the address")
    parser.set_defaults(run=_open)


def _open(options: Namespace) -> int:
    from chainrule.course.server import open_course
    from chainrule.modelfile import parse_names, parse_sizes

    open_course(
        arguments.named_model(options) if options.model else None,
        options.data,
        options.target,
        options.port,
        browser=not options.no_browser,
        features=parse_names(options.features),
        sizes=parse_sizes(options.size),
    )
    return 0


def add_build(commands: Commands) -> None:
    """Add `chainrule build`."""
    parser = commands.add_parser("build", help="write the course as static files")
    parser.add_argument(
        "folder", metavar="DIR", help="where to; files of the same names are replaced"
    )
    arguments.flag(parser, "--single-file", "put script, style and fonts into every page")
    parser.add_argument(
        "--base-url",
        metavar="URL",
        default="",
        help="where the pages will stand, for links with a picture",
    )
    parser.set_defaults(run=_build)


def _build(options: Namespace) -> int:
    from chainrule.course.site import build

    written = build(options.folder, options.single_file, options.base_url)
    print(f"{len(written)} files in {options.folder}; open {written[0]}")
    return 0


def add_notes(commands: Commands) -> None:
    """Add `chainrule notes`."""
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


def _notes(options: Namespace) -> int:
    from chainrule.handout.command import print_notes

    print(print_notes(options.out, options.chapters, options.date))
    return 0
