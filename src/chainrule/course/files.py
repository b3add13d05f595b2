"""Where the parts of the pages lie: script, style and fonts, and the lessons. Imports nothing heavy: pages that are built need no more.

They come from the installed package (course/assets, course/lessons) or from a checkout (web/dist, lessons).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.errors import MissingAssetsError
from chainrule.files import write

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
SCRIPT, STYLE = "chainrule.js", "chainrule.css"
OWN = "your-own-model.html"
_URL = re.compile(r"url\(([\"']?)(?!data:)([^)\"']+)\1\)")


@dataclass(frozen=True)
class Assets:
    """The built script, style and fonts of the pages."""

    folder: Path

    @property
    def files(self) -> list[Path]:
        """All files that pages need beside them, in order."""
        kinds = (".js", ".css", ".woff2", ".svg", ".png")
        found = [p for p in self.folder.rglob("*") if p.is_file() and p.suffix in kinds]
        return sorted(found)

    def script(self, rooms: Sequence[str] = ()) -> str:
        """All scripts of a page as one, fit to stand inside it; the page's own, which uses the others, is the last."""
        others = [p for p in self._parts("js", rooms) if p.name != SCRIPT]
        text = ";\n".join(_text(path) for path in (*others, self.folder / SCRIPT))
        return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")

    def style(self, rooms: Sequence[str] = ()) -> str:
        """All style sheets of a page as one, with their fonts inside; the page's own is the first."""
        others = [p for p in self._parts("css", rooms) if p.name != STYLE]
        text = "\n".join(_text(path) for path in (self.folder / STYLE, *others))
        return _URL.sub(lambda match: f"url({self._data(match[2])})", text)

    def _parts(self, kind: str, rooms: Sequence[str]) -> list[Path]:
        """Return the files beside the page's own that it may fetch: the extras, and its rooms of widgets."""
        wanted = {f"chainrule-{part}.{kind}" for part in ("extras", *rooms)}
        return sorted(p for p in self.folder.glob(f"*.{kind}") if p.name in wanted)

    def _data(self, address: str) -> str:
        file = (self.folder / address.partition("?")[0].partition("#")[0]).resolve()
        kind = "font/woff2" if file.suffix == ".woff2" else "image/svg+xml"
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def find_assets() -> Assets:
    """Return the built assets.

    Raises:
        MissingAssetsError: they are neither in the package nor in the checkout; says how to build them.
    """
    for folder in (HERE / "assets", CHECKOUT / "web" / "dist"):
        if (folder / SCRIPT).is_file() and (folder / STYLE).is_file():
            return Assets(folder)
    raise MissingAssetsError(
        "the pages' script and style are not built. In a checkout of chainrule, run: cd web && npm ci && npm run build. "
        "An installed chainrule brings them; install it again if they are missing."
    )


def lessons_folder() -> Path:
    """Return the folder of the lessons: in the package, or in the checkout."""
    shipped = HERE / "lessons"
    return shipped if shipped.is_dir() else CHECKOUT / "lessons"


def write_assets(assets: Assets, folder: Path) -> list[Path]:
    """Write script, style and fonts beside the pages."""
    return [write(folder / p.relative_to(assets.folder), p.read_bytes()) for p in assets.files]


__all__ = [
    "CHECKOUT",
    "HERE",
    "OWN",
    "SCRIPT",
    "STYLE",
    "Assets",
    "find_assets",
    "lessons_folder",
    "write_assets",
]
