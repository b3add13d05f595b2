"""Progress on a terminal: loss, speed and time left; nothing where the output is piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

Tick = Callable[[int, float], None]


@contextmanager
def shown(progress: bool | Tick, steps: int) -> Generator[Tick | None]:
    """Give a function to call with (step, loss): the caller's own, one that moves a bar, or None."""
    if callable(progress):
        yield progress
        return
    if not progress or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("step {task.completed:>9,.0f}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.6g}"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fit", total=steps, loss=float("nan"), speed="")

        def tick(step: int, loss: float) -> None:
            speed = bar.tasks[0].speed
            bar.update(
                task, completed=step, loss=loss, speed=f"{speed:,.0f} steps/s" if speed else ""
            )

        yield tick
