"""What a lesson's numbers are about: its model, data and start, the runs that it names, and facts about them.

`Setting` is a lesson's front matter; `scope` gives the names that its expressions may use, each computed when asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from chainrule import models
from chainrule.course.contract import Settings, contract, facts, sizes_of
from chainrule.course.facts import evaluate
from chainrule.course.made import MADE
from chainrule.course.methods import OPTIMIZERS
from chainrule.course.notes.widget import FACTS
from chainrule.course.samples import Sample, sample
from chainrule.emit import program as programs
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.errors import DivergenceError, unknown
from chainrule.fit.fitting import fit
from chainrule.graph.shapes import show
from chainrule.graph.trace import Graph
from chainrule.model import Model
from chainrule.ops import FUNCTIONS


@dataclass(frozen=True)
class Setting:
    """A model with data and the state in which a descent begins: what a lesson's front matter says.

    `options` of the model are operations by name: hidden = "tanh". `classes`: the two of the target whose rows are kept.
    `rate` is a number or an expression such as "0.9 * curvature.limit". `start`: parameters in place of those of the
    seed, or "zeros"; `start_times`: factors on those of the seed.
    """

    model: str = "univariate"
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    data: str = "old_faithful"
    target: str = ""
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    standardise: bool = True
    scale: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    seed: int = 0
    start: str | Mapping[str, Any] = "seed"
    start_times: Mapping[str, float] = field(default_factory=dict[str, float])
    method: str = "gradient-descent"
    rate: float | str | None = None
    steps: int = 100
    batch_size: int | None = None

    @classmethod
    def of(cls, front: Mapping[str, Any]) -> Setting:
        """Return the setting in a lesson's front matter; keys that say something else are left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in front.items() if key in known})

    def but(self, changes: Mapping[str, Any]) -> Setting:
        """Return the setting with changes.

        Raises:
            UnknownNameError: a change of something that a setting does not have.
        """
        known = [f.name for f in fields(self)]
        for key in changes:
            if key not in known:
                raise unknown("setting of a lesson", key, known)
        return replace(self, **changes)


