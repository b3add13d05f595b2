"""Chapter 9's bank: what the page carries is what Python deals, packed without loss of anything that a browser reads."""

from __future__ import annotations

import json
import re
import zlib

import pytest

from chainrule.course import site
from chainrule.course.notes import practice
from chainrule.course.notes.packing import HOLE, SAID, packed
from chainrule.errors import DataError
from chainrule.practice.questions.bank import question, variants

LEFT_OUT = {"typst", "latex", "scheme"}
DATA = {"names", "sizes", "samples", "values", "factors"}


def unpacked(document, key):
    """Unpack a question, as web/src/notes/practice/bank.ts does."""
    one = next(x for x in document["questions"] if x["key"] == key)
    numbers = iter(one["numbers"].split(" "))

    def made(index):
        entry = document["pool"][index]
        if isinstance(entry, str):
            return re.sub(HOLE, lambda _: next(numbers), entry)
        if isinstance(entry, dict):
            return float(next(numbers)) if entry["n"] is None else entry["n"]
        values = [made(i) for i in entry[1:]]
        keys = document["shapes"][entry[0]] if entry[0] >= 0 else None
        return values if keys is None else dict(zip(keys, values, strict=True))

    return made(one["root"])


def read(value, kind=""):
    """Return what a browser reads of a question."""
    if isinstance(value, list):
        return [read(x, kind) for x in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("kind", kind)
    left_out = LEFT_OUT | ({"fingerprint"} if "formula" in value and kind == "number" else set())
    filled = {k: x for k, x in value.items() if k not in left_out and x not in ("", [], {})}
    return {k: x if k in DATA else read(x, kind) for k, x in filled.items()}


def told(value):
    """Put the messages of mistakes back into their hints."""
    if isinstance(value, list):
        return [told(x) for x in value]
    if not isinstance(value, dict):
        return value
    found = {k: told(x) for k, x in value.items()}
    if "hints" in found:
        found["hints"] = [hint.replace(SAID, found["message"]) for hint in found["hints"]]
    return found


@pytest.mark.parametrize("variant", variants())
def test_packing_loses_nothing(variant):
    dealt = [question(variant, seed=seed).to_json() for seed in (1, 2)]
    document = json.loads(json.dumps(packed(dealt)))
    for one in dealt:
        found = told(unpacked(document, one["key"]))
        assert found == read(one)
        assert found["hash"] == question(variant, seed=one["seed"]).hash


def test_the_page_carries_every_variant_more_than_once_and_is_light():
    made = practice.exercises({}, None)  # type: ignore[arg-type]
    keys = [key for topic in made.document["variants"] for key in topic["keys"]]
    assert sorted(keys) == sorted(q["key"] for q in made.shared[practice.BANK]["questions"])
    seeds = {v: sum(key.split("/")[1] == v for key in keys) for v in variants()}
    assert min(seeds.values()) >= 2
    text = json.dumps(made.shared[practice.BANK], ensure_ascii=False, separators=(",", ":"))
    assert len(zlib.compress(text.encode(), 9)) < 140_000


def test_the_number_of_a_question_does_not_tell_its_answer():
    topics = practice.exercises({}, None).document["variants"]  # type: ignore[arg-type]
    mixed = next(t for t in topics if len({key.split("/")[1] for key in t["keys"]}) > 2)
    order = [key.split("/")[1] for key in mixed["keys"]]
    assert order != sorted(order)


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """Assets that stand in for the built ones."""
    for name in ("chainrule.js", "chainrule.css", "chainrule-practice.js", "chainrule-scalar.js"):
        (tmp_path / name).write_text(f"/* {name} */")
    monkeypatch.setattr(site, "find_assets", lambda: site.Assets(tmp_path))


def test_a_page_of_certain_questions(assets):
    dealt = [question("used-twice", seed=5), question("logistic-1", seed=9)]
    made = practice.practice_page(dealt, "Week 3 <quiz>", minutes=20)
    assert made == practice.practice_page(dealt, "Week 3 <quiz>", minutes=20)
    text = made.decode()
    assert "<h1>Week 3 &lt;quiz&gt;</h1>" in text
    assert "chainrule-practice.js" in text
    assert "chainrule-scalar.js" not in text
    assert "href=" not in re.sub(r'<link rel="icon" href="data:[^"]+">', "", text)
    document = json.loads(re.search(r'id="sheet-data">(.+?)</script>', text)[1])
    assert (document["minutes"], document["scorm"]) == (20, True)
    assert [q["key"] for q in document["bank"]["questions"]] == [q.key for q in dealt]
    for one in dealt:
        assert unpacked(document["bank"], one.key)["hash"] == one.hash


def test_a_page_needs_questions_and_different_ones(assets):
    one = question("logistic-1", seed=9)
    for given in ([], [one, one]):
        with pytest.raises(DataError, match="needs at least one question, and each only once"):
            practice.practice_page(given, "Empty")
