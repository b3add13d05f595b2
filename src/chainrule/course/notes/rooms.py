"""Every room of widgets, imported so that the table `widget.WIDGETS` is whole."""

from __future__ import annotations

from chainrule.course.notes import classify, classify_layers, optimizers

ROOMS: tuple[str, ...] = (classify.__name__, classify_layers.__name__, optimizers.__name__)

__all__ = ["ROOMS"]
