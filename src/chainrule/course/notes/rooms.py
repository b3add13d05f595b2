"""Every room of widgets, imported so that the table `widget.WIDGETS` is whole."""

from __future__ import annotations

from chainrule.course.notes import (
    boxes,
    classify,
    classify_layers,
    optimizer_facts,
    optimizers,
    practice,
    scalar,
    search,
    sixty,
)

ROOMS: tuple[str, ...] = (
    classify.__name__,
    classify_layers.__name__,
    optimizers.__name__,
    optimizer_facts.__name__,
    practice.__name__,
    boxes.__name__,
    scalar.__name__,
    search.__name__,
    sixty.__name__,
)

__all__ = ["ROOMS"]
