"""`check`: is a hand-written backward pass right, and if not, which step is wrong and what kind of mistake is it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.errors import UnknownNameError, unknown
from chainrule.model import Model
from chainrule.modelfile import find_model
from chainrule.practice.judge import judge
from chainrule.practice.report import Report
from chainrule.practice.sandbox import Limits, run_file
from chainrule.practice.student.calling import LIBRARIES, plan_call, run
from chainrule.practice.subject import subject_of


def check(
    model: Model | Callable[..., Any],
    backward: Callable[..., Any],
    *,
    seed: int = 0,
    data: Mapping[str, Any] | None = None,
    arrays: str | None = None,
) -> Report:
    """Judge a hand-written backward pass; where it is wrong, name the first wrong step and the mistake.

    The function is called at random instances whose sizes all differ, on which every known mistake gives another result.
    Its gradients are right if they differ from the model's by no more than rounding can explain. Wrong ones are traced
    back, step by step, each step judged by its rule applied to the student's own values before it; so a mistake is
    reported once, and what follows correctly from it is not. It does not matter where a factor such as 1/m was put.

    Args:
        model: a Model, or a function that `@cr.model` would accept.
        backward: called with the model's arguments by name (`backward(X, Y, W1, b1, w2, b2)`), else in order. Returns
            the gradients as a dict ("W1", "dW1", "grad_W1"), a tuple or list in the parameters' order (after the loss,
            if you like), or an object with such attributes; NumPy, JAX or PyTorch arrays. Its variables are read too.
        seed: another seed draws other instances.
        data: arrays for the data (and for parameters, if you like) instead of random ones.
        arrays: "numpy", "jax" or "torch": what the function is called with. By default NumPy arrays, and those of the
            library that its file uses if it fails on them.

    Returns:
        A Report: `ok`, `findings` (target, mistake, message, hints), and text when printed.

    Raises:
        DataError: the function's arguments fit neither the model's names nor their number.
        UnknownNameError: `arrays` is not one of the three.

    >>> import chainrule as cr
    >>> from chainrule.practice.check import check
    >>> def backward(x, y, w, b):
    ...     dy_hat = 2 * (w * x + b - y)
    ...     return {"w": (dy_hat * x).mean(), "b": dy_hat.sum()}
    >>> check(cr.models.univariate, backward)
    <report: b: missing-1-over-m>
    """
    if not callable(backward):
        raise UnknownNameError(
            f"{backward!r} cannot be called. Pass the function itself, as in check(model, backward)."
        )
    refuse_unknown(arrays)
    subject = subject_of(model, seed, data)
    graph = subject.graph
    plan = plan_call(backward, list(graph.data), list(graph.parameters))
    subject.aliases.update(plan.aliases(backward))
    recordings = [run(backward, plan, t.arguments(graph), arrays) for t in subject.trials]
    return judge(subject, recordings)


def check_file(
    model: Model | str,
    solution: str,
    *,
    seed: int = 0,
    arrays: str | None = None,
    limits: Limits | None = None,
) -> Report:
    """Judge a function of a file, which runs in a process of its own with limits on time, memory and output.

    Args:
        model: a Model, a built-in model's name, or path.py:function.
        solution: path.py:function; without a function, the file's only one, or `backward`.
        seed: another seed draws other instances.
        arrays: as in `check`.
        limits: seconds for all calls and bytes of memory; by default 10 s and 2 GiB.

    Returns:
        A Report, as `check` gives; `output` holds what the function printed.

    Raises:
        ModelFileError: there is no such file or function.
        UnknownNameError: there is no such model, or `arrays` is not one of the three.
        DataError: the function's arguments fit neither the model's names nor their number.
    """
    refuse_unknown(arrays)
    subject = subject_of(find_model(model) if isinstance(model, str) else model, seed)
    graph = subject.graph
    path, function = split_reference(solution)
    inputs = [trial.arguments(graph) for trial in subject.trials]
    names = (list(graph.data), list(graph.parameters))
    outcome = run_file(path, function, names, inputs, arrays, limits)
    subject.aliases.update(outcome.aliases)
    report = judge(subject, outcome.recordings)
    dropped = f"{outcome.dropped} more characters that it printed were dropped."
    notes = [*report.notes, dropped] if outcome.dropped else report.notes
    return replace(report, notes=notes, output=outcome.printed)


def refuse_unknown(arrays: str | None) -> None:
    """Refuse a library of arrays that there is not."""
    if arrays is not None and arrays not in LIBRARIES:
        raise unknown("array library", arrays, LIBRARIES)


def split_reference(reference: str) -> tuple[Path, str]:
    """Return the file and the function of "path.py:function"; "" where no function is named.

    >>> split_reference("mine.py:backward")
    (PosixPath('mine.py'), 'backward')
    """
    path, colon, function = reference.rpartition(":")
    named = bool(colon) and bool(path) and function.isidentifier()
    return (Path(path), function) if named else (Path(reference), "")
