"""Every kind of feedback is given at least once, in every family that can give it, and says what it says."""

import itertools

import pytest

import chainrule as cr
from chainrule.practice.questions import answers as language
from chainrule.practice.questions.bank import variants

SEEDS = range(3)
STRANGE = 0.7137


def marked(question, answers, blank):
    return next(v for v in cr.mark(question, answers).verdicts if v.blank == blank)


def said(question, blank, text):
    """Return what is said of one answer, all others being right."""
    right = {b.id: b.answer for b in question.blanks if b.kind != "code"}
    verdict = marked(question, {**right, blank.id: text}, blank.id)
    return verdict.status, verdict.message


def of_kind(variant, kind):
    return [(q, b) for q in (cr.question(variant, seed=s) for s in SEEDS) for b in q.blanks if b.kind == kind]  # fmt: skip


def fired(variant, kind, texts):
    return {said(q, b, text) for q, b in of_kind(variant, kind) for text in texts(b)}


def having(kind):
    return [v for v in variants() if any(b.kind == kind for b in cr.question(v, seed=0).blanks)]


@pytest.mark.parametrize("variant", having("number"))
def test_of_numbers(variant):
    def texts(blank):
        value = float(blank.answer)
        factors = (1, -1, 2, 0.5, 1 + STRANGE, 1 / (3 + STRANGE), -1 - STRANGE)
        return [*(repr(f * value) for f in factors), "__import__('os')", ""]

    found = fired(variant, "number", texts)
    assert {
        ("right", "Right."),
        ("empty", "Not answered."),
        ("unreadable", "'_' cannot be read here. Write numbers, names and + - * / ^ ( )."),
        *(("ratio", f"It is {f} times what the rule gives.") for f in ("-1", "2", "1/2")),
        ("wrong", "The sign is wrong, and the size too."),
        ("wrong", "It is too large, and no known mistake explains it."),
        ("wrong", "It is too small, and no known mistake explains it."),
    } <= found


RULES = [v for v in having("number") if any(b.rule for b in cr.question(v, seed=0).blanks)]


@pytest.mark.parametrize("variant", RULES)
def test_of_numbers_that_follow_from_a_wrong_one(variant):
    question = cr.question(variant, seed=1)
    first, given = question.blanks[0].id, dict(question.values)
    answers = {}
    for blank in question.blanks:
        value = language.compute(language.postfix(blank.rule), given)
        given[blank.id] = value * (1 + STRANGE if blank.id == first else 1)
        answers[blank.id] = repr(given[blank.id])
    found = {v.message for v in cr.mark(question, answers).verdicts if v.status == "carried"}
    assert f"Right method: it follows from your {first}. Mend that first." in found


@pytest.mark.parametrize("variant", RULES)
def test_of_numbers_with_a_known_mistake_and_a_factor(variant):
    told = set()
    for question, blank in of_kind(variant, "number"):
        for mistake in blank.mistakes:
            status, message = said(question, blank, repr(2 * float(mistake.fingerprint)))
            if message == f"Two mistakes: {mistake.message}; and a factor 2 too many.":
                told.add(status)
    assert told == {"two"}


@pytest.mark.parametrize("variant", RULES)
def test_of_numbers_with_two_known_mistakes(variant):
    told, known = 0, 0
    for question, blank in of_kind(variant, "number"):
        for first, second in itertools.combinations(blank.mistakes[:3], 2):
            both = float(first.fingerprint) * float(second.fingerprint) / float(blank.answer)
            status, message = said(question, blank, repr(both))
            known += 1
            told += (status, message) == ("two", f"Two mistakes: {first.message}; and {second.message}.")  # fmt: skip
    assert told > known / 5  # the others come out as one mistake, or with a factor
    assert told


@pytest.mark.parametrize("variant", having("expression"))
def test_of_formulas(variant):
    found = fired(
        variant, "expression",
        lambda b: [b.answer, f"-({b.answer})", f"2*({b.answer})", f"({b.answer})/2", f"{STRANGE}*({b.answer})", "(", "log(-1)"]
        + ["Y @ X.T @ X" if "Y" in b.names and b.shape else "1"],
    )  # fmt: skip
    assert {"right", "ratio", "wrong", "unreadable"} <= {status for status, _ in found}
    assert {"It is -1 times the right formula.", "It is 2 times the right formula.", "It is 1/2 times the right formula."} <= {m for _, m in found}  # fmt: skip
    assert ("wrong", "At the points where it was tried, it gives other values.") in found
    if any(b.shape for _, b in of_kind(variant, "expression")):
        assert any(status == "shape" and "The shape comes out as" in m for status, m in found)


@pytest.mark.parametrize("variant", having("shape"))
def test_of_shapes(variant):
    found = fired(variant, "shape", lambda b: [b.answer, *(m.fingerprint for m in b.mistakes), "(7, 7, 7)", "(97, 89)", "(97,)", "?", "()"])  # fmt: skip
    assert {"right", "mistake", "shape", "unreadable"} <= {status for status, _ in found}
    messages = {m for _, m in found}
    assert "The axes are not these." in messages
    assert any(m.endswith("axes, and yours has 3.") for m in messages)


@pytest.mark.parametrize("variant", having("order"))
def test_of_orders(variant):
    found = fired(variant, "order", lambda b: [b.answer, ",".join(reversed(b.answer.split(","))), "a", b.answer + ",z"])  # fmt: skip
    assert {status for status, _ in found} == {"right", "wrong", "unreadable"}
    assert any("computes, and stands before it." in message for _, message in found)


@pytest.mark.parametrize("variant", having("line"))
def test_of_lines(variant):
    found = fired(variant, "line", lambda b: [b.answer, *(m.fingerprint for m in b.mistakes), "1", "first"])  # fmt: skip
    assert {status for status, _ in found} == {"right", "mistake", "wrong", "unreadable"}
    assert ("wrong", "That line is right.") in found


@pytest.mark.parametrize("variant", having("choice"))
def test_of_choices(variant):
    found = fired(variant, "choice", lambda b: [*(o.id for o in b.options), "zz"])
    assert {status for status, _ in found} == {"right", "mistake", "unreadable"}
    assert any("is not one of the choices." in message for _, message in found)
    for _, blank in of_kind(variant, "choice"):
        assert {m.fingerprint for m in blank.mistakes} | set(blank.answer.split(",")) == {o.id for o in blank.options}  # fmt: skip
