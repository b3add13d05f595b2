"""The known mistakes of a step, written entry by entry in the names of the question: few, common, and all told apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.errors import TraceError
from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, Coefficient, coefficient, size_of
from chainrule.graph.nodes import Add, Ein, Node
from chainrule.practice.mutants.catalogue import Mutant, kind, mutant
from chainrule.practice.questions import answers as language
from chainrule.practice.questions.entries import Entries, size, written

MOST = 6  # of one step
LONGEST_FORMULA = 600
_USUAL = (
    "ascent", "bias-correction", "epsilon-inside", "betas-swapped", "another-form", "step-number",
    "missing-activation-derivative", "extra-activation-derivative", "derivative-at-output", "derivative-at-input",
    "softmax-elementwise", "sign", "missing-1-over-m", "mean-for-sum", "missing-factor-2", "missing-term", "missing-factor",
    "missing-function", "transposed-operand", "transposed-result", "missing-sum", "wrong-axis", "another-activation-derivative",
    "another-activation", "extra-activation", "missing-square", "wrong-value", "doubled-factor", "extra-factor-2",
)  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """A known mistake of a step: the text of every entry."""

    key: str
    message: str
    fix: str
    entries: tuple[str, ...]


def scales(formula: Node) -> Iterator[Mutant]:
    """Yield a gradient with its constants wrong: the sign, the 2 and the 1/m where they come in."""
    if isinstance(formula, Ein) and (formula.coefficient.dims or formula.coefficient.number != 1):
        if any(power == -1 for _, power in formula.coefficient.dims):
            dim = next(d for d, power in formula.coefficient.dims if power == -1)
            said = f"the division by {dim} is missing"
            yield mutant("missing-1-over-m", _times(formula, size_of([dim])), said)
            said = f"it was divided by {dim} twice"
            again = Coefficient(Fraction(1), ((dim, Fraction(-1)),))
            yield mutant("extra-1-over-m", _times(formula, again), said)
        if formula.coefficient.number == 2:
            half = coefficient(Fraction(1, 2))
            yield mutant(
                "missing-factor-2", _times(formula, half), "the 2 of the square is missing"
            )
    if isinstance(formula, Add) or any(isinstance(a, Add) for a in formula.args):
        yield mutant("sign", _times(formula, MINUS_ONE), "the sign is wrong", extra=-0.5)
    if isinstance(formula, Ein):
        for dim in dict.fromkeys(formula.dims[x] for x in formula.summed):
            if not dim.isdigit():
                mean = Coefficient(Fraction(1), ((dim, Fraction(-1)),))
                said = f"the mean over {dim} was taken, and it is the sum"
                yield mutant("mean-for-sum", _times(formula, mean), said)


def _times(node: Node, scale: Coefficient) -> Node:
    if isinstance(node, Ein):
        return nodes.ein(node.coefficient.times(scale), node.factors, node.out, node.shape)
    return nodes.scaled(scale, node)


def chosen(
    made: Iterable[Mutant],
    right: Entries,
    shape: Sequence[int],
    known: Mapping[Node, Entries],
    sizes: Mapping[str, int],
    fixed: Mapping[str, float],
    most: int = MOST,
) -> list[Wrong]:
    """Return the mistakes that show in these entries, the usual ones first, at most one of a kind, each unlike the others."""
    probes = _probes([*right, *(e for entries in known.values() for e in entries)], fixed)
    seen = {_signature(right, probes)}
    kinds: set[str] = set()
    found: list[Wrong] = []
    ranked = [m for m in made if m.mistake in _USUAL or m.mistake not in ("wrong-coefficient", "inverse")]  # fmt: skip
    for one in sorted(ranked, key=_rank):
        if one.mistake in kinds or [size(d, sizes) for d in one.formula.shape] != list(shape):
            continue
        try:
            entries = written(one.formula, known, sizes)
        except TraceError:
            continue
        mark = _signature(entries, probes)
        if mark is None or mark in seen or max(map(len, entries)) > LONGEST_FORMULA:
            continue
        seen.add(mark)
        kinds.add(one.mistake)
        found.append(Wrong(one.mistake, one.message, kind(one.mistake).remedy, tuple(entries)))
        if len(found) == most:
            break
    return found


def _rank(one: Mutant) -> tuple[int, float]:
    usual = _USUAL.index(one.mistake) if one.mistake in _USUAL else len(_USUAL)
    return (usual if one.cost < 2.5 else len(_USUAL), one.cost)


def _probes(texts: Iterable[str], fixed: Mapping[str, float]) -> list[dict[str, float]]:
    """Return values of every name at three points, to see which formulas are the same; labels are what they are."""
    names = sorted({w for t in texts for kind_, w in language.postfix(t) if kind_ == "name"})
    return [
        {n: 0.15 + 0.7 * math.modf((i + 1) * turn)[0] for i, n in enumerate(names)} | dict(fixed)
        for turn in (0.618034, 0.414214, 0.732051)
    ]


def _signature(
    entries: Sequence[str], probes: Sequence[Mapping[str, float]]
) -> tuple[str, ...] | None:
    values = [language.compute(language.postfix(e), p) for e in entries for p in probes]
    return tuple(f"{v:.6g}" for v in values) if all(map(math.isfinite, values)) else None
