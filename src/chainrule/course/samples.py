"""The data of an instrument: a table's columns or arrays, with names, units and where they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.derive.instances import implied_domains, instance
from chainrule.engines.moments import example_dims
from chainrule.errors import ChainRuleError
from chainrule.fit.inputs import Inputs, Reading, read
from chainrule.graph.trace import Graph
from chainrule.model import Model
from chainrule.tables.files import shipped
from chainrule.tables.table import PYTHON, Table, find
from chainrule.threefry import normal, permutation

MOST = 20_000  # examples on a page; of more, a fixed random sample
_UNIT = re.compile(r"(.+)_(min|ms|s|g|kg|mm|cm|m)")
_SOURCES = Path(__file__).resolve().parents[1] / "data" / "SOURCES.md"


@dataclass(frozen=True)
class Sample:
    """Arrays in a model's layout, and what to call them.

    `units`: by column, the mean and the deviation that it was standardised by.
    """

    arrays: Mapping[str, Any]
    name: str = ""
    source: str = ""
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    units: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    classes: tuple[str, ...] = ()

    def document(self, graph: Graph) -> dict[str, Any]:
        """Return it as web/src/contract.ts describes it."""
        return {
            "name": self.name,
            "source": self.source,
            "arrays": nested(graph.data, self.arrays),
            "features": list(self.features),
            "targets": list(self.targets),
            "units": {column: dict(unit) for column, unit in self.units.items()},
            "classes": list(self.classes) if len(self.classes) > 1 else [],
        }


def nested(group: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return arrays as nested lists by label, lists of arrays spread out: "W[0]", "W[1]"."""
    found: dict[str, Any] = {}
    for name, shape in group.items():
        if isinstance(shape, list):
            for i, one in enumerate(arrays[name]):
                found[f"{name}[{i}]"] = np.asarray(one, dtype=np.float64).tolist()
        else:
            found[name] = np.asarray(arrays[name], dtype=np.float64).tolist()
    return found


def examples_dim(graph: Graph) -> str | None:
    """Return the dim that counts examples: "m" where it may, else the only one that may."""
    dims = example_dims(graph)
    return "m" if "m" in dims else dims[0] if len(dims) == 1 else None


def sample(
    model: Model,
    data: Any,
    target: str | list[str] | None = None,
    features: str | list[str] | None = None,
    standardise: bool = True,
    scale: Mapping[str, tuple[float, float]] | None = None,
    source: str = "",
    classes: tuple[str, ...] = (),
) -> Sample:
    """Return data for a model.

    Args:
        model: any model.
        data: a table (a path, the name of a shipped data set, a frame), or arrays in the model's layout.
        target, features: columns of a table.
        standardise: bring columns to mean 0 and deviation 1.
        scale: instead, by column, where its zero is and how long its unit.
        source: where the data come from, where it is no shipped data set.
        classes: keep the rows in which the target is one of these; () for all.
    """
    table = _rescaled(data, target, features, scale) if scale else data
    if classes and isinstance(target, str):
        table = replace(find(table).only(target, classes), words=PYTHON)
    inputs = read(
        model, table, target, features,
        drop_missing=target is not None, standardise=standardise and not scale,
    )  # fmt: skip
    stem = Path(data).stem if isinstance(data, str | Path) else ""
    known = stem in [x.removesuffix(".csv") for x in shipped()]
    name = Path(data).name if isinstance(data, str | Path) else ""
    found = _of(inputs, stem.replace("_", " ").title() if known else name)
    if scale:
        units = {title(c): {"mean": at, "deviation": unit} for c, (at, unit) in scale.items()}
        found = replace(found, units=units)
    return thinned(model, replace(found, source=source or (sources()[stem] if known else "")))


def fitted(arrays: Mapping[str, Any], reading: Reading | None) -> Sample:
    """Return the data of a run: its arrays, named and scaled as the table was that they were read from."""
    return _of(Inputs(dict(arrays), reading), "the data of the run")


def _rescaled(
    data: Any, target: Any, features: Any, scale: Mapping[str, tuple[float, float]]
) -> Table:
    table = find(data)
    chosen = list(features or [x for x in table.names if x != target])
    columns = [*chosen, *([target] if isinstance(target, str) else target)]
    rows = table.numeric(columns)
    scaled = {
        column: (row - scale[column][0]) / scale[column][1] if column in scale else row
        for column, row in zip(columns, rows, strict=True)
    }
    return Table.of(table.name, scaled)


