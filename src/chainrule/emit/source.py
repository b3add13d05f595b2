"""A program as readable source: a function of the model's own arguments that returns the loss and the gradients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from chainrule.emit.expressions import Printer
from chainrule.emit.languages import Language
from chainrule.emit.plan import plan
from chainrule.emit.terms import Argument, Program
from chainrule.graph.nodes import Input, Node
from chainrule.graph.shapes import show


def source(program: Program, language: Language) -> str:
    """Return the program's text in a language."""
    return _js(program, language) if not language.infix else _python(program, language)


def _leaf_names(program: Program) -> dict[str, str]:
    names: dict[str, str] = {}
    for a in program.arguments:
        if isinstance(a.shape, list):
            names.update({f"{a.name}[{i}]": f"{a.identifier}[{i}]" for i in range(len(a.shape))})
        else:
            names[a.name] = a.identifier
    return names


def _body(program: Program, printer: Printer, comment: str) -> list[tuple[str, str, str]]:
    """Return (part, assignment, comment) triples."""
    rows: list[tuple[str, str, str]] = []
    for line in program.lines:
        part = "backward" if line.value.role in ("gradient",) else "forward"
        rows.append(
            (
                part,
                f"{line.identifier} = {printer.whole(plan(line.formula))}",
                f"{comment} {show(line.value.shape)}",
            )
        )
    return rows


def _printer(program: Program, language: Language) -> Printer:
    leaves = _leaf_names(program)

    def name(node: Node) -> str:
        return leaves[node.name] if isinstance(node, Input) else program.identifiers[node]  # type: ignore[index]  # pyright: ignore[reportArgumentType]

    # dtype and device follow the parameters: data may be integers
    first = next(
        (a for a in program.arguments if a.name in program.graph.parameters), program.arguments[0]
    )
    like = f"{first.identifier}[0]" if isinstance(first.shape, list) else first.identifier
    return Printer(language, name, like, program.size_names())


def _aligned(
    rows: Sequence[tuple[str, str, str]], program: Program, comment: str, end: str = ""
) -> list[str]:
    width = min(60, max((len(text) for _, text, _ in rows), default=0) + len(end))
    lines: list[str] = []
    before = "forward"
    for part, text, note in rows:
        if part != before:
            lines += ["", f"{comment} backward: dV is dL/dV, of the shape of V"]
            lines += [f"{comment} {note_}" for note_ in program.notes]
            before = part
        lines.append(f"{text + end:<{width}}  {note}")
    return lines


def _results(program: Program, quote: str, wrap: str = "{}") -> str:
    """Return the text of {name: result, ...}; `wrap` is what each result is put into."""
    parts: list[str] = []
    for a in program.arguments:
        if isinstance(a.shape, list):
            labels = [f"{a.name}[{i}]" for i in range(len(a.shape))]
            if labels[0] in program.gradients:
                parts.append(
                    f"{quote}{a.name}{quote}: [{', '.join(_gradient(program, x, wrap) for x in labels)}]"
                )
        elif a.name in program.gradients:
            parts.append(f"{quote}{a.name}{quote}: {_gradient(program, a.name, wrap)}")
    return "{" + ", ".join(parts) + "}"


def _gradient(program: Program, label: str, wrap: str) -> str:
    return wrap.format(program.identifiers[program.gradients[label]])


def _python(program: Program, language: Language) -> str:
    printer = _printer(program, language)
    rows = _body(program, printer, language.comment)
    arguments = ", ".join(a.identifier for a in program.arguments)
    result = _results(program, '"')
    if program.loss_too:
        loss = program.identifiers[program.loss]
        result = f"{loss}, {result}" if program.gradients else loss
    lines = [f'"""{_about(program)}"""', "", *_imports(language, printer), ""]
    for name, text in language.helpers.items():
        if name in printer.used:
            lines += ["", *text.split("\n"), ""]
    lines += ["", f"def {program.function}({arguments}):"]
    lines += [f"    {text}" for text in _signature_notes(program, language.comment)]
    lines += [f"    {program.size_names()[dim]} = {text}" for dim, text in program.sizes().items()]
    lines += [f"    {line}".rstrip() for line in _aligned(rows, program, language.comment)]
    lines += [f"    return {result}"]
    return "\n".join(lines) + "\n"


