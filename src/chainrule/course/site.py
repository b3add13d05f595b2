"""The site: lessons and instruments put together as static pages, strict about what they may load; no page fetches anything.

Script, style and fonts come from the installed package (course/assets) or from a checkout (web/dist).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from chainrule.course import typography
from chainrule.course.files import (
    HERE,
    OWN,
    SCRIPT,
    STYLE,
    Assets,
    find_assets,
    lessons_folder,
    write_assets,
)
from chainrule.course.lesson import Lesson, read_lessons
from chainrule.course.markup import instrument
from chainrule.course.notes.widget import Widget, place_of
from chainrule.course.rendering import Renderer
from chainrule.errors import DataError, MissingAssetsError
from chainrule.files import write

LEAF = ""  # a page that no other leads to
SOCIAL = "social.png"  # beside this file; pages name it only where their own address is known

# ∂ of STIX Two Math (SIL Open Font License) as an outline, for an icon has no fonts.
_PARTIAL = (
    "M15.9 11.1Q17.3 11.1 18.8 11.7Q20.4 12.3 21.4 14L21.6 13.8Q21.4 11.5 21 9.6Q20.5 7.8"
    " 19.3 6.7Q18.1 5.6 15.5 5.6Q14.5 5.6 13.3 5.8Q12 6 11 6.6L10.2 5.8Q11.1 3.9 12.7 2.7"
    "Q14.3 1.5 16.3 1.5Q18.3 1.5 20.1 3Q21.9 4.5 23 7.9Q24.1 11.2 24.1 16.7Q24.1 20.9 23."
    "3 24Q22.5 27.2 20.8 28.8Q19 30.5 16.1 30.5Q13.9 30.5 12 29.4Q10.2 28.3 9 26.2Q7.9 24"
    ".1 7.9 20.9Q7.9 18.1 8.9 15.9Q9.8 13.6 11.7 12.4Q13.5 11.1 15.9 11.1ZM10.1 20.9Q10.1"
    " 23.1 11.8 24.3Q13.4 25.5 15.6 25.5Q16.9 25.5 18.2 25Q19.4 24.6 20.3 23.5Q21.2 22.4 "
    "21.2 20.6Q21.2 18.5 19.9 17.2Q18.6 16 16.3 16Q14.8 16 13.4 16.5Q12 17.1 11 18.2Q10.1"
    " 19.3 10.1 20.9Z"
)
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    f"%3Cpath fill='%23c4401c' stroke='%23c4401c' d='{_PARTIAL}'/%3E%3C/svg%3E"
)
_EVERYWHERE = "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'"
_FILES_CSP = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; {_EVERYWHERE}"
)


@dataclass(frozen=True)
class Course:
    """The course as pages: `pages` are their file names, `html(name)` makes one."""

    assets: Assets = field(default_factory=lambda: find_assets())
    single_file: bool = False
    base_url: str = ""
    lessons: Sequence[Lesson] = field(default_factory=lambda: read_lessons(lessons_folder()))

    @property
    def pages(self) -> list[str]:
        """The file names of all pages, the index first."""
        return ["index.html", *(f"{lesson.slug}.html" for lesson in self.lessons)]

    def html(self, name: str) -> str:
        """Return a page.

        Raises:
            KeyError: no such page.
        """
        if name == "index.html":
            return self._index()
        lesson = {f"{x.slug}.html": x for x in self.lessons}[name]
        rendered = Renderer(lesson).render()
        source = ""
        if lesson.case:
            sample = lesson.case.sample
            told = escape(f"{sample.name}, {sample.source}", quote=False).replace("'", "’")
            source = f'<p class="source">Data: {told}.</p>'
        body = (
            f'<p class="chapter">Chapter {lesson.number}</p><h1>{typography.title(escape(lesson.title))}</h1>'
            f'<p class="lede">{rendered.lead}</p>{rendered.body}{source}{self._turn(lesson)}'
        )
        title = f"{lesson.title} · chainrule"
        return self._page(
            title, body, _plain(rendered.lead), rendered.documents, name, rendered.rooms
        )

    def own(self, title: str, about: str, body: str, document: Mapping[str, Any]) -> str:
        """Return a page of the reader's own, with one instrument: see `chainrule.course.own`."""
        name = LEAF if self.single_file else OWN
        return self._page(f"{title} · chainrule", body, about, {"contract": document}, name)

    def leaf(self, title: str, name: str, made: Widget) -> str:
        """Return a page that stands alone, with one widget and no other chapters around it."""
        place = place_of(name, made, "sheet", "")
        body = f"<h1>{escape(title)}</h1>{place}"
        documents = {"sheet-data": made.document, **made.shared}
        rooms = (name.partition("/")[0],)
        return self._page(f"{title} · chainrule", body, title, documents, LEAF, rooms)

    # -- parts of a page
    def _index(self) -> str:
        """Return the first page: what this is, an instrument to play with at once, and the contents."""
        first = next((x for x in self.lessons if x.case), None)
        documents = {"contract": first.case.document} if first and first.case else {}
        stage = "".join(instrument(_FIRST, f"step={_FIRST_STEP}", d) for d in documents.values())
        body = (
            f'<p class="chapter">An explorable course</p><h1>{_TITLE}</h1><p class="lede">{_ABOUT}</p>'
            f"{stage and f'<p>{_INVITATION}</p>{stage}'}{self._contents()}"
        )
        return self._page(
            "chainrule: gradient descent, step by step", body, _ABOUT, documents, "index.html"
        )

    def _contents(self) -> str:
        parts = [("The course", _COURSE, range(5)), ("The notes", _NOTES, range(5, 1000))]
        return "".join(
            f'<h2>{title}</h2><p>{about}</p><ol class="contents">{"".join(map(_entry, chosen))}</ol>'
            for title, about, numbers in parts
            if (chosen := [x for x in self.lessons if x.number in numbers])
        )

    def _turn(self, lesson: Lesson) -> str:
        at = list(self.lessons).index(lesson)
        links = ['<a href="index.html">Contents</a>']
        if at > 0:
            links.insert(0, _link(self.lessons[at - 1], "prev", "←"))
        if at + 1 < len(self.lessons):
            links.append(_link(self.lessons[at + 1], "next", "→"))
        return f'<nav class="turn" aria-label="Other chapters">{"".join(links)}</nav>'

    def _header(self, name: str) -> str:
        if name == LEAF:
            return (
                '<header class="page-header"><span class="wordmark">∂chainrule</span><div class="page-tools">'
                '<button type="button" data-theme-toggle>Dark</button></div></header>'
            )
        items = "".join(
            f'<li><a href="{x.slug}.html" aria-current="page" aria-label="Chapter {x.number}: {escape(x.title)}">{x.number}<span> {escape(x.title)}</span></a></li>'
            if name == f"{x.slug}.html"
            else f'<li><a href="{x.slug}.html" title="{escape(x.title)}" aria-label="Chapter {x.number}: {escape(x.title)}">{x.number}</a></li>'
            for x in self.lessons
        )
        if name == OWN:
            items += f'<li><a href="{OWN}" aria-current="page">Your own model</a></li>'
        return (
            '<header class="page-header"><a class="wordmark" href="index.html">∂chainrule</a>'
            f'<nav class="chapters" aria-label="Chapters"><ol>{items}</ol></nav>'
            '<div class="page-tools"><button type="button" data-share>Share</button>'
            '<button type="button" data-theme-toggle>Dark</button></div></header>'
        )

    def _page(
        self, title: str, body: str, about: str, documents: Mapping[str, Mapping[str, Any]], name: str,
        rooms: Sequence[str] = (),
    ) -> str:  # fmt: skip
        policy, style, script = self._loads(rooms)
        data = "".join(
            f'<script type="application/json" id="{identity}">{inline(document)}</script>\n'
            for identity, document in documents.items()
        )
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f'<meta name="description" content="{escape(about)}">\n<title>{escape(title)}</title>\n{self._card(title, about, name)}'
            f'<link rel="icon" href="{_ICON}">\n{style}\n</head>\n<body>\n{self._header(name)}\n'
            f'<main><article class="page">\n{body}\n</article></main>\n{data}{script}\n</body>\n</html>\n'
        )

    def _card(self, title: str, about: str, name: str) -> str:
        """Return what other sites show of a page that is linked to; its picture needs the address of the site."""
        told = {
            "og:title": title,
            "og:description": about,
            "og:type": "article",
            "og:site_name": "chainrule",
        }
        if self.base_url:
            base = self.base_url.rstrip("/")
            told |= {"og:url": f"{base}/{name}", "og:image": f"{base}/{SOCIAL}"}
        tags = [f'<meta property="{key}" content="{escape(value)}">' for key, value in told.items()]
        if self.base_url:
            tags.append('<meta name="twitter:card" content="summary_large_image">')
        return "\n".join(tags) + "\n"

    def _loads(self, rooms: Sequence[str]) -> tuple[str, str, str]:
        """Return the policy, and how the page loads its style and its script; `rooms` of widgets fetch their own."""
        if not self.single_file:
            style = f'<link rel="stylesheet" href="{STYLE}">'
            return _FILES_CSP, style, f'<script src="{SCRIPT}"></script>'
        style, script = self.assets.style(rooms), self.assets.script(rooms)
        policy = (
            f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
            f"font-src data:; {_EVERYWHERE}"
        )
        return policy, f"<style>{style}</style>", f"<script>{script}</script>"


