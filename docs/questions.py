"""Runs the gate of every family of questions and writes docs/questions.md: `python docs/questions.py --seeds 1000`."""

import argparse
import json
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from chainrule.practice.questions.bank import FAMILIES, question
from chainrule.practice.questions.marking import mark
from chainrule.practice.questions.question import Question

HERE = Path(__file__).parent
HEAD = """# Questions

Every topic of every family, over {seeds} seeds: `python docs/questions.py --seeds N`. Right answers must be marked right, every known mistake on its whole step must be
named, every number asked for must lie between 0.001 and 1000, and the JSON must carry the question's hash. Times are this run's, for a question that is new:
the processor's, which other work on the machine hardly changes; the goal is a median under 50 ms.

| family | topic | blanks | known mistakes | named | median time | refused |
|---|---|---|---|---|---|---|
"""


def named(one: Question) -> tuple[int, int]:
    """Return how many known mistakes a question holds, and how many of them are named when they are made."""
    right = {b.id: b.answer for b in one.blanks if b.kind != "code"}
    found = 0
    made = {(b.step, m.message) for b in one.blanks for m in b.mistakes}
    for step, message in made:
        own = {
            b.id: m.fingerprint
            for b in one.blanks
            if b.step == step
            for m in b.mistakes
            if m.message == message
        }
        verdicts = {v.blank: v for v in mark(one, {**right, **own}).verdicts}
        found += all(verdicts[id].status == "mistake" for id in own)
    return len(made), found


def refused(one: Question) -> str:
    """Return what is wrong with a question; "" for nothing."""
    right = {b.id: b.answer for b in one.blanks if b.kind != "code"}
    if {v.status for v in mark(one, right).verdicts} - {"right", "empty"}:
        return "a right answer"
    if any(not 1e-3 <= abs(float(b.answer)) < 1e3 for b in one.blanks if b.kind == "number"):
        return "a size"
    return "" if json.loads(json.dumps(one.to_json()))["hash"] == one.hash else "the hash"


def row(family: int, topic: str, seeds: int) -> str:
    """Return a topic's row."""
    times, known, told, blanks, bad = [], 0, 0, set(), 0
    question(topic, seed=-1)
    for seed in range(seeds):
        start = time.process_time()
        one = question(topic, seed=seed)
        times.append(1000 * (time.process_time() - start))
        blanks.add(len(one.blanks))
        more, less = named(one)
        known, told, bad = known + more, told + less, bad + bool(refused(one))
    spread = "–".join(str(n) for n in sorted({min(blanks), max(blanks)}))
    cells = (family, topic, spread, known, told, f"{statistics.median(times):.1f} ms", bad)
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1, help="how many processes share the topics")
    options = parser.parse_args()
    seeds = options.seeds
    asked = [(n, topic, seeds) for n, (_, topics) in FAMILIES.items() for topic in topics]
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(row, *zip(*asked, strict=True)))
    page = HEAD.format(seeds=seeds) + "\n".join(rows) + "\n"
    (HERE / "questions.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
