"""A zip whose bytes depend on its content alone: names in order, one fixed date."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree as ET

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by name, the same bytes for the same files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return held.getvalue()


def xml(root: ET.Element) -> bytes:
    """Return an XML document."""
    ET.indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Return a new element inside another; its text is escaped when it is written."""
    made = ET.SubElement(parent, tag, attributes)
    made.text = text
    return made


__all__ = ["add", "packed", "xml"]
