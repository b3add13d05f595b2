"""The verdict on a function with holes: what is filled in is judged as if the rest were right."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from chainrule import models
from chainrule.errors import ModelFileError
from chainrule.files import write
from chainrule.model import Model
from chainrule.practice.check import check_file
from chainrule.practice.questions.programs import check_answer
from chainrule.practice.report import Finding, Report
from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal.exercises import Exercise
from chainrule.practice.terminal.said import Judged, Remark
from chainrule.practice.terminal.sheet import HOLE, Hole, Sheet, holes_of, unwritten
from chainrule.practice.terminal.starter import filled, hole_hints


def function_judged(sheet: Sheet, one: Exercise, limits: Limits) -> Judged:
    """Judge a file's `backward` by `check`, in a process with limits."""
    model, holes = models.names()[one.model], holes_of(sheet.text)
    given = holes_of(one.starter)
    if unwritten(sheet.text):
        return Judged("open", "", (_beginning(model),), 0, one.points)
    if not holes:
        return _whole(check_file(model, f"{sheet.path}:backward", limits=limits), one)
    left = {hole.name for hole in holes}
    done = [hole.name for hole in given if hole.name not in left]
    if len(holes) == len(given) and not done:
        return Judged("open", "", _gaps(model, holes), 0, one.points)
    report = _with_the_rest(sheet, holes, model, limits)
    found = [_remark(f) for f in report.findings if f"'{HOLE}'" not in f.message]
    right = [Remark(name, "right", "", "Right.") for name in done] if report.ok else []
    remarks = (*right, *found, *_gaps(model, holes))
    return Judged("wrong" if found else "open", "", remarks, 0, one.points, report.output)


def step_judged(sheet: Sheet, one: Exercise, limits: Limits) -> Judged:
    """Judge a file's `step` of an optimizer, in a process with limits."""
    assert one.question is not None
    blank = one.question.blank(one.function)
    if unwritten(sheet.text, one.function):
        hints = (blank.where, blank.how)
        return Judged("open", "", (Remark(blank.id, "hole", "", "not begun", hints),), 0, one.points)  # fmt: skip
    report = check_answer(one.question, f"{sheet.path}:{one.function}", limits=limits)
    return _whole(report, one)


def _beginning(model: Model) -> Remark:
    """Return what is said of a function that is not begun."""
    steps = model.derivation.steps
    order = f"From the loss back, in this order: {', '.join(f'd{s.target}' for s in steps)}."
    rules = "\n".join(f"d{s.target}: {', '.join(s.rule)}" for s in steps)
    equations = "\n".join(str(s.equation) for s in steps)
    return Remark("backward", "hole", "", "not begun", (order, rules, equations))


def _whole(report: Report, one: Exercise) -> Judged:
    remarks = tuple(map(_remark, report.findings))
    if report.ok:
        return Judged("right", report.about, (), one.points, one.points, report.output)
    return Judged("wrong", "", remarks, 0, one.points, report.output)


def _remark(finding: Finding) -> Remark:
    status = "mistake" if finding.mistake else "wrong"
    hints = tuple(h for h in finding.hints if h.rstrip(".") != finding.message.rstrip("."))
    return Remark(finding.title, status, "", finding.message, hints)


def _gaps(model: Model, holes: Sequence[Hole]) -> tuple[Remark, ...]:
    return tuple(
        Remark(h.name, "hole", "", f"line {h.line}", hole_hints(model, h.name)) for h in holes
    )


def _with_the_rest(sheet: Sheet, holes: Sequence[Hole], model: Model, limits: Limits) -> Report:
    """Check the function with the right lines in its holes; as it is, where those do not fit it (other names, say)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sheet.path.name
        write(path, _filled(sheet.text, holes, filled(model)).encode())
        try:
            report = check_file(model, f"{path}:backward", limits=limits)
        except ModelFileError:
            report = None
    if report is not None and not any(f.mistake == "raises" for f in report.findings):
        return report
    return check_file(model, f"{sheet.path}:backward", limits=limits)


def _filled(text: str, holes: Sequence[Hole], lines: dict[str, str]) -> str:
    program = text.split("\n")
    for hole in holes:
        if hole.name in lines:
            here = program[hole.line - 1]
            program[hole.line - 1] = here.replace(HOLE, lines[hole.name], 1)
    return "\n".join(program)
