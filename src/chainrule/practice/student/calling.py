"""How a student's function is called: with the model's arguments by name, else in order; in NumPy, JAX or PyTorch arrays."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from chainrule.errors import DataError
from chainrule.practice.student.arrays import Array, as_library, numbers
from chainrule.practice.student.names import Names
from chainrule.practice.student.recording import Recording, record

LIBRARIES = ("numpy", "jax", "torch")
Inputs = dict[str, "Array | list[Array]"]


@dataclass(frozen=True)
class Plan:
    """Which argument goes where: `slots` by position (a name, or a tuple of names that go into one dict), or `keywords`."""

    slots: tuple[str | tuple[str, ...], ...] = ()
    keywords: Mapping[str, str] = field(default_factory=dict[str, str])  # argument -> the student's

    def aliases(self, function: Callable[..., Any]) -> dict[str, str]:
        """Return what the student calls the model's arguments: {"V": "W1"}."""
        found = {theirs: ours for ours, theirs in self.keywords.items()}
        for theirs, slot in zip(_parameters(function) or [], self.slots, strict=False):
            if isinstance(slot, str):
                found[theirs.name] = slot
        return found


def plan_call(function: Callable[..., Any], data: Sequence[str], parameters: Sequence[str]) -> Plan:
    """Return how a function is to be called, from its signature.

    Raises:
        DataError: the signature fits neither the model's names nor their number.
    """
    names = [*data, *parameters]
    known = _parameters(function)
    if known is None:
        return Plan(slots=tuple(names))
    matched = {p.name: own for p in known if (own := Names(names).value(p.name))}
    required = [p for p in known if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    by_name = {ours: theirs for theirs, ours in matched.items()}
    positional = [p for p in known if p.kind is not p.KEYWORD_ONLY]
    if list(matched.values()) == names and len(known) == len(positional) == len(names):
        return Plan(slots=tuple(names))  # by position is safest: some decorators take no keywords
    whole = len(by_name) == len(names) == len(matched)
    if whole and all(p.name in matched and p.kind is not p.POSITIONAL_ONLY for p in required):
        return Plan(keywords=by_name)
    if any(p.kind is p.VAR_POSITIONAL for p in known):
        return Plan(slots=tuple(names))
    bundled = _bundled(required, data, parameters, matched)
    if bundled is not None:
        return bundled
    if len(required) <= len(names) <= len(positional):
        return Plan(slots=tuple(names))
    raise DataError(_signature_message(function, known, names))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature
        return None
    return [p for p in found if p.kind is not p.VAR_KEYWORD]


def _bundled(
    required: Sequence[inspect.Parameter],
    data: Sequence[str],
    parameters: Sequence[str],
    matched: Mapping[str, str],
) -> Plan | None:
    """Return the plan of f(X, Y, params), f(params, X, Y) or f(data, params), dicts of arrays."""
    names = [p.name for p in required]
    free = [name for name in names if name not in matched]
    usual = free == ["params"] or len(parameters) > 1
    if len(free) == 1 and usual and sorted(matched.values()) == sorted(data):
        return Plan(slots=tuple(matched.get(n, tuple(parameters)) for n in names))
    if len(names) == 2 and len(data) + len(parameters) > 2:
        groups = (tuple(data), tuple(parameters))
        which = [next((g for k, g in _GROUPS if n.lower().startswith(k)), None) for n in names]
        if set(which) == {0, 1}:
            return Plan(slots=tuple(groups[i] for i in which if i is not None))
    return None


_GROUPS = (("data", 0), ("batch", 0), ("input", 0), ("param", 1), ("weight", 1), ("theta", 1))


def _signature_message(
    function: Callable[..., Any], known: Sequence[inspect.Parameter], names: Sequence[str]
) -> str:
    called = getattr(function, "__name__", "the function")
    return (
        f"{called} takes ({', '.join(p.name for p in known)}), and the model has the arguments ({', '.join(names)}). "
        f"Write def {called}({', '.join(names)}): in this order, or any order under these names."
    )


def run(
    function: Callable[..., Any], plan: Plan, inputs: Inputs, library: str | None = None
) -> Recording:
    """Return the recording of one call on fresh copies of the inputs.

    With no library named, NumPy arrays are passed first; where the function fails on them and its file uses PyTorch or
    JAX, it is called again with that library's arrays.
    """
    result = _run_in(function, plan, inputs, library or "numpy")
    if library is None and result.failure is not None:
        for other in ("torch", "jax"):
            if _uses(function, other):
                again = _run_in(function, plan, inputs, other)
                if again.failure is None:
                    return again
    return result


def _run_in(function: Callable[..., Any], plan: Plan, inputs: Inputs, library: str) -> Recording:
    own = {name: _converted(value, library) for name, value in inputs.items()}
    slots = [own[s] if isinstance(s, str) else {n: own[n] for n in s} for s in plan.slots]
    keywords = {theirs: own[ours] for ours, theirs in plan.keywords.items()}
    result = record(function, slots, keywords)
    for name, before in inputs.items():
        pairs = zip(_listed(own[name]), _listed(before), strict=False)
        for i, (after, old) in enumerate(pairs):
            found = numbers(after)
            label = f"{name}[{i}]" if isinstance(before, list) else name
            if found is not None and not np.array_equal(found.array, old):
                result.changed[label] = found
    return result


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _converted(value: Array | list[Array], library: str) -> Any:
    if isinstance(value, list):
        return [as_library(x, library) for x in value]
    if library == "numpy" and not value.shape:
        return value[()]  # a scalar parameter is a number, as students have it
    return as_library(value, library)


def _uses(function: Callable[..., Any], library: str) -> bool:
    """Tell whether a loaded library is among the names that a function's file uses."""
    if library not in sys.modules:
        return False
    plain = inspect.unwrap(function)
    space: Mapping[str, Any] = getattr(plain, "__globals__", {})
    code = getattr(plain, "__code__", None)
    imported: tuple[str, ...] = getattr(code, "co_names", ())  # import torch, inside the function
    held = {str(getattr(v, "__name__", "")).partition(".")[0] for v in space.values()}
    return library in held or library in imported
