"""Numbers marked with errors carried forward: each from the rule at the student's own values before it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from chainrule.errors import ParseError
from chainrule.practice.questions import answers as language
from chainrule.practice.questions.question import Blank, Mistake, Question
from chainrule.practice.questions.verdict import Verdict, known, right, wrong

PAIRED = 4  # the usual mistakes come first; pairs of rare ones would explain anything


class Numbers:
    """The number blanks of one question with the answers to them."""

    def __init__(self, question: Question, answers: Mapping[str, str]) -> None:
        self.question = question
        self.own: dict[str, float | ParseError | None] = {}
        self.carried: dict[str, float] = {}
        self.truth: dict[str, float] = {}
        self.values: dict[str, float] = dict(question.values)
        for blank in question.blanks:
            if blank.kind == "number":
                self._read(blank, answers.get(blank.id, ""))

    def _read(self, blank: Blank, text: str) -> None:
        self.truth[blank.id] = float(blank.answer)
        self.carried[blank.id] = self._at(blank.rule) if blank.rule else self.truth[blank.id]
        own: float | ParseError | None = None
        if text.strip():
            try:
                own = language.number(text)
            except ParseError as error:
                own = error
        self.own[blank.id] = own
        self.values[blank.id] = own if isinstance(own, float) else self.carried[blank.id]

    def _at(self, formula: str) -> float:
        """Return a formula at the student's own values, the right ones where there are none."""
        return language.compute(language.postfix(formula), self.values)

    def near(self, value: float, reference: float) -> bool:
        """Tell whether a value is within the question's tolerance."""
        return abs(value - reference) <= self.question.tolerance * abs(reference)

    def _is_right(self, id: str) -> bool:
        own = self.own[id]
        return isinstance(own, float) and self.near(own, self.truth[id])

    def judge(self, blank: Blank) -> Verdict:
        """Return the verdict on one number."""
        own = self.own[blank.id]
        if isinstance(own, ParseError):
            raise own
        assert own is not None
        if self.near(own, self.truth[blank.id]):
            return right(blank)
        if self.near(own, self.carried[blank.id]):
            return self._follows(blank)
        found = self._known(blank)
        if found is not None:
            return known(blank, found)
        return self._two(blank, own) or self._ratio(blank, own) or _facts(blank, own, self.carried[blank.id])  # fmt: skip

    def _follows(self, blank: Blank) -> Verdict:
        read = [w for k, w in language.postfix(blank.rule) if k == "name" and w in self.own]
        bad = [id for id in dict.fromkeys(read) if not self._is_right(id)]
        said = f"Right method: it follows from your {', '.join(bad)}. Mend that first."
        return Verdict(blank.id, "carried", blank.points, "", said, ())

    def _known(self, blank: Blank) -> Mistake | None:
        """Return the known mistake that explains the answer: of several, the one that explains most of the step."""
        found = [m for m in blank.mistakes if self._matches(blank, m, 1.0)]
        return max(found, key=lambda m: self._reach(blank, m)) if found else None

    def _matches(self, blank: Blank, mistake: Mistake, times: float) -> bool:
        own = self.own[blank.id]
        if not isinstance(own, float):
            return False
        value = self._value(mistake)
        return math.isfinite(value) and self.near(own, times * value)

    def _value(self, mistake: Mistake) -> float:
        return self._at(mistake.formula) if mistake.formula else float(mistake.fingerprint)

    def _reach(self, blank: Blank, mistake: Mistake) -> int:
        """Return how many blanks of the step a mistake explains, less those that it would have changed and did not."""
        reach = 0
        for other in self.question.blanks:
            for same in other.mistakes if other.step == blank.step else ():
                if same.message == mistake.message:
                    reach += 1 if self._matches(other, same, 1.0) else -1
        return reach

    def factors(self) -> list[tuple[str, float]]:
        """Return the factors that are easily lost: sign, 2, the sizes."""
        found = [("-1", -1.0), ("2", 2.0), ("1/2", 0.5)]
        for name, n in self.question.factors.items():
            if n > 2:
                found += [(name, float(n)), (f"1/{name}", 1 / n)]
        return found

    def _two(self, blank: Blank, own: float) -> Verdict | None:
        for name, factor in self.factors():
            if self.near(own, factor * self.carried[blank.id]):
                return None  # a factor alone says it
            for mistake in blank.mistakes:
                if self._matches(blank, mistake, factor):
                    said = f"Two mistakes: {mistake.message}; and a factor {name} too many."
                    return Verdict(blank.id, "two", 0, mistake.key, said, mistake.hints)
        return self._pair(blank, own)

    def _pair(self, blank: Blank, own: float) -> Verdict | None:
        """Return the verdict on two of the usual mistakes at once: of factors their changes multiply, of terms they add."""
        rule = self.carried[blank.id]
        for first, second in itertools.combinations(blank.mistakes[:PAIRED], 2):
            a, b = self._value(first), self._value(second)
            both = [a + b - rule, *([a * b / rule] if rule else [])]
            if any(math.isfinite(v) and self.near(own, v) for v in both):
                said = f"Two mistakes: {first.message}; and {second.message}."
                return Verdict(blank.id, "two", 0, first.key, said, first.hints)
        return None

    def _ratio(self, blank: Blank, own: float) -> Verdict | None:
        for name, factor in self.factors():
            if self.near(own, factor * self.carried[blank.id]):
                return wrong(blank, f"It is {name} times what the rule gives.", "ratio")
        return None


def _facts(blank: Blank, own: float, rule: float) -> Verdict:
    if own * rule < 0:
        return wrong(blank, "The sign is wrong, and the size too.")
    size = "large" if abs(own) > abs(rule) else "small"
    return wrong(blank, f"It is too {size}, and no known mistake explains it.")
