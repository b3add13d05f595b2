"""`chainrule derive` and `chainrule models`: what the engine says of a model, and which models there are."""

from __future__ import annotations

from argparse import Namespace

from chainrule.commands import arguments
from chainrule.commands.arguments import Commands


def add_derive(commands: Commands) -> None:
    """Add `chainrule derive`."""
    parser = commands.add_parser("derive", help="derive all gradients of a model, step by step")
    arguments.model(parser)
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


def _derive(options: Namespace) -> int:
    from chainrule.model import derive

    derivation = derive(
        arguments.named_model(options),
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


def add_models(commands: Commands) -> None:
    """Add `chainrule models`."""
    parser = commands.add_parser("models", help="list the built-in models and data sets")
    parser.set_defaults(run=_models)


def _models(_: Namespace) -> int:
    import shutil
    from textwrap import wrap

    from chainrule.models import COURSE, GALLERY
    from chainrule.tables.table import shipped

    for title, group in (("The course", COURSE), ("The gallery", GALLERY)):
        print(title)
        for model in group:
            about = wrap(
                model.__doc__ or "",
                max(24, shutil.get_terminal_size().columns - 25),
                break_on_hyphens=False,
            )
            print(f"  {model.name:<22}" + ("\n" + " " * 24).join(about))
    print("Data sets\n  " + "   ".join(shipped()))
    return 0
