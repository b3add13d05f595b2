"""An optimizer's step as answer: run apart, each new value held against the rule at the student's own state, the mistake named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from chainrule.practice.check import refuse_unknown
from chainrule.practice.grounds.numbers import Array
from chainrule.practice.mutants.catalogue import kind
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.questions.slips import CLOSE, Slip, alike, results, slips, trials, truth
from chainrule.practice.questions.updating import FUNCTION, VARIANTS
from chainrule.practice.questions.verdict import Verdict, right, wrong
from chainrule.practice.sandbox import Limits, run_file
from chainrule.practice.student.recording import Recording
from chainrule.practice.student.returned import Branch, Leaf

Results = Mapping[str, Array]
TRUTH = -1  # in place of the number of a known mistake
PRECISE = 64  # roundings of the student's own precision


@dataclass(frozen=True)
class Stepped:
    """The verdict on a step, the value that is wrong first ("" where that is not known), and what the function printed."""

    verdict: Verdict
    value: str = ""
    printed: str = ""
    dropped: int = 0


def judge_step(
    question: Question,
    blank: Blank,
    path: Path,
    function: str = FUNCTION,
    arrays: str | None = None,
    limits: Limits | None = None,
) -> Stepped:
    """Judge a function of a file, which makes one step.

    Raises:
        ModelFileError: there is no such file, or it has no such function.
        DataError: its arguments do not fit.
        UnknownNameError: `arrays` is no library of arrays.
    """
    refuse_unknown(arrays)
    variant = VARIANTS[question.variant]
    update = truth(variant).optimizer.traced
    given = trials(variant, question.seed)
    outcome = run_file(path, function, (list(update.inputs), []), given, arrays, limits)
    made: list[Results] = []
    close = CLOSE
    for one, recording in zip(given, outcome.recordings, strict=True):
        found, said, status, eps = _read(recording, list(update.results), one["w"].shape)
        if said:
            return Stepped(wrong(blank, said, status), "", outcome.printed, outcome.dropped)
        made.append(found)
        close = max(close, PRECISE * eps)
    judge = _Judge(variant, question.seed, blank, made, close)
    return Stepped(judge.verdict(), judge.first(), outcome.printed, outcome.dropped)


def _read(recording: Recording, names: Sequence[str], shape: tuple[int, ...]) -> tuple[Results, str, str, float]:  # fmt: skip
    """Return the new values, or what is wrong with them and its status."""
    failure = recording.failure
    if failure is not None:
        where = f" in line {failure.line} ({failure.text})" if failure.line else ""
        return {}, f"It stopped{where}: {failure.kind}: {failure.message}.", "wrong", 0.0
    leaves = _leaves(recording, names)
    wanted = "{" + ", ".join(f'"{n}": {n}' for n in names) + "}"
    if leaves is None:
        return {}, f"The new values cannot be found in what it returned. Return {wanted}.", "unreadable", 0.0  # fmt: skip
    found: dict[str, Array] = {}
    for name, leaf in leaves.items():
        if leaf.numbers is None:
            return {}, f"{name} is {leaf.kind}, and not an array of numbers. Return {wanted}.", "unreadable", 0.0  # fmt: skip
        found[name] = leaf.numbers.array
        if found[name].shape != shape:
            return {}, f"The new {name} has the shape {found[name].shape}, and it must be {shape}, that of w.", "shape", 0.0  # fmt: skip
        if not np.all(np.isfinite(found[name])):
            return {}, f"The new {name} holds what is not a finite number.", "wrong", 0.0
    return found, "", "", max(leaf.numbers.eps for leaf in leaves.values() if leaf.numbers)


def _leaves(recording: Recording, names: Sequence[str]) -> dict[str, Leaf] | None:
    tree = recording.returned
    if isinstance(tree, Leaf):
        return {names[0]: tree} if len(names) == 1 else None
    if not isinstance(tree, Branch):
        return None
    if tree.kind == "sequence":
        keys = list(names)
        if len(tree.items) != len(names):
            return None
    else:
        keys = [k.lower().removeprefix("new").removesuffix("new").strip("_") for k, _ in tree.items]
    found = {k: leaf for k, (_, leaf) in zip(keys, tree.items, strict=True) if isinstance(leaf, Leaf)}  # fmt: skip
    return {n: found[n] for n in names} if set(names) <= set(found) else None


def _slip(variant: str, number: int) -> Slip:
    return truth(variant) if number == TRUTH else slips(variant)[number]


@lru_cache(maxsize=2048)
def _expected(variant: str, seed: int, number: int, i: int) -> Results:
    """Return what a step gives at a trial, with a known mistake in it; it is the same for every answer."""
    return results(_slip(variant, number), trials(variant, seed)[i])


class _Judge:
    """One program's new values, at every trial."""

    def __init__(self, variant: str, seed: int, blank: Blank, made: list[Results], close: float) -> None:  # fmt: skip
        self.variant, self.seed, self.blank = variant, seed, blank
        self.given, self.made, self.close = trials(variant, seed), made, close
        names = list(truth(variant).optimizer.traced.results)
        self.names = [*names[1:], names[0]]  # the state comes before w, which reads it

    def verdict(self) -> Verdict:
        if not self.first():
            return right(self.blank)
        for number, slip in enumerate(slips(self.variant)):
            if not any(self._wrong(number, name, ()) for name in self.names):
                return self._known(slip)
        return self._step_by_step()

    def first(self) -> str:
        """Return the first new value that is wrong, the state before w; "" if none is."""
        return next((name for name in self.names if self._wrong(TRUTH, name, ())), "")

    def _wrong(self, number: int, name: str, own: Sequence[str]) -> bool:
        """Tell whether a new value differs from what a step gives, at the student's own values of `own`."""
        for i, made in enumerate(self.made):
            if own:
                kept = {k: made[k] for k in own}
                wanted = results(_slip(self.variant, number), self.given[i], kept)
            else:
                wanted = _expected(self.variant, self.seed, number, i)
            if not alike([made[name]], [wanted[name]], self.close):
                return True
        return False

    def _step_by_step(self) -> Verdict:
        """Judge each new value from the student's own state before it: several mistakes, or facts."""
        own: list[str] = []
        said: list[str] = []
        named: list[Slip | None] = []
        known = list(enumerate(slips(self.variant)))
        for name in self.names:
            if self._wrong(TRUTH, name, own):
                slip = next((s for k, s in known if not self._wrong(k, name, own)), None)
                said.append(slip.message if slip else self._fact(name, own))
                named.append(slip)
            own.append(name)
        first = named[0] if named else None
        if first is None or None in named:
            return wrong(self.blank, f"The first wrong value is {self.first()}: {'; '.join(said)}.")
        if len(said) == 1:
            return self._known(first)
        told = f"Two mistakes: {'; and '.join(said)}."
        return Verdict(self.blank.id, "two", 0, first.key, told, self._hints(first))

    def _fact(self, name: str, own: Sequence[str]) -> str:
        given, made = self.given[0], self.made[0]
        rule = results(truth(self.variant), given, {k: made[k] for k in own})[name]
        if name in given and alike([made[name]], [given[name]], self.close):
            return f"{name} comes back as it was"
        return f"the first entry of {name} is {made[name][0]:.4g}, and the rule gives {rule[0]:.4g}"

    def _known(self, slip: Slip) -> Verdict:
        return Verdict(self.blank.id, "mistake", 0, slip.key, slip.message, self._hints(slip))

    def _hints(self, slip: Slip) -> tuple[str, ...]:
        given, made = self.given[0], self.made[0]
        rule = results(truth(self.variant), given)
        name = next(n for n in self.names if not alike([made[n]], [rule[n]], self.close))
        at = ", ".join(f"{k} = {v.reshape(-1)[0]:g}" for k, v in given.items())
        counter = f"At {at} your {name} comes out as {made[name][0]:.4g}, and the rule gives {rule[name][0]:.4g}."
        where = f"Look at the line of {name}: it is the first value that differs."
        return (where, self.blank.how, counter, f"To mend it: {kind(slip.key).remedy}.")
