"""The widgets of chapter 5 that show one operation: its box, its value, its slope. Everything comes from the table of operations."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from chainrule.course.notes.entry import Entry, maths
from chainrule.course.notes.operations import entries
from chainrule.course.notes.widget import Place, Widget, fact, widget
from chainrule.emit import mathml
from chainrule.emit.symbols import symbol
from chainrule.errors import unknown
from chainrule.ops.record import Composite

SHARED = "scalar-operations"
_MATHS = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
_SIGNS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negate": "−", "sqrt": "√", "square": "x²", "power": "xᵖ", "pow": "xᵇ",
    "reciprocal": "1/x", "abs": "|x|", "log_softmax": "log softmax", "leaky_relu": "leaky",
}  # fmt: skip


def sign(entry: Entry) -> str:
    """Return what stands in the box of an operation: "σ", "+", "squared error"."""
    if entry.name in _SIGNS:
        return _SIGNS[entry.name]
    record = entry.record
    if record is None or isinstance(record, Composite):
        return entry.name.replace("_", " ")
    if record.notation.form == "indicator":
        return f"[{record.notation.sign('text')}]"
    return record.notation.sign("text") or entry.name


def document(entry: Entry) -> dict[str, Any]:
    """Return what the browser needs of an operation: its equations, its words, and the tape that computes it."""
    tape = entry.model.derivation.to("tape")
    size = int(np.prod(entry.shape(entry.data["g"]))) if entry.has_upstream else 1
    found = {
        "name": entry.name,
        "call": entry.call,
        "family": entry.family,
        "sign": sign(entry),
        "code": entry.code,
        "forward": [maths(step, "mathml") for step in entry.forward],
        "backward": [maths(step, "mathml") for step in entry.steps],
        "words": entry.sentence,
        "kink": entry.corner,
        "reuse": entry.reuse,
        "reads": entry.reads,
        "source": entry.source,
        "output": entry.output,
        "outputs": size,
        "upstream": entry.has_upstream,
        "inputs": [_input(entry, name) for name in (*entry.inputs, *entry.data) if name != "g"],
        "vary": [list(one) for one in entry.vary],
        "window": list(entry.window),
        "frame": list(entry.frame),
        "corners": list(entry.corners),
        "tape": tape,
        "sizes": dict(_sizes(entry)),
    }
    if not (entry.output in tape["names"] or entry.output == entry.model.graph.loss.label):
        raise unknown("value of a tape", entry.output, tape["names"])
    return found


def _input(entry: Entry, name: str) -> dict[str, Any]:
    role = "parameter" if name in entry.inputs else "data"
    return {
        "name": name,
        "mathml": f"{_MATHS}{mathml.render(symbol(name, role))}</math>",
        "values": np.ravel(entry.start[name]).astype(float).tolist(),
        "moves": name in entry.inputs,
    }


def _sizes(entry: Entry) -> dict[str, int]:
    names = {**entry.inputs, **entry.data}
    return {
        dim: size
        for name in names
        for dim, size in zip(names[name].split(), entry.shape(names[name]), strict=True)
    }


def shared() -> dict[str, Mapping[str, Any]]:
    """Return the one document of all operations, which every widget of the chapter reads."""
    return {SHARED: {"operations": {name: document(e) for name, e in entries().items()}}}


def families() -> dict[str, list[str]]:
    """Return the names of operations by family, in teaching order."""
    found: dict[str, list[str]] = {}
    for entry in entries().values():
        found.setdefault(entry.family, []).append(entry.name)
    return found


def row(entry: Entry) -> str:
    """Return a row of the table of all operations, for readers without scripts."""
    written = "<br>".join(
        f"{_MATHS}<mrow>{maths(s, 'mathml')}</mrow></math>" for s in entry.forward
    )
    back = "<br>".join(f"{_MATHS}<mrow>{maths(s, 'mathml')}</mrow></math>" for s in entry.steps)
    words = f"{escape(entry.sentence)} {escape(entry.corner)} {escape(entry.reuse)}"
    return f'<tr><th scope="row">{escape(entry.name)}</th><td>{written}</td><td>{back}</td><td>{words}</td></tr>'


@widget("scalar/atlas")
def atlas(block: Mapping[str, Any], place: Place) -> Widget:
    """All operations to choose from; the chosen one is shown whole."""
    head = "<tr><th>operation</th><th>value</th><th>backwards</th><th>in words</th></tr>"
    body = "".join(row(entry) for entry in entries().values())
    groups = [{"family": family, "names": names} for family, names in families().items()]
    return Widget(
        {"groups": groups, "start": _known(str(block.get("operation", "sigmoid")))},
        f'<table class="operations"><thead>{head}</thead><tbody>{body}</tbody></table>',
        (1574, 2906),
        shared(),
        wide=True,
    )


@widget("scalar/operation")
def operation(block: Mapping[str, Any], place: Place) -> Widget:
    """One operation, at x with a step h: the secant that becomes the tangent."""
    entry = entries()[_known(str(block["operation"]))]
    fallback = f"<table><tbody>{row(entry)}</tbody></table>"
    return Widget({"operation": entry.name}, fallback, (462, 462), shared())


def _known(name: str) -> str:
    if name not in entries():
        raise unknown("operation", name, entries())
    return name


@fact("scalar")
def facts() -> Mapping[str, Any]:
    """Return what chapter 5 says in numbers: note.scalar.at.sigmoid.slope, note.scalar.count."""
    found = entries()
    return {
        "count": len(found),
        "at": {name: lambda e=e: _at(e) for name, e in found.items()},
    }


def _at(entry: Entry) -> dict[str, Any]:
    name, index = entry.vary[0]
    x = float(np.ravel(entry.start[name])[index])
    value, slope = entry.at(x)
    return {"x": x, "value": value, "slope": slope, "secant": lambda: _secants(entry, x, value)}


def _secants(entry: Entry, x: float, value: float) -> dict[str, float]:
    """Return slopes of secants: h1 = over a step of 1, h3 = of 0.001."""
    return {f"h{k}": (entry.at(x + 10.0**-k)[0] - value) / 10.0**-k for k in range(9)}


__all__ = ["SHARED", "atlas", "document", "families", "operation", "row", "shared", "sign"]
