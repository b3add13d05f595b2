"""A chapter of the printed notes: its model step by step with shapes and numbers, its figures, what to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from chainrule.course.facts import shown
from chainrule.course.figures import FIGURES
from chainrule.course.lesson import Lesson
from chainrule.course.notes.entry import Entry, maths
from chainrule.course.notes.operations import entries
from chainrule.course.notes.scalar import families
from chainrule.course.reasons import rule_sentence, sentence
from chainrule.course.scope import Case
from chainrule.explain import pages
from chainrule.explain.derivation import Step
from chainrule.graph.shapes import show
from chainrule.handout import figures, numbers
from chainrule.handout.exercises import exercises
from chainrule.handout.figure import Figure
from chainrule.handout.fits import fitted
from chainrule.handout.landscapes import landscape
from chainrule.handout.words import Said, blocks, dims, formula, plainly, small, unicode_symbol
from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.adaptive import AdaGrad, RMSprop
from chainrule.optim.gradient_descent import GradientDescent
from chainrule.optim.momentum import Momentum, Nesterov
from chainrule.optim.optimizer import Optimizer
from chainrule.typeset import string

LONG = 42  # characters of a worked line, beyond which it needs the whole width


def chapter(lesson: Lesson, told: int | None = None) -> str:
    """Return a chapter in Typst, which calls the functions of look.typ; `told` is the chapter that tells of the same model."""
    said = Said(lesson, _equations(lesson.case))
    parts = [f"#chapter({lesson.number}, {string(lesson.title)})[{said.lead}]"]
    if lesson.case and told is None:
        parts += _model(lesson.case)
    elif told is not None:
        parts.append(
            f"#par[{plainly(f'The model, its data and its numbers are those of chapter {told}.')}]"
        )
    parts += _figures(lesson, said, told)
    kinds = {str(b["name"]).partition("/")[0] for b in blocks(lesson, "widget")}
    if "scalar" in kinds:
        parts += _operations()
    if "optimizers" in kinds:
        parts += _rules()
    if "practice" in kinds:
        parts += exercises()
    items = "".join(f"[{item}]," for item in said.takeaways)
    parts.append(f"#takeaway({items})" if items else "")
    return "\n".join(parts)


def _equations(case: Case | None) -> dict[str, tuple[str, str]]:
    if case is None:
        return {}
    derivation = case.model.derivation
    return {
        step.node.label: (maths(step, "typst"), maths(step, "text"))
        for step in (*derivation.forward, *derivation.steps)
    }


# -- the model
def _model(case: Case) -> Iterator[str]:
    derivation, found = case.model.derivation, numbers.values(case)
    yield f"== {_titled('The model, forward')}"
    yield f"#par[{plainly(_about(case))}]"
    yield _inputs(case)
    yield _rows("forward", derivation.forward, found)
    yield f"== {_titled('Backward')}"
    loss = derivation.graph.loss.label
    yield f"#par[{plainly(f'dV stands for the derivative of {loss} with respect to V and has the shape of V. The numbers are those at the start.')}]"
    yield _rows("gradient", derivation.steps, found)
    yield from _one_step(case, found)


def _titled(words: str) -> str:
    return plainly(words)


def _about(case: Case) -> str:
    sample, held = case.sample, numbers.sizes(case)
    parts = [f"Data: {sample.name}" if sample.name else ""]
    parts.append(f"Features: {', '.join(sample.features)}" if sample.features else "")
    parts.append(f"To predict: {', '.join(sample.targets)}" if sample.targets else "")
    parts.append(f"Source: {sample.source}" if sample.source else "")
    parts.append(f"Sizes: {', '.join(f'{unicode_symbol(dim)} = {size}' for dim, size in held.items())}")  # fmt: skip
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _inputs(case: Case) -> str:
    graph = case.model.graph
    words: list[str] = []
    for title, group in (("Data", graph.data), ("Parameters", graph.parameters)):
        told = [f"{unicode_symbol(name)} {_shape(shape)}" for name, shape in group.items()]
        words += [f"{title}: {', '.join(told)}."] if told else []
    return f"#par[{plainly(' '.join(words))}]"


def _shape(shape: Any) -> str:
    if isinstance(shape, list):
        return "(several)"
    return dims(show(shape)) if shape else "(a number)"


def _rows(hue: str, steps: list[Step], found: Mapping[str, Any]) -> str:
    return f"#steps({hue}, {''.join(_row(step, found) for step in steps)})"


def _row(step: Step, found: Mapping[str, Any]) -> str:
    label = step.node.label
    number = numbers.brief(found[label]) if label in found else ""
    words = _why(step) if step.backward else ""
    equation = formula(maths(step, "typst"), maths(step, "text"), block=True)
    return f"({step.number}, [{equation}], [{plainly(dims(pages.shapes_of(step)))}], [{plainly(number)}], [{plainly(words)}]),"


def _why(step: Step) -> str:
    said = dict.fromkeys(rule_sentence(rule) for rule in step.rule)
    words = "; ".join(said)
    notes = "; ".join(reason.replace(step.target, unicode_symbol(step.target), 1) for reason in step.reasons)  # fmt: skip
    return sentence("; ".join(x for x in (words, notes) if x))


def _one_step(case: Case, found: Mapping[str, Any]) -> Iterator[str]:
    """Tell the first step of gradient descent in numbers: one entry of every parameter."""
    rate = case.rate
    if rate is None or case.setting.method != "gradient-descent":
        rate = next(m["learningRate"] for m in case.document["methods"] if m["key"] == "gradient-descent")  # fmt: skip
    lines, longest = list[str](), 0
    for name, value in case.start.items():
        if isinstance(value, list) or f"d{name}" not in found:
            continue
        place, w = numbers.entry(value)
        _, g = numbers.entry(found[f"d{name}"])
        told = f"← {numbers.said(w)} − {shown(rate)} · ({numbers.said(g)}) = {numbers.said(w - rate * g)}"
        longest = max(longest, len(f"{name}{place} {told}"))
        symbol = f"{small(name)} {string(place)}" if place else small(name)
        lines.append(f"[{formula(f'{symbol} {string(told)}', f'{name}{place} {told}')}],")
    if lines:
        yield f"== {_titled('One step of gradient descent, by hand')}"
        yield f"#par[{plainly(f'With the learning rate α = {shown(rate)}, from the start; of an array, its first entry.')}]"
        columns = 1 if longest > LONG else 2
        yield f"#worked({columns}, {''.join(lines)})"


# -- figures
def _figures(lesson: Lesson, said: Said, told: int | None) -> Iterator[str]:
    names, case = said.renderer.names, lesson.case
    drawn: list[Figure] = []
    if case and _is_about_methods(lesson):
        drawn += figures.methods(case)
    else:
        drawn += _descents(case, names, told, lesson.number)
    if case:
        drawn += [_still(block["name"], block, names, case) for block in blocks(lesson, "figure")]
        moving = [block for block in blocks(lesson, "widget") if "still" in block]
        drawn += [_still(block["still"], block, names, case) for block in moving]
    if drawn:
        yield f"#heading(level: 2, outlined: false)[{_titled('Pictures')}]"
        yield f"#figures({''.join(_figure(f, said) for f in drawn)})"


def _is_about_methods(lesson: Lesson) -> bool:
    return any(str(b["name"]).startswith("optimizers/") for b in blocks(lesson, "widget"))


def _descents(
    case: Case | None, names: Mapping[str, Any], told: int | None, number: int
) -> list[Figure]:
    """Return data and fit, the landscape, and the losses of the descents that the lesson names."""
    named = cast("Mapping[str, Callable[[], dict[str, Any]]]", names["run"])
    found: list[Figure | None] = []
    if case and told is None:
        run = numbers.descend(case)
        found += [fitted(case, run), landscape(run)]
    if (told or 0) <= number:
        runs = {name: make() for name, make in named.items()} or (
            {"run": case.run()} if case else {}
        )
        found.append(figures.losses(runs) if runs else None)
    return [figure for figure in found if figure]


def _still(name: str, block: Mapping[str, Any], names: Mapping[str, Any], case: Case) -> Figure:
    svg = figures.printed(FIGURES[name](names, case))
    return Figure(svg, "", str(block["caption"]), wide=True)


def _figure(figure: Figure, said: Said) -> str:
    caption = said.inline(figure.about) if figure.wide else plainly(figure.caption)
    about = figure.caption + " " + figure.about if not figure.wide else _spoken(figure.svg)
    wide = "true" if figure.wide else "false"
    return f"(svg: {string(figure.svg)}, alt: {string(about.strip())}, caption: [{caption}], wide: {wide}),"


def _spoken(svg: str) -> str:
    """Return the title and the description that a picture carries."""
    from html import unescape

    parts = [svg.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("title", "desc")]
    return unescape(". ".join(part for part in parts if part))


# -- tables
def _operations() -> Iterator[str]:
    known = entries()
    for family, names in families().items():
        yield f"== {_titled(family[:1].upper() + family[1:])}"
        yield f"#operations({''.join(_operation(known[name]) for name in names)})"


def _operation(entry: Entry) -> str:
    forward, backward = (_lines(steps) for steps in (entry.forward, entry.steps))
    corner = "" if entry.kink == "differentiable everywhere" else entry.corner
    x = numbers.entry(entry.start[entry.vary[0][0]])[1]
    value, slope = entry.at(x)
    about = f"{entry.name}: value and slope; at {shown(x)} the value is {shown(value)} and the slope {shown(slope)}"
    long = any(len(maths(step, "text")) > 30 for step in (*entry.forward, *entry.steps))
    return (
        f"(name: {string(entry.name.replace('_', ' '))}, svg: {string(figures.small(entry))}, alt: {string(about)}, forward: [{forward}], "
        f"backward: [{backward}], words: [{plainly(f'{entry.sentence} {entry.reuse}')}], corner: [{plainly(corner)}], long: {'true' if long else 'false'}),"
    )


def _lines(steps: list[Step]) -> str:
    """Return equations below each other; of a long one only what it comes to."""
    held = [s if len(maths(s, "text")) < 70 else replace(s, sides=s.sides[-1:]) for s in steps]
    return " #linebreak() ".join(
        formula(f"display({maths(s, 'typst')})", maths(s, "text")) for s in held
    )


_OPTIMIZERS: tuple[tuple[str, Optimizer], ...] = (
    ("Gradient descent", GradientDescent(0.1)),
    ("Momentum", Momentum(0.1)),
    ("Nesterov", Nesterov(0.1)),
    ("AdaGrad", AdaGrad(0.1)),
    ("RMSprop", RMSprop(0.1)),
    ("Adam", Adam(0.1)),
    ("AdamW", AdamW(0.1)),
)


def _rules() -> Iterator[str]:
    yield f"== {_titled('The rules')}"
    yield f"#rules({''.join(_rule(title, optimizer) for title, optimizer in _OPTIMIZERS)})"


def _rule(title: str, optimizer: Optimizer) -> str:
    about = (type(optimizer).__doc__ or "").strip().split("\n")[0].partition(": ")[2]
    written = zip(
        str(optimizer.to("typst")).splitlines(), str(optimizer.to("text")).splitlines(), strict=True
    )
    lines = "".join(
        f"[{formula(t.strip(), s.strip(), block=True)}]," for t, s in written if t.strip()
    )
    return f"(name: [{plainly(title)}], about: [{plainly(about[:1].upper() + about[1:])}], lines: ({lines})),"


__all__ = ["chapter"]
