"""The widget of chapter 0: a race to a given loss in 1 to 50 parameters, guessing against slopes, counted in losses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from chainrule.course import race
from chainrule.course.figures import race_figure
from chainrule.course.notes.widget import Place, Widget, fact, widget
from chainrule.emit import program as programs
from chainrule.fit.fitting import fit
from chainrule.optim.baselines import ClosedForm

MOST = race.COUNTS[-1]
BUDGET = 3000  # losses: enough for differences on both sides to arrive in MOST parameters


@cache
def document() -> dict[str, Any]:
    """Return the race as web/src/notes/search/race.ts describes it."""
    racer = race.model()
    alone = race.loss_alone(racer)
    counts = range(1, MOST + 1)
    return {
        "examples": race.EXAMPLES,
        "share": race.SHARE,
        "budget": BUDGET,
        "loss": programs.write(alone, "tape"),
        "both": programs.write(racer.derivation.program(), "tape"),
        "price": [race.price(racer, {"n": n, "m": race.EXAMPLES}) for n in counts],
        "rates": [race.rate(race.data(n)["X"]) for n in counts],
        "closed": [_closed(racer, n) for n in counts],
    }


def _closed(racer: Any, n: int) -> dict[str, float]:
    """Return what the closed form costs, by the count of the lesson: n²m + n³ products; and what it leaves."""
    arrays, start = race.data(n), {"w": np.zeros((1, n))}
    run = fit(racer, arrays, optimizer=ClosedForm(), params=start, steps=1, engine="numpy")
    m = race.EXAMPLES
    return {
        "cost": (n * n * m + n**3) / race.work(race.loss_alone(racer), {"n": n, "m": m}),
        "left": float(racer.loss(arrays, run.params) / racer.loss(arrays, start)),
    }


@widget("search/race")
def raced(block: Mapping[str, Any], place: Place) -> Widget:
    """A race in as many parameters as the reader likes; the still picture of six of them for print and without scripts."""
    still = f'<figure class="still">{race_figure(place.names, place.case)}</figure>'
    return Widget({**document(), "still": still}, still, (545, 700))


@fact("search")
def _search() -> dict[str, Any]:
    return {"most": MOST, "budget": BUDGET}


__all__ = ["BUDGET", "MOST", "document"]
