"""`chainrule notes`: what a person typed, read and checked; then the document."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from chainrule import files
from chainrule.errors import DataError
from chainrule.handout.document import notes, write_notes


def print_notes(out: str, chapters: str | None, when: str | None) -> str:
    """Write the notes, and return what to tell of it.

    Raises:
        DataError: chapters or a date that cannot be read, or a file that is neither .pdf nor .typ.
    """
    path, numbers, day = Path(out), _numbers(chapters), _day(when)
    if path.suffix == ".typ":
        files.write(path, notes(numbers, day).encode())
    elif path.suffix == ".pdf":
        write_notes(path, numbers, day)
    else:
        raise DataError(
            f"--out is {out!r}: the notes are a .pdf, or a .typ for their source. Write --out notes.pdf."
        )
    return f"{path} written"


def _numbers(chapters: str | None) -> list[int] | None:
    if chapters is None:
        return None
    parts = [part.strip() for part in chapters.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        raise DataError(
            f"--chapters is {chapters!r}: write numbers with commas, as in --chapters 1,4."
        )
    return [int(part) for part in parts]


def _day(when: str | None) -> date | None:
    try:
        return date.fromisoformat(when) if when is not None else None
    except ValueError:
        raise DataError(f"--date is {when!r}: write it as in --date 2026-01-31.") from None


__all__ = ["print_notes"]
