"""A form as an expression of an array language, with the fewest brackets that leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import cast

from chainrule.emit import forms
from chainrule.emit.code import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Code,
    exact_text,
    number_code,
    quotient,
)
from chainrule.emit.forms import Form
from chainrule.emit.languages import Language
from chainrule.emit.walk import bottom_up
from chainrule.graph.coefficient import MINUS_ONE, Coefficient, size_of
from chainrule.graph.nodes import Node, Shape
from chainrule.ops.table import ALONG, TABLE

_LETTERS = "ijklmnopqrstuvwxyzabcdefgh"
_CALL = re.compile(r"^[\w.]+\(.*\)$", re.DOTALL)


class Printer:
    """Prints forms in a language; `names` gives the identifiers of leaves, `like` an array of the right kind."""

    def __init__(
        self,
        language: Language,
        names: Callable[[Node], str],
        like: str,
        sizes: Mapping[str, str] | None = None,
    ) -> None:
        self.language, self.names, self.like = language, names, like
        self.sizes = sizes or {}
        self.used: set[str] = set()

    def whole(self, form: Form) -> str:
        """Return the expression of a whole line."""
        if isinstance(form, forms.Filled):
            return self._full(form.shape, self._number(form.coefficient).text)
        return bottom_up(form, forms.below, self._step).text

    def _step(self, form: Form, parts: list[Code]) -> Code:
        if isinstance(form, forms.Leaf):
            return Code(self.names(form.node), ATOM)
        if isinstance(form, forms.Filled):
            return self._filled(form)
        writers = {
            forms.Scaled: self._scaled,
            forms.Sum: self._sum,
            forms.Transposed: self._transposed,
            forms.MatMul: self._matmul,
            forms.Hadamard: self._hadamard,
            forms.SumOver: self._sum_over,
            forms.Einsum: self._einsum,
            forms.Reshaped: self._reshaped,
            forms.Broadcast: self._broadcast,
            forms.Applied: self._applied,
            forms.AlongAxes: self._along,
            forms.Picked: self._picked,
            forms.Placed: self._placed,
        }
        write = cast("Mapping[type[Form], Callable[[Form, list[Code]], Code]]", writers)
        return write[type(form)](form, parts)

    # -- pieces
    def _call(self, key: str, parts: list[Code], **fields: str) -> Code:
        template = self.language.templates[key]
        level = ATOM if not template.startswith(("{0} ", "-")) else PRODUCT
        bare = _CALL.match(template) is not None
        self._note(template)
        texts = [p.text if bare else p.at(ATOM) for p in parts]
        return Code(template.format(*texts, **fields), level)

    def _note(self, template: str) -> None:
        name = re.match(r"\w+", template)
        if name:
            self.used.add(name.group())

    def _size(self, dim: str) -> str:
        return self.sizes.get(dim, dim)

    def _number(self, scale: Coefficient) -> Code:
        return number_code(self._named(scale))

    def _named(self, scale: Coefficient) -> Coefficient:
        """Return the coefficient with the identifiers of sizes for dims."""
        return Coefficient(scale.number, tuple((self._size(d), p) for d, p in scale.dims))

    def _shape(self, shape: Shape) -> str:
        return (
            self.language.shape([self._size(d) for d in shape])
            if shape
            else ("()" if self.language.infix else "[]")
        )

    def _full(self, shape: Shape, number: str) -> str:
        template = self.language.templates["full"]
        self._note(template)
        if self.language.infix and not re.search(r"[./]", number):  # an int would make an int array
            number = f"{number}.0" if number.lstrip("-").isdigit() else f"1.0 * {number}"
        return template.format(number, shape=self._shape(shape), like=self.like)

    def _filled(self, form: forms.Filled) -> Code:
        if form.shape:
            return Code(self._full(form.shape, self._number(form.coefficient).text), ATOM)
        code = self._number(form.coefficient)
        if not self.language.infix:
            self.used.add("array")
            return Code(f"array({code.text})", ATOM)
        return code

    def _transposed(self, form: forms.Transposed, parts: list[Code]) -> Code:
        return self._call("transpose", parts)

    def _reshaped(self, form: forms.Reshaped, parts: list[Code]) -> Code:
        return self._call("reshape", parts, shape=self._shape(form.shape))

    def _broadcast(self, form: forms.Broadcast, parts: list[Code]) -> Code:
        return self._call("broadcast", parts, shape=self._shape(form.shape))

    def _scaled(self, form: forms.Scaled, parts: list[Code]) -> Code:
        body, scale = form.body, form.coefficient
        if (
            self.language.infix
            and isinstance(body, forms.SumOver)
            and not body.keepdims
            and len(body.axes) == len(body.body.shape)
        ):
            inverse = size_of(body.body.shape).to_the(Fraction(-1))
            rest = scale.times(size_of(body.body.shape))
            if inverse is not None and not rest.dims and scale.dims:
                mean = Code(self._mean_text(parts[0]), ATOM)
                return mean if rest == Coefficient(Fraction(1)) else self._times(rest, mean)
        return self._times(scale, parts[0])

    def _mean_text(self, total: Code) -> str:
        """Return the mean for the text of a sum over everything."""
        before = self.language.templates["sum_all"].partition("{0}")[0]
        return self.language.templates["mean_all"].format(total.text[len(before) : -1])

    def _times(self, scale: Coefficient, body: Code) -> Code:
        if not self.language.infix:
            self.used.add("scale")
            return Code(f"scale({self._number(scale).text}, {body.text})", ATOM)
        if scale == MINUS_ONE:
            return Code(f"-{body.at(PRODUCT)}", SIGN)
        top, bottom = quotient(self._named(scale))
        if top == "1":
            return Code(f"{body.at(PRODUCT)} / {bottom}", PRODUCT)
        if top == "-1":
            return Code(f"-{body.at(PRODUCT)} / {bottom}", PRODUCT)
        return Code(
            f"{top} / {bottom} * {body.at(PRODUCT)}" if bottom else f"{top} * {body.at(PRODUCT)}",
            PRODUCT,
        )

    def _sum(self, form: forms.Sum, parts: list[Code]) -> Code:
        if not self.language.infix:
            self.used.add("add")
            return Code(f"add({', '.join(p.text for p in parts)})", ATOM)
        text = parts[0].at(PRODUCT) if not parts[0].matmul else parts[0].text
        for term, part in zip(form.terms[1:], parts[1:], strict=True):
            shown = part.text if part.level >= PRODUCT else part.at(PRODUCT)
            minus = _negative(term) and shown.startswith("-")
            text += f" - {shown[1:]}" if minus else f" + {shown}"
        return Code(text, SUM)

    def _matmul(self, form: forms.MatMul, parts: list[Code]) -> Code:
        if not self.language.infix:
            return self._call("matmul", parts)
        return Code(f"{parts[0].at(ATOM)} @ {parts[1].at(ATOM)}", PRODUCT, matmul=True)

    def _hadamard(self, form: forms.Hadamard, parts: list[Code]) -> Code:
        pairs = list(zip(form.factors, parts, strict=True))
        over = [(f, p) for f, p in pairs if isinstance(f, forms.Applied) and f.op == "reciprocal"]
        top = [p for f, p in pairs if not (isinstance(f, forms.Applied) and f.op == "reciprocal")]
        if not self.language.infix:
            return self._js_product([p for _, p in pairs])
        text = " * ".join(p.at(PRODUCT) for p in top) or "1"
        for _, part in over:
            text += f" / {part.text.removeprefix('1 / ')}"
        return Code(text, PRODUCT)

    def _js_product(self, parts: list[Code]) -> Code:
        self.used.add("mul")
        text = parts[0].text
        for part in parts[1:]:
            text = f"mul({text}, {part.text})"
        return Code(text, ATOM)

    def _sum_over(self, form: forms.SumOver, parts: list[Code]) -> Code:
        if len(form.axes) == len(form.body.shape) and not form.keepdims:
            return self._call("sum_all", parts)
        return self._call(
            "sum_keep" if form.keepdims else "sum", parts, axes=self.language.axes(form.axes)
        )

    def _einsum(self, form: forms.Einsum, parts: list[Code]) -> Code:
        order: dict[int, int] = {}
        dims: dict[int, str] = {}
        for factor, word in zip(form.factors, form.letters, strict=True):
            for letter, dim in zip(word, factor.shape, strict=True):
                order.setdefault(letter, len(order))
                dims.setdefault(order[letter], dim)
        words = [[order[x] for x in word] for word in form.letters]
        out = [order[x] for x in form.out]
        pattern = (
            ",".join("".join(_LETTERS[i] for i in word) for word in words)
            + "->"
            + "".join(_LETTERS[i] for i in out)
        )
        operands = ", ".join(p.text for p in parts)
        sizes = (
            self.language.shape([self._size(dims[i]) for i in range(len(dims))]) if dims else "[]"
        )
        self._note(self.language.templates["einsum"])
        text = self.language.templates["einsum"].format(
            pattern=pattern, operands=operands, letters=words, out=out, sizes=sizes
        )
        return Code(text, ATOM)

    def _applied(self, form: forms.Applied, parts: list[Code]) -> Code:
        template = TABLE[form.op].code[self.language.name]
        self._note(template)
        if self.language.name == "torch":
            parts = [
                _torch_number(p, self.like) if isinstance(a, forms.Filled) else p
                for p, a in zip(parts, form.args, strict=True)
            ]
        fixed = {name: exact_text(value, self.language.infix) for name, value in form.parameters}
        bare = _CALL.match(template) is not None and not re.search(
            r"\{\d\} [<>=!*&]|[*<>] \{\d\}|\{\d\}\.", template
        )
        texts = [p.text if bare else p.at(ATOM) for p in parts]
        level = (
            ATOM
            if _CALL.match(template) or (template.endswith(")") and template.startswith("("))
            else PRODUCT
        )
        if "**" in template and not _CALL.match(template):
            level = POWER
        return Code(template.format(*texts, **fixed), level)

    def _along(self, form: forms.AlongAxes, parts: list[Code]) -> Code:
        template = ALONG[form.op].code[self.language.name]
        if self.language.name == "torch" and len(form.axes) > 1:
            template = _TORCH_JOINT.get(form.op, template)
        self._note(template)
        return Code(template.format(parts[0].text, axis=self.language.axes(form.axes)), ATOM)

    def _picked(self, form: forms.Picked, parts: list[Code]) -> Code:
        index = (":, " * form.axis if self.language.infix else "") + str(form.index)
        return self._call("pick", [Code(parts[0].at(ATOM), ATOM)], index=index, axis=str(form.axis))

    def _placed(self, form: forms.Placed, parts: list[Code]) -> Code:
        index = (
            str(form.index)
            if form.index >= 0
            else f"{self._size(form.shape[form.axis])} - {-form.index}"
        )
        return self._call(
            "put", parts, index=index, axis=str(form.axis), size=form.shape[form.axis]
        )


# torch.softmax takes one axis only; several go through logsumexp, which takes many
_TORCH_JOINT = {
    "softmax": "torch.exp({0} - torch.logsumexp({0}, dim={axis}, keepdim=True))",
    "log_softmax": "({0} - torch.logsumexp({0}, dim={axis}, keepdim=True))",
}


def _torch_number(code: Code, like: str) -> Code:
    return (
        Code(f"torch.tensor({code.text}, dtype={like}.dtype, device={like}.device)", ATOM)
        if not code.text.startswith("torch.")
        else code
    )


def _negative(form: Form) -> bool:
    return isinstance(form, forms.Scaled | forms.Filled) and form.coefficient.number < 0
