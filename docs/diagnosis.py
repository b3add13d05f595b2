"""Writes docs/diagnosis.md: what `cr.check` says of every backward pass of the corpus in tests/practice/corpus. `make docs`."""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from practice.corpus import RIGHT, WRONG, again, blind, one, two  # noqa: E402  (the corpus is not installed)

from chainrule.practice.check import check  # noqa: E402

HEAD = """# Diagnosis, measured

What `cr.check` says of the backward passes in `tests/practice/corpus`: wrong ones and right ones, each written by hand as a student would write it.
Every wrong pass is registered with the first wrong step and the mistake. A step counts as named if the first finding is at that step, a mistake
if it has that key as well, and "all" means that the findings are exactly those registered, none missing and none too many.
This page is written by `python docs/diagnosis.py` and checked by the tests.

"""


@dataclass(frozen=True)
class Outcome:
    """A wrong pass and what was found: pairs of a value and a mistake, in order."""

    entry: object
    found: tuple[tuple[str, str | None], ...]

    @property
    def step(self) -> bool:
        """Whether the first wrong step was named."""
        return bool(self.found) and self.found[0][0] == self.entry.found[0][0]

    @property
    def mistake(self) -> bool:
        """Whether its mistake was named."""
        return bool(self.found) and self.found[0] == self.entry.found[0]

    @property
    def all(self) -> bool:
        """Whether every mistake was named, and no other."""
        return self.found == self.entry.found


def outcomes(each: int = 1) -> list[Outcome]:
    """Return what is found in every wrong pass, or in one of so many."""
    reports = [(e, check(e.model, e.function, **e.more)) for e in WRONG[::each]]
    return [Outcome(e, tuple((f.target, f.mistake) for f in r.findings)) for e, r in reports]


def rejected() -> list[str]:
    """Return the right passes that are not accepted."""
    return [e.name for e in RIGHT if not check(e.model, e.function, **e.more).ok]


def percent(part: int, whole: int) -> str:
    """Return a share as text."""
    return f"{100 * part / whole:.1f} %"


def totals(found: list[Outcome], refused: list[str]) -> str:
    """Return the totals as a table."""
    count = len(found)
    rows = [
        ("wrong passes", count, ""),
        *(
            (title, n, percent(n, count))
            for title, n in (
                ("the first wrong step is named", sum(o.step for o in found)),
                ("and its mistake", sum(o.mistake for o in found)),
                ("and all further mistakes, none too many", sum(o.all for o in found)),
            )
        ),
        ("right passes", len(RIGHT), ""),
        ("right passes rejected", len(refused), percent(len(refused), len(RIGHT))),
    ]
    lines = ["| | number | share |", "|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(map(str, row))} |" for row in rows]) + "\n"


BLIND = """
## Blind

Most of the corpus has been used to improve the diagnosis, so its figures flatter. Some batches were written and labelled before any of them was run. The author of
`blind` and `again` had read the list of mistakes that have a name: `blind` has mistakes that were meant to be unlike those before, and `again`, written after the
diagnosis had been improved on it in ways that hold for any model, commoner ones. The author of `one`, a teaching assistant, had not seen the tool at all, and wrote
in the margin what is wrong in words; whether that was said was judged by hand, strictly: another step counts as wrong even where what is said of it is true.
`two` is by the same author, drawn by a coin from the same pairs, and was sealed until the diagnosis had been improved on `one`.
The first run of each is what to expect of a pass that nobody has seen. After it, the diagnosis was improved on the batch, in ways that hold for any model;
not on `two`.

"""


BATCHES = (blind, again, one, two)


def is_of(entry: object, batch: object) -> bool:
    """Tell whether an entry is of a batch: a module, or a package of files."""
    module = entry.function.__module__
    return module == batch.__name__ or module.startswith(f"{batch.__name__}.")


def blind_batches(found: list[Outcome]) -> str:
    """Return how the blind batches went, at first and now."""
    lines = [
        "| batch | passes | first run | step named | and the mistake | now: step | and the mistake |",
        "|---|---|---|---|---|---|---|",
    ]
    for batch in BATCHES:
        now = [o for o in found if is_of(o.entry, batch)]
        first, count = batch.FIRST, batch.FIRST["passes"]
        then = [f"{first[k]} ({percent(first[k], count)})" for k in ("step", "mistake")]
        cells = [f"`{batch.__name__.rpartition('.')[2]}`", count, first["on"], *then]
        cells += [sum(o.step for o in now), sum(o.mistake for o in now)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    changed = {name: why for batch in BATCHES for name, why in batch.RELABELLED.items()}
    said = "\nSome labels were changed after the first run, where the diagnosis was at least as right:\n\n"
    listed = "".join(f"- `{name}`: {why}.\n" for name, why in changed.items())
    return BLIND + "\n".join(lines) + "\n" + said + listed


def table(found: list[Outcome]) -> str:
    """Return one row for each wrong pass."""
    lines = [
        "| model | what was written | wrong is | step | mistake | otherwise said |",
        "|---|---|---|---|---|---|",
    ]
    for o in sorted(found, key=lambda o: o.entry.model.name):
        entry = o.entry
        about = (entry.about or entry.function.__name__.replace("_", " ")).replace("|", "\\|")
        wrong, said = pairs(entry.found), "" if o.all else pairs(o.found)
        marks = ("yes" if ok else "no" for ok in (o.step, o.mistake))
        lines.append(f"| {entry.model.name} | {about} | {wrong} | {' | '.join(marks)} | {said} |")
    return "\n".join(lines) + "\n"


def pairs(found: tuple[tuple[str, str | None], ...]) -> str:
    """Return values and mistakes as text."""
    return ", ".join(
        f"{target or 'the result'}: {mistake or 'unknown'}" for target, mistake in found
    )


def page(found: list[Outcome], refused: list[str]) -> str:
    """Return the page."""
    return f"{HEAD}{totals(found, refused)}{blind_batches(found)}\n## Every wrong pass\n\n{table(found)}"


if __name__ == "__main__":
    (HERE / "diagnosis.md").write_text(page(outcomes(), rejected()), encoding="utf-8")
