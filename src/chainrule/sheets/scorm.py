"""The sheet as a SCORM 1.2 package: the practice page in one file, which reports its score to the platform around it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from chainrule.course.notes.practice import practice_page
from chainrule.sheets.package import add, packed, xml

if TYPE_CHECKING:
    from chainrule.sheets.sheet import Files, Sheet

_CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_PAGE = "index.html"


def files(sheet: Sheet) -> Files:
    """Return the package: a manifest and a page."""
    page = practice_page(sheet.questions, sheet.title)
    return {"": packed({"imsmanifest.xml": xml(_manifest(sheet)), _PAGE: page})}


def _manifest(sheet: Sheet) -> ET.Element:
    name = f"chainrule-{'-'.join(sheet.topics)}-{sheet.seed}"
    root = ET.Element(
        "manifest", {"xmlns": _CP, "xmlns:adlcp": _ADL, "identifier": name, "version": "1.1"}
    )
    about = add(root, "metadata")
    add(about, "schema", "ADL SCORM")
    add(about, "schemaversion", "1.2")
    organization = add(
        add(root, "organizations", default="course"), "organization", identifier="course"
    )
    add(organization, "title", sheet.title)
    item = add(organization, "item", identifier="practice", identifierref="page", isvisible="true")
    add(item, "title", sheet.title)
    add(item, "adlcp:masteryscore", "50")
    resource = add(
        add(root, "resources"), "resource", identifier="page", type="webcontent", href=_PAGE
    )
    resource.set("adlcp:scormtype", "sco")
    add(resource, "file", href=_PAGE)
    return root


__all__ = ["files"]
