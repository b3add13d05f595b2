"""Every room of widgets, imported so that the table `widget.WIDGETS` is whole."""

from __future__ import annotations

ROOMS: tuple[str, ...] = ()

__all__ = ["ROOMS"]
