"""Where things are kept that can be made again: a folder of the user's own, by the system's custom."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def folder(name: str) -> Path | None:
    """Return a folder for cached things, made if need be; None where none can be written.

    $CHAINRULE_CACHE wins; else ~/Library/Caches on macOS, %LOCALAPPDATA% on Windows, $XDG_CACHE_HOME or ~/.cache.
    """
    found = _base() / name
    try:
        found.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return found if os.access(found, os.W_OK) else None


def _base() -> Path:
    own = os.environ.get("CHAINRULE_CACHE")
    if own:
        return Path(own)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "chainrule"
    system = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    return Path(os.environ.get(system) or Path.home() / ".cache") / "chainrule"
