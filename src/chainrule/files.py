"""Writing a file so that a reader finds the old one or the new one, never a part."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from chainrule.errors import DataError


def write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; folders on the way are made.

    Args:
        path: where to; a file of that name is replaced.
        content: what it will hold.

    Returns:
        The path.

    Raises:
        DataError: it cannot be written; a file that was there is as it was.
    """
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".chainrule-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def write_new(path: Path, content: bytes) -> bool:
    """Write a file whole, unless there is one of that name; folders on the way are made.

    Returns:
        Whether it was written.

    Raises:
        DataError: it cannot be written.
    """
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".chainrule-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        return _linked(Path(name), path, content)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _linked(source: Path, path: Path, content: bytes) -> bool:
    """Give a written file its name; a link fails where the name is taken, a replacement would not."""
    try:
        os.link(source, path)
    except FileExistsError:
        return False
    except (OSError, AttributeError):  # no links here
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            return False
    return True


__all__ = ["write", "write_new"]
