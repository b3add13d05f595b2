"""PDF from Typst text: tagged for readers who listen, and the same bytes for the same text and date."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time
from typing import Any

from chainrule.errors import DataError, missing_extra


def pdf(source: str, when: date, *, accessible: bool = True) -> bytes:
    """Return the PDF of a document written in Typst.

    Args:
        source: the document, in Typst's language.
        when: the date that the PDF says it was made on; its time is midnight UTC.
        accessible: hold the document to PDF/UA-1: a title, headings in order, alternative texts for formulas and figures.

    Returns:
        The PDF.

    Raises:
        MissingExtraError: typst is not installed.
        DataError: the document cannot be set; says where.
    """
    typst = _typst()
    stamp = datetime.combine(when, time(), UTC)
    try:
        made = typst.Compiler(source.encode(), ignore_system_fonts=True).compile(
            format="pdf", timestamp=stamp, pdf_standards="ua-1" if accessible else []
        )
    except typst.TypstError as error:
        raise DataError(f"the document cannot be set: {error.message} {error.diagnostic}") from None
    return bytes(made)


def string(text: str) -> str:
    """Return text as a Typst string: it is shown as it is, whatever it holds."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def today() -> date:
    """Return the date of SOURCE_DATE_EPOCH where the environment sets it, else today's."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told is None:
        return datetime.now(UTC).date()
    if not told.isdigit():
        raise DataError(
            f"SOURCE_DATE_EPOCH is {told!r}: it must be a number of seconds since 1970, such as 1767225600."
        )
    return datetime.fromtimestamp(int(told), UTC).date()


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise missing_extra("typst", "pdf") from None
    return typst


__all__ = ["pdf", "string", "today"]
