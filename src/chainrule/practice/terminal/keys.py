"""Single keys from a terminal, and a pause where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self


class Keys:
    """Reads single keys while it is entered; on leaving, the terminal is as it was."""

    def __init__(self) -> None:
        self.interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self._before: list[Any] | None = None
        self._typed = ""  # while something else was done

    def __enter__(self) -> Self:
        if self.interactive and sys.platform != "win32":
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None and sys.platform != "win32":
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def read(self, seconds: float) -> str:
        """Wait so long at most; return the next key that was pressed, or ""."""
        if not self.interactive:
            time.sleep(seconds)
            return ""
        self._typed = self._typed or _pressed(seconds)
        key, self._typed = self._typed[:1], self._typed[1:]
        return key


def _pressed(seconds: float) -> str:
    if sys.platform == "win32":
        import msvcrt

        time.sleep(seconds)
        return msvcrt.getwch() if msvcrt.kbhit() else ""
    import os
    import select

    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if not ready:
        return ""
    typed = os.read(sys.stdin.fileno(), 32)
    return typed.decode("ascii", "ignore") if typed else "q"  # nothing: the terminal is gone
