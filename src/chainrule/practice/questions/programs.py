"""Functions as answers: written to a file of their own and checked there, in a process with limits."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chainrule import models
from chainrule.errors import ChainRuleError, DataError
from chainrule.files import write
from chainrule.practice.check import check_file, split_reference
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.questions.updates import judge_step
from chainrule.practice.questions.updating import FUNCTION, VARIANTS
from chainrule.practice.questions.verdict import Verdict, right
from chainrule.practice.report import Finding, Report
from chainrule.practice.sandbox import Limits


def check_answer(
    question: Question, solution: str, *, arrays: str | None = None, limits: Limits | None = None
) -> Report:
    """Check the function that a question asks for, in a file of its own; what is said is what `mark` says of its text.

    Args:
        question: one of family 5, which asks for a function.
        solution: path.py or path.py:function.
        arrays: "numpy", "jax" or "torch", as in `check`.
        limits: seconds for all calls and bytes of memory; by default 10 s and 2 GiB.

    Returns:
        A Report, as `check_file` gives.

    Raises:
        DataError: the question asks for no function, or the function's arguments do not fit.
        ModelFileError: there is no such file or function.
    """
    blank = next((b for b in question.blanks if b.kind == "code"), None)
    if blank is None:
        raise DataError(
            f"{question.key} asks for no function: {question.title}. Answer it with chainrule practice "
            f"--topics {question.variant} --seed {question.seed}, or with cr.mark."
        )
    if question.variant in VARIANTS:
        return _of_step(question, blank, solution, arrays, limits)
    path, function = split_reference(solution)
    return check_file(
        models.names()[blank.model], f"{path}:{function or blank.id}",
        seed=question.seed, arrays=arrays, limits=limits,
    )  # fmt: skip


def _of_step(question: Question, blank: Blank, solution: str, arrays: str | None, limits: Limits | None) -> Report:  # fmt: skip
    path, function = split_reference(solution)
    judged = judge_step(question, blank, path, function or FUNCTION, arrays, limits)
    verdict = judged.verdict
    ok = verdict.status == "right"
    found = Finding(judged.value, verdict.mistake or None, verdict.message, list(verdict.hints), "step")  # fmt: skip
    notes = [f"{judged.dropped} more characters that it printed were dropped."] if judged.dropped else []  # fmt: skip
    wrong = (
        f"the new {judged.value} is wrong"
        if judged.value
        else "the step has no new values that can be judged"
    )
    about = (
        f"the new values are those of the rule of {question.title.removeprefix('Implement a step of ')}"
        if ok
        else wrong
    )
    return Report(ok, [] if ok else [found], notes, about, judged.printed)


def judge_code(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge a function, of gradients by `chainrule.check`: the first wrong step, the mistake, and hints in levels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.py"
        write(path, text.encode())
        try:
            if question.variant in VARIANTS:
                return judge_step(question, blank, path).verdict
            report = check_answer(question, f"{path}:{blank.id}")
        except ChainRuleError as error:
            return Verdict(blank.id, "unreadable", 0, "", str(error).replace(str(path), "answer.py"), ())  # fmt: skip
    if report.ok:
        return right(blank)
    first = report.findings[0]
    status = "mistake" if first.mistake else "wrong"
    hints = tuple(hint.replace(str(path), "answer.py") for hint in first.hints)
    return Verdict(blank.id, status, 0, first.mistake or "", first.message, hints)
