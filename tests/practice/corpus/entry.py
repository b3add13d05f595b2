"""The register of the corpus: wrong backward passes with what is wrong about them, and right ones."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.model import Model


@dataclass(frozen=True)
class Entry:
    """A backward pass: the model, the function, and for a wrong one what a check must find (target, mistake), in order."""

    model: Model
    function: Callable
    found: tuple[tuple[str, str | None], ...] = ()
    about: str = ""
    more: dict = field(default_factory=dict)
    called: str = ""

    @property
    def name(self) -> str:
        return f"{self.model.name}-{self.called or self.function.__name__}"


WRONG: list[Entry] = []
RIGHT: list[Entry] = []


def _add(entries: list[Entry], entry: Entry) -> None:
    """Register an entry once: pytest may import a module of the corpus under a second name."""
    code = entry.function.__code__
    place = (code.co_filename, code.co_firstlineno)
    if all(
        (e.function.__code__.co_filename, e.function.__code__.co_firstlineno) != place
        for e in entries
    ):
        entries.append(entry)


def wrong(model, target, mistake, *others, **more):
    """Register a wrong pass: its first wrong value and the mistake; `others` are further (target, mistake) pairs."""

    def register(function):
        about = (function.__doc__ or "").strip().rstrip(".")
        _add(WRONG, Entry(model, function, ((target, mistake), *others), about, more))
        return function

    return register


def right(model, **more):
    """Register a right pass."""

    def register(function):
        about = (function.__doc__ or "").strip().rstrip(".")
        _add(RIGHT, Entry(model, function, (), about, more))
        return function

    return register
