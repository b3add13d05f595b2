"""Ordered, named rewrites that bring a formula into textbook form. Never distributes, never opens a named value."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, ONE, ZERO, Coefficient, size_of
from chainrule.graph.nodes import Add, Ein, Letters, Map, Node, Shape

Factor = tuple[Node, Letters]


class Rewriter:
    """Rewrites formulas and remembers which rules fired, in order."""

    def __init__(self) -> None:
        self.fired: dict[str, None] = {}
        self._done: dict[Node, Node] = {}

    def simplify(self, output: Node) -> Node:
        """Return the formula in textbook form."""
        for node in nodes.inside(output):
            if node not in self._done:
                args = () if nodes.is_leaf(node) else [self._done[arg] for arg in node.args]
                self._done[node] = node if nodes.is_leaf(node) else self._local(node.rebuild(args))
        return self._done[output]

    def _local(self, node: Node) -> Node:
        if isinstance(node, Ein):
            return self._ein(node.coefficient, node.factors, node.out, node.shape)
        if isinstance(node, Add):
            return self._add(node.args)
        return node

    # -- products
    def _ein(
        self, scale: Coefficient, factors: Sequence[Factor], out: Letters, shape: Shape
    ) -> Node:
        product = _Product(self, scale, out, shape)
        for node, letters in factors:
            product.multiply(node, letters, alone=len(factors) == 1)
        return product.result()

    # -- sums
    def _add(self, terms: Sequence[Node]) -> Node:
        shape = terms[0].shape
        flat = [
            piece for term in terms for piece in (term.args if isinstance(term, Add) else (term,))
        ]
        collected = self._collect(flat)
        if not collected:
            return nodes.constant(ZERO, shape)
        if len(collected) == 1:
            return collected[0]
        return self._common(_positive_first(collected))

    def _collect(self, terms: Sequence[Node]) -> list[Node]:
        sums: dict[object, list[Coefficient]] = {}
        shown: dict[object, Node] = {}
        for term in terms:
            scale, body = split(term)
            key = (body, scale.dims)
            shown.setdefault(key, body)
            sums.setdefault(key, []).append(scale)
        result: list[Node] = []
        for key, scales in sums.items():
            total = Coefficient(sum((s.number for s in scales), Fraction(0)), scales[0].dims)
            if len(scales) > 1:
                self.fired["like terms are collected"] = None
            if total.number:
                result.append(_rescaled(total, shown[key]))
            else:
                self.fired["zeros fall away"] = None
        return result

    def _common(self, terms: list[Node]) -> Node:
        scales = [split(term)[0] for term in terms]
        first = scales[0]
        alike = all(s.dims == first.dims and abs(s.number) == abs(first.number) for s in scales)
        common = Coefficient(abs(first.number), first.dims)
        if all(s.number < 0 for s in scales):
            common = common.times(MINUS_ONE)
        if not alike or common == ONE:
            return nodes.add(terms)
        self.fired["the common number goes to the front"] = None
        inverse = common.to_the(Fraction(-1))
        assert inverse is not None
        rest = nodes.add(
            [_rescaled(s.times(inverse), split(t)[1]) for s, t in zip(scales, terms, strict=True)]
        )
        return nodes.scaled(common, rest)


def split(term: Node) -> tuple[Coefficient, Node]:
    """Return a term's coefficient and what it multiplies."""
    if isinstance(term, Ein):
        return term.coefficient, nodes.ein(ONE, term.factors, term.out, term.shape)
    return ONE, term


def _rescaled(scale: Coefficient, body: Node) -> Node:
    if isinstance(body, Ein) and body.coefficient == ONE:
        return nodes.ein(scale, body.factors, body.out, body.shape)
    return body if scale == ONE else nodes.scaled(scale, body)


def _positive_first(terms: list[Node]) -> list[Node]:
    if split(terms[0])[0].number >= 0:
        return terms
    return sorted(terms, key=lambda term: split(term)[0].number < 0)


