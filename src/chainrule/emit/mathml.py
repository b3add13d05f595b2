"""Formulas in MathML Core: every part that shows a node carries `data-node` and `data-role`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chainrule.emit.layout import (
    BigSum,
    Call,
    Fenced,
    Fraction,
    Layout,
    Number,
    Operator,
    Root,
    Row,
    Subscript,
    Superscript,
    Symbol,
    Word,
    parts_of,
    render_with,
)
from chainrule.emit.spacing import runs_into

_ACCENTS = {"hat": "ˆ", "bar": "¯", "tilde": "˜", "dot": "˙"}
THIN = '<mspace width="0.17em"/>'
_APPLIED = "<mo>\u2061</mo>"
_UPRIGHT = ' mathvariant="normal"'
_BOLD_ONE = "\U0001d7cf"


def render(layout: Layout) -> str:
    """Return a layout as MathML Core, without the `<math>` around it."""
    return render_with(layout, _step)


def equation(left: Layout, right: Sequence[Layout]) -> str:
    """Return `left = right[0] = right[1] ...` as a displayed `<math>` element."""
    sides = "<mo>=</mo>".join(render(side) for side in (left, *right))
    return f'<math display="block"><mrow>{sides}</mrow></math>'


def _step(layout: Layout, parts: list[str]) -> str:
    match layout:
        case Symbol():
            return _symbol(layout)
        case Number():
            return f"<mn{_marks(layout)}>{escape(layout.digits)}</mn>"
        case Word():
            return f"<mi>{escape(layout.sign('mathml'))}</mi>"
        case Operator():
            return _operator(layout)
        case Row():
            return _grouped(layout, _side_by_side(layout.parts, parts))
        case Call():
            return _grouped(layout, parts[0] + _APPLIED + parts[1])
        case Fraction():
            return f"<mfrac{_marks(layout)}>{parts[0]}{parts[1]}</mfrac>"
        case Superscript():
            if isinstance(layout.body, Symbol):
                return _symbol(layout.body, parts[1])
            return f"<msup{_marks(layout)}>{parts[0]}{parts[1]}</msup>"
        case Subscript():
            return f"<msub{_marks(layout)}>{parts[0]}{parts[1]}</msub>"
        case Root():
            return f"<msqrt{_marks(layout)}>{parts[0]}</msqrt>"
        case Fenced():
            return _fenced(layout, parts[0])
        case BigSum():
            return _big_sum(parts)
        case _:
            raise TypeError(f"{type(layout).__name__} is no layout that prints")


def _side_by_side(layouts: Sequence[Layout], parts: Sequence[str]) -> str:
    """Return the parts of a row, a thin space where two factors would run into each other."""
    joined = parts[0] if parts else ""
    for left, right, part in zip(layouts, layouts[1:], parts[1:], strict=False):
        joined += (THIN if runs_into(left, right) else "") + part
    return joined


def _marks(layout: Layout) -> str:
    node = f' data-node="{escape(layout.node)}"' if layout.node else ""
    return node + (f' data-role="{escape(layout.role)}"' if layout.role else "")


def _grouped(layout: Layout, content: str) -> str:
    return f"<mrow{_marks(layout)}>{content}</mrow>"


def _operator(operator: Operator) -> str:
    if operator.sign == "ᵀ":
        return f"<mi{_UPRIGHT}>T</mi>"
    form = ' form="prefix"' if operator.prefix else ""
    return f"<mo{form}>{escape(operator.sign)}</mo>"


def _fenced(fenced: Fenced, body: str) -> str:
    left, right = fenced.fence
    size = (
        "" if _is_tall(fenced.body) else ' stretchy="false"'
    )  # as wide as a letter, not as a variant
    opening = f'<mo form="prefix" fence="true"{size}>{left}</mo>'
    closing = f'<mo form="postfix" fence="true"{size}>{right}</mo>'
    return _grouped(fenced, opening + body + closing)


def _is_tall(body: Layout) -> bool:
    """Return whether a part stands higher than a line: a fraction or a big sum is in it, and not in a script."""
    found: list[Layout] = [body]
    while found:
        part = found.pop()
        if isinstance(part, Fraction | BigSum):
            return True
        scripted = isinstance(part, Superscript | Subscript)
        found += (part.body,) if scripted else parts_of(part)
    return False


def _big_sum(parts: Sequence[str]) -> str:
    sign = "<mo>∑</mo>"
    if len(parts) == 1:
        return f"<munder>{sign}{parts[0]}</munder>"
    return f"<munderover>{sign}{parts[0]}{parts[1]}</munderover>"


def _symbol(symbol: Symbol, script: str = "") -> str:
    """Return a symbol with what stands above it, so that both scripts line up."""
    below = _below(symbol.subscript)
    # a word, because Firefox sets a space after an upright identifier, as after "sin"
    prefix = f"<mtext>{symbol.prefix}</mtext>" if symbol.prefix else ""
    marks = _marks(symbol)
    if script and not below:
        return f"<msup>{_symbol(symbol)}{script}</msup>"
    inner = "" if prefix else marks  # the outermost element carries the marks
    base = _base(symbol, "" if below else inner)
    if below:
        tag = "msubsup" if script else "msub"
        base = f"<{tag}{inner}>{base}{below}{script}</{tag}>"
    return f"<mrow{marks}>{prefix}{base}</mrow>" if prefix else base


def _base(symbol: Symbol, marks: str) -> str:
    bold = symbol.bold and symbol.base == "1"
    if not symbol.accent:
        return f"<mn{marks}>{_BOLD_ONE}</mn>" if bold else _letters(symbol.base, marks)
    accent = f'<mo stretchy="false">{_ACCENTS[symbol.accent]}</mo>'
    return f'<mover accent="true"{marks}>{_letters(symbol.base)}{accent}</mover>'


def _below(words: Sequence[str]) -> str:
    parts = [_letters(word) for word in words]
    return (
        parts[0] if len(parts) == 1 else f"<mrow>{'<mo>,</mo>'.join(parts)}</mrow>" if parts else ""
    )


def _letters(word: str, marks: str = "") -> str:
    tag = "mn" if word.isdigit() else "mi"
    return f"<{tag}{marks}>{escape(word)}</{tag}>"