_TITLE = "Gradient descent, step by step"
_ABOUT = "Every formula, every number and every line of code on these pages comes from one engine, and they are the same thing three times. Move something and watch all of it change."
_INVITATION = "Here is the whole idea on one geyser: how long a wait follows a long eruption? Press play. Then drag a point, or click in the landscape and start somewhere else."
_COURSE = "From one line to a network with hidden units, on real data. Start at the top; each chapter takes about a quarter of an hour."
_NOTES = "What the course rests on and where it leads, to look things up and to practise."
_FIRST, _FIRST_STEP = ("fit", "landscape", "descent"), 5


def _entry(lesson: Lesson) -> str:
    lead = escape(str(lesson.front.get("lead", "")))
    return f'<li value="{lesson.number}"><a href="{lesson.slug}.html">{escape(lesson.title)}</a><p>{lead}</p></li>'


def _link(lesson: Lesson, relation: str, arrow: str) -> str:
    words = f"{lesson.number} {escape(lesson.title)}"
    text = f"{arrow} {words}" if relation == "prev" else f"{words} {arrow}"
    return f'<a rel="{relation}" href="{lesson.slug}.html">{text}</a>'


def _plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def digest(text: str) -> str:
    """Return the hash of an inline script or style, as a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def inline(document: Mapping[str, Any] | None) -> str:
    """Return a document as JSON that may stand inside a page."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


# -- files
def build(folder: str | Path, single_file: bool = False, base_url: str = "") -> list[Path]:
    """Write the whole course as static files, which any host serves and which open without one.

    Args:
        folder: where to; made if it is not there. Files of the same names are replaced, others are left alone.
        single_file: put script, style and fonts into every page, so that each page is one file.
        base_url: where the pages will stand, such as "https://example.org/course": for the picture that other sites show
            with a link.

    Returns:
        The files written, the index first.

    Raises:
        DataError: the folder cannot be written, or `base_url` is no web address.
        MissingAssetsError: the script and the style are not built.
    """
    if base_url and not re.match(r"https?://\w", base_url):
        raise DataError(
            f'"{base_url}" is no web address. Write where the pages will stand, as in: --base-url https://example.org/course'
        )
    course, target = Course(single_file=single_file, base_url=base_url), Path(folder)
    written = [write(target / name, course.html(name).encode()) for name in course.pages]
    if base_url:
        written.append(write(target / SOCIAL, (HERE / SOCIAL).read_bytes()))
    return written if single_file else [*written, *write_assets(course.assets, target)]


__all__ = [
    "Assets",
    "Course",
    "MissingAssetsError",
    "build",
    "find_assets",
    "lessons_folder",
]
