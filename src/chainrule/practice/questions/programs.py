"""Functions as answers: written to a file of their own and checked there, in a process with limits."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chainrule import models
from chainrule.errors import ChainRuleError
from chainrule.files import write
from chainrule.practice.check import check_file
from chainrule.practice.questions.question import Blank, Question
from chainrule.practice.questions.updates import judge_step
from chainrule.practice.questions.updating import VARIANTS
from chainrule.practice.questions.verdict import Verdict, right


def judge_code(question: Question, blank: Blank, text: str) -> Verdict:
    """Judge a function, of gradients by `chainrule.check`: the first wrong step, the mistake, and hints in levels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.py"
        write(path, text.encode())
        try:
            if question.variant in VARIANTS:
                return judge_step(question, blank, path)
            report = check_file(models.names()[blank.model], f"{path}:backward")
        except ChainRuleError as error:
            return Verdict(blank.id, "unreadable", 0, "", str(error).replace(str(path), "answer.py"), ())  # fmt: skip
    if report.ok:
        return right(blank)
    first = report.findings[0]
    status = "mistake" if first.mistake else "wrong"
    hints = tuple(hint.replace(str(path), "answer.py") for hint in first.hints)
    return Verdict(blank.id, status, 0, first.mistake or "", first.message, hints)
