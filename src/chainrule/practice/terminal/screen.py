"""What the terminal shows: verdicts, progress, lists. Texts of the reader's are shown as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chainrule.practice.report import LEVELS
from chainrule.practice.terminal.folder import Entry
from chainrule.practice.terminal.said import MISSING, Judged, Remark
from chainrule.practice.terminal.sheet import shown

WIDTH = 98
MOST_LEVEL = 5
_LINES = 8  # of what a function printed
SIGNS = {"right": ("✓", "green"), "wrong": ("✗", "red"), "open": ("·", "dim"), "unreadable": ("!", "yellow")}  # fmt: skip
_WORDS = {"right": "right", "wrong": "not right yet", "open": "open", "unreadable": "cannot be read"}  # fmt: skip


def heading(entry: Entry, states: Sequence[str]) -> RenderableType:
    """Return which exercise this is, its file, and how many are right."""
    right = states.count("right")
    top = Table.grid(expand=True)
    top.add_column(ratio=1)
    top.add_column(justify="right")
    bar = Table.grid(padding=(0, 1))
    bar.add_row(ProgressBar(len(states), right, width=24, complete_style="green", finished_style="green"), f"{right} of {len(states)} right")  # fmt: skip
    title = entry.sheet.title if entry.sheet else entry.path.stem
    top.add_row(Text(shown(title, 70), style="bold"), bar)
    return Group(top, Text(shown(str(entry.path), 400), style="cyan"), Text())


def verdict(judged: Judged, level: int, every: bool = False) -> RenderableType:
    """Return what is right, wrong and missing; hints up to a level, for the first that is not right or for every one."""
    parts: list[RenderableType] = []
    right = [r.blank for r in judged.remarks if r.status == "right"]
    if judged.message:
        parts.append(_marked(judged.state, Text(clean(judged.message))))
    if right:
        parts.append(_marked("right", Text(", ".join(right))))
    missing = [r for r in judged.remarks if r.status in MISSING]
    for remark in judged.remarks:
        if remark.status != "right" and remark.status not in MISSING:
            parts += _wrong(remark, level if every or remark is judged.focus else 0)
    parts += _missing(missing, level if judged.focus in missing else 0)
    return Group(*parts, *_printed(judged.printed))


def _marked(state: str, text: RenderableType) -> RenderableType:
    sign, style = SIGNS[state]
    row = Table.grid(padding=(0, 1))
    row.add_column(width=1)
    row.add_column(max_width=WIDTH - 2)
    row.add_row(Text(sign, style=style), text)
    return row


def _wrong(remark: Remark, level: int) -> Iterator[RenderableType]:
    text = Text(shown(remark.blank, 80), style="bold")
    if remark.answer:
        text.append(f"  {shown(remark.answer)}", style="not bold cyan")
    text.append(f"\n{clean(remark.message)}", style="not bold")
    yield _marked("unreadable" if remark.status == "carried" else "wrong", text)
    yield _hints(remark, level)


def _missing(remarks: Sequence[Remark], level: int) -> Iterator[RenderableType]:
    if remarks:
        names = ", ".join(
            f"{r.blank} ({r.message})" if r.status == "hole" else r.blank for r in remarks
        )
        yield _marked("open", Text(f"still to do: {names}", style="dim"))
        yield _hints(remarks[0], level)


def _hints(remark: Remark, level: int) -> RenderableType:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="yellow")
    rows.add_column(max_width=WIDTH - 14)
    labels = LEVELS if remark.status not in MISSING else ("hint",) * 4
    for label, hint in zip(labels, remark.hints[: _opened(remark, level)], strict=False):
        rows.add_row(label, Text(clean(hint.removeprefix("The rule: "))))
    return Padding(rows, (0, 0, 0, 2)) if rows.row_count else Text("", end="")


def _printed(text: str) -> Iterator[RenderableType]:
    lines = [*dict.fromkeys(line for line in text.split("\n") if line.strip())]
    if lines:
        more = len(lines) - _LINES
        kept = [shown(line, 90) for line in lines[:_LINES]]
        kept += [f"and {more} more lines"] if more > 0 else []
        yield Text("\n  It printed, called with several sizes:", style="dim")
        yield Text("\n".join(f"    {line}" for line in kept), style="dim")


def keys(judged: Judged, level: int) -> RenderableType:
    """Return the keys that do something."""
    focus = judged.focus
    more = focus is not None and len(focus.hints) > _opened(focus, level)
    pairs = [("h", "next hint")] if more else []
    pairs += [("n", "next"), ("p", "previous"), ("l", "list"), ("q", "quit")]
    text = Text("\n")
    for key, what in pairs:
        text.append(f" {key} ", style="reverse").append(f" {what}   ", style="dim")
    return text


def _opened(remark: Remark, level: int) -> int:
    """Return how many hints are shown at a level; one less where nothing is wrong yet."""
    return max(level - (remark.status in MISSING), 0)


def listing(entries: Sequence[Entry], verdicts: Sequence[Judged]) -> RenderableType:
    """Return all exercises with their states."""
    table = Table.grid(padding=(0, 2))
    for entry, judged in zip(entries, verdicts, strict=True):
        sign, style = SIGNS[judged.state]
        title = entry.sheet.title if entry.sheet else judged.message
        points = f"{judged.points}/{judged.of}" if judged.state == "wrong" and judged.of > 1 else ""
        state = f"{_WORDS[judged.state]} {points}".rstrip()
        table.add_row(
            Text(sign, style=style),
            Text(shown(entry.path.name, 60)),
            Text(shown(title, 60), style="dim"),
            Text(state, style=style),
        )
    return table


def clean(text: str) -> str:
    """Return a text of several lines without characters that steer the terminal."""
    return "\n".join(
        "".join(c if c.isprintable() else " " for c in line) for line in text[:4000].split("\n")
    )


def once(entry: Entry, judged: Judged, level: int) -> RenderableType:
    """Return the verdict on one exercise of many: a line, and what is wrong with its hints."""
    title = entry.sheet.title if entry.sheet else ""
    line = _marked(judged.state, Text(f"{shown(entry.path.name, 60)}  {shown(title, 60)}"))
    if judged.state in ("right", "open"):
        return line
    return Group(line, Padding(verdict(judged, level, every=True), (0, 0, 1, 2)))


def topics(groups: Mapping[str, Sequence[str]]) -> RenderableType:
    """Return the groups of topics, and the topics of each; a group of groups is said to be one."""
    table = Table.grid(padding=(0, 2))
    largest_first = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    single = {topic: group for group, names in largest_first for topic in names}
    for group, names in groups.items():
        within = [g for g in groups if g in {single[t] for t in names}]
        text = ", ".join(names) if within == [group] else f"all of {', '.join(within)}"
        table.add_row(Text(group, style="bold"), Text(text))
    return Group(Text("Topics, for --topics: groups, and the names in them\n", style="dim"), table)
