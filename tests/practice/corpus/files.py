"""Batches of whole files, each as its author wrote it: registered by a table, not by a decorator."""

import importlib
from dataclasses import dataclass

from practice.corpus.entry import RIGHT, WRONG, Entry
from practice.corpus.normalised import batch_norm

import chainrule as cr
from chainrule.modelfile import find_model


@dataclass(frozen=True)
class File:
    """A file: the model, with options; what a check must find, nothing for a right pass; what its author wrote in the margin."""

    model: str
    found: tuple[tuple[str, str], ...]
    about: str
    options: tuple[tuple[str, str], ...] = ()


def wrong(model, about, *found, **options):
    """Return a wrong file."""
    return File(model, found, about, tuple(options.items()))


def right(model, about, **options):
    """Return a right file."""
    return File(model, (), about, tuple(options.items()))


def register(package, files):
    """Register a batch's files, in order."""
    for stem, file in files.items():
        function = importlib.import_module(f"{package}.{stem}").backward
        model = batch_norm if file.model == "batch_norm" else find_model(file.model)
        if file.options:
            chosen = {name: getattr(cr, value) for name, value in file.options}
            model = model.with_options(**chosen)
        entries = WRONG if file.found else RIGHT
        if all(e.name != f"{model.name}-{stem}" for e in entries):
            entries.append(Entry(model, function, file.found, file.about, called=stem))