class _Product:
    """A product being rewritten: factors are taken in one by one, opened where that is allowed."""

    def __init__(self, rewriter: Rewriter, scale: Coefficient, out: Letters, shape: Shape) -> None:
        self.fired = rewriter.fired
        self.scale, self.out, self.shape = scale, out, shape
        self.factors: list[Factor] = []
        self.vanished: list[tuple[int, str]] = []  # letters whose last factor went, with their dims
        self.fresh = 1000

    def multiply(self, node: Node, letters: Letters, alone: bool) -> None:
        if not isinstance(node, Ein):
            self.factors.append((node, letters))
            return
        if node.coefficient != ONE:
            self.fired["numbers go to the front"] = None
            self.scale = self.scale.times(node.coefficient)
        if not self._opens(node, letters, alone):
            self.factors.append((nodes.ein(ONE, node.factors, node.out, node.shape), letters))
            return
        self._open(node, letters)

    def _opens(self, node: Ein, letters: Letters, alone: bool) -> bool:
        dims = node.dims
        sums = any(dims[x] != "1" for x in node.summed)
        if not sums:
            return True
        outer = any(
            dim != "1" and x not in self.out for x, dim in zip(letters, node.shape, strict=True)
        )
        return alone and (len(set(node.letters)) == 1 or not outer)

    def _open(self, node: Ein, letters: Letters) -> None:
        place = dict(zip(node.out, letters, strict=True))
        for letter in node.summed:
            place[letter] = self.fresh
            self.fresh += 1
        held = {x for inner in node.letters for x in inner}
        self.vanished += [
            (place[x], dim) for x, dim in zip(node.out, node.shape, strict=True) if x not in held
        ]
        if node.args:
            self.fired["a product within a product is written out"] = None
        else:
            self.fired["factors of one fall away"] = None
        self.factors += [(arg, tuple(place[x] for x in inner)) for arg, inner in node.factors]

    def result(self) -> Node:
        kept = {x for _, letters in self.factors for x in letters} | set(self.out)
        for letter, dim in dict(self.vanished).items():
            if letter not in kept:
                if dim != "1":
                    self.fired["the sum of a constant is its size"] = None
                self.scale = self.scale.times(size_of([dim]))
        if not self.scale.number:
            return nodes.constant(ZERO, self.shape)
        self._merge_powers()
        self._turn_sign()
        return nodes.ein(self.scale, self.factors, self.out, self.shape)

    def _merge_powers(self) -> None:
        merged: dict[tuple[Node, Letters], Fraction] = {}
        for node, letters in self.factors:
            base, exponent = _base(node)
            key = (base, letters)
            if key in merged and (merged[key] < 0 or exponent < 0):
                key = (
                    (node, letters) if (node, letters) not in merged else key
                )  # a quotient stays a quotient
                exponent = Fraction(1) if key[0] is node and base is not node else exponent
            if key in merged:
                self.fired["equal factors become a power"] = None
            merged[key] = merged.get(key, Fraction(0)) + exponent
        self.factors = [
            (_raised(base, exponent), letters) for (base, letters), exponent in merged.items()
        ]

    def _turn_sign(self) -> None:
        if self.scale.number >= 0:
            return
        for i, (node, letters) in enumerate(self.factors):
            if isinstance(node, Add) and len(node.args) == 2:
                first, second = node.args
                (a, _), (b, _) = split(first), split(second)
                if a.number > 0 > b.number:
                    self.fired["the minus sign turns a difference round"] = None
                    turned = nodes.add([_negated(second), _negated(first)])
                    self.factors[i] = (turned, letters)
                    self.scale = self.scale.times(MINUS_ONE)
                    return


def _negated(term: Node) -> Node:
    scale, body = split(term)
    return _rescaled(scale.times(MINUS_ONE), body)


def _base(node: Node) -> tuple[Node, Fraction]:
    if isinstance(node, Map):
        if node.op == "square":
            return node.args[0], Fraction(2)
        if node.op == "power" and node.parameters[0][1].denominator == 1:
            return node.args[0], node.parameters[0][1]
    return node, Fraction(1)


def _raised(base: Node, exponent: Fraction) -> Node:
    if exponent == 1:
        return base
    if exponent == 2:
        return nodes.elementwise("square", [base])
    return nodes.elementwise("power", [base], (("exponent", exponent),))
