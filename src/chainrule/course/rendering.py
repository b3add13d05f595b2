"""Lessons rendered to HTML, with every number computed.

A lesson is lessons/N-name/page.md: TOML between +++ lines, then Markdown (markdown-it, without raw HTML) with
    {{ expression : format }}   a number, worked out by `facts.evaluate`; {{eq.dW1}}, {{sym.W1}}, {{code.dW1}}, {{shapes.dW1}}
    $W1 X + b1$                 small formulas: names, numbers, signs, ^2, ^T; symbols by the engine's own MathML
    ```try, question, figure, instrument, widget, takeaway   blocks of TOML; a try sets the instrument, or the widget
                                whose id is its `to`

A lesson without a model in its front matter, such as notes on operations, has no case and no instrument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any, cast

import numpy as np

from chainrule.course.facts import evaluate, shown
from chainrule.course.figures import FIGURES, STEPS, STRETCH
from chainrule.course.formulas import MATHS, formula, symbol_in
from chainrule.course.lesson import Lesson, toml
from chainrule.course.markup import VIEWS, folded_answer, instrument, markdown
from chainrule.course.notes import rooms as rooms
from chainrule.course.notes.widget import Place, find, place_of
from chainrule.course.scope import Case, Setting, scope
from chainrule.course.typography import code, held
from chainrule.errors import ParseError, unknown

_HOLE = re.compile(r"\{\{(.+?)\}\}|\$([^$\n]+)\$")
_KEPT = re.compile("\ue000(\\d+)\ue001")
_STATE = ("convention", "examples", "seed", "start", "method", "rate", "batch", "steps", "step", "kept", "open", "axes",
          "surface", "cells", "checks", "code", "present", "locks")  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """A lesson as HTML: its lead and its body; the documents that its drawings read, by id; rooms of widgets it uses."""

    lead: str
    body: str
    documents: Mapping[str, Mapping[str, Any]]
    rooms: tuple[str, ...]


class Renderer:
    """Renders one lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.case = lesson.case
        self.names = {
            **scope(lesson.case, lesson.front, lesson.folder),
            "valleys": {"steps": STEPS, "stretch": STRETCH},
        }
        self._kept: list[str] = []
        self._documents: dict[str, Mapping[str, Any]] = {}
        self._rooms: dict[str, None] = {}
        self._widgets = 0
        self._questions = 0
        self._plane: dict[str, Any] = {}  # the landscape's axes that the lesson speaks of
        self._markdown = markdown(self._fence)

    def render(self) -> Rendered:
        """Return the lesson as HTML."""
        lead = self._inline(self._filled(str(self.lesson.front.get("lead", ""))))
        body = self._back(self._markdown.render(self._filled(self.lesson.text)))
        return Rendered(held(self._back(lead)), held(body), self._documents, tuple(self._rooms))

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The contract of its case; empty where there is none."""
        return self.case.document if self.case else {"values": (), "variants": ({"rows": ()},)}

    @cached_property
    def rows(self) -> Mapping[str, Any]:
        """The rows of its derivation, by their targets."""
        return {row["target"]: row for row in self.document["variants"][0]["rows"]}

    # -- holes: numbers and formulas, kept aside while Markdown is read
    def _filled(self, text: str) -> str:
        return _HOLE.sub(lambda match: self._keep(self._hole(match)), text)

    def _keep(self, html: str) -> str:
        self._kept.append(html)
        return f"\ue000{len(self._kept) - 1}\ue001"

    def _back(self, html: str) -> str:
        return _KEPT.sub(lambda match: self._kept[int(match[1])], html)

    def _hole(self, match: re.Match[str]) -> str:
        if match[2] is not None:
            return f"{MATHS}<mrow>{formula(match[2], self.document)}</mrow></math>"
        expression, _, form = match[1].partition(":")
        kind, dot, target = expression.strip().partition(".")
        if dot and kind in ("eq", "code", "shapes", "sym"):
            return self._part(kind, target)
        value: str = shown(self.value(expression), form.strip())
        return escape(value)

    def _part(self, kind: str, target: str) -> str:
        if kind == "sym":
            return f"{MATHS}{symbol_in(target, self.document)}</math>"
        if target not in self.rows:
            raise unknown(f"row of {self.lesson.slug}", target, self.rows)
        row = self.rows[target]
        if kind == "eq":
            return f"{MATHS}<mrow>{row['mathml']}</mrow></math>"
        if kind == "code":
            return code(escape(row["code"]["numpy"]))
        return escape(row["shapes"])

    def value(self, expression: str) -> Any:
        """Return the value of an expression in this lesson's scope."""
        return evaluate(expression, self.names)

    # -- blocks
    def _fence(self, info: str, content: str) -> str:
        blocks: dict[str, Callable[[dict[str, Any]], str]] = {
            "try": self._try,
            "question": self._question,
            "figure": self._figure,
            "instrument": self._instrument,
            "widget": self._widget,
            "takeaway": self._takeaway,
        }
        if info not in blocks:
            return f"<pre><code>{escape(content)}</code></pre>"
        return blocks[info](toml(content, f"a block {info} of {self.lesson.slug}"))

    def _inline(self, text: str) -> str:
        return cast("str", self._markdown.renderInline(text))

    def _paragraphs(self, text: str) -> str:
        return cast("str", self._markdown.render(text))

    def _try(self, block: dict[str, Any]) -> str:
        see = block.get("see", "")
        answer = (
            f'<details class="see"><summary>What you should see</summary>{self._paragraphs(see)}</details>'
            if see
            else ""
        )
        return f'<aside class="try">{self._paragraphs(block["say"])}{self._set_up(block)}{answer}</aside>'

    def _set_up(self, block: Mapping[str, Any]) -> str:
        """Return the link that puts the instrument into a state, or the widget that `to` names; none without `do`."""
        if "do" not in block:
            return ""
        label = escape(str(block.get("label", "Set it up for me")))
        return f'<p><a class="do" href="#{escape(self._linked(block))}">{label}</a></p>'

    def _linked(self, block: Mapping[str, Any]) -> str:
        if "to" not in block:
            return self.address({**self._plane, **block["do"]})
        return "&".join(f"{block['to']}~{key}={_number(x)}" for key, x in block["do"].items())

    def address(self, state: Mapping[str, Any]) -> str:
        """Return the text of an instrument's state, as web/src/instrument/state.ts reads it: "rate=0.3&step=20"."""
        parts: list[str] = []
        for key, value in state.items():
            if key not in _STATE:
                raise unknown("part of a state", key, _STATE)
            if key == "start":
                value = self._start(value)
            elif key == "rate" and isinstance(value, str):
                value = float(self.value(value))
            elif isinstance(value, list):
                value = ";".join(map(str, cast("list[Any]", value)))
            parts.append(f"{key}={_number(value)}")
        return "&".join(parts)

    def _start(self, given: Any) -> str:
        changes: dict[str, Any] = {"start": given, "start_times": {}}
        if isinstance(given, dict) and "times" in given:
            changes = {"start": "seed", "start_times": given["times"]}
        found = Case(self._case("a start").setting.but(changes)).start
        numbers = np.concatenate([np.ravel(value) for value in found.values()])
        return ",".join(_number(float(x)) for x in numbers)

    def _question(self, block: dict[str, Any]) -> str:
        self._questions += 1
        name = f"question-{self._questions}"
        legend = f"<legend>{self._inline(block['ask'])}</legend>"
        inner = self._options(block, name) if "options" in block else self._number(block, name)
        return (
            f'<fieldset class="question" id="{name}">{legend}{inner}'
            '<p class="verdict" role="status" aria-live="polite"></p></fieldset>'
        )

    def _options(self, block: dict[str, Any], name: str) -> str:
        options = cast("list[dict[str, Any]]", block["options"])
        right = [bool(self.value(option["when"])) for option in options]
        if right.count(True) != 1:
            raise ParseError(
                f"{self.lesson.slug}, {name}: {right.count(True)} of its options are true, and exactly one must be."
            )
        parts: list[str] = []
        for i, (option, true) in enumerate(zip(options, right, strict=True)):
            parts.append(
                f'<div class="option"><label><input type="radio" name="{name}" value="{i}" data-right="{int(true)}">'
                f"<span>{self._inline(option['say'])}</span></label>"
                f'<p class="why" hidden>{self._inline(option["why"])}</p></div>'
            )
        answer = options[right.index(True)]
        return "".join(parts) + folded_answer(
            f"{self._inline(answer['say'])} {self._inline(answer['why'])}"
        )

    def _number(self, block: dict[str, Any], name: str) -> str:
        answer = float(self.value(block["answer"]))
        tolerance = float(block.get("tolerance", 0.02))
        unit = f" {self._inline(block['unit'])}" if "unit" in block else ""
        field = (
            f'<p class="field"><label><span>Your answer</span> <input inputmode="decimal" autocomplete="off" name="{name}" '
            f'data-answer="{answer!r}" data-tolerance="{tolerance!r}"></label>{unit}</p>'
        )
        why = self._inline(block["why"])
        return field + folded_answer(f"{escape(shown(answer))}{unit}. {why}")

    def _figure(self, block: dict[str, Any]) -> str:
        if block["name"] not in FIGURES:
            raise unknown("figure", block["name"], FIGURES)
        drawn = FIGURES[block["name"]](self.names, self._case("a figure"))
        return f'<figure class="still">{drawn}<figcaption>{self._inline(block["caption"])}</figcaption></figure>'

    def _case(self, what: str, name: str = "") -> Case:
        """Return the lesson's case, or the one that its front matter calls [case.NAME]."""
        known = cast("dict[str, Any]", self.lesson.front.get("case", {}))
        if name and name not in known:
            raise unknown(f"case of {self.lesson.slug}", name, known)
        if self.case is None and not name:
            raise ParseError(
                f"{self.lesson.slug} has {what}, but its front matter names no model. Write model = and data = there."
            )
        base = self.case.setting if self.case else Setting()
        return Case(base.but(known[name])) if name or not self.case else self.case

    def _instrument(self, block: dict[str, Any]) -> str:
        views = cast("list[str]", block.get("views", list(VIEWS)))
        for view in views:
            if view not in VIEWS:
                raise unknown("view", view, VIEWS)
        name = str(block.get("case", ""))
        identity = f"contract-{name}" if name else "contract"
        document = self._documents.setdefault(identity, self._case("an instrument", name).document)
        opened = block.get("state", {})
        self._plane = {"axes": opened["axes"]} if "axes" in opened else {}
        state = escape(self.address(opened))
        return instrument(views, state, document, identity)

    def _widget(self, block: dict[str, Any]) -> str:
        """Place a widget: name = "room/kind"; state = "text of its state"; height = [wide, narrow], the pixels it takes
        where they differ from its kind's; the rest of the block is its builder's."""
        name = str(block["name"])
        self._widgets += 1
        identity = str(block.get("id", f"widget-{self._widgets}"))
        made = find(name)(block, Place(self.names, self.value, self.case, self.lesson.folder))
        if "height" in block:
            wide, narrow = block["height"]
            made = replace(made, height=(wide, narrow))
        self._rooms[name.partition("/")[0]] = None
        self._documents[f"{identity}-data"] = made.document
        self._documents.update(made.shared)
        return place_of(name, made, identity, str(block.get("state", "")))

    def _takeaway(self, block: dict[str, Any]) -> str:
        items = "".join(
            f"<li>{self._inline(item)}</li>" for item in cast("list[str]", block["items"])
        )
        return f'<section class="takeaway"><h2>What to take away</h2><ul>{items}</ul></section>'


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


__all__ = ["Rendered", "Renderer"]
