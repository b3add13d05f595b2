"""`chainrule check`, `chainrule sheet` and `chainrule practice`: mistakes named, exercises on paper and in the editor."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from chainrule import errors
from chainrule.commands import arguments
from chainrule.commands.arguments import Commands

if TYPE_CHECKING:
    from chainrule.practice.report import Report


def add_check(commands: Commands) -> None:
    """Add `chainrule check`."""
    parser = commands.add_parser(
        "check", help="check your own backward pass or optimizer's step; name its mistakes"
    )
    arguments.model(parser, ", or a question that asks for a function, as in 5/code-step-adam/3")
    parser.add_argument("solution", metavar="SOLUTION", help="path.py or path.py:function")
    arguments.seed(parser, "draws other instances")
    parser.add_argument("--arrays", metavar="NAME", help="numpy, jax or torch")
    arguments.hints(parser, default=4)
    arguments.seconds(parser, "time (default 10)")
    parser.add_argument("--memory", type=float, default=2.0, metavar="GIB", help="(default 2)")
    arguments.flag(parser, "--json", "print the report as JSON")
    parser.set_defaults(run=_check)


def _check(options: Namespace) -> int:
    import json
    from dataclasses import asdict

    report = _checked(options)
    print(json.dumps(asdict(report)) if options.json else report.text(options.hints), end="")
    return 0 if report.ok else 3


def _checked(options: Namespace) -> Report:
    from chainrule.practice.check import check_file
    from chainrule.practice.questions.bank import named
    from chainrule.practice.questions.programs import check_answer
    from chainrule.practice.sandbox import Limits

    limits = Limits(options.seconds, int(options.memory * 2**30))
    settings: dict[str, Any] = {"arrays": options.arrays, "limits": limits}
    question = named(options.model, options.seed)
    if question is None:
        return check_file(
            arguments.named_model(options), options.solution, seed=options.seed, **settings
        )
    if options.options:
        raise errors.DataError(f"{question.key} is a question, and has no options. Leave --set out.")  # fmt: skip
    return check_answer(question, options.solution, **settings)


def add_sheet(commands: Commands) -> None:
    """Add `chainrule sheet`."""
    parser = commands.add_parser(
        "sheet", help="write a sheet of exercises with solutions and a marking scheme"
    )
    parser.add_argument(
        "--topics", nargs="+", default=["exam"], metavar="TOPIC", help="(default exam; see --list)"
    )
    parser.add_argument("--questions", type=int, default=12, metavar="N", help="(default 12)")
    arguments.seed(parser, "another seed, another sheet")
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
    arguments.flag(parser, "--list", "list the topics")
    parser.set_defaults(run=_sheet)


def _sheet(options: Namespace) -> int:
    from chainrule.sheets.command import print_sheet, print_topics

    print(print_topics() if options.list else print_sheet(vars(options)))
    return 0


def add_practice(commands: Commands) -> None:
    """Add `chainrule practice`."""
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
    arguments.seed(parser, "draws other numbers (default: 0)", default=None)
    arguments.flag(parser, "--once", "mark everything once; 3 if not right")
    arguments.flag(parser, "--list", "list exercises and topics, make none")
    arguments.hints(parser, default=1)
    arguments.seconds(parser, "time per function (default 10)")
    arguments.flag(parser, "--json", "mark once, print the result as JSON")
    parser.set_defaults(run=_practice)


def _practice(options: Namespace) -> int:
    from dataclasses import fields

    from chainrule.practice.terminal.command import Wish, practise

    return practise(Wish(**{field.name: getattr(options, field.name) for field in fields(Wish)}))
