"""Pages of the reader's own: a model with its data, and a run that was fitted, each with the same instrument as the course."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from chainrule.course.contract import Settings, contract, facts
from chainrule.course.markup import VIEWS, instrument
from chainrule.course.samples import Sample, fitted, made_up, thinned
from chainrule.course.site import Course
from chainrule.emit import text
from chainrule.emit.symbols import symbol
from chainrule.errors import DataError
from chainrule.fit.run import Run
from chainrule.model import Model
from chainrule.optim.optimizer import Optimizer

UNTOLD_SIZE = 8  # of a dim, such as n_h, that neither the data nor the reader tells
STEPS = 200
MOST_STEPS = 10_000  # of a run that its page plays again; fewer where a step is much work:
WORK = 100_000_000  # examples x parameters x steps, about a second in a browser


# -- a model with its data
def model_page(
    course: Course, model: Model, sample: Sample | None, sizes: Mapping[str, int]
) -> str:
    """Return the page of a model and its data (None: made-up data)."""
    told = {**sizes, **_untold(model, sizes)}
    data = sample or made_up(model, **told)
    document = own_document(model, data, told)
    notes = [*_data_notes(data, document), *_size_notes(told), *_name_notes(document)]
    says = [f"{model.name} learns {_learned(model)}, from {data.name}.", *_predicts(data)]
    about = model.__doc__ or ""
    lede = f'<p class="lede">{escape(about)}</p>' if about.strip(" .") != document["title"] else ""
    body = _body("Your own model", document, f"{lede}<p>{escape(' '.join(says))}</p>", notes, "")
    return course.own(document["title"], about, body, document)


def own_document(model: Model, sample: Sample, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the contract of a reader's own model: gradient descent on a bowl, else Adam."""
    arrays = {k: v for k, v in sample.arrays.items() if not isinstance(v, list)}
    known = {d: n for d, n in sizes.items() if d in model.graph.dims}
    start = model.init({**arrays, **known}, seed=0)
    found = facts(model, sample.arrays, start)
    method = "gradient-descent" if found["quadratic"] else "adam"
    return contract(model, sample, params=start, settings=Settings(method=method, steps=STEPS))


def _untold(model: Model, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return sizes for the dims that are only the model's own, such as n_h."""
    graph = model.graph
    data = {d for node in graph.inputs if node.role == "data" for d in node.shape}
    return {
        d: UNTOLD_SIZE for d in graph.dims if d not in sizes and d not in data and not d.isdigit()
    }


# -- a run
def run_page(course: Course, run: Run) -> str:
    """Return the page of a run: the descent itself, step by step, open at its last one.

    Raises:
        DataError: the run was loaded without its data.
    """
    if run.data is None:
        raise DataError(
            "a run is shown on its data, and they are not saved with it. Load it with cr.load(folder, data=...)."
        )
    model, optimizer = run.model, run.settings.optimizer
    whole = fitted(run.data, run.reading)
    data = thinned(model, whole)
    own = optimizer if isinstance(optimizer, Optimizer) else None
    played = _played(run, data) if own else STEPS
    settings = Settings(
        seed=run.settings.seed, steps=played, batch_size=run.settings.batch_size, optimizer=own
    )
    document = contract(model, data, params=run.start, settings=settings)
    notes = [*map(escape, _run_notes(run, played, data is whole)), *_data_notes(data, document)]
    says = [f"{model.name} learned {_learned(model)}: {_course_of(run)}.", *_predicts(data)]
    state = f"step={min(played, run.steps)}" if own else ""
    notes += _name_notes(document)
    body = _body("A run", document, f"<p>{escape(' '.join(says))}</p>", notes, state)
    return course.own(document["title"], says[0], body, document)


def _played(run: Run, data: Sample) -> int:
    """Return how many of a run's steps its page plays again: all that a browser makes in about a second."""
    sizes = [int(np.size(x)) for x in data.arrays.values() if not isinstance(x, list)]
    examples = max(1, min(sizes, default=1))  # the target has about a number for each
    most = max(STEPS, min(MOST_STEPS, WORK // (examples * run.flat.size)))
    wanted = run.settings.steps if run.stopped == "diverged" else run.steps
    return max(1, min(wanted, most))


def _course_of(run: Run) -> str:
    settings = run.settings
    batches = f" on batches of {settings.batch_size:,}" if settings.batch_size else ""
    first = f" from {float(run.losses[0]):.4g}" if len(run.losses) else ""
    return f"{run.steps:,} steps of {settings.optimizer!r}{batches}, seed {settings.seed}, took the loss{first} to {run.loss:.4g}"


def _run_notes(run: Run, played: int, whole: bool) -> list[str]:
    """Return in what the page is not the run itself."""
    notes: list[str] = []
    if not isinstance(run.settings.optimizer, Optimizer):
        notes.append(
            f"{run.settings.optimizer!r} follows no gradient: the page descends from the same start with a method that does."
        )
    elif played < run.steps:
        notes.append(f"The page plays the first {played:,} of the run's {run.steps:,} steps.")
    if not whole:
        notes.append("The page descends on a sample of the data, so its numbers are not the run's.")
    if run.reading is not None and run.reading.streamed:
        notes.append(
            f"The {run.reading.streamed:,} rows were kept as a few examples with the same second moments, which is all that this loss depends on."
        )
    if run.settings.dtype != "float64":
        notes.append(f"The run was made in {run.settings.dtype}; the page computes in float64.")
    return notes


# -- what both say
def _body(kicker: str, document: Mapping[str, Any], says: str, notes: list[str], state: str) -> str:
    told = "".join(f'<p class="source">{note}</p>' for note in notes)
    return (
        f'<p class="chapter">{kicker}</p><h1>{escape(document["title"])}</h1>{says}'
        f"{instrument(VIEWS, state, document)}{told}"
    )


def _learned(model: Model) -> str:
    names = [text.render(symbol(x.name)) for x in model.graph.inputs if x.role == "parameter"]
    return f"{len(names)} parameter{'s' * (len(names) != 1)}, {', '.join(names)}"


def _predicts(data: Sample) -> list[str]:
    if not (data.features and data.targets):
        return []
    return [f"It predicts {', '.join(data.targets)} from {', '.join(data.features)}."]


def _data_notes(data: Sample, document: Mapping[str, Any]) -> list[str]:
    notes = [escape(data.source)] if data.source else []
    if document["data"]["units"]:
        notes.append(
            "Columns are standardised to mean 0 and deviation 1; the axes have your units."
        )
    return notes


def _size_notes(told: Mapping[str, int]) -> list[str]:
    if not told:
        return []
    first = next(iter(told))
    sizes = escape(", ".join(f"{dim} = {n}" for dim, n in told.items()))
    return [
        f"Sizes that the data do not tell: {sizes}; choose with <code>--size {escape(first)}={told[first]}</code>."
    ]


def _name_notes(document: Mapping[str, Any]) -> list[str]:
    unnamed = [v["label"] for v in document["values"] if re.fullmatch(r"v\d+", v["label"])]
    if not unnamed:
        return []
    return [
        f"Values that have no name in your code are called {escape(', '.join(unnamed[:4]))}; give them one there to see it here."
    ]


__all__ = ["model_page", "own_document", "run_page"]