def _of(inputs: Inputs, name: str) -> Sample:
    reading = inputs.reading
    if reading is None:
        return Sample(inputs.arrays, name or "the arrays")
    units: dict[str, dict[str, float]] = {}
    scaling = reading.scaling
    if scaling is not None:
        columns = (*scaling.features, *scaling.targets)
        means = (*scaling.means, *scaling.target_means)
        deviations = (*scaling.deviations, *scaling.target_deviations)
        units = {
            title(column): {"mean": mean, "deviation": deviation}
            for column, mean, deviation in zip(columns, means, deviations, strict=True)
        }
    return Sample(
        inputs.arrays,
        name,
        "",
        tuple(map(title, reading.features)),
        tuple(map(title, reading.targets)),
        units,
        reading.encoding.classes,
    )


def title(column: str) -> str:
    """Return a column's name for an axis.

    >>> title("waiting_min"), title("bmi")
    ('waiting (min)', 'bmi')
    """
    unit = _UNIT.fullmatch(column)
    return f"{unit[1].replace('_', ' ')} ({unit[2]})" if unit else column.replace("_", " ")


def sources() -> dict[str, str]:
    """Return where each shipped data set comes from, by its name: SOURCES.md, read."""
    found: dict[str, str] = {}
    for line in _SOURCES.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].endswith(".csv"):
            found[cells[0].removesuffix(".csv")] = f"{cells[2]}. {cells[3]}".replace("`", "")
    return found


def thinned(model: Model, found: Sample) -> Sample:
    """Return the data, or a fixed random sample of them where a page could not hold them all."""
    dim = examples_dim(model.graph)
    if dim is None:
        return found
    places = {
        name: shape.index(dim)
        for name, shape in model.graph.data.items()
        if isinstance(shape, tuple) and dim in shape
    }
    m = max(np.shape(found.arrays[name])[axis] for name, axis in places.items())
    if m <= MOST:
        return found
    chosen = np.sort(permutation(0, 0, m)[:MOST])
    arrays = {
        name: np.take(np.asarray(array), chosen, axis=places[name]) if name in places else array
        for name, array in found.arrays.items()
    }
    said = f"A fixed random sample of {MOST:,} of its {m:,} rows."
    return replace(found, arrays=arrays, source=f"{found.source} {said}".strip())


def made_up(model: Model, m: int = 40, **sizes: int) -> Sample:
    """Return data made up for a model: of each input's domain; the target, where it can be, from the model itself.

    The target is then the model's own prediction at parameters of another seed, with noise.
    """
    graph = model.graph
    dim = examples_dim(graph)
    dims = {name: 2 + i % 3 for i, name in enumerate(graph.dims)} | {dim: m} | sizes
    arrays = instance(graph, {d: n for d, n in dims.items() if d}, 0)
    data = {name: _grouped(name, shape, arrays) for name, shape in graph.data.items()}
    target = list(graph.data)[-1] if graph.data else None
    if len(data) > 1 and target and implied_domains(graph).get(target, "real") == "real":
        data[target] = _taught(model, data, target, {d: n for d, n in dims.items() if d})
    return Sample(data, "made-up data", "Made up by chainrule (seed 0).")


def _grouped(name: str, shape: Any, arrays: Mapping[str, Any]) -> Any:
    if isinstance(shape, list):
        return [np.array(arrays[f"{name}[{i}]"]) for i in range(len(shape))]  # pyright: ignore[reportUnknownArgumentType]
    return np.array(arrays[name])


def _taught(model: Model, data: Mapping[str, Any], target: str, sizes: dict[str, int]) -> Any:
    try:
        taught = model.predict(data, model.init(sizes, seed=1))
    except ChainRuleError:
        return data[target]
    wanted = np.shape(data[target])
    if np.shape(taught) != wanted:
        return data[target]
    return taught + 0.1 * normal(0, 0, taught.size).reshape(wanted)


__all__ = [
    "MOST",
    "Sample",
    "examples_dim",
    "fitted",
    "made_up",
    "nested",
    "sample",
    "sources",
    "thinned",
    "title",
]
