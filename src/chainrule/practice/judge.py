"""Judges recordings of a student's function: right within the error bound, or which steps are wrong and why.

Does not run the function: the same judgement serves a call in this process and one in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.practice.diagnose.best import diagnose
from chainrule.practice.diagnose.blame import wrong_factors
from chainrule.practice.diagnose.state import State
from chainrule.practice.failed import after_failure
from chainrule.practice.grounds.numbers import Value, exact
from chainrule.practice.grounds.scales import EPS, Own, same
from chainrule.practice.grounds.steps import Step
from chainrule.practice.report import Finding, Report, joined
from chainrule.practice.say.replay import Run
from chainrule.practice.say.wording import Wording
from chainrule.practice.student.answer import Answer
from chainrule.practice.student.arrays import Numbers
from chainrule.practice.student.recording import Recording
from chainrule.practice.subject import Subject

NEAR = 1e-7  # of the size of the terms that are added up: as near as an epsilon against overflow leaves it


def judge(subject: Subject, recordings: Sequence[Recording]) -> Report:
    """Return the report on recordings made at the subject's instances, in order."""
    count = len(subject.chosen.trials)
    main, again = recordings[:count], recordings[count]
    notes = _notes(main)
    failed = next((r for r in main if r.failure), None)
    if failed is not None and failed.failure is not None:
        return after_failure(subject, recordings, failed.failure, notes)
    answers = [subject.answer(r) for r in main]
    notes += answers[0].notes
    if answers[0].problem:
        return _whole("not-numbers", answers[0].problem, notes)
    unread = _unreadable(subject, answers)
    right, near = _right(subject, answers)
    if not unread and all(right.values()):
        return _accepted(subject, answers, near, notes)
    if _differs(answers[0], subject.answer(again)):
        said = "two calls with the same input gave different gradients."
        return _whole("not-deterministic", said, notes)
    state = diagnose(subject.case(main, _returned(subject, answers)))
    found = [*_findings(subject, state, recordings), *unread]
    wrong = [f"d{label}" for label, ok in right.items() if not ok]
    return Report(False, found, notes, f"{joined(wrong)} {'are' if len(wrong) > 1 else 'is'} wrong")


def _whole(mistake: str, said: str, notes: list[str]) -> Report:
    """Return the report on something that is wrong with the answer as a whole."""
    return Report(False, [Finding("", mistake, said, [said])], notes, said.rstrip("."))


def _unreadable(subject: Subject, answers: Sequence[Answer]) -> list[Finding]:
    found: list[Finding] = []
    for label in subject.labels:
        leaf = answers[0].gradients.get(label)
        if leaf is None:
            said = f"the gradient of {label} was not returned."
            found.append(Finding(label, "missing-gradient", said, [f"Return d{label}, too."]))
        elif leaf.numbers is None:
            said = f"the gradient of {label} is {_kind(leaf.kind)}, where an array of numbers is meant."
            found.append(Finding(label, "not-numbers", said, [f"Return d{label} as an array."]))
    return found


def _kind(name: str) -> str:
    if "array" in name.lower() or "tensor" in name.lower():
        return "an array too large, or not of real numbers"
    return "None" if name == "NoneType" else f"of type {name}"


def _rules(subject: Subject) -> dict[str, list[list[Value]]]:
    """Return every parameter's right gradient at every instance, by each of its formulas."""
    points = [trial.point(subject.graph) for trial in subject.chosen.trials]
    found = {
        s.label: [[p.value(r) for p in points] for r in (s.node, *s.routes)]
        for s in subject.steps
        if s.parameter
    }
    for node in subject.derivation.parameters():
        zeros = [np.zeros(t.arrays[node.name].shape) for t in subject.chosen.trials]
        found.setdefault(node.name, [[exact(zero) for zero in zeros]])
    return found


def _right(subject: Subject, answers: Sequence[Answer]) -> tuple[dict[str, bool], list[str]]:
    """Return which gradients are right, and which of them only as near as an epsilon leaves them."""
    right: dict[str, bool] = {}
    near: list[str] = []
    for label, rules in _rules(subject).items():
        owns = [_numbers(answer, label) for answer in answers]
        exactly = any(
            all(n is not None and same(n.array, v, n.eps) for n, v in zip(owns, rule, strict=True))
            for rule in rules
        )
        close = subject.chosen.nearest > 100 * NEAR and all(
            n is not None and _close(n, v) for n, v in zip(owns, rules[0], strict=True)
        )
        right[label] = exactly or close
        if close and not exactly:
            near.append(label)
    return right, near


