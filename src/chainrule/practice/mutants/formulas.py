"""Mutants of a formula by its shape: factors, terms, constants, functions and values exchanged, left out or doubled.

Made from the nodes alone, for any formula of any model. What needs the rules of calculus is in `rules`, what changes the
result's shape in `shapes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from chainrule.graph import nodes
from chainrule.graph.arithmetic import stretched
from chainrule.graph.coefficient import MINUS_ONE, ONE, Coefficient, coefficient, size_of
from chainrule.graph.nodes import Add, Along, Ein, Input, Letters, Map, Name, Node, Shape
from chainrule.practice.mutants.catalogue import Mutant, mutant

# what a value costs more for every one that is nearer: it decides between equals only
NEARER = 1e-5
TWO, HALF = coefficient(2), coefficient(Fraction(1, 2))
ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus")


def label(leaf: Node) -> str:
    """Return the name of a leaf as code has it: dZ1, W1."""
    return leaf.label if isinstance(leaf, Name) else leaf.name if isinstance(leaf, Input) else ""


def exchanged(root: Node, changes: Mapping[Node, Node]) -> Node:
    """Return a formula with some of its nodes exchanged, wherever they occur."""
    done: dict[Node, Node] = {}
    for node in nodes.inside(root):
        if node in changes:
            done[node] = changes[node]
        elif nodes.is_leaf(node):
            done[node] = node
        else:
            done[node] = node.rebuild([done[a] for a in node.args])
    return done[root]


def formula_mutants(
    root: Node, pool: Sequence[Node], dims: Sequence[str], whole: bool = False
) -> Iterator[Mutant]:
    """Yield the mutants of a formula, each of its own shape.

    Args:
        root: the formula.
        pool: the named values that may stand in a wrong place.
        dims: the dims of the model, for wrong averages.
        whole: whether a constant before the whole formula counts; else that is a matter of scale.
    """
    for node in nodes.inside(root):
        if nodes.is_leaf(node):
            yield from _other_values(root, node, pool)
            continue
        for made in _local(node, dims, whole or node is not root):
            yield made.over(exchanged(root, {node: made.formula}))
        yield from _values_in_one_place(root, node, pool)


def _local(node: Node, dims: Sequence[str], constants: bool) -> Iterator[Mutant]:
    if isinstance(node, Ein):
        yield from _factors(node)
        if constants:
            yield from _constants(node, dims)
        yield from _spread_sums(node)
        yield from _last_only(node)
        yield from _turned(node)
    elif isinstance(node, Add):
        yield from _terms(node, dims)
    elif isinstance(node, Map):
        yield from _functions(node)
    elif isinstance(node, Along):
        yield from _axes(node)


def _factors(node: Ein) -> Iterator[Mutant]:
    if not node.args:
        return
    for i, (arg, letters) in enumerate(node.factors):
        rest = [f for k, f in enumerate(node.factors) if k != i]
        if rest:
            less = nodes.ein(node.coefficient, rest, node.out, node.shape)
            rare = 0.6 if isinstance(arg, Map) and arg.op in _EXPONENTS else 0.0
            yield mutant("missing-factor", less, "the factor {} was left out", arg, extra=rare)
        yield from _passed_by(node, i)
        more = nodes.ein(node.coefficient, [*node.factors, (arg, letters)], node.out, node.shape)
        yield mutant("doubled-factor", more, "the factor {} was used twice", arg)
        over = (
            arg.args[0]
            if isinstance(arg, Map) and arg.op == "reciprocal"
            else nodes.elementwise("reciprocal", [arg])
        )
        turned = nodes.ein(node.coefficient, [(over, letters), *rest], node.out, node.shape)
        yield mutant("inverse", turned, "{} became {}", arg, over)


def _passed_by(node: Ein, i: int) -> Iterator[Mutant]:
    """Yield a product with a square matrix in which the matrix is left out."""
    arg, letters = node.factors[i]
    if len(letters) != 2 or arg.shape[0] != arg.shape[1] or len(node.args) < 2:
        return
    one, other = letters if letters[0] in node.out else letters[::-1]
    if one not in node.out or other not in node.summed:
        return
    rest = [
        (a, tuple(one if x == other else x for x in each))
        for k, (a, each) in enumerate(node.factors)
        if k != i
    ]
    less = nodes.ein(node.coefficient, rest, node.out, node.shape)
    yield mutant("missing-factor", less, "the factor {} was left out", arg, extra=-0.3)


def _times(node: Node, scale: Coefficient) -> Node:
    if isinstance(node, Ein):
        return nodes.ein(node.coefficient.times(scale), node.factors, node.out, node.shape)
    return nodes.scaled(scale, node)


def _constants(node: Node, dims: Sequence[str]) -> Iterator[Mutant]:
    """Yield a term with its constant factor wrong (of the whole formula, that is a matter of scale, not of mutants)."""
    yield mutant("sign", _times(node, MINUS_ONE), "in {}, the sign is wrong", node, extra=0.2)
    if isinstance(node, Ein) and not node.args:
        return
    half = "in {}, a factor 2 is missing"
    yield mutant("missing-factor-2", _times(node, HALF), half, node, extra=0.8)
    twice = "in {}, there is a factor 2 too many"
    yield mutant("extra-factor-2", _times(node, TWO), twice, node, extra=0.8)
    own = node.coefficient.dims if isinstance(node, Ein) else ()
    for dim, power in own:
        if power.denominator != 1:
            inverse = _times(node, Coefficient(Fraction(1), ((dim, -power),)))
            yield mutant("wrong-coefficient", inverse, f"the factor {dim}^({power}) was left out")
            again = _times(node, Coefficient(Fraction(1), ((dim, power),)))
            said = f"{dim} has the exponent {2 * power}, where {power} is meant"
            yield mutant("wrong-exponent", again, said)
    summed = {node.dims[x] for x in node.summed} if isinstance(node, Ein) else set[str]()
    for dim in dims:
        size = size_of([dim])
        mean = dict(own).get(dim) == -1
        more = f"in {{}}, a division by {dim} is missing"
        mistake = "missing-1-over-m" if mean else "wrong-coefficient"
        rare = 1.3 if mean else 0.0  # as uncommon as any constant inside a formula
        yield mutant(mistake, _times(node, size), more, node, extra=rare)
        less = f"in {{}}, there is a division by {dim} too many"
        mistake = "mean-for-sum" if dim in summed else "wrong-coefficient"
        down = _times(node, size.to_the(Fraction(-1)) or ONE)
        yield mutant(mistake, down, less, node)


def _spread_sums(node: Ein) -> Iterator[Mutant]:
    """Yield a sum that is spread back over its axes, with another axis summed, or none."""
    one = len(set(node.letters)) == 1  # a single factor, or several entry by entry
    if not one or not node.summed or len(node.letters[0]) != len(node.out):
        return
    letters, arg = node.letters[0], node.args[0]
    if any(x in letters and letters[i] != x for i, x in enumerate(node.out)):
        return
    for kept in range(2 ** len(letters)):
        out = tuple(x if kept >> i & 1 else 1000 + i for i, x in enumerate(letters))
        if {x for x in out if x < 1000} == set(node.out) & set(letters):
            continue
        if any(x < 1000 and arg.shape[i] != node.shape[i] for i, x in enumerate(out)):
            continue
        new = nodes.ein(node.coefficient, node.factors, out, node.shape)
        mistake = "missing-sum" if kept == 2 ** len(letters) - 1 else "wrong-axis"
        yield mutant(mistake, new, "{} became {}", node, new, extra=0.2)
    kept = [i for i, x in enumerate(node.out) if x in letters]
    gone = [i for i, x in enumerate(node.out) if x not in letters]
    if len(kept) == len(gone) == 1 and node.shape[0] == node.shape[1]:
        new = nodes.ein(node.coefficient, node.factors, node.out[::-1], node.shape)
        said = "without keepdims, the sums of {} line up with the wrong axis"
        yield mutant("missing-keepdims", new, said, node, extra=0.2)


def _last_only(node: Ein) -> Iterator[Mutant]:
    """Yield a sum of which a loop has kept the last term only: = in place of +=."""
    dims = node.dims
    for letter in (x for x in node.summed if dims[x] != "1"):
        factors: list[tuple[Node, Letters]] = []
        for arg, letters in node.factors:
            if letter in letters:
                axis = letters.index(letter)
                arg, letters = nodes.pick(arg, axis, -1), letters[:axis] + letters[axis + 1 :]
            factors.append((arg, letters))
        new = nodes.ein(node.coefficient, factors, node.out, node.shape)
        said = f"only the last term of the sum over {dims[letter]} was kept (= in place of +=)"
        yield mutant("missing-sum", new, said, extra=0.4)


def _turned(node: Ein) -> Iterator[Mutant]:
    """Yield a factor transposed, where its two axes have one dim and nothing else would tell."""
    for i, (arg, letters) in enumerate(node.factors):
        if len(letters) == 2 and arg.shape[0] == arg.shape[1] and letters[0] != letters[1]:
            factors = list(node.factors)
            factors[i] = (arg, letters[::-1])
            new = nodes.ein(node.coefficient, factors, node.out, node.shape)
            yield mutant("transposed-operand", new, "{} stands there transposed", arg)


def _terms(node: Add, dims: Sequence[str]) -> Iterator[Mutant]:
    for i, term in enumerate(node.args):
        rest = [t for k, t in enumerate(node.args) if k != i]
        left = rest[0]
        bare = (
            len(rest) == 1 and isinstance(left, Ein) and not left.args
        )  # 1 of 1 - A: a factor less
        rare = 0.6 if bare else 0.0
        yield mutant("missing-term", nodes.add(rest), "the term {} was left out", term, extra=rare)
        if nodes.is_leaf(term) or not isinstance(term, Ein):
            for made in _constants(term, dims):
                terms = [*node.args[:i], made.formula, *node.args[i + 1 :]]
                yield made.over(nodes.add(terms))
    for term in node.args if len(node.args) > 2 else ():
        yield mutant("missing-term", term, "only the term {} is there", term)


_EXPONENTS = {"square": Fraction(2), "sqrt": Fraction(1, 2), "reciprocal": Fraction(-1)}


def _functions(node: Map) -> Iterator[Mutant]:
    arg = node.args[0]
    power = dict(node.parameters).get("exponent") if node.op == "power" else None
    exponent = _EXPONENTS.get(node.op, power)
    if exponent is None:
        yield mutant("missing-function", arg, f"{node.op} was left out: {{}} as it is", arg)
        for other in ACTIVATIONS if node.op in ACTIVATIONS else ():
            if other != node.op:
                new = nodes.elementwise(other, [arg])
                yield mutant("another-activation", new, f"{other} was applied, not {node.op}")
        if node.op in (*ACTIVATIONS, "exp"):
            new = nodes.elementwise(node.op, [_times(arg, MINUS_ONE)])
            yield mutant("sign", new, f"{node.op} was taken of -{{}}", arg, extra=0.2)
        return
    if node.op == "square":
        yield mutant("missing-square", arg, "the square of {} was left out", arg)
    elif node.op == "sqrt":
        yield mutant("missing-function", arg, "the square root of {} was left out", arg)
    for step in (-1, 1, Fraction(-1, 2), Fraction(1, 2)):
        new = _raised(arg, exponent + step)
        yield mutant("wrong-exponent", new, "{} became {}", node, new)


def exponent_mutants(root: Node) -> Iterator[Mutant]:
    """Yield a formula with a power two off: one off in the square of its base, as in (var + e)^(-1/2) for std^(-3)."""
    for node in nodes.inside(root):
        power = dict(node.parameters).get("exponent") if isinstance(node, Map) else None
        exponent = _EXPONENTS.get(node.op, power) if isinstance(node, Map) else None
        if not isinstance(exponent, Fraction):
            continue
        for step in (-2, 2):
            new = _raised(node.args[0], exponent + step)
            said = "the exponent of {} is off by 2: {} became {}"
            about = (node.args[0], node, new)
            yield mutant("wrong-exponent", exchanged(root, {node: new}), said, *about, extra=-0.4)


def _raised(base: Node, exponent: Fraction) -> Node:
    if exponent in (0, 1):
        return base if exponent else nodes.constant(ONE, base.shape)
    op = next((name for name, e in _EXPONENTS.items() if e == exponent), None)
    if op:
        return nodes.elementwise(op, [base])
    return nodes.elementwise("power", [base], (("exponent", exponent),))


def extra_activations(root: Node) -> Iterator[Mutant]:
    """Yield a forward value with an activation on top that is not there."""
    for op in ACTIVATIONS:
        new = nodes.elementwise(op, [root])
        yield mutant("extra-activation", new, f"{op} was applied, and the model has none there")


def _axes(node: Along) -> Iterator[Mutant]:
    everything = tuple(range(len(node.shape)))
    for axes in [*((i,) for i in everything), everything]:
        if axes != node.axes and node.keeps:
            new = nodes.along(node.op, node.args[0], axes, True)
            dims = " and ".join(node.shape[i] for i in axes)
            yield mutant("wrong-axis", new, f"{node.op} was taken over {dims}")
    if node.keeps:
        yield mutant("missing-function", node.args[0], f"{node.op} was left out")
    if node.op == "softmax":
        for other in ACTIVATIONS:
            new = nodes.elementwise(other, [node.args[0]])
            said = f"{other} was applied entry by entry, not softmax"
            yield mutant("another-activation", new, said)
        new = nodes.elementwise("exp", [node.args[0]])
        yield mutant(
            "missing-normaliser", new, "the division by the sum of the exponentials is missing"
        )


def _other_values(root: Node, leaf: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    for i, other in enumerate(pool):
        fitting = fitted(other, leaf.shape) if other is not leaf else None
        if fitting is not None:
            extra = NEARER * (len(pool) - i) + (0.0 if other.shape == leaf.shape else 0.6)
            said = f"{label(other)} stands where {label(leaf)} is meant"
            yield mutant("wrong-value", exchanged(root, {leaf: fitting}), said, extra=extra)


def _values_in_one_place(root: Node, node: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    for i, leaf in enumerate(node.args):
        if not nodes.is_leaf(leaf):
            continue
        for other in pool:
            fitting = fitted(other, leaf.shape) if other is not leaf else None
            if fitting is not None:
                new = node.rebuild([*node.args[:i], fitting, *node.args[i + 1 :]])
                said = f"{label(other)} stands where {label(leaf)} is meant, in {{}}"
                yield mutant("wrong-value", exchanged(root, {node: new}), said, node, extra=0.3)


def fitted(other: Node, shape: Shape) -> Node | None:
    """Return a value in another shape, as NumPy would broadcast it; None where it does not fit."""
    if len(other.shape) > len(shape):
        return None
    padded = ("1",) * (len(shape) - len(other.shape)) + other.shape
    if any(a not in (b, "1") for a, b in zip(padded, shape, strict=True)):
        return None
    if not any(d != "1" for d in other.shape) and shape:
        return None  # a number in an array's place: not a mistake that people make
    return stretched(other, shape)
