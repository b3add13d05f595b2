"""What the terminal shows: verdicts, progress, lists, as lines of styled text. Texts of the reader's are cut and cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chainrule.practice.report import LEVELS
from chainrule.practice.terminal.folder import Entry
from chainrule.practice.terminal.pen import WIDTH, Line, Span, line
from chainrule.practice.terminal.said import MISSING, Judged, Remark
from chainrule.practice.terminal.sheet import shown

MOST_LEVEL = 5
_PRINTED = 8  # lines of what a function printed
_BAR = 24
SIGNS = {"right": ("✓", "green"), "wrong": ("✗", "red"), "open": ("·", "dim"), "unreadable": ("!", "yellow")}  # fmt: skip
_WORDS = {"right": "right", "wrong": "not right yet", "open": "open", "unreadable": "cannot be read"}  # fmt: skip


def heading(entry: Entry, states: Sequence[str], width: int) -> list[Line]:
    """Return which exercise this is, its file, and how many are right."""
    right, count = states.count("right"), f" {states.count('right')} of {len(states)} right"
    full = _BAR * right // max(len(states), 1)
    title = shown(entry.sheet.title if entry.sheet else entry.path.stem, 60)
    space = min(width, WIDTH) - len(title) - _BAR - len(count) - 1
    bar = (("━" * full, "green"), ("━" * (_BAR - full), "bright_black"), (count, ""))
    first = Line(((title, "bold"), (" " * space if space > 0 else "\n", ""), *bar))
    return [first, line(shown(str(entry.path), 400), "cyan"), Line()]


def verdict(judged: Judged, level: int, every: bool = False, indent: int = 0) -> list[Line]:
    """Return what is right, wrong and missing; hints up to a level, for the first that is not right or for every one."""
    lines: list[Line] = []
    right = [r.blank for r in judged.remarks if r.status == "right"]
    if judged.message:
        lines.append(_marked(judged.state, indent, (clean(judged.message), "")))
    if right:
        lines.append(_marked("right", indent, (", ".join(right), "")))
    missing = [r for r in judged.remarks if r.status in MISSING]
    for remark in judged.remarks:
        if remark.status != "right" and remark.status not in MISSING:
            opened = level if every or remark is judged.focus else 0
            lines += _wrong(remark, opened, indent)
    lines += _missing(missing, level if judged.focus in missing else 0, indent)
    return [*lines, *_printed(judged.printed, indent)]


def _marked(state: str, indent: int, *spans: Span) -> Line:
    return Line(spans, indent, SIGNS[state], indent + 2)


def _wrong(remark: Remark, level: int, indent: int) -> Iterator[Line]:
    answer = f"  {shown(remark.answer)}" if remark.answer else ""
    state = "unreadable" if remark.status == "carried" else "wrong"
    yield _marked(state, indent, (shown(remark.blank, 80), "bold"), (answer, "cyan"))
    yield line(clean(remark.message), "", indent + 2)
    yield from _hints(remark, level, indent)


def _missing(remarks: Sequence[Remark], level: int, indent: int) -> Iterator[Line]:
    if remarks:
        names = (f"{r.blank} ({r.message})" if r.status == "hole" else r.blank for r in remarks)
        yield _marked("open", indent, (f"still to do: {', '.join(names)}", "dim"))
        yield from _hints(remarks[0], level, indent)


def _hints(remark: Remark, level: int, indent: int) -> Iterator[Line]:
    labels = LEVELS if remark.status not in MISSING else ("hint",) * 4
    for label, hint in zip(labels, remark.hints[: _opened(remark, level)], strict=False):
        text = clean(hint.removeprefix("The rule: "))
        yield Line(((text, ""),), indent + 2, (label, "yellow"), indent + 11)


def _printed(text: str, indent: int) -> Iterator[Line]:
    lines = [*dict.fromkeys(x for x in text.split("\n") if x.strip())]
    if lines:
        more = len(lines) - _PRINTED
        yield Line()
        yield line("It printed, called with several sizes:", "dim", indent + 2)
        for one in lines[:_PRINTED] + ([f"and {more} more lines"] if more > 0 else []):
            yield line(shown(one, 90), "dim", indent + 4)


def keys(judged: Judged, level: int) -> list[Line]:
    """Return the keys that do something."""
    focus = judged.focus
    more = focus is not None and len(focus.hints) > _opened(focus, level)
    pairs = [("h", "next hint")] if more else []
    pairs += [("n", "next"), ("p", "previous"), ("l", "list"), ("q", "quit")]
    spans = [s for key, what in pairs for s in ((f" {key} ", "reverse"), (f" {what}   ", "dim"))]
    return [Line(), Line(tuple(spans))]


def _opened(remark: Remark, level: int) -> int:
    """Return how many hints are shown at a level; one less where nothing is wrong yet."""
    return max(level - (remark.status in MISSING), 0)


def listing(entries: Sequence[Entry], verdicts: Sequence[Judged]) -> list[Line]:
    """Return all exercises with their states."""
    lines: list[Line] = []
    names = [shown(entry.path.name, 44) for entry in entries]
    wide = max(map(len, names), default=0) + 2
    for name, entry, judged in zip(names, entries, verdicts, strict=True):
        style = SIGNS[judged.state][1]
        title = shown(entry.sheet.title, 44) if entry.sheet else ""
        part = f" {judged.points}/{judged.of}" if judged.points and judged.state == "wrong" else ""
        state = f"{_WORDS[judged.state]}{part}"
        lines.append(_marked(judged.state, 0, (name.ljust(wide), ""), (state.ljust(20), style), (title, "dim")))  # fmt: skip
    return lines


def clean(text: str) -> str:
    """Return a text of several lines without characters that steer the terminal."""
    lines = text[:4000].split("\n")
    return "\n".join("".join(c if c.isprintable() else " " for c in one) for one in lines)


def once(entry: Entry, judged: Judged, level: int) -> list[Line]:
    """Return the verdict on one exercise of many: a line, and what is wrong with its hints."""
    title = shown(entry.sheet.title, 60) if entry.sheet else ""
    first = _marked(judged.state, 0, (shown(entry.path.name, 60), ""), (f"  {title}", "dim"))
    if judged.state in ("right", "open"):
        return [first]
    return [first, *verdict(judged, level, every=True, indent=2), Line()]


def topics(groups: Mapping[str, Sequence[str]]) -> list[Line]:
    """Return the groups of topics, and the topics of each; a group of groups is said to be one."""
    lines = [line("Topics, for --topics: groups, and the names in them", "dim"), Line()]
    largest_first = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    single = {topic: group for group, names in largest_first for topic in names}
    for group, names in groups.items():
        within = [g for g in groups if g in {single[t] for t in names}]
        text = ", ".join(names) if within == [group] else f"all of {', '.join(within)}"
        lines.append(Line(((text, ""),), 0, (group, "bold"), 14))
    return lines
