"""Every room of widgets, imported so that the table `widget.WIDGETS` is whole."""

from __future__ import annotations

from chainrule.course.notes import optimizers

ROOMS: tuple[str, ...] = (optimizers.__name__,)

__all__ = ["ROOMS"]
