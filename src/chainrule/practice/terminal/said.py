"""What is said of a file: a state, and a remark on each blank or step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.practice.questions.content import plain

MISSING = ("empty", "hole")  # statuses of what is still to be done


@dataclass(frozen=True)
class Remark:
    """What is said of one blank or step. `status` is one of a Verdict's, or "hole"."""

    blank: str
    status: str
    answer: str
    message: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What is said of a file.

    `state`: "right"; "open" (nothing wrong so far, something missing); "wrong"; "unreadable" (`message` says why).
    """

    state: str
    message: str = ""
    remarks: tuple[Remark, ...] = ()
    points: int = 0
    of: int = 0
    printed: str = ""

    @property
    def focus(self) -> Remark | None:
        """What to look at next, for which hints are opened: the first that is wrong, else the first that is missing."""
        rest = [r for r in self.remarks if r.status != "right"]
        return next((r for r in rest if r.status not in MISSING), rest[0] if rest else None)

    def to_json(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        data: dict[str, Any] = plain(self)
        return data
