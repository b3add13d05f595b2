"""`chainrule practice`: makes the folder, then watches it, or says once how it stands."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.errors import DataError
from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal import screen
from chainrule.practice.terminal.exercises import chosen, groups
from chainrule.practice.terminal.folder import Entry, entries, prepare
from chainrule.practice.terminal.keys import Keys
from chainrule.practice.terminal.pen import Line, line, put
from chainrule.practice.terminal.said import Judged
from chainrule.practice.terminal.watch import Watch

if TYPE_CHECKING:
    from rich.console import Console

NOT_RIGHT = 3


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    folder: str = "practice"
    topics: str | None = None
    seed: int | None = None
    hints: int = 1
    seconds: float = 10.0
    once: bool = False
    list: bool = False
    json: bool = False


def practise(wish: Wish) -> int:
    """Do what the command line asks for; return the exit status: 0 all right or left, 3 checked and not right.

    Raises:
        UnknownNameError: there is no such topic.
        DataError: the folder cannot be read or written.
    """
    from rich.console import Console

    folder, console = Path(wish.folder), Console(highlight=False, soft_wrap=False)
    limits = Limits(seconds=wish.seconds)
    if wish.list:
        return _list(wish, folder, console, limits)
    made = prepare(folder, wish.topics, wish.seed)
    if made and not wish.json:
        count = f"{len(made)} exercise{'s' if len(made) > 1 else ''}"
        put(console, [line(f"{count} made in {screen.shown(str(folder), 200)}."), Line()])
    there = _wanted(entries(folder), wish)
    if wish.once or wish.json:
        return _once(there, [e.judged(limits) for e in there], wish, console)
    with Keys() as keys:
        watch = None
        try:
            watch = Watch(console, there, keys, wish.hints, limits)
            watch.run()
        except KeyboardInterrupt:
            pass  # the way to leave
    return _bye(console, watch, wish)


def _wanted(there: Sequence[Entry], wish: Wish) -> Sequence[Entry]:
    """Return the exercises of the topics and the seed that were asked for; all if none were."""
    names = chosen(wish.topics)
    found = [
        e
        for e in there
        if e.sheet is None
        or (
            (wish.topics is None or e.sheet.topic in names)
            and (wish.seed is None or not e.sheet.hash or e.sheet.seed == wish.seed)
        )
    ]
    if not found:
        raise DataError(f"{wish.folder} holds no exercise that this was asked for.")
    return found


def _once(there: Sequence[Entry], verdicts: Sequence[Judged], wish: Wish, console: Console) -> int:
    right = sum(v.state == "right" for v in verdicts)
    if wish.json:
        sys.stdout.write(json.dumps(_data(there, verdicts), ensure_ascii=False) + "\n")
    else:
        for one, judged in zip(there, verdicts, strict=True):
            put(console, screen.once(one, judged, wish.hints))
        put(console, [line(f"{right} of {len(there)} right")])
    return 0 if right == len(there) else NOT_RIGHT


def _data(there: Sequence[Entry], verdicts: Sequence[Judged]) -> dict[str, Any]:
    exercises = [
        {
            "file": str(e.path),
            "topic": e.sheet.topic if e.sheet else None,
            "seed": e.sheet.seed if e.sheet else None,
            "title": e.sheet.title if e.sheet else None,
            **v.to_json(),
        }
        for e, v in zip(there, verdicts, strict=True)
    ]
    return {"ok": all(v.state == "right" for v in verdicts), "exercises": exercises}


def _list(wish: Wish, folder: Path, console: Console, limits: Limits) -> int:
    there = entries(folder)
    verdicts = [(None if wish.json else e.glance()) or e.judged(limits) for e in there]
    if wish.json:
        data = {**_data(there, verdicts), "topics": groups()}
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
        return 0
    lines = [*screen.listing(there, verdicts), Line()] if there else []
    put(console, [*lines, *screen.topics(groups())])
    return 0


def _bye(console: Console, watch: Watch | None, wish: Wish) -> int:
    if watch is None:
        return 0
    states = watch.states
    seeds = [e.sheet.seed for e in watch.entries if e.sheet]
    if watch.finished():
        said = f"Other numbers: chainrule practice {wish.folder} --seed {max(seeds, default=0) + 1}"
    else:
        said = f"Go on with: chainrule practice {wish.folder}"
    count = f"{states.count('right')} of {len(states)} right. "
    put(console, [Line(), line(count + screen.shown(said, 300))])
    return 0
