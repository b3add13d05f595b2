"""The command line: every error is one clear message and a non-zero exit. What a command takes and does is in `commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from chainrule import errors
from chainrule.commands import course, derivation, descent, exercises


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
        prog="chainrule",
        description="Derive, show and run the gradient descent of a model.",
        epilog=_BEGIN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version="chainrule 0.1.0")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
    return parser


_BEGIN = """\
begin here:
  chainrule open               the course, in your browser
  chainrule derive logistic    a page of derivation
  chainrule COMMAND --help     what a command takes
"""

# in the order of the help
_COMMANDS = (
    course.add_open,
    course.add_build,
    course.add_notes,
    derivation.add_derive,
    exercises.add_check,
    exercises.add_sheet,
    exercises.add_practice,
    descent.add_fit,
    descent.add_predict,
    descent.add_compare,
    derivation.add_models,
)
