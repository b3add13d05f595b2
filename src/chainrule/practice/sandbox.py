"""Runs a student's file in a process of its own, with limits on time, memory and output. Judges nothing.

It keeps a mistake from doing harm: an endless loop, an array that grows for ever, a flood of output, exit(). It is no
defence against code that means harm: run only files that you would run yourself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from chainrule.errors import DataError, ModelFileError
from chainrule.practice.student.recording import Failure, Recording
from chainrule.practice.student.wire import inputs_out, recording_in

KEPT = 10_000  # characters of what the function prints
MOST_ANSWER = 256 * 2**20  # bytes of recordings
LOOK = 0.02  # seconds between two looks at the process
BACKSTOP = (
    1.25  # times the memory limit, at which the process is ended; before that, its own line fails
)
GRACE = 2.0  # seconds after the limit, for a process that does not stop by itself
_CODE = "from chainrule.practice.student.child import main; main()"
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}


@dataclass(frozen=True)
class Limits:
    """What a student's process may take: seconds for all calls together, bytes of memory."""

    seconds: float = 10.0
    memory: int = 2 * 2**30


@dataclass
class Outcome:
    """What came of a file: one recording per call, what the student calls the arguments, what was printed."""

    recordings: list[Recording] = field(default_factory=list[Recording])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    printed: str = ""
    dropped: int = 0  # characters that were printed and not kept


def run_file(
    path: Path,
    function: str,
    names: tuple[Sequence[str], Sequence[str]],
    inputs: Sequence[dict[str, Any]],
    arrays: str | None = None,
    limits: Limits | None = None,
) -> Outcome:
    """Call a function of a file once for each of some inputs, in a process of its own.

    Args:
        path: the file.
        function: its function; "" for the only one, or one with a usual name.
        names: the model's data and parameters, in order.
        inputs: the arguments of each call.
        arrays: "numpy", "jax", "torch" or None, as in `check`.
        limits: time and memory; by default 10 s and 2 GiB.

    Returns:
        An Outcome. A call that did not come to an end has a recording that says why.

    Raises:
        ModelFileError: there is no such file, or no such function in it.
        DataError: the function's arguments do not fit the model's.
    """
    limits = limits or Limits()
    if not path.is_file():
        raise ModelFileError(f"there is no file {path}. Name a solution as PATH.py:FUNCTION.")
    request: dict[str, Any] = {"path": str(path.resolve()), "function": function, "arrays": arrays}
    request |= {
        "data": [*names[0]],
        "parameters": [*names[1]],
        "inputs": [*map(inputs_out, inputs)],
    }
    request |= {"seconds": limits.seconds, "memory": limits.memory}
    worker = _Worker(json.dumps(request).encode(), limits)
    try:
        ended = worker.wait()
    except BaseException:  # Ctrl-C: the process is in a session of its own, and would run on
        worker.kill()
        raise
    outcome = Outcome(printed=worker.printed, dropped=worker.dropped)
    for line in worker.lines():
        _take(json.loads(line), outcome, path)
    missing = len(inputs) - len(outcome.recordings)
    outcome.recordings += [Recording(failure=ended) for _ in range(missing)]
    return outcome


def _take(message: Mapping[str, Any], outcome: Outcome, path: Path) -> None:
    if "missing" in message:
        raise ModelFileError(f"{path} {message['missing']}")
    if "error" in message:
        raise DataError(f"{path}: {message['error']}")
    if "aliases" in message:
        outcome.aliases.update(message["aliases"])
    elif "import" in message:
        outcome.recordings.append(recording_in(message["import"]))
    else:
        outcome.recordings.append(recording_in(message))


def _part(pipe: IO[bytes]) -> bytes:
    """Return what a pipe has next; nothing at its end, and once it was closed here because the process was given up."""
    try:
        return os.read(pipe.fileno(), 65536)
    except (OSError, ValueError):
        return b""


class _Worker:
    """The process, and the threads that read what it writes."""

    def __init__(self, request: bytes, limits: Limits) -> None:
        self.limits = limits
        self.printed, self.dropped = "", 0
        self._answer = bytearray()
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
        pipes = ((self._read_answer, self.process.stdout), (self._read_output, self.process.stderr))
        self.threads = [threading.Thread(target=f, args=(p,), daemon=True) for f, p in pipes]
        for thread in self.threads:
            thread.start()
        self._send(request)

    def _send(self, request: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(request)
            self.process.stdin.close()
        except OSError:  # it died before it had read everything: `wait` says why
            return

    def _read_answer(self, pipe: IO[bytes]) -> None:
        while part := _part(pipe):
            if len(self._answer) < MOST_ANSWER:
                self._answer += part

    def _read_output(self, pipe: IO[bytes]) -> None:
        while part := _part(pipe):
            room = KEPT - len(self.printed)
            text = part.decode("utf-8", "replace")
            self.printed += text[:room] if room > 0 else ""
            self.dropped += max(0, len(text) - max(room, 0))

    def lines(self) -> list[bytes]:
        """Return the complete lines of the answer."""
        return [line for line in bytes(self._answer).split(b"\n")[:-1] if line]

    def wait(self) -> Failure:
        """Wait for the end; return what to say of calls that it did not come to."""
        failure: Failure | None = None
        while self.process.poll() is None:
            if time.monotonic() - self._started > self.limits.seconds + GRACE:
                said = f"it was still running after {self.limits.seconds:g} s"
                failure = Failure("TimeoutError", said)
            elif memory_used(self.process.pid) > BACKSTOP * self.limits.memory:
                said = f"it took more than {self.limits.memory / 2**30:.3g} GiB"
                failure = Failure("MemoryError", said)
            if failure is not None:
                self.kill()
                break
            time.sleep(LOOK)
        self.process.wait()
        for thread in self.threads:
            thread.join(timeout=1)
        self._close()
        return failure or _ended(self.process.returncode)

    def _close(self) -> None:
        """Close the pipes, except one that a grandchild holds open and a thread still reads."""
        pipes = (self.process.stdout, self.process.stderr)
        for thread, pipe in zip(self.threads, pipes, strict=True):
            if pipe is not None and not thread.is_alive():
                pipe.close()

    def kill(self) -> None:
        """End the process and what it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (OSError, AttributeError):  # gone already, or no process groups here
            self.process.kill()


def _ended(code: int) -> Failure:
    if code < 0:
        names = {s.value: s.name for s in signal.Signals}
        name = names.get(-code, f"signal {-code}")
        if name == "SIGXCPU":
            return Failure("TimeoutError", "it used up its time")
        return Failure("SystemExit", f"the process was ended by {name}")
    return Failure("SystemExit", f"the process ended with exit code {code} before it had answered")


def memory_used(pid: int) -> int:
    """Return the bytes of memory that a process uses; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
