"""Mutants of a formula's result: summed over the wrong axis or not at all, transposed, an axis lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.graph import nodes
from chainrule.graph.coefficient import ONE
from chainrule.graph.nodes import Ein, Letters, Node, Shape
from chainrule.graph.shapes import show
from chainrule.practice.mutants.catalogue import Mutant, mutant
from chainrule.practice.mutants.formulas import fitted, label


def shape_mutants(root: Node) -> Iterator[Mutant]:
    """Yield the mutants of a formula that come out in another shape (or in the same, by accident)."""
    if isinstance(root, Ein):
        yield from _other_sums(root)
    axes = tuple(range(len(root.shape)))
    if len(axes) == 2 and root.shape != ("1", "1"):
        turned = nodes.ein(ONE, [(root, axes)], axes[::-1], root.shape[::-1])
        yield mutant("transposed-result", turned, f"the result came out as {show(turned.shape)}")
    kept = tuple(i for i in axes if root.shape[i] != "1")
    if len(kept) < len(axes):
        flat = nodes.ein(ONE, [(root, axes)], kept, tuple(root.shape[i] for i in kept))
        said = f"the shape is {show(flat.shape)} instead of {show(root.shape)}"
        yield mutant("missing-keepdims", flat, said)


def _other_sums(node: Ein) -> Iterator[Mutant]:
    """Yield the sums over every other choice of axes of an elementwise product, with and without keepdims."""
    full = _full(node)
    dims = node.dims
    summed = {x for x in node.summed if dims[x] != "1"}
    if full is None or not summed:
        return
    for chosen in range(2 ** len(full)):
        gone = {x for i, x in enumerate(full) if chosen >> i & 1}
        real = {x for x in gone if dims[x] != "1"}
        if real == summed:
            continue
        for out, shape in _outputs(full, gone, dims):
            new = nodes.ein(node.coefficient, node.factors, out, shape)
            yield mutant(
                *_said(gone, real, len(full), shape, new), extra=0.1 if gone - real else 0.0
            )


def product_mutants(root: Node, pool: Sequence[Node]) -> Iterator[Mutant]:
    """Yield a product with a factor too many, or with a value of other dims in a factor's place: what comes of it fits."""
    if not isinstance(root, Ein) or not root.args:
        return
    full = _full(root)
    if full is not None:
        shape = tuple(root.dims[x] for x in full)
        for other in pool:
            fitting = fitted(other, shape)
            if fitting is not None and other not in root.args:
                factors = [*root.factors, (fitting, full)]
                new = nodes.ein(root.coefficient, factors, root.out, root.shape)
                said = f"multiplied by {label(other)}, which is not there"
                yield mutant("extra-factor", new, said)
    for i, (arg, letters) in enumerate(root.factors):
        held = {x for k, each in enumerate(root.letters) if k != i for x in each}
        for other in pool if len(root.args) > 1 else ():
            new = _with_other_dims(root, i, other, held)
            if new is not None and other.shape != arg.shape and letters:
                said = f"{label(other)} stands where {label(arg) or 'a factor'} is meant: the shape is {show(new.shape)}"
                yield mutant("wrong-value", new, said, extra=0.2)


def _with_other_dims(root: Ein, i: int, other: Node, held: set[int]) -> Node | None:
    """Return a product with another value as a factor, None where the axes that are shared do not fit."""
    letters, dims = root.letters[i], dict(root.dims)
    if len(other.shape) != len(letters):
        return None
    for x, dim in zip(letters, other.shape, strict=True):
        if x in held and dims[x] != dim:
            return None
        dims[x] = dim
    factors = [*root.factors[:i], (other, letters), *root.factors[i + 1 :]]
    return nodes.ein(root.coefficient, factors, root.out, tuple(dims[x] for x in root.out))


def _said(
    gone: set[int], real: set[int], rank: int, shape: Shape, new: Node
) -> tuple[str, Node, str]:
    if not gone:
        return "missing-sum", new, f"nothing was added up: the shape is {show(shape)}"
    if len(gone) == rank:
        return "summed-everything", new, f"everything was added up: the shape is {show(shape)}"
    return "wrong-axis", new, f"the sum was taken over another axis: the shape is {show(shape)}"


def _outputs(full: Letters, gone: set[int], dims: dict[int, str]) -> list[tuple[Letters, Shape]]:
    keeps = tuple(1000 + x if x in gone else x for x in full)
    shape = tuple("1" if x in gone else dims[x] for x in full)
    drops = tuple(x for x in full if x not in gone)
    found = [(keeps, shape), (drops, tuple(dims[x] for x in drops))]
    return found if gone else found[:1]


def _full(node: Ein) -> Letters | None:
    """Return the letters of the factor that has them all: the node is then an elementwise product, summed.

    Unit axes do not count: a (1, m) and an (n_x, m) are multiplied entry by entry, too.
    """
    dims = node.dims
    held = {x for letters in node.letters for x in letters if dims[x] != "1"}
    return next((letters for letters in node.letters if held <= set(letters)), None)
