"""The printed notes as a whole: title, contents, chapters; as Typst text and as a PDF, the same bytes for the same date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from chainrule import files, typeset
from chainrule.course.lesson import Lesson, read_lessons
from chainrule.course.site import lessons_folder
from chainrule.errors import DataError
from chainrule.handout.chapters import chapter
from chainrule.handout.landscapes import cover
from chainrule.typeset import string

TITLE = "Gradient descent, step by step"
_LOOK = Path(__file__).with_name("look.typ")


def notes(numbers: Sequence[int] | None = None, when: date | None = None) -> str:
    """Return the printed notes in Typst.

    Args:
        numbers: the chapters by their numbers; None for all.
        when: the date on the title page; None for today's, or that of SOURCE_DATE_EPOCH.

    Returns:
        The document; `chainrule.typeset.pdf` sets it.

    Raises:
        DataError: there is no such chapter.
    """
    lessons = read_lessons(lessons_folder())
    chosen = _chosen(lessons, numbers)
    day = when or typeset.today()
    look = _LOOK.read_text(encoding="utf-8")
    picture = cover(next(lesson.case for lesson in lessons if lesson.case))
    front = f"title: {string(TITLE)}, date: {string(_told(day))}, cover: (svg: {string(picture.svg)}, alt: {string(picture.about)})"
    head = f"#show: notes.with({front})\n"
    return (
        "\n".join([look, head, *(chapter(lesson, _elsewhere(lesson, chosen)) for lesson in chosen)])
        + "\n"
    )


def write_notes(path: str | Path, numbers: Sequence[int] | None = None, when: date | None = None) -> Path:  # fmt: skip
    """Write the printed notes as a PDF: tagged, with alternative texts, the same bytes for the same date.

    Args:
        path: where to.
        numbers: the chapters by their numbers; None for all.
        when: the date that they bear; None for today's, or that of SOURCE_DATE_EPOCH.

    Returns:
        The path.

    Raises:
        MissingExtraError: typst is not installed.
        DataError: there is no such chapter, or the file cannot be written.
    """
    day = when or typeset.today()
    return files.write(Path(path), typeset.pdf(notes(numbers, day), day))


def _chosen(lessons: Sequence[Lesson], numbers: Sequence[int] | None) -> list[Lesson]:
    known = {lesson.number: lesson for lesson in lessons}
    for number in numbers or ():
        if number not in known:
            raise DataError(
                f"there is no chapter {number}. Chapters: {', '.join(map(str, known))}."
            )
    return [known[n] for n in (known if numbers is None else dict.fromkeys(numbers))]


def _elsewhere(lesson: Lesson, chosen: Sequence[Lesson]) -> int | None:
    """Return the chapter that tells of the same model, data and start: the first after the introduction; None if this one does."""
    if lesson.case is None:
        return None
    same = [x.number for x in chosen if x.case and _about(x) == _about(lesson)]
    teller = min((n for n in same if n > 0), default=lesson.number)
    return teller if teller != lesson.number else None


def _about(lesson: Lesson) -> tuple[object, ...]:
    assert lesson.case
    setting = lesson.case.setting
    return setting.model, setting.data, setting.features, setting.target, repr(setting.start)


def _told(day: date) -> str:
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]  # fmt: skip
    return f"{day.day} {months[day.month - 1]} {day.year}"


__all__ = ["TITLE", "notes", "write_notes"]
