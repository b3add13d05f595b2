"""Runs a function once and records it: what it returned, every value that its variables held, and what went wrong.

The variables are read line by line, so that a value overwritten later, or changed in place, is seen too. Judges nothing.
"""

from __future__ import annotations

import linecache
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any, cast

from chainrule.practice.student.arrays import Numbers, numbers
from chainrule.practice.student.returned import Tree, tree_of

MOST_VALUES = 4000  # recorded per call
MOST_ENTRIES = 2_000_000  # of all of them together
MOST_TURNS = 60  # of one variable
MOST_ITEMS = 64  # of one container
MOST_LOOKED = 50_000_000  # entries compared from line to line, of all values together; then the function runs on unwatched
SPARE = 4 * 2**20  # bytes kept to be able to answer where the function has used up its memory
_ELSEWHERE = tuple(
    sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")
)


@dataclass(frozen=True)
class Seen:
    """A value that a variable held: its name ("dZ1", "cache[A1]"), the line that made it, and the how-manieth it is."""

    name: str
    turn: int
    line: int
    text: str
    numbers: Numbers
    helper: bool = False


@dataclass(frozen=True)
class Failure:
    """What stopped the function: the error, and the line of the student's own that it came from."""

    kind: str
    message: str
    line: int = 0
    text: str = ""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


@dataclass
class Recording:
    """One call: what was returned (None where it failed), what was seen, which arguments were changed in place."""

    returned: Tree | None = None
    seen: list[Seen] = field(default_factory=list[Seen])
    failure: Failure | None = None
    changed: dict[str, Numbers] = field(default_factory=dict[str, Numbers])
    warned: list[str] = field(default_factory=list[str])


def record(
    function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Recording:
    """Return the recording of one call. What the function raises is recorded, not raised."""
    result = Recording()
    watcher = _Watcher(result.seen)
    spare = bytearray(SPARE)
    before = sys.gettrace()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            sys.settrace(watcher.on_call)
            try:
                value = function(*arguments, **keywords)
            finally:
                sys.settrace(before)
            result.returned = tree_of(value, watcher.last)
        except (Exception, SystemExit) as error:
            del spare
            result.failure = _failure(error, watcher.last)
    result.warned = list(dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught))
    return result


def _failure(error: BaseException, last: Mapping[str, Any]) -> Failure:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_students(f.filename)]
    line, text = (frames[-1].lineno or 0, frames[-1].line or "") if frames else (0, "")
    if isinstance(error, MemoryError):  # what fills the memory is held by the frames
        traceback.clear_frames(error.__traceback__)
        return Failure("MemoryError", str(error)[:500], line, text)
    shapes = {name: n.array.shape for name, value in last.items() if (n := numbers(value))}
    return Failure(type(error).__name__, str(error)[:500], line, text, shapes)


def _is_students(filename: str) -> bool:
    return not (
        filename.startswith((*_ELSEWHERE, "<frozen")) or "/chainrule/practice/student/" in filename
    )


class _Watcher:
    def __init__(self, seen: list[Seen]) -> None:
        self.seen = seen
        self.last: dict[str, Any] = {}  # the variables of the function's own frame, at its end
        self.turns: dict[str, int] = {}
        self.entries = 0
        self.looked = 0
        self.started = False

    @property
    def full(self) -> bool:
        """Whether enough has been seen."""
        return len(self.seen) >= MOST_VALUES or self.looked > MOST_LOOKED

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        if code.co_name.startswith("<") and code.co_name != "<lambda>":
            return None
        if self.full or not _is_students(code.co_filename):
            return None
        helper, self.started = self.started, True
        return _FrameReader(self, frame, helper).on_event


class _FrameReader:
    def __init__(self, watcher: _Watcher, frame: FrameType, helper: bool) -> None:
        self.watcher, self.helper = watcher, helper
        self.line = frame.f_lineno
        self.held: dict[str, tuple[object, bytes]] = {}
        for name, value in _variables(frame.f_locals):
            found = numbers(value)
            if found is not None and not helper:  # arguments are known; a helper's are not
                self.held[name] = (value, found.array.tobytes())

    def on_event(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "exception":
            self.watcher.last = self.watcher.last or dict(frame.f_locals)
            return self.on_event
        if self.watcher.full:
            frame.f_trace_lines = False
        else:
            self._read(frame)
        self.line = frame.f_lineno
        if event == "return" and not self.helper:
            self.watcher.last = dict(frame.f_locals)
        return self.on_event

    def _read(self, frame: FrameType) -> None:
        for name, value in _variables(frame.f_locals):
            held = self.held.get(name)
            found = numbers(value)
            if found is None:
                continue
            self.watcher.looked += found.array.size
            content = found.array.tobytes()
            if held is not None and held[1] == content and held[0] is value:
                continue
            self.held[name] = (value, content)
            if held is not None and held[1] == content:
                continue
            self._add(name, found, frame)

    def _add(self, name: str, found: Numbers, frame: FrameType) -> None:
        turn = self.watcher.turns.get(name, 0)
        self.watcher.entries += found.array.size
        if turn >= MOST_TURNS or self.watcher.entries > MOST_ENTRIES:
            return
        self.watcher.turns[name] = turn + 1
        text = linecache.getline(frame.f_code.co_filename, self.line).strip()
        self.watcher.seen.append(Seen(name, turn, self.line, text, found, self.helper))


_DULL = (ModuleType, FunctionType, BuiltinFunctionType, type, str, bytes, bool, int)


def _variables(space: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield variables, and what they contain: cache["A1"] as cache[A1], self.W1, dW[0]; two levels deep."""
    for name, value in list(space.items()):
        if isinstance(value, _DULL) or value is None or name.startswith("_"):
            continue
        for path, item in _contained(name, value):
            yield path, item
            for inner, part in _contained(path, item):
                if inner != path:
                    yield inner, part


def _contained(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        items = islice(cast("dict[Any, Any]", value).items(), MOST_ITEMS)
        yield from ((f"{path}[{key}]", item) for key, item in items if not isinstance(item, _DULL))
    elif isinstance(value, list | tuple):
        yield path, value  # a list of numbers is itself an array
        listed = islice(cast("list[Any]", value), MOST_ITEMS)
        yield from ((f"{path}[{i}]", x) for i, x in enumerate(listed) if not _is_number(x))
    elif hasattr(value, "__dict__") and not hasattr(value, "dtype"):
        held = islice(cast("dict[str, Any]", vars(value)).items(), MOST_ITEMS)
        yield from ((f"{path}.{key}", item) for key, item in held if not isinstance(item, _DULL))
    else:
        yield path, value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | str) or value is None
