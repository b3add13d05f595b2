"""A whole derivation as a page: text for the terminal, LaTeX, Typst, MathML and HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from chainrule.emit import forms
from chainrule.emit.plan import plan
from chainrule.explain.formulas import measure, render, sides
from chainrule.graph.shapes import show

if TYPE_CHECKING:
    from chainrule.explain.derivation import Derivation, Step
    from chainrule.graph.trace import Shapes


def summary(group: Mapping[str, Shapes]) -> list[str]:
    """Return every name with its shape: ["X (n_x, m)", "Y (1, m)"]."""
    parts: list[str] = []
    for name, shape in group.items():
        if isinstance(shape, list):
            parts += [f"{name}[{i}] {show(one)}" for i, one in enumerate(shape)]
        else:
            parts.append(f"{name} {show(shape)}")
    return parts


def page(derivation: Derivation, tongue: str, **options: Any) -> str:
    """Return the derivation as a page in a tongue."""
    return _PAGES[tongue](derivation, **options)


def _text(d: Derivation) -> str:
    steps = [*d.forward, *d.steps]
    rows = {s.number: sides(s.as_equation(), "text", d.notation) for s in steps}
    left = max(measure(row[0]) for row in rows.values())
    lines = [d.graph.name, *_about(d), "", *_inputs(d), "", "Forward"]
    right = min(46, max((measure(row[-1]) for row in rows.values()), default=0))
    for step in steps:
        if step is (d.steps[0] if d.steps else None):
            lines += [
                "",
                f"Backward   dV stands for ∂{d.graph.loss.label}/∂V and has the shape of V; d{d.graph.loss.label} = 1",
            ]
        lines += _text_step(step, rows[step.number], left, right)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _about(d: Derivation) -> list[str]:
    return [f"  {d.graph.about}"] if d.graph.about else []


def _inputs(d: Derivation) -> list[str]:
    lines: list[str] = []
    for title, group in (("Data", d.graph.data), ("Parameters", d.graph.parameters)):
        glued = "   ".join(part.replace(" ", _GLUE) for part in summary(group))
        start = f"  {title:<12}"
        lines += wrap(glued, 98, initial_indent=start, subsequent_indent=" " * len(start))
    return [line.replace(_GLUE, " ") for line in lines]


_GLUE = "\N{NO-BREAK SPACE}"  # so that a line never breaks inside a shape


def _text_step(step: Step, row: list[str], left: int, right: int) -> list[str]:
    number = f"({step.number})".rjust(6)
    head, *rest = row
    shape = shapes_of(step)
    lines: list[str] = []
    for i, side in enumerate(rest):
        start = (
            f"{number}  {head}{' ' * (left - measure(head))} = "
            if not i
            else " " * (8 + left) + " = "
        )
        tail = f"{' ' * max(2, right + 2 - measure(side))}{shape}" if i == len(rest) - 1 else ""
        lines.append(f"{start}{side}{tail}")
    if step.backward:
        indent = " " * (11 + left)
        lines.append(f"{indent}{', '.join(step.rule)}{_reuse(step)}")
        lines += [f"{indent}{reason}" for reason in step.reasons]
    return lines


def shapes_of(step: Step) -> str:
    """Return the shape of a value, and of the factors of a matrix product: (1, n_h) = (1, m)(m, n_h)."""
    shape = show(step.shape) if step.shape else "scalar"
    form = plan(step.sides[-1])
    while isinstance(form, forms.Scaled):
        form = form.body
    if isinstance(form, forms.MatMul):
        return f"{shape} = {show(form.left.shape)}{show(form.right.shape)}"
    return shape


def _reuse(step: Step) -> str:
    return f" · reuses {', '.join(step.reuses)}" if step.reuses else ""


def _latex(d: Derivation) -> str:
    lines = [r"\begin{align*}"]
    for step in (*d.forward, *d.steps):
        head, *rest = sides(step.as_equation(), "latex", d.notation)
        shape = rf"&& {_latex_shape(step.shape)}"
        lines.append(f"{head} &= {' = '.join(rest)} {shape} \\\\")
    return "\n".join([*lines, r"\end{align*}"]) + "\n"


def _latex_shape(shape: tuple[str, ...]) -> str:
    from chainrule.emit.latex import render as latex
    from chainrule.emit.symbols import symbol

    return (
        rf"\left({', '.join(latex(symbol(dim)) for dim in shape)}\right)"
        if shape
        else r"\text{scalar}"
    )


def _typst(d: Derivation) -> str:
    lines = [f"= {_typst_text(d.graph.name)}", _typst_text(d.graph.about), ""]
    lines += [_typst_text(", ".join([*summary(d.graph.data), *summary(d.graph.parameters)])), ""]
    for title, steps in (("Forward", d.forward), ("Backward", d.steps)):
        lines += [f"== {title}", ""]
        for step in steps:
            words = [shapes_of(step), ", ".join(step.rule), *step.reasons]
            words += [_reuse(step).removeprefix(" · ")] if step.backward else []
            note = _typst_text(" · ".join(word for word in words if word))
            lines += [f"$ {render(step.as_equation(), 'typst', d.notation)} $"]
            lines += [f"#align(center, text(size: 0.8em, fill: luma(40%))[{note}])", ""]
    return "\n".join(lines)


def _typst_text(words: str) -> str:
    return "".join(f"\\{c}" if c in "#$*_`<>@=-+/[]~\\" else c for c in words)


def _mathml(d: Derivation) -> str:
    return "\n".join(_math(step, d.notation) for step in (*d.forward, *d.steps)) + "\n"


def _math(step: Step, style: str) -> str:
    body = render(step.as_equation(), "mathml", style)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" data-step="{step.number}"><mrow>{body}</mrow></math>'


_CELL = (
    "white-space: nowrap; padding: 0.3em 1.4em 0.3em 0; text-align: left; vertical-align: baseline"
)


def _html(d: Derivation) -> str:
    parts = [
        f'<section class="chainrule-derivation" style="overflow-x: auto"><h3>{escape(d.graph.name)}</h3>',
        f"<p>{escape(d.graph.about)}</p>" if d.graph.about else "",
        '<table style="border-collapse: collapse">',
    ]
    for title, steps in (("Forward", d.forward), ("Backward", d.steps)):
        parts.append(
            f'<tbody><tr><th colspan="4" scope="rowgroup" style="{_CELL}">{title}</th></tr>'
        )
        parts += [_html_row(step, d.notation) for step in steps]
        parts.append("</tbody>")
    return "".join([*parts, "</table></section>"])


def _html_row(step: Step, style: str) -> str:
    words = "; ".join([*step.rule, *step.reasons])
    reuse = (
        f"<br><small>reuses {escape(', '.join(step.reuses))}</small>"
        if step.backward and step.reuses
        else ""
    )
    body = render(step.as_equation(), "mathml", style)
    maths = f'<math xmlns="http://www.w3.org/1998/Math/MathML" displaystyle="true" data-step="{step.number}"><mrow>{body}</mrow></math>'
    cells = (f"({step.number})", maths, escape(shapes_of(step)), escape(words) + reuse)
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


_PAGES: Mapping[str, Callable[..., str]] = {
    "text": _text,
    "latex": _latex,
    "typst": _typst,
    "mathml": _mathml,
    "html": _html,
}