def _numbers(answer: Answer, label: str) -> Numbers | None:
    leaf = answer.gradients.get(label)
    return leaf.numbers if leaf else None


def _close(own: Numbers, rule: Value) -> bool:
    if own.array.shape != rule.array.shape or not np.all(np.isfinite(own.array)):
        return False
    size = rule.bound / EPS + float(np.max(np.abs(rule.array), initial=0.0))
    return bool(np.all(np.abs(own.array - rule.array) <= NEAR * size))


def _differs(one: Answer, other: Answer) -> bool:
    for label in one.gradients:
        a, b = _numbers(one, label), _numbers(other, label)
        if a is not None and (b is None or a.array.shape != b.array.shape):
            return True
        if a is not None and b is not None and not np.array_equal(a.array, b.array, equal_nan=True):
            return True
    return False


def _returned(subject: Subject, answers: Sequence[Answer]) -> dict[str, Own]:
    """Return the gradients that were returned at every instance."""
    returned: dict[str, Own] = {}
    for label in subject.labels:
        found = [_numbers(answer, label) for answer in answers]
        listed = [n for n in found if n is not None]
        if len(listed) == len(answers):
            returned[label] = Own(tuple(n.array for n in listed), max(n.eps for n in listed))
    return returned


def _findings(subject: Subject, state: State, recordings: Sequence[Recording]) -> list[Finding]:
    """Return the findings of a walk, in the order of the steps."""
    wording = Wording(subject.derivation, state, _runs(subject, recordings))
    taught = list(subject.derivation.backward.gradients)
    found = [(f.step, one) for f in state.faults for one in wording.of_fault(f)]
    wrong = wrong_factors(state)
    found += [(w.step, wording.of_factor(w.step, w.mistake, w.message, w.factor)) for w in wrong]

    def place(pair: tuple[Step, Finding]) -> int:
        step = pair[0]
        return taught.index(step.label) if step.backward else -len(taught)

    return [one for _, one in sorted(found, key=place)]


def _runs(subject: Subject, recordings: Sequence[Recording]) -> list[Run]:
    """Return the small instances, then the others, at which the function came to an end."""
    pairs = list(zip(subject.trials, recordings, strict=False))
    small = len(subject.chosen.trials) + 1
    found: list[Run] = []
    for trial, recording in [*pairs[small:], *pairs[: small - 1]]:
        if recording.failure is None:
            given = subject.answer(recording).gradients
            kept = {label: leaf.numbers for label, leaf in given.items() if leaf.numbers}
            found.append(Run(trial, recording, kept))
    return found


def _notes(main: Sequence[Recording]) -> list[str]:
    notes = [f"while it ran: {warned}" for warned in main[0].warned[:3]]
    if main[0].changed:
        changed = joined(list(main[0].changed))
        notes.append(
            f"the function changes its argument {changed} in place. Work on a copy instead."
        )
    return notes


def _accepted(
    subject: Subject, answers: Sequence[Answer], near: Sequence[str], notes: list[str]
) -> Report:
    single = any(
        n.eps > EPS for a in answers for leaf in a.gradients.values() if (n := leaf.numbers)
    )
    precision = "single-precision rounding" if single else "rounding"
    about = (
        f"{joined([f'd{label}' for label in subject.labels])}, to within {precision}, "
        f"at {len(subject.chosen.trials)} random instances with all sizes different."
    )
    if near:
        notes.append(
            f"{joined([f'd{label}' for label in near])} agree to 7 digits, not to the last: a small constant such as 1e-8 "
            "in a division or a logarithm does this."
        )
    return Report(True, [], [*notes, *_loss_note(subject, answers)], about)


def _loss_note(subject: Subject, answers: Sequence[Answer]) -> list[str]:
    for answer, trial in zip(answers, subject.chosen.trials, strict=True):
        own = answer.loss.numbers if answer.loss else None
        rule = trial.point(subject.graph).value(subject.graph.loss)
        if own is not None and not _close(Numbers(own.array.reshape(rule.array.shape)), rule):
            return ["the loss that was returned is not the model's; the gradients are."]
    return []
