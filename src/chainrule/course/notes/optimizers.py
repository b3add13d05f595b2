"""The widgets of chapter 8: batches, one step from the inside, a race, the map of convergence, schedules, variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

from chainrule.course.notes.optimizer_methods import (
    BUDGET,
    METHODS,
    SCHEDULES,
    STEPS,
    formulas,
    methods,
)
from chainrule.course.notes.optimizer_terrain import TERRAINS, document
from chainrule.course.notes.widget import Place, Widget, widget
from chainrule.errors import unknown

_ALL = "optimizers-methods"
_COMMON = ("gradient-descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")


def _shared(terrains: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    for key in terrains:
        if key not in TERRAINS:
            raise unknown("terrain", key, TERRAINS)
    return {
        _ALL: {"methods": methods()},
        **{f"optimizers-{key}": document(key) for key in terrains},
    }


def _listed(block: Mapping[str, Any], name: str, otherwise: Sequence[str]) -> list[str]:
    return [str(x) for x in cast("Sequence[Any]", block.get(name, otherwise))]


def _settings(block: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in block.items() if k not in ("name", "id", "state", "terrains")}


@widget("optimizers/batch")
def batch(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare a run in batches: which examples, each one's gradient, their mean; loss against epochs."""
    terrain = str(block.get("terrain", "line"))
    found = {**_settings(block), "terrain": terrain}
    return Widget(
        found, formulas(("gradient-descent",)), (855, 1500), _shared([terrain]), wide=True
    )


@widget("optimizers/step")
def step(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare one step from the inside: gradient, accumulators as areas, update."""
    terrains = _listed(block, "terrains", ("ravine", "bend"))
    kept = _listed(block, "methods", _COMMON)
    found = {**_settings(block), "terrains": terrains, "methods": kept}
    return Widget(found, formulas(tuple(kept)), (555, 1010), _shared(terrains), wide=True)


@widget("optimizers/race")
def race(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare a race of up to four from one start, counted in gradient evaluations."""
    terrains = _listed(block, "terrains", tuple(TERRAINS))
    kept = _listed(block, "methods", _COMMON)
    found = {"budget": BUDGET, **_settings(block), "terrains": terrains, "methods": kept}
    return Widget(found, formulas(tuple(kept)), (700, 1085), _shared(terrains), wide=True)


@widget("optimizers/rates")
def rates(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare the map of convergence over learning rate and momentum, for terrain that is quadratic."""
    terrains = _listed(block, "terrains", ("ravine", "line", "patients"))
    found = {**_settings(block), "terrains": terrains, "methods": ["momentum", "nesterov"]}
    return Widget(
        found, formulas(("momentum", "nesterov")), (565, 1005), _shared(terrains), wide=True
    )


@widget("optimizers/schedules")
def schedules(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare schedules of the learning rate and what they make of a run in small batches."""
    terrain = str(block.get("terrain", "line"))
    found = {**_settings(block), "terrain": terrain, "schedules": list(SCHEDULES), "steps": STEPS}
    return Widget(found, formulas(SCHEDULES), (740, 1355), _shared([terrain]), wide=True)


@widget("optimizers/rules")
def rules(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare all rules at a glance: formula, code, source."""
    kept = _listed(block, "methods", _COMMON)
    return Widget(
        {**_settings(block), "methods": kept},
        formulas(tuple(kept)),
        (405, 818),
        _shared(()),
        wide=True,
    )


# left, right; terrain; learning rate; the setting with a slider, and its range; what is said of it
PAIRS: dict[str, dict[str, Any]] = {
    "momentum": {
        "title": "momentum: add up, or average", "left": "momentum", "right": "momentum-average", "terrain": "ravine",
        "rate": 0.02, "free": "momentum", "range": [0.0, 0.99], "log": False,
        "say": "The same learning rate means another length of step.",
    },
    "velocity": {
        "title": "momentum: where the learning rate stands", "left": "momentum-cosine", "right": "momentum-velocity-cosine",
        "terrain": "ravine", "rate": 0.02, "free": "", "range": [0.0, 1.0], "log": False,
        "say": "Equal while the learning rate is; under a schedule one of them keeps the rates that its gradients came with.",
    },
    "nesterov": {
        "title": "Nesterov: two ways to write it", "left": "nesterov", "right": "nesterov-velocity", "terrain": "ravine",
        "rate": 0.02, "free": "momentum", "range": [0.0, 0.99], "log": False,
        "say": "Another notation and the same steps, but for rounding.",
    },
    "epsilon": {
        "title": "RMSprop: ε outside or inside the root", "left": "rmsprop", "right": "rmsprop-inside", "terrain": "plateau",
        "rate": 0.05, "free": "epsilon", "range": [1e-10, 1.0], "log": True,
        "say": "Inside, ε is compared with squares: on a plain, where gradients are small, that is soon too much.",
    },
    "adam-epsilon": {
        "title": "Adam: ε outside or inside the root", "left": "adam", "right": "adam-inside", "terrain": "plateau",
        "rate": 0.05, "free": "epsilon", "range": [1e-10, 1.0], "log": True,
        "say": "The same for Adam.",
    },
    "correction": {
        "title": "Adam: corrected for its start, or not", "left": "adam", "right": "adam-uncorrected", "terrain": "ravine",
        "rate": 0.05, "free": "beta2", "range": [0.9, 0.9999], "log": False,
        "say": "Without the correction the first steps are as long as the two means are out of step.",
    },
    "decay": {
        "title": "Adam: decay in the gradient, or of the weights", "left": "adam-l2", "right": "adamw", "terrain": "line",
        "rate": 0.05, "free": "weight_decay", "range": [0.001, 2.0], "log": True,
        "say": "In the gradient, the decay is divided by the root like everything else, and so nearly lost.",
    },
}  # fmt: skip


@widget("optimizers/variants")
def variants(block: Mapping[str, Any], place: Place) -> Widget:
    """Prepare pairs of rules that bear one name in two libraries, side by side with the size of the difference."""
    kept = {key: PAIRS[key] for key in _listed(block, "pairs", tuple(PAIRS))}
    terrains = list(dict.fromkeys(pair["terrain"] for pair in kept.values()))
    found = {
        **_settings(block),
        "pairs": [{"key": k, **pair} for k, pair in kept.items()],
        "terrains": terrains,
    }
    rows = "".join(
        f"<h3>{escape(pair['title'])}</h3>{formulas((pair['left'], pair['right']))}"
        for pair in kept.values()
    )
    return Widget(found, rows, (575, 960), _shared(terrains), wide=True)


__all__ = ["METHODS", "PAIRS"]
