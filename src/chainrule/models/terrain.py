"""Losses without data, in two parameters, on which descents are told apart: a ravine, the same turned, a saddle, a plateau."""

# pyright: reportUndefinedVariable=false, reportInvalidTypeForm=false, reportGeneralTypeIssues=false, reportUnknownParameterType=false, reportMissingParameterType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUntypedFunctionDecorator=false
# Written as a reader writes models: annotations are shapes, not types.

from __future__ import annotations

from chainrule.model import Model, model


@model
def ravine(*, w1: "", w2: ""):
    """A ravine: a bowl that is 25 times as steep across as along."""
    return w1**2 / 2 + 25 * w2**2 / 2


@model
def turned_ravine(*, w1: "", w2: ""):
    """A ravine that runs between the axes: the same bowl, turned by an eighth."""
    return (w1 - w2) ** 2 / 4 + 25 * (w1 + w2) ** 2 / 4


@model
def saddle(*, w1: "", w2: ""):
    """A saddle: a valley one way, a ridge the other, and a minimum on either side of it."""
    return w1**2 / 2 - w2**2 / 2 + w2**4 / 4


@model
def plateau(*, w1: "", w2: ""):
    """A plateau: a hole in a plain that is nearly flat."""
    s = w1**2 + 4 * w2**2
    return s / (1 + s)


def terrain() -> dict[str, Model]:
    """Return these losses by name."""
    return {one.name: one for one in (ravine, turned_ravine, saddle, plateau)}


__all__ = ["plateau", "ravine", "saddle", "terrain", "turned_ravine"]
