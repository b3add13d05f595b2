"""Mutants of what is written down: parentheses left out, a square around the whole, a mean taken too early, a neighbour's index.

Made from the nodes alone, as those of `formulas`; rarer than those, so they are tried where a pass is known to be wrong and
are not drawn for questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient, size_of
from chainrule.graph.nodes import Add, Along, Ein, Input, Letters, Map, Name, Node, Pick
from chainrule.graph.tensor import Tensor, stretched
from chainrule.practice.mutants.catalogue import KINDS, Mutant, mutant
from chainrule.practice.mutants.formulas import exchanged, fitted, label

WIDEST = 8  # terms and factors of a node that are looked at: more make too many


def writing_mutants(root: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    """Yield the mutants of a formula that come of writing it down carelessly, each of its own shape."""
    yield from _same_everywhere(root)
    for node in nodes.inside(root):
        if nodes.is_leaf(node):
            yield from _numbers_for(root, node, pool)
        elif len(node.args) <= WIDEST:
            for made in _local(node):
                if made.formula.shape == node.shape:
                    yield made.over(exchanged(root, {node: made.formula}))


def whole_mutants(root: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    """Yield a formula as a whole times a value that is not there, or over one."""
    held = set(nodes.inside(root))
    for other in pool:
        fitting = fitted(other, root.shape)
        if fitting is None:
            continue
        over = nodes.elementwise("reciprocal", [fitting])
        below = nodes.elementwise("reciprocal", [other]) in held or over in held
        for by, what in ((fitting, "multiplied"), (over, "divided")):
            said = f"the whole was {what} by {{}}, which is not to be done"
            if below and what == "multiplied":
                said = "the division by {} is missing"
            yield mutant("extra-factor", (Tensor(root) * Tensor(by)).node, said, other, extra=0.2)


def scale_mutants(root: Node, dims: Sequence[str]) -> Iterator[Mutant]:
    """Yield a formula with a wrong scale, by what the loss averages over: it shows where it cannot be carried on as one."""
    average = size_of(dims)
    for scale, mistake in (
        (average, "missing-1-over-m"),
        (average.to_the(Fraction(-1)) or ONE, "extra-1-over-m"),
        (Coefficient(Fraction(2)), "extra-factor-2"),
        (Coefficient(Fraction(1, 2)), "missing-factor-2"),
        (MINUS_ONE, "sign"),
    ):
        if scale != ONE:
            said = f"it is {scale_text(scale)} times what it should be: {KINDS[mistake].meaning}"
            yield mutant(mistake, nodes.scaled(scale, root), said, extra=0.2)


def scale_text(scale: Coefficient) -> str:
    """Return a scale in words: m, 1/m, 2.

    >>> scale_text(size_of(["m", "n"])), scale_text(Coefficient(Fraction(1, 2)))
    ('m n', '1/2')
    """
    top = " ".join(d for d, e in scale.dims if e > 0)
    low = " ".join(d for d, e in scale.dims if e < 0)
    below = f"({low})" if " " in low else low
    return top or (f"1/{below}" if low else str(scale.number))


def _local(node: Node) -> Iterator[Mutant]:
    if isinstance(node, Ein):
        yield from _parentheses(node)
        yield from _averaged_too_early(node)
        yield from _first_only(node)
    elif isinstance(node, Add):
        yield from _square_around(node)
        yield from _broadcast(node)
    elif isinstance(node, Map):
        yield from _one_over_a_sum(node)
    elif isinstance(node, Along):
        yield from _along_something_else(node)
    elif isinstance(node, Pick):
        yield from _neighbours(node)


def _same_everywhere(root: Node) -> Iterator[Mutant]:
    """Yield a formula in which one index stands in place of all: x of the last step, at every step."""
    picks = [n for n in nodes.inside(root) if isinstance(n, Pick) and nodes.is_leaf(n.args[0])]
    for one in picks:
        others = [p for p in picks if (p.args, p.axis) == (one.args, one.axis) and p is not one]
        if len(others) > 1:
            changes: dict[Node, Node] = dict.fromkeys(others, one)
            said = "{} stands at every step, where each has its own"
            yield mutant("wrong-value", exchanged(root, changes), said, one, extra=0.2)


def _parentheses(node: Ein) -> Iterator[Mutant]:
    """Yield c(a + b) written as c a + b, and c/(a + b) as c/a + b."""
    for i, (arg, letters) in enumerate(node.factors):
        rest = [f for k, f in enumerate(node.factors) if k != i]
        over = isinstance(arg, Map) and arg.op == "reciprocal"
        total = arg.args[0] if over else arg
        if not isinstance(total, Add) or not set(letters) <= set(node.out):
            continue
        for k, term in enumerate(total.args):
            bare = [t for n, t in enumerate(total.args) if n != k]
            own = nodes.elementwise("reciprocal", [term]) if over else term
            times = nodes.ein(node.coefficient, [*rest, (own, letters)], node.out, node.shape)
            left = [nodes.ein(ONE, [(t, letters)], node.out, node.shape) for t in bare]
            said = f"the parentheses around {{}} are missing: only {{}} is {'divided by' if over else 'multiplied'}"
            yield mutant("missing-parentheses", nodes.add([times, *left]), said, total, term)


def _one_over_a_sum(node: Map) -> Iterator[Mutant]:
    arg = node.args[0]
    if node.op == "reciprocal" and isinstance(arg, Add):
        for k, term in enumerate(arg.args):
            bare = [t for n, t in enumerate(arg.args) if n != k]
            new = nodes.add([nodes.elementwise("reciprocal", [term]), *bare])
            said = "the parentheses around {} are missing: 1 is divided by {} only"
            yield mutant("missing-parentheses", new, said, arg, term)
    if node.op == "sigmoid":
        minus = nodes.elementwise("exp", [nodes.scaled(MINUS_ONE, arg)])
        plain = nodes.add([nodes.constant(ONE, node.shape), minus])
        said = "the parentheses in 1/(1 + exp(-{})) are missing: it is 1/1 + exp(-{})"
        yield mutant("missing-parentheses", plain, said, arg, arg)
        below = nodes.add(
            [nodes.constant(ONE, node.shape), nodes.scaled(MINUS_ONE, minus)],
        )
        new = nodes.elementwise("reciprocal", [below])
        yield mutant("sign", new, "it is 1/(1 - exp(-{})), with a minus below the line", arg)


def _square_around(node: Add) -> Iterator[Mutant]:
    """Yield 1 - a² written as (1 - a)², and a² - b² as (a - b)²."""
    bare: list[Node] = []
    for term in node.args:
        inner = _squared(term)
        bare.append(term if inner is None else inner)
    if bare != list(node.args):
        around = nodes.elementwise("square", [nodes.add(bare)])
        yield mutant("wrong-exponent", around, "the square is around the whole: {}", around)


def _squared(term: Node) -> Node | None:
    """Return c x of a term c x²; None where there is no square."""
    if isinstance(term, Map) and term.op == "square":
        return term.args[0]
    if isinstance(term, Ein) and len(term.args) == 1:
        inner = term.args[0]
        if isinstance(inner, Map) and inner.op == "square":
            factors = [(inner.args[0], term.letters[0])]
            return nodes.ein(term.coefficient, factors, term.out, term.shape)
    return None


def _averaged_too_early(node: Ein) -> Iterator[Mutant]:
    """Yield the product of means where the mean of the products is meant."""
    dims = node.dims
    for letter in (x for x in node.summed if dims[x] != "1"):
        holding = [letters for letters in node.letters if letter in letters]
        if len(holding) < 2:
            continue
        factors: list[tuple[Node, Letters]] = []
        scale = node.coefficient
        for arg, letters in node.factors:
            if letter in letters:
                left = tuple(x for x in letters if x != letter)
                shape = tuple(dims[x] for x in left)
                factors.append((nodes.ein(ONE, [(arg, letters)], left, shape), left))
            else:
                factors.append((arg, letters))
        for _ in holding[1:]:
            scale = scale.times(size_of([dims[letter]]).to_the(Fraction(-1)) or ONE)
        new = nodes.ein(scale, factors, node.out, node.shape)
        said = f"the factors were averaged over {dims[letter]} one by one and then multiplied"
        yield mutant("averaged-too-early", new, said)


def _first_only(node: Ein) -> Iterator[Mutant]:
    """Yield a sum of which there is the first term only: the loop is left after one round, or there is an index 0."""
    dims = node.dims
    for letter in (x for x in node.summed if dims[x] != "1"):
        factors: list[tuple[Node, Letters]] = []
        for arg, letters in node.factors:
            if letter in letters:
                axis = letters.index(letter)
                arg, letters = nodes.pick(arg, axis, 0), letters[:axis] + letters[axis + 1 :]
            factors.append((arg, letters))
        new = nodes.ein(node.coefficient, factors, node.out, node.shape)
        said = f"only the first term of the sum over {dims[letter]} is there"
        yield mutant("missing-sum", new, said, extra=0.6)


def _broadcast(node: Add) -> Iterator[Mutant]:
    """Yield a sum of a row and a column in place of two rows: one of them is averaged in what comes of it."""
    if len(node.args) != 2 or sum(d != "1" for d in node.shape) != 1:
        return
    axis = next(i for i, d in enumerate(node.shape) if d != "1")
    letters = tuple(range(len(node.shape)))
    out = tuple(100 if i == axis else i for i in letters)
    dim = node.shape[axis]
    scale = size_of([dim]).to_the(Fraction(-1)) or ONE
    for i, term in enumerate(node.args):
        terms = list(node.args)
        terms[i] = nodes.ein(scale, [(term, letters)], out, node.shape)
        said = f"a row and a column of {dim} entries were broadcast against each other: {{}} is no longer entry by entry"
        yield mutant("broadcast", nodes.add(terms), said, term, extra=0.3)


def _along_something_else(node: Along) -> Iterator[Mutant]:
    """Yield a softmax whose normaliser is another: without the exponential, or with the square."""
    if node.op != "softmax":
        return
    arg = node.args[0]
    letters = tuple(range(len(arg.shape)))
    held = tuple(100 + i if i in node.axes else i for i in letters)
    total = nodes.ein(ONE, [(arg, letters)], held, arg.shape)
    shares = nodes.ein(
        ONE,
        [(arg, letters), (nodes.elementwise("reciprocal", [total]), letters)],
        letters,
        arg.shape,
    )
    said = "the scores were divided by their sum, without the exponential"
    yield mutant("missing-function", shares, said)


def _neighbours(node: Pick) -> Iterator[Mutant]:
    arg, axis, index = node.args[0], node.axis, node.index
    size = arg.shape[axis]
    last = int(size) - 1 if size.isdigit() else index + 1
    for other in (index - 1, index + 1):
        if 0 <= other <= last and index >= 0:
            new = nodes.pick(arg, axis, other)
            yield mutant("wrong-value", new, "{} stands where {} is meant", new, node)


def _numbers_for(root: Node, leaf: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    """Yield a formula with a single number, a parameter or a value, in an array's place."""
    if not any(d != "1" for d in leaf.shape):
        return
    for other in pool:
        known = isinstance(other, Input | Name) and other is not leaf
        if known and set(other.shape) <= {"1"} and len(other.shape) <= len(leaf.shape):
            new = exchanged(root, {leaf: stretched(other, leaf.shape)})
            said = f"{label(other)}, a single number, stands where {label(leaf)} is meant"
            yield mutant("wrong-value", new, said, extra=0.5)
