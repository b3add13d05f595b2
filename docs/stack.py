"""Holds the exported STACK questions against Maxima itself and writes docs/stack.md: `python docs/stack.py`. Needs `maxima` (apt install maxima).

From the exported XML alone: the question variables are given to Maxima, and answers are sent through the response tree as STACK does
it (AlgEquiv: the difference simplifies to 0). The right answer, in several forms, must be marked right at node 0, each known mistake
must end at its own node with no points, anything else must pass all nodes.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import chainrule as cr
from chainrule.practice.questions.question import Blank
from chainrule.practice.questions.symbolic import TASKS
from chainrule.sheets import stack

HERE = Path(__file__).parent
HEAD = """# STACK questions, in Maxima

Every exported STACK question over {seeds} seeds, judged by Maxima {version}: `python docs/stack.py`. The right answer (as it is, expanded, factored, as one fraction) must
be right at the first node, each known mistake must end at its own node without points, another answer must pass all nodes; and the model answer's
value must be that of the marking's own points.

| question | blank | right answer | known mistakes | right forms | mistakes at their node | others pass | values |
|---|---|---|---|---|---|---|---|
"""
FORMS = ("ta", "expand(ta)", "factor(ta)", "ratsimp(ta)", "ta + 0*1", "-(-ta)")
OTHERS = ("ta + 1", "17*ta", "unheardof")
SAME = "same(a, b) := is(fullratsimp(radcan(exponentialize(a - b))) = 0)$"


def exported(topic: str, seed: int) -> list[tuple[ET.Element, Blank]]:
    """Return the STACK items of a question as Moodle would read them, each with the blank that it came from."""
    sheet = cr.sheet([topic], questions=1, seed=seed, day="2026-12-01")
    question = sheet.questions[0]
    items = ET.fromstring(sheet.files("moodle")[""]).iterfind("question[@type='stack']")
    return list(zip(items, (b for b in question.blanks if stack.can(b)), strict=True))


def tree(item: ET.Element) -> str:
    """Return the response tree as a function of Maxima: node, branch and score that an answer ends with."""
    nodes = {node.findtext("name"): node for node in item.iterfind("prt/node")}

    def at(name: str) -> str:
        node = nodes[name]
        ends = {}
        for branch in ("true", "false"):
            following = node.findtext(f"{branch}nextnode")
            end = f'"{name} {branch} {node.findtext(f"{branch}score")}"'
            ends[branch] = end if following == "-1" else at(following)
        return f"if same({node.findtext('sans')}, {node.findtext('tans')}) then {ends['true']} else {ends['false']}"

    return f"walk(ans1) := {at('0')}$"


def script(items: list[tuple[ET.Element, Blank]]) -> str:
    """Return the program for Maxima: for each item its results, one to a line."""
    lines: list[str] = []
    for number, (item, blank) in enumerate(items):
        variables = item.findtext("questionvariables/text") or ""
        wrong = re.findall(r"^(wrong\d+):", variables, re.MULTILINE)
        lines += ["kill(all)$", SAME, variables.replace(";", "$"), tree(item)]
        for answer in (*FORMS, *wrong, *OTHERS):
            lines.append(f'printf(true, "RESULT {number} ~a~%", walk({answer}))$')
        for sample in blank.samples:
            at = ", ".join(f"{k} = {v!r}" for k, v in sample.values.items() if k in blank.names)
            lines.append(
                f'printf(true, "RESULT {number} value ~,16e~%", float(subst([{at}], ta)))$'
            )
    return "\n".join(lines) + "\n"


def ask(program: str, maxima: str) -> dict[int, list[str]]:
    """Run Maxima; return the results of each item."""
    told = subprocess.run([maxima, "--very-quiet"], input=program, capture_output=True, text=True, timeout=600, check=True).stdout  # fmt: skip
    found: dict[int, list[str]] = {}
    for number, result in re.findall(r"RESULT (\d+) (.+)", told):
        found.setdefault(int(number), []).append(result.strip())
    return found


def judge(item: ET.Element, blank: Blank, results: list[str]) -> tuple[list[str], bool]:
    """Return the cells of an item's row, and whether everything is as it is claimed."""
    count = len(item.findall("prt/node")) - 1
    right = results[: len(FORMS)]
    wrong = results[len(FORMS) : len(FORMS) + count]
    others = results[len(FORMS) + count : len(FORMS) + count + len(OTHERS)]
    values = [float(v.removeprefix("value ")) for v in results[len(FORMS) + count + len(OTHERS) :]]
    wanted = [s.answer for s in blank.samples]
    sums = (
        sum(r == "0 true 1" for r in right),
        sum(r == f"{k} true 0" for k, r in enumerate(wrong, 1)),
        sum(r == f"{count} false 0" for r in others),
        sum(abs(a - b) <= 1e-10 * abs(b) for a, b in zip(values, wanted, strict=True)),
    )
    most = (len(FORMS), count, len(OTHERS), len(wanted))
    return [f"{a} of {b}" for a, b in zip(sums, most, strict=True)], sums == most and count > 0


def main() -> int:
    """Write the page; 1 if anything is not as it is claimed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--maxima", default="maxima")
    options = parser.parse_args()
    version = subprocess.run([options.maxima, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]  # fmt: skip
    asked = [(t, item, b) for t in TASKS for s in range(options.seeds) for item, b in exported(t, s)]  # fmt: skip
    results = ask(script([(item, b) for _, item, b in asked]), options.maxima)
    rows: dict[str, bool] = {}
    fine = bool(asked)
    for number, (topic, item, blank) in enumerate(asked):
        cells, ok = judge(item, blank, results.get(number, []))
        fine = fine and ok
        mistakes = len(item.findall("prt/node")) - 1
        row = f"| {topic} | {blank.id} | `{blank.answer}` | {mistakes} | {' | '.join(cells)} |"
        rows[row] = ok
    (HERE / "stack.md").write_text(HEAD.format(seeds=options.seeds, version=version) + "\n".join(rows) + "\n", encoding="utf-8")  # fmt: skip
    print("\n".join(row for row, ok in rows.items() if not ok) or f"{len(asked)} questions are judged as they claim")  # fmt: skip
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
