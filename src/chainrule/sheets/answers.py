"""What is printed as the answer to a blank: as a person would write it."""

from __future__ import annotations

from chainrule.practice.questions.content import text_of
from chainrule.practice.questions.question import Blank, Question


def answer_text(blank: Blank) -> str:
    """Return the answer as text: numbers with four significant figures and a real minus sign."""
    if blank.kind == "number":
        return shown(float(blank.answer))
    if blank.kind == "order":
        return ", ".join(blank.answer.split(","))
    return blank.answer


def shown(x: float) -> str:
    """Return a number with four significant figures."""
    text = f"{x:.4g}"
    mantissa, e, exponent = text.partition("e")
    text = f"{mantissa} × 10^{int(exponent)}" if e else mantissa
    return text.replace("-", "−")


def parts_of(question: Question) -> tuple[Blank, ...]:
    """Return the blanks whose answer the worked solution does not say already: all that no step of it fills."""
    filled = {id for worked in question.solution for id in worked.blanks}
    return tuple(b for b in question.blanks if b.id not in filled)


def is_said(blank: Blank, question: Question) -> bool:
    """Tell whether a blank's prompt stands in the statement already, as a paragraph of its own."""
    return any(getattr(block, "pieces", None) == blank.prompt for block in question.statement)


def are_listed(blank: Blank, question: Question) -> bool:
    """Tell whether the options of a blank stand in the statement already, as lines of a program."""
    lines = [line for block in question.statement for line in getattr(block, "lines", ())]
    return all(any(text_of(o.pieces) in line for line in lines) for o in blank.options)


__all__ = ["answer_text", "are_listed", "is_said", "parts_of", "shown"]
