"""Sheet: questions for a topic and a seed, written in any format with their solutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from pathlib import Path

from chainrule import typeset
from chainrule.errors import DataError, unknown
from chainrule.files import write
from chainrule.practice.questions.question import Question
from chainrule.sheets.orders import deal

# a format -> (the module that writes it, the ending of its file)
FORMATS = {
    "pdf": ("typst", ".pdf"),
    "html": ("html", ".html"),
    "ipynb": ("notebook", ".ipynb"),
    "qti": ("qti", ".zip"),
    "moodle": ("moodle", ".xml"),
    "scorm": ("scorm", ".zip"),
}
Files = dict[str, bytes]  # by what is put between the name and its ending: "" and "-solutions"


@dataclass(frozen=True)
class Sheet:
    """Questions in order, with a title, and the date that is printed on them."""

    title: str
    questions: tuple[Question, ...]
    topics: tuple[str, ...]
    seed: int
    day: date

    @property
    def points(self) -> int:
        """The points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def command(self) -> str:
        """The command that makes this sheet again."""
        names = " ".join(self.topics)
        return f"chainrule sheet --topics {names} --questions {len(self.questions)} --seed {self.seed} --date {self.day}"

    def to_pdf(self, path: str | Path) -> list[Path]:
        """Write the sheet as PDF, and its solutions with the marking scheme beside it, "-solutions" before the ending."""
        return self.write(path, "pdf")

    def to_html(self, path: str | Path) -> list[Path]:
        """Write the sheet as one HTML file, and its solutions beside it."""
        return self.write(path, "html")

    def to_notebook(self, path: str | Path) -> list[Path]:
        """Write the sheet as a notebook with holes, which fails when it is run, and its solution, which passes."""
        return self.write(path, "ipynb")

    def to_qti(self, path: str | Path) -> list[Path]:
        """Write the sheet as a QTI 1.2 package, as Canvas imports it."""
        return self.write(path, "qti")

    def to_moodle(self, path: str | Path) -> list[Path]:
        """Write the sheet as Moodle XML."""
        return self.write(path, "moodle")

    def to_scorm(self, path: str | Path) -> list[Path]:
        """Write the sheet as a SCORM 1.2 package: the practice page with these questions, which reports its score."""
        return self.write(path, "scorm")

    def write(self, path: str | Path, format: str) -> list[Path]:
        """Write the sheet in a format: "pdf", "html", "ipynb", "qti", "moodle" or "scorm".

        Args:
            path: where to; the format's ending is added where the path has none.
            format: one of the six.

        Returns:
            The files written, the sheet first, then its solutions where the format has them apart.

        Raises:
            UnknownNameError: there is no such format.
            DataError: a file cannot be written.
            MissingExtraError: a PDF, and typst is not installed.
        """
        target = Path(path)
        ending = target.suffix or _module(format)[1]
        files = self.files(format)
        return [
            write(target.with_name(f"{target.stem}{more}{ending}"), content)
            for more, content in files.items()
        ]

    def files(self, format: str) -> Files:
        """Return the contents of the files of a format, the same bytes for the same sheet."""
        module, _ = _module(format)
        made: Callable[[Sheet], Files] = import_module(f"chainrule.sheets.{module}").files
        return made(self)


def _module(format: str) -> tuple[str, str]:
    if format not in FORMATS:
        raise unknown("format of a sheet", format, FORMATS)
    return FORMATS[format]


def sheet(
    topics: Sequence[str] | str = ("exam",),
    *,
    seed: int = 0,
    questions: int = 12,
    title: str = "",
    day: date | str | None = None,
) -> Sheet:
    """Return a sheet of exercises; the same topics, seed and date give the same bytes in every format.

    Args:
        topics: names such as "backprop", "shapes", "optimizers", "exam", or a variant such as "logistic-3".
        seed: another seed is another sheet.
        questions: how many, from 1 to 100.
        title: "" for one that names the topics.
        day: the date on the sheet, "2026-12-01" for example; None for today (or SOURCE_DATE_EPOCH's day).

    Returns:
        A Sheet; write it with `to_pdf`, `to_html`, `to_notebook`, `to_qti`, `to_moodle` or `to_scorm`.

    Raises:
        UnknownNameError: there is no such topic.
        DataError: the number of questions or the date make no sense.

    >>> import chainrule as cr
    >>> [one.variant for one in cr.sheet(["logistic-1", "univariate-3"], questions=2).questions]
    ['logistic-1', 'univariate-3']
    """
    names = (topics,) if isinstance(topics, str) else tuple(topics)
    shown = title or f"Exercises: {', '.join(name.replace('-', ' ') for name in names)}"
    return Sheet(shown, deal(names, seed, questions), names, seed, _day(day))


def exam(seed: int = 0, day: date | str | None = None) -> Sheet:
    """Return the ready-made sheet of exam practice: twelve questions of every kind that is solved on paper."""
    return replace(sheet("exam", seed=seed, questions=12, day=day), title="Exam practice")


def _day(day: date | str | None) -> date:
    if day is None:
        return typeset.today()
    try:
        return day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError:
        raise DataError(f"the date is {day!r}. Write it as 2026-12-01.") from None


__all__ = ["FORMATS", "Files", "Sheet", "exam", "sheet"]
