"""The losses that the optimizers of chapter 8 descend: made-up terrain, and the course's own models with their data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from chainrule.course.samples import examples_dim
from chainrule.course.scope import Case, Setting
from chainrule.emit import program as programs
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.explain.formulas import Equation, render

View = tuple[tuple[float, float], tuple[float, float]]


class Terrain(NamedTuple):
    """A loss to descend: its title, its case, and the frame in which it is drawn.

    `axes`: the two parameters drawn; () for the plane in which the paths spread most. `view`: the ranges of both;
    None for a frame fitted to the paths.
    """

    title: str
    make: Callable[[], Case]
    axes: tuple[str, ...] = ()
    view: View | None = None


def _model(name: str, start: tuple[float, float]) -> Callable[[], Case]:
    given = {"w1": start[0], "w2": start[1]}
    return lambda: Case(Setting(model=name, start=given))


def _chapter(**given: Any) -> Callable[[], Case]:
    return lambda: Case(Setting(**given))


_PAIR = ("w1", "w2")
TERRAINS: dict[str, Terrain] = {
    "ravine": Terrain("a ravine", _model("ravine", (-4.5, 1.2)), _PAIR, ((-5.5, 2.5), (-2.6, 2.6))),
    "turned": Terrain("the same ravine, turned", _model("turned_ravine", (-5.7 / 2**0.5, 3.3 / 2**0.5)), _PAIR, ((-5.2, 2.4), (-2.6, 4.2))),
    "saddle": Terrain("a saddle", _model("saddle", (-2.4, 1e-6)), _PAIR, ((-3, 1.6), (-1.6, 1.6))),
    "plateau": Terrain("a plateau", _model("plateau", (-3.6, 1.2)), _PAIR, ((-4.6, 1.8), (-2.2, 2.2))),
    "line": Terrain(
        "chapter 1: a line", _chapter(
            target="waiting_min", scale={"eruption_min": (2, 1), "waiting_min": (70, 10)}, start={"w": -1.0, "b": 1.5},
        ), ("w", "b"),
    ),
    "patients": Terrain(
        "chapter 2: ten measurements", _chapter(
            model="multivariate", data="diabetes", target="progression", start="zeros",
            features=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        ),
    ),
    "linear": Terrain(
        "chapter 3: two linear layers", _chapter(
            model="two_layer_linear", data="diabetes", target="progression", features=("bmi",), sizes={"n_h": 1},
            start={"W1": [[0.02]], "w2": [[1.28]]},
        ), ("W1[0, 0]", "w2[0, 0]"), ((-1.2, 1.8), (-1.2, 1.8)),
    ),
    "bend": Terrain(
        "chapter 4: eight sigmoids", _chapter(
            model="two_layer_sigmoid", data="motorcycle", target="acceleration_g", sizes={"n_h": 8},
        ),
    ),
    "species": Terrain(
        "chapter 6: which penguin?", _chapter(
            model="logistic", data="penguins", target="species", classes=("Adelie", "Chinstrap"),
            features=("bill_length_mm", "bill_depth_mm"), start="zeros",
        ), ("w[0, 0]", "w[0, 1]"),
    ),
    "moons": Terrain(
        "chapter 7: two moons", _chapter(model="perceptron", data="two_moons", sizes={"n_h": 6}),
    ),
}  # fmt: skip


@cache
def case(key: str) -> Case:
    """Return the model, data and start of a terrain."""
    return TERRAINS[key].make()


@cache
def document(key: str) -> dict[str, Any]:
    """Return a terrain as web/src/notes/optimizers/model.ts describes it."""
    terrain, found = TERRAINS[key], case(key)
    graph, start = found.model.graph, found.start
    flat = Flat(start)
    return {
        "key": key,
        "title": terrain.title,
        "model": found.setting.model,
        "data": {
            label: {"shape": list(np.shape(x)), "data": np.ravel(x).tolist()}
            for label, x in found.sample.arrays.items()
        },
        "columns": (columns := [*found.sample.features, *found.sample.targets]),
        "units": [found.sample.units.get(one) for one in columns],
        "examples": examples_dim(graph) if graph.data else None,
        "layout": _layout(flat),
        "start": flat.join(start).tolist(),
        "tape": programs.write(found.model.derivation.program(), "tape"),
        "mathml": render(Equation(graph.loss, (graph.loss.inner,)), "mathml"),
        "axes": list(terrain.axes),
        "view": [list(x) for x in terrain.view] if terrain.view else None,
        "optimum": _optimum(key),
        "spectrum": spectrum(key),
    }


def _layout(flat: Flat) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0
    for name, shape in zip(flat.names, flat.shapes, strict=True):
        size = int(np.prod(shape, dtype=int))
        found.append({"label": name, "start": at, "shape": list(shape), "size": size})
        at += size
    return found


def _optimum(key: str) -> list[float] | None:
    """Return the lowest point: the closed form, or that of the made-up terrain; None where it is not known."""
    found = case(key)
    if found.model.data:
        best = found.facts["optimum"]
        if best is None:
            return None
        return [float(x) for label in found.start for x in np.ravel(best["params"][label])]
    return {"saddle": [0.0, 1.0]}.get(key, [0.0, 0.0])


def spectrum(key: str) -> list[float] | None:
    """Return the eigenvalues of the Hessian where they are the same everywhere, smallest first; else None."""
    found = case(key)
    curvature = Curvature(found.model.derivation, found.sample.arrays, Flat(found.start))
    if not curvature.quadratic:
        return None
    return [float(x) for x in np.linalg.eigvalsh(curvature.hessian(found.start))]


__all__ = ["TERRAINS", "Terrain", "case", "document", "spectrum"]
