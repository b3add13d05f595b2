"""The report on a function that did not come to an end: what was wrong before, and the line that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.practice.diagnose.best import diagnose
from chainrule.practice.diagnose.state import Case, start
from chainrule.practice.grounds.scales import Own
from chainrule.practice.grounds.steps import Step
from chainrule.practice.mutants.catalogue import KINDS
from chainrule.practice.report import Finding, Report
from chainrule.practice.say.lines import clash, targets
from chainrule.practice.say.wording import Wording
from chainrule.practice.student.recording import Failure, Recording
from chainrule.practice.subject import Subject

_ENDS = {"SystemExit": "exits", "MemoryError": "out-of-memory", "TimeoutError": "timeout"}
_UNSAID = {
    "SystemExit": "the function ended the program",
    "MemoryError": "the function took more memory than it may",
}


def after_failure(
    subject: Subject, recordings: Sequence[Recording], failure: Failure, notes: list[str]
) -> Report:
    """Return what was wrong before the function failed, and the failure."""
    count = len(subject.chosen.trials)
    pairs = [(t, r) for t, r in zip(subject.trials, recordings, strict=False) if r.seen][:count]
    short = replace(subject, chosen=replace(subject.chosen, trials=[t for t, _ in pairs]))
    case = short.case([r for _, r in pairs], {})
    case = replace(case, returned=_left_behind(case))
    state = diagnose(case) if pairs else start(case)
    wording = Wording(subject.derivation, state, [])
    before = [one for fault in state.faults for one in wording.of_fault(fault)]
    finding = _finding(subject, wording, _failed_step(case, failure), failure)
    where = f" in line {failure.line}: {failure.text}" if failure.line else ""
    about = KINDS[finding.mistake or "raises"].meaning if where else finding.message
    return Report(False, [*before, finding], notes, f"{about.rstrip('.')}{where}")


def _finding(subject: Subject, wording: Wording, step: Step | None, failure: Failure) -> Finding:
    found = clash(failure.text, failure.shapes)
    if found is not None:
        first = subject.chosen.trials[0].point(subject.graph)
        required = first.value(step.node).array.shape if step else None
        return wording.of_error(step, found.mistake(required), f"{found.message}.", failure.line)
    kind = _ENDS.get(failure.kind, "raises")
    said = failure.message or _UNSAID.get(failure.kind, "")
    if failure.kind == "SystemExit" and failure.line:
        said = f"it called exit({failure.message})"
    if kind == "raises":
        said = f"{failure.kind}: {said}" if said else failure.kind
    return wording.of_error(step, kind, f"{said.rstrip('.')}.", failure.line)


def _left_behind(case: Case) -> dict[str, Own]:
    """Return the parameters' gradients that variables held when the function failed."""
    found: dict[str, Own] = {}
    for step in case.steps:
        if step.parameter:
            tracks = case.variables.named(step.label, True, frozenset())
            if tracks:
                found[step.label] = tracks[0].own
    return found


def _failed_step(case: Case, failure: Failure) -> Step | None:
    """Return the step that the failing line computes, by the name it assigns."""
    names = case.variables.names
    for name in targets(failure.text):
        for backward, read in ((True, names.gradient), (False, names.value)):
            label = read(name)
            for step in case.steps:
                if step.label == label and step.backward is backward:
                    return step
    return None
