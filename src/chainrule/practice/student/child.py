"""What runs in the process of its own: reads a request, calls the student's function under limits, writes recordings.

One JSON object per line on what was standard output; what the student's code prints goes to standard error.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TextIO

from chainrule.errors import DataError
from chainrule.modelfile import fresh_spec
from chainrule.practice.student.calling import plan_call, run
from chainrule.practice.student.recording import Failure, Recording
from chainrule.practice.student.wire import inputs_in, recording_out

USUAL = ("backward", "gradients", "grad", "grads", "loss_and_gradients", "solution")
LARGEST_FILE = 64 * 2**20  # bytes that the student's code may write into one file


def main() -> None:
    """Serve one request from standard input."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    limit(float(request["seconds"]), int(request["memory"]))
    module = _load(Path(request["path"]), out)
    if module is None:
        return
    limit_data(int(request["memory"]))
    function = _chosen(module, str(request["function"]), out)
    if function is None:
        return
    try:
        plan = plan_call(function, request["data"], request["parameters"])
    except DataError as error:
        _say(out, {"error": str(error)})
        return
    _say(out, {"aliases": plan.aliases(function)})
    mine = os.getpid()
    for inputs in request["inputs"]:
        made = run(function, plan, inputs_in(inputs), request["arrays"])
        if os.getpid() != mine:  # a fork of the student's: one process answers
            os._exit(0)
        _say(out, recording_out(made))
        if made.failure is not None and made.failure.kind in ("TimeoutError", "MemoryError"):
            return


def limit(seconds: float, memory: int) -> None:
    """Limit this process: time (an error in the line that is running), memory, files. Where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone
        return
    whole = int(seconds) + 2
    wanted = {
        resource.RLIMIT_CPU: (whole, whole + 1),
        resource.RLIMIT_AS: (
            4 * memory,
            4 * memory,
        ),  # address space; the parent watches what is used
        resource.RLIMIT_FSIZE: (LARGEST_FILE, LARGEST_FILE),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, pair in wanted.items():
        try:
            resource.setrlimit(kind, pair)
        except (ValueError, OSError):  # a stricter limit is in force already
            continue
    signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def limit_data(memory: int) -> None:
    """Limit what is allocated from now on, so that the line that takes too much fails. Where the system can."""
    try:
        import resource

        pages = Path("/proc/self/statm").read_text().split()[5]
        most = int(pages) * resource.getpagesize() + memory
        resource.setrlimit(
            resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )
    except (ImportError, OSError, ValueError, IndexError):  # the parent looks at what is used
        return


def _ring(*_: Any) -> None:
    raise TimeoutError("the time limit was reached")


def _say(out: TextIO, message: Mapping[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def _load(path: Path, out: TextIO) -> ModuleType | None:
    spec = fresh_spec(path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
        line = frames[-1].lineno or 0 if frames else 0
        text = frames[-1].line or "" if frames else ""
        if isinstance(error, SyntaxError):
            line, text = error.lineno or 0, (error.text or "").strip()
        failure = Failure(type(error).__name__, str(error)[:500], line, text)
        _say(out, {"import": recording_out(Recording(failure=failure))})
        return None
    return module


def _chosen(module: ModuleType, name: str, out: TextIO) -> Callable[..., Any] | None:
    own = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }
    found = getattr(module, name, None) if name else None
    if not name:
        public = [key for key in own if not key.startswith("_")]
        usual = [key for key in USUAL if key in own] or (public if len(public) == 1 else [])
        found = own[usual[0]] if usual else None
    if callable(found):
        return found
    what = f"no function {name!r}" if name else "no single function"
    listed = ", ".join(own) or "none"
    _say(out, {"missing": f"has {what}. Functions there: {listed}. Name one: PATH.py:FUNCTION."})
    return None


__all__ = ["limit", "main"]
