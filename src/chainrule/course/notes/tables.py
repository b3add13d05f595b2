"""Tables in place of drawings, for a reader without scripts: equations and numbers of the engine's, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from chainrule.course.facts import shown
from chainrule.explain.formulas import render
from chainrule.model import Model

MATHS = '<math xmlns="http://www.w3.org/1998/Math/MathML">'


def maths(mathml: str) -> str:
    """Return MathML from the emitter as an element of its own."""
    return f"{MATHS}<mrow>{mathml}</mrow></math>"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table: numbers as prose shows them, elements as they are, text escaped.

    >>> table(["h", "error"], [["central", 1e-10]])
    '<table><thead><tr><th>h</th><th>error</th></tr></thead><tbody><tr><td>central</td><td>10⁻¹⁰</td></tr></tbody></table>'
    """
    first = "".join(f"<th>{escape(word)}</th>" for word in head)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(x)}</td>' for x in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"


def _cell(x: Any) -> str:
    if isinstance(x, str):
        return x if x.startswith("<math") else escape(x)
    number = float(x)
    return escape(shown(number)) if abs(number) < float("inf") else "no finite number"


def derivation_table(model: Model) -> str:
    """Return a model's values and their gradients, an equation each."""
    steps = [*model.derivation.forward, *model.derivation.steps]
    return table(
        ["equation", "shape"],
        [
            (maths(render(step.as_equation(), "mathml")), ", ".join(step.shape) or "scalar")
            for step in steps
        ],
    )


def listing(lines: Sequence[str]) -> str:
    """Return lines of a program."""
    return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>"


__all__ = ["derivation_table", "listing", "maths", "table"]