def _imports(language: Language, printer: Printer) -> list[str]:
    lines = language.imports.split("\n")
    return [line for line in lines if line != "import jax" or "jax" in printer.used]


def _about(program: Program) -> str:
    """Return the title; a name may be anything, and must not end the string or the comment that it stands in."""
    name = "".join(c if c.isprintable() and c not in '"\\' else "_" for c in program.name)
    if program.function == "update":
        return f"{name}: one update of a parameter w with gradient dw."
    what = "loss and gradients" if program.gradients else "forward pass"
    return f"{name}: {what}, derived by chainrule."


def _signature_notes(program: Program, comment: str) -> list[str]:
    return [f"{comment} {', '.join(_argument(a) for a in program.arguments)}"]


def _argument(a: Argument) -> str:
    shapes = a.shape if isinstance(a.shape, list) else [a.shape]
    return f"{a.identifier} {' '.join(show(s) for s in shapes)}"


# -- JavaScript: a module that carries the few functions it needs
def _js(program: Program, language: Language) -> str:
    printer = _printer(program, language)
    runtime = _runtime()
    renamed = {
        a.identifier: f"{a.identifier}_" for a in program.arguments if a.identifier in runtime
    }
    rows = _body(program, printer, language.comment)
    printer.used |= {"array", "nested"}
    names = [a.identifier for a in program.arguments]
    title = re.sub(r"_(\w)", lambda match: match[1].upper(), program.function)
    lines = [f"// {_about(program)}", f"export function {title}({', '.join(names)}) {{"]
    lines += [f"  {note}" for note in _signature_notes(program, "//")]
    for a in program.arguments:
        many = isinstance(a.shape, list)
        lines.append(
            f"  {a.identifier} = {f'{a.identifier}.map((x) => array(x))' if many else f'array({a.identifier})'};"
        )
    lines += [
        f"  const {program.size_names()[dim]} = {text};" for dim, text in program.sizes().items()
    ]
    body = [(part, _declared(text, names), note) for part, text, note in rows]
    lines += [f"  {line}".rstrip() for line in _aligned(body, program, "//", ";")]
    result = _results(program, "", "nested({})")
    if program.loss_too:
        loss = f"nested({program.identifiers[program.loss]})"
        result = f"[{loss}, {result}]" if program.gradients else loss
    lines += [
        f"  return {result};",
        "}",
        "",
    ]
    text = "\n".join(lines)
    for old, new in {**renamed, **_shadowed(program, runtime)}.items():
        text = re.sub(rf"(?<![.\w\"]){re.escape(old)}(?![\w(:])", new, text)
    return text + "\n// The array functions used above.\n" + "\n".join(_needed(text, runtime))


def _declared(assignment: str, arguments: list[str]) -> str:
    """Return an assignment with its `const`, unless it gives an argument a new value."""
    return assignment if assignment.partition(" ")[0] in arguments else f"const {assignment}"


def _shadowed(program: Program, runtime: dict[str, str]) -> dict[str, str]:
    return {
        name: f"{name}_"
        for name in [*program.identifiers.values(), *program.size_names().values()]
        if name in runtime
    }


def _runtime() -> dict[str, str]:
    """Return the functions of the JavaScript runtime by name."""
    text = _runtime_text()
    found: dict[str, str] = {}
    for match in re.finditer(
        r"^(?:/\*\*(?:(?!\*/).)*?\*/\n)?export function (\w+)\(.*?^}\n",
        text,
        re.DOTALL | re.MULTILINE,
    ):
        found[match.group(1)] = match.group(0)
    return found


def _runtime_text() -> str:
    shipped = resources.files("chainrule.emit") / "runtime.js"
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    checkout = (
        Path(__file__).parents[3] / "web" / "src" / "runtime" / "array.js"
    )  # a source checkout
    return checkout.read_text(encoding="utf-8")


def _needed(text: str, runtime: dict[str, str]) -> list[str]:
    """Return the runtime functions that a text calls, and those that they call, in the runtime's order."""
    wanted: set[str] = set()
    frontier = [text]
    while frontier:
        called = set(re.findall(r"(?<![.\w])(\w+)\(", frontier.pop())) & set(runtime)
        new = called - wanted
        wanted |= new
        frontier += [runtime[name] for name in new]
    return [
        body.replace("export function", "function", 1)
        for name, body in runtime.items()
        if name in wanted
    ]