class Case:
    """A setting with its arrays: what facts are computed from."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @cached_property
    def model(self) -> Model:
        """The model."""
        known = {**models.names(), **models.terrain()}
        if self.setting.model not in known:
            raise unknown("model", self.setting.model, known)
        chosen = {name: _operation(op) for name, op in self.setting.options.items()}
        model = known[self.setting.model]
        return model.with_options(**chosen) if chosen else model

    @cached_property
    def sample(self) -> Sample:
        """The data; none where the model reads none."""
        s = self.setting
        if not self.model.data:
            return Sample({})
        if s.data in MADE:
            return MADE[s.data]()
        return sample(
            self.model,
            s.data,
            s.target,
            list(s.features) or None,
            s.standardise,
            {k: (float(v[0]), float(v[1])) for k, v in s.scale.items()},
            classes=s.classes,
        )

    @cached_property
    def start(self) -> dict[str, Any]:
        """The parameters at the start."""
        s = self.setting
        found = self.model.init({**self.sample.arrays, **s.sizes}, seed=s.seed)
        if s.start == "zeros":
            return {name: np.zeros_like(value) for name, value in found.items()}
        found = {name: value * s.start_times.get(name, 1.0) for name, value in found.items()}
        if not isinstance(s.start, str):
            found.update((k, np.array(v, dtype=np.float64)) for k, v in s.start.items())
        return found

    @cached_property
    def document(self) -> dict[str, Any]:
        """The contract."""
        s = self.setting
        settings = Settings(s.seed, s.method, self.rate, s.steps, s.batch_size)
        return contract(self.model, self.sample, params=self.start, settings=settings)

    @cached_property
    def rate(self) -> float | None:
        """The learning rate, its expression worked out; None for that of the contract."""
        rate = self.setting.rate
        if isinstance(rate, str):
            return float(evaluate(rate, {"curvature": self.curvature}))
        return rate

    # -- facts
    @cached_property
    def facts(self) -> dict[str, Any]:
        """Curvature and closed form."""
        return facts(self.model, self.sample.arrays, self.start)

    @cached_property
    def curvature(self) -> dict[str, float]:
        """The extreme eigenvalues of the Hessian at the start."""
        return self.curvature_at(self.start)

    @cached_property
    def plane(self) -> list[float]:
        """The curvatures at the start in the space of the weights, all biases held: eigenvalues, the smallest first."""
        flat = Flat(self.start)
        found = Curvature(self.model.derivation, self.sample.arrays, flat).hessian(self.start)
        biases = {x.name for x in self.model.graph.inputs if x.name.startswith("b")}
        sizes = [int(np.prod(shape, dtype=int)) for shape in flat.shapes]
        free = np.repeat([name not in biases for name in flat.names], sizes)
        return [float(x) for x in np.linalg.eigvalsh(found[np.ix_(free, free)])]

    def curvature_at(self, params: Mapping[str, Any]) -> dict[str, float]:
        """Return the extreme eigenvalues of the Hessian at some parameters, 2/λmax, and their quotient."""
        found = Curvature(self.model.derivation, self.sample.arrays, Flat(self.start))
        low, high = found.extremes(params)
        return {
            "smallest": low,
            "largest": high,
            "limit": 2 / high if high > 0 else np.inf,
            "condition": high / low if low > 0 else np.inf,
        }

    def at(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a lesson may ask of a place: the loss there, parameters, gradients, forward values, curvature."""
        return {
            "loss": lambda: self.model.loss(self.sample.arrays, params),
            "params": params,
            "grads": lambda: self.model.value_and_grad(self.sample.arrays, params)[1],
            "values": lambda: self.values(params),
            "curvature": lambda: self.curvature_at(params),
        }

    def values(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return every forward value by label."""
        return values_of(self.model, self.sample.arrays, params)

    def run(self) -> dict[str, Any]:
        """Return what a lesson may ask of a descent: losses, where it came from, where it went, whether it diverged."""
        s, optimizer = self.setting, OPTIMIZERS[self.setting.method][1]
        rate = self.rate
        if rate is None:
            methods = self.document["methods"]
            rate = next(m["learningRate"] for m in methods if m["key"] == s.method)
        diverged = False
        try:
            run = fit(
                self.model, self.sample.arrays, optimizer=replace(optimizer, learning_rate=rate), steps=s.steps,
                batch_size=s.batch_size, seed=s.seed, params=self.start, engine="numpy",
            )  # fmt: skip
        except DivergenceError as error:
            run, diverged = error.run, True
        return {
            "rate": rate,
            "steps": len(run.losses),
            "losses": run.losses.tolist(),
            "diverged": diverged,
            "setting": vars(s),
            "first": self.at(self.start),
            **self.at(run.params),
        }

    def names(self) -> dict[str, Any]:
        """Return what expressions may name, but for the runs."""
        arrays = self.sample.arrays
        sizes = sizes_of(self.model.graph, arrays, self.start)
        return {
            "m": sizes.get("m", 0),
            "sizes": sizes,
            "n": Flat(self.start).size,
            "curvature": lambda: self.curvature,
            "plane": lambda: self.plane,
            "start": lambda: self.at(self.start),
            "optimum": lambda: self.optimum,
            "units": {k.partition(" ")[0]: dict(v) for k, v in self.sample.units.items()},
            "rate": lambda: self.rate,
            "columns": lambda: self.columns,
            "shape": {label: show(shape) for label, shape in _shapes(self.model.graph).items()},
            "facts": lambda: self.facts,
            "setting": vars(self.setting),
        }

    @property
    def columns(self) -> dict[str, Any]:
        """The features by name, one row of numbers each."""
        X = np.atleast_2d(self.sample.arrays[next(iter(self.model.data))])
        return dict(zip(self.sample.features, X, strict=True))

    @cached_property
    def optimum(self) -> dict[str, Any]:
        """The closed form, as a place."""
        found = self.facts["optimum"]
        if found is None:
            raise unknown("closed form of", self.model.name, ())
        return self.at({k: np.array(v) for k, v in found["params"].items()})


def values_of(model: Model, data: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return every forward value of a model by label."""
    graph = model.graph
    named = {v.label: v for v in graph.values}
    arguments = {**graph.data, **dict.fromkeys(named, ())}
    shown = Graph(graph.name, arguments, graph.parameters, graph.loss)
    program = programs.build("values", shown, graph.loss, graph.values, named, [], False)
    with np.errstate(all="ignore"):
        return programs.compiled(program).run({**data, **params})


def _shapes(graph: Graph) -> dict[str, tuple[str, ...]]:
    inputs = {node.name: node.shape for node in graph.inputs}
    return inputs | {value.label: value.shape for value in graph.values}


def _operation(name: str) -> Any:
    if name not in FUNCTIONS:
        raise unknown("operation", name, FUNCTIONS)
    return FUNCTIONS[name]


def scope(case: Case | None, front: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the names of a lesson: those of its case, if any; `run.NAME` and `case.NAME` as its front matter
    says; `note.NAME`, the facts that rooms of widgets register.
    """
    base = (case or Case(Setting())).setting
    runs = {
        name: _once(lambda changes=changes: Case(base.but(changes)).run())
        for name, changes in cast("dict[str, Any]", front.get("run", {})).items()
    }
    others = {
        name: _once(lambda changes=changes: Case(base.but(changes)).names())
        for name, changes in cast("dict[str, Any]", front.get("case", {})).items()
    }
    own = case.names() if case else {}
    told = {name: _once(make) for name, make in FACTS.items()}
    return {
        **own,
        "run": runs,
        "case": others,
        "race": _once(lambda: race_of(folder)),
        "note": told,
    }


def race_of(folder: Path) -> dict[str, Any]:
    """Return the race that is kept beside a lesson, its lanes also by their number of parameters: race.n50.descent."""
    found = json.loads((folder / "race.json").read_text(encoding="utf-8"))
    return {**found, **{f"n{lane['n']}": lane for lane in found["lanes"]}}


def _once(make: Any) -> Any:
    held: list[Any] = []

    def value() -> Any:
        if not held:
            held.append(make())
        return held[0]

    return value


__all__ = ["Case", "Setting", "race_of", "scope", "values_of"]
