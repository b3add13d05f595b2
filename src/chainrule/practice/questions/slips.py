"""Wrong optimizers' steps: whole programs, each the method's own rule with one known mistake in it, and what they give."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from chainrule.graph.coefficient import MINUS_ONE, coefficient
from chainrule.graph.nodes import Node, add, scaled
from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer
from chainrule.practice.grounds.numbers import Array, Point, Value, exact
from chainrule.practice.mutants.formulas import exchanged
from chainrule.practice.questions.stepping import METHODS, Method, method_values, rule_mutants

SIZES = (3, 4)
CLOSE = 1e-9  # of the largest entry: far above rounding, far below any mistake
Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Slip:
    """A known mistake: another optimizer, nodes with other formulas, a state read before its update, or t shifted."""

    key: str
    message: str
    optimizer: Optimizer
    changed: tuple[tuple[Node, Node], ...] = ()
    stale: str = ""
    later: float = 0.0


def results(slip: Slip, given: Arrays, own: Arrays | None = None) -> dict[str, Array]:
    """Return what the step gives with a mistake in it; `own` holds new values that a student's program went on with."""
    update = slip.optimizer.traced
    known: dict[Node, Value] = {n: exact(given[k] + (slip.later if k == "t" else 0)) for k, n in update.inputs.items()}  # fmt: skip
    for name, array in (own or {}).items():
        known[update.results[name]] = exact(array)
    sizes = {"n": len(given["w"])}
    for node, formula in slip.changed:
        if node not in known:
            known[node] = Point(sizes, known).value(formula)
    right = Point(sizes, known)
    found = {name: right.value(node).array for name, node in update.results.items()}
    if slip.stale:
        known[update.results[slip.stale]] = known[update.inputs[slip.stale]]
        found["w"] = Point(sizes, known).value(update.results["w"]).array
    return found


def truth(variant: str) -> Slip:
    """Return the step without a mistake."""
    return Slip("", "", METHODS[variant].optimizer)


@lru_cache(maxsize=16)
def slips(variant: str) -> tuple[Slip, ...]:
    """Return the known mistakes of a method, the usual ones first; each unlike the truth and those before it."""
    seen = [_fingerprint(truth(variant), variant)]
    found: list[Slip] = []
    for one in _all(METHODS[variant]):
        mark = _fingerprint(one, variant)
        finite = all(np.all(np.isfinite(a)) for a in mark)
        if finite and not any(alike(mark, other) for other in seen):
            seen.append(mark)
            found.append(one)
    return tuple(found)


def alike(these: Sequence[Array], those: Sequence[Array], close: float = CLOSE) -> bool:
    """Tell whether arrays are the same up to rounding."""
    pairs = list(zip(these, those, strict=True))
    return all(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= close * np.max(np.abs(b), initial=1e-3)))
        for a, b in pairs
    )  # fmt: skip


def _fingerprint(slip: Slip, variant: str) -> list[Array]:
    return [a for given in trials(variant, 0) for a in results(slip, given).values()]


def trials(variant: str, seed: int) -> list[dict[str, Array]]:
    """Return the arguments of the calls that a step is judged by: one decimal, a state that is not zero, t from 2."""
    rng = random.Random(f"{variant}/{seed}/trials")
    found: list[dict[str, Array]] = []
    for i, n in enumerate(SIZES):
        given: dict[str, Array] = {}
        for name in METHODS[variant].optimizer.arguments:
            sign = (1,) if name in ("s", "v") else (-1, 1)
            drawn = [rng.choice(sign) * rng.choice(range(2, 30)) / 10 for _ in range(n)]
            given[name] = np.asarray(i + rng.choice((2, 3)) if name == "t" else drawn, dtype=float)
        found.append(given)
    return found


def _all(method: Method) -> Iterator[Slip]:
    own = method.optimizer
    for key, said, other in (*method.confused, *_confused(own)):
        yield Slip(key, said, other)
    if "t" in own.arguments:
        yield Slip("step-number", "the step's number t is one too large", own, later=1.0)
        yield Slip("step-number", "the step's number t is one too small", own, later=-1.0)
    yield from _half(own)
    if isinstance(own, Momentum) and not isinstance(own, Nesterov):
        yield _rate_inside(own)
    yield from _gradient_itself(own)
    for slot in own.slots:
        said = f"the step reads {slot} from before its update"
        yield Slip("another-form", said, own, stale=slot)
    for value in method_values(own):
        made = rule_mutants(replace(method, confused=()), value, own.traced.inputs)
        for one in sorted(made, key=lambda m: m.mistake != "ascent"):
            said = f"in {value.label}, {one.message}"
            yield Slip(one.mistake, said, own, ((value, one.formula),))


def _confused(own: Optimizer) -> Iterator[tuple[str, str, Optimizer]]:
    if isinstance(own, AdamW):
        coupled = Adam(own.learning_rate, own.beta1, own.beta2, own.epsilon, weight_decay=own.weight_decay)  # fmt: skip
        yield "another-form", "the decay was added to the gradient, and it is to shrink w itself", coupled  # fmt: skip


def _half(own: Optimizer) -> Iterator[Slip]:
    """Yield the bias correction of one of two missing."""
    named = {v.label: v for v in own.traced.values}
    for slot in own.slots:
        if f"{slot}_hat" in named:
            said = f"the bias correction of {slot} was left out"
            yield Slip("bias-correction", said, own, ((named[f"{slot}_hat"], named[slot]),))


def _gradient_itself(own: Optimizer) -> Iterator[Slip]:
    """Yield the step taken along the gradient where it is to be along its mean."""
    update = own.traced
    for value in update.values:
        if value.label in ("v", "m_hat") and isinstance(own, Momentum | Adam):
            w = update.results["w"]
            formula = exchanged(w.inner, {value: update.inputs["dw"]})
            if formula is not w.inner:
                yield Slip(
                    "another-form",
                    f"the step is taken along dw, and not along {value.label}",
                    own,
                    ((w, formula),),
                )


def _rate_inside(own: Momentum) -> Slip:
    """Return the learning rate in the velocity, and not in the step."""
    update, rate = own.traced, own.learning_rate
    assert isinstance(rate, float)
    share = rate * (1 - own.momentum if own.form == "average" else 1)
    kept, pull = scaled(coefficient(own.momentum), update.inputs["v"]), update.inputs["dw"]
    v, w = update.results["v"], update.results["w"]
    inner = add([kept, scaled(coefficient(share), pull)])
    step = add([update.inputs["w"], scaled(MINUS_ONE, v)])
    said = "the learning rate was multiplied into v, and not into the step"
    return Slip("learning-rate-included", said, own, ((v, inner), (w, step)))
