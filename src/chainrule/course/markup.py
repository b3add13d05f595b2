"""Pieces of a page's HTML: the place of an instrument, an answer that folds out, Markdown with blocks of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from chainrule.course.formulas import MATHS
from chainrule.course.typography import code

VIEWS = ("derivation", "graph", "fit", "landscape", "descent")


def instrument(
    views: Sequence[str], state: str, document: Mapping[str, Any], identity: str = "contract"
) -> str:
    """Return the place of an instrument; without scripts its derivation is there to read."""
    rows = "".join(
        f"<tr><td>{MATHS}<mrow>{row['mathml']}</mrow></math></td><td>{escape(row['shapes'])}</td>"
        f"<td><code>{escape(row['code']['numpy'])}</code></td></tr>"
        for row in document["variants"][0]["rows"]
    )
    table = f"<table><thead><tr><th>equation</th><th>shapes</th><th>NumPy</th></tr></thead><tbody>{rows}</tbody></table>"
    return (
        f'<div data-instrument="{identity}" data-views="{" ".join(views)}" data-state="{state}">'
        f"<noscript>{table}</noscript></div>"
    )


def folded_answer(html: str) -> str:
    """Return an answer that folds out."""
    return f'<details class="answer"><summary>Answer</summary><p>{html}</p></details>'


def markdown(fence: Callable[[str, str], str]) -> Any:
    """Return a reader of Markdown without raw HTML; `fence(info, content)` makes the HTML of a block."""
    from markdown_it import MarkdownIt

    def rule(_: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return fence(tokens[index].info.strip(), tokens[index].content)

    made = MarkdownIt("commonmark", {"html": False, "typographer": True})
    made.enable(["replacements", "smartquotes", "table"])

    def inline_code(_: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return code(escape(tokens[index].content))

    made.add_render_rule("fence", rule)
    made.add_render_rule("code_inline", inline_code)
    return made
