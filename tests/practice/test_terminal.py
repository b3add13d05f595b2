"""Practice in the terminal: folders, files read as data, hostile files, watching, the command."""

import ast
import io
import json
import os
import re
import subprocess

import pytest
from rich.console import Console

import chainrule as cr
from chainrule.cli import main
from chainrule.practice import sandbox
from chainrule.practice.questions.bank import variants
from chainrule.practice.sandbox import Limits
from chainrule.practice.terminal import screen
from chainrule.practice.terminal.exercises import chosen, exercise, topics
from chainrule.practice.terminal.folder import entries, entry, prepare
from chainrule.practice.terminal.keys import Keys
from chainrule.practice.terminal.pen import put
from chainrule.practice.terminal.sheet import LARGEST, holes_of, load
from chainrule.practice.terminal.starter import filled, starter
from chainrule.practice.terminal.statement import drawn
from chainrule.practice.terminal.watch import Watch

QUICK = Limits(seconds=3.0)


def made(folder, topics="logistic-1", seed=3):
    (path,) = prepare(folder, topics, seed)
    return path


def edit(path, *pairs):
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def solve(path):
    """Write the right answers into a file."""
    sheet = load(path)
    one = exercise(sheet.topic, sheet.seed)
    if one.function:
        lines = filled(cr.models.names()[one.model]) if one.question is None else {}
        edit(path, *((f"{h.name} = ___", f"{h.name} = {lines[h.name]}") for h in holes_of(one.starter)))  # fmt: skip
    else:
        edit(path, *((f'"{b.id}": ""', f'"{b.id}": {b.answer!r}') for b in one.question.blanks))
    return path


def judged(path, limits=None):
    return entry(path).judged(limits)


def said(lines):
    console = Console(width=100, file=io.StringIO())
    put(console, lines)
    return console.file.getvalue()


# The folder


def test_a_folder_holds_one_file_for_each_topic_all_open(tmp_path):
    paths = prepare(tmp_path / "new", None, None)
    assert [load(p).topic for p in paths] == chosen(None)
    for path in paths:
        ast.parse(path.read_text(encoding="utf-8"))
        verdict = judged(path)
        assert verdict.state == "open"
        assert all(remark.status in ("empty", "hole") for remark in verdict.remarks)
    assert prepare(tmp_path / "new", None, None) == []


def test_the_file_shows_the_statement(tmp_path):
    text = made(tmp_path).read_text(encoding="utf-8")
    question = cr.question("logistic-1", seed=3)
    assert text.startswith(f"# chainrule practice: logistic-1, seed 3, question {question.hash}\n")
    assert "#     Z = w X + b\n" in text
    given = [line for block in question.statement for line in drawn(block) if block.kind == "given"]
    assert given
    assert all(f"# {line}" in text for line in given)
    assert not any(blank.answer in text for blank in question.blanks)


def test_new_topics_are_added_and_no_file_is_written_over(tmp_path):
    mine = tmp_path / "01_logistic-1.py"
    mine.write_text("my own", encoding="utf-8")
    assert made(tmp_path).name == "01_logistic-1_2.py"
    assert mine.read_text(encoding="utf-8") == "my own"
    assert made(tmp_path, "logistic-3").name == "02_logistic-3.py"
    assert made(tmp_path, seed=4).name == "03_logistic-1.py"
    assert prepare(tmp_path, "logistic-1,logistic-3", 3) == []
    assert len(list(tmp_path.iterdir())) == 4


def test_topics_are_chosen_by_name_and_by_group():
    assert chosen("by-hand") == [topic for topic, family in variants().items() if family == 1]
    assert chosen("code, logistic-1")[-1] == "logistic-1"
    assert chosen("backward") == [topic for topic in topics() if topic.startswith("backward-")]
    assert chosen(None) == chosen("all")
    assert sorted(chosen(None)) == sorted(topics())
    families = [topics()[topic] for topic in chosen(None)]
    assert families[:8] == sorted(set(families))  # something of everything first


# Verdicts


@pytest.mark.parametrize("topic", [topic for topic in variants() if topic in topics()])
def test_the_right_answers_are_right(tmp_path, topic):
    one = exercise(topic, 5)
    path = made(tmp_path, topic, 5)
    if one.function:  # a function: that its right answer is right is the next test's
        assert path.read_text(encoding="utf-8").endswith(one.starter)
        return
    verdict = judged(solve(path))
    assert verdict.state == "right", verdict
    assert verdict.points == verdict.of == one.points


@pytest.mark.parametrize("name", ["logistic", "softmax_classifier"])
def test_the_right_backward_pass_is_right(tmp_path, name):
    verdict = judged(solve(made(tmp_path, f"backward-{name.replace('_', '-')}")))
    assert verdict.state == "right", verdict


def test_a_function_from_scratch_is_open_then_wrong_then_right(tmp_path):
    path = made(tmp_path, "code-univariate")
    verdict = judged(path)
    assert (verdict.state, verdict.focus.blank) == ("open", "backward")
    assert verdict.focus.hints[0] == "From the loss back, in this order: dy_hat, dw, db."
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("    ...")]
    body = "    d = 2 * (w * x + b - y)\n    return {'w': (d * x).mean(), 'b': d.sum()}\n"
    path.write_text(head + body, encoding="utf-8")
    verdict = judged(path)
    assert "missing-1-over-m" in verdict.focus.blank
    path.write_text(head + body.replace(".sum", ".mean"), encoding="utf-8")
    assert judged(path).state == "right"


def test_a_step_of_an_optimizer_is_open_then_wrong_then_right(tmp_path):
    path = made(tmp_path, "code-step-momentum")
    assert "what counts is what `step` returns." in path.read_text(encoding="utf-8")
    verdict = judged(path)
    assert (verdict.state, verdict.focus.blank, verdict.of) == ("open", "step", 1)
    assert verdict.focus.hints[1].startswith("The rule: v ← β v + dw; w ← w − α v")
    body = "    v = 0.8 * v + dw\n    return {'w': w + 0.3 * v, 'v': v}\n"
    edit(path, ('    ...  # return {"w": w, "v": v}\n', body))
    verdict = judged(path)
    assert (verdict.state, verdict.focus.blank) == ("wrong", "w: ascent")
    assert verdict.focus.message == "in w, the step was added: that climbs"
    edit(path, ("w + 0.3", "w - 0.3"))
    verdict = judged(path)
    assert (verdict.state, verdict.points) == ("right", 1)
    edit(path, ("    v = 0.8", "    while True: print('x')\n    v = 0.8"))
    verdict = judged(path, Limits(seconds=1.0))
    assert verdict.state == "wrong"
    assert "TimeoutError" in verdict.focus.message
    edit(path, ("def step", "def stop"))
    assert judged(path).message.startswith(f"{path.name} has no function 'step'.")


@pytest.mark.parametrize("model", cr.models.COURSE, ids=lambda m: m.name)
def test_a_starter_has_a_hole_for_each_step(model):
    names = [hole.name for hole in holes_of(starter(model))]
    assert {f"d{node.name}" for node in model.derivation.parameters()} <= set(names)
    assert list(filled(model)) == names


def test_what_is_filled_in_is_judged_while_there_are_holes(tmp_path):
    path = made(tmp_path, "backward-logistic")
    edit(path, ("dZ = ___", "dZ = (A + Y) / m"))
    verdict = judged(path)
    assert verdict.state == "wrong"
    assert [r.status for r in verdict.remarks] == ["mistake", "hole", "hole"]
    assert "sign" in verdict.remarks[0].blank
    edit(path, ("A + Y", "A - Y"))
    verdict = judged(path)
    assert verdict.state == "open"
    assert [r.status for r in verdict.remarks] == ["right", "hole", "hole"]
    edit(path, ("dw = ___", "dw = dZ @ X"))
    assert "transpose" in judged(path).remarks[0].blank


def test_a_slip_is_told_once_and_the_next_hint_on_demand(tmp_path):
    path = solve(made(tmp_path))
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'"dZ": .*', '"dZ": "-5.5",', text), encoding="utf-8")
    verdict = judged(path)
    wrong = verdict.focus
    assert (verdict.state, wrong.blank) == ("wrong", "dZ")
    shown = [said(screen.verdict(verdict, level)) for level in (0, 1, 2)]
    assert wrong.hints[0] not in shown[0]
    assert wrong.hints[0] in shown[1]
    assert wrong.hints[1].removeprefix("The rule: ") in shown[2]
    assert "next hint" in said(screen.keys(verdict, 1))
    assert "next hint" not in said(screen.keys(verdict, len(wrong.hints)))


# Hostile files


def test_answers_are_read_and_never_executed(tmp_path):
    path, trap = made(tmp_path), tmp_path / "trap"
    call = f"open({str(trap)!r}, 'w')"
    edit(path, ('"Z": ""', f'"Z": {call}'), ('"A": ""', '"A": f"{1 + 1}"'))
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{call}\n", encoding="utf-8")
    verdict = judged(path)
    assert [r.status for r in verdict.remarks[:2]] == ["unreadable", "unreadable"]
    assert not trap.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("answers = {", "Line 1 is not Python: '{' was never closed."),
        ("answers = dict(Z='1')", "There is no dictionary `answers` written out here."),
        ("x = 1", "There is no dictionary `answers` written out here."),
        ("answers = {'Z': '1', 'Z': '2'}", "Line 1: Z is answered twice. Keep one of the answers."),
        ("answers = {**answers}", "Line 1: the name of a blank is missing."),
        ("answers = {1: '2'}", "Line 1: the name of a blank is missing."),
        ("answers = {'Q': '2'}", "Q"),
        ("answers = {'Z': " + "(" * 5000 + ")" * 5000 + "}", "is not Python"),
        ("answers = {'Z': " + "-" * 100_000 + "1}", ""),
        ("answers = {'Z': " + "1+" * 50_000 + "1}", ""),
        ("answers = {'Z': '" + "1" * 100_000 + "'}", "The answer has 100000 characters; at most 1000 are read."),
        ("answers = {'Z': '\\d\x1b[2J'}", "cannot be read here"),
        ("answers = {'Z': '1\0'}", ""),
        ("#" * LARGEST, "01_logistic-1.py is larger than 200,000 bytes. Only smaller ones are read."),
    ],
)  # fmt: skip
def test_hostile_answers_are_answered_clearly(tmp_path, text, words):
    path = made(tmp_path)
    first = path.read_text(encoding="utf-8").split("\n")[0]
    before = entry(path)
    path.write_text(f"{text}\n" if text[0] == "#" else f"{first}\n{text}\n", encoding="utf-8")
    verdict = entry(path).judged()
    assert verdict.state in ("unreadable", "wrong")
    messages = " ".join([verdict.message, *(r.message for r in verdict.remarks)])
    assert words.replace("Line 1", "Line 2") in messages
    shown = said(screen.once(before, verdict, 4))
    assert "\x1b[2J" not in shown
    assert len(shown) < 6000


def test_files_that_cannot_be_read_are_told_and_strangers_are_left_alone(tmp_path, monkeypatch):
    path = made(tmp_path)
    path.write_bytes(b"# chainrule practice: logistic-1, seed 3\n\xff")
    assert judged(path).message == "01_logistic-1.py is not UTF-8 text: its byte 42 cannot be read. Save it as UTF-8."  # fmt: skip
    (tmp_path / "02_folder.py").mkdir()
    (tmp_path / "notes.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "latin.py").write_bytes(b"\xff")
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    found = {e.path.name: e.judged().state for e in entries(tmp_path)}
    assert found == {"01_logistic-1.py": "unreadable", "02_folder.py": "unreadable"}

    def locked(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", locked)
    assert judged(path).message == "01_logistic-1.py cannot be read: Permission denied."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "01_pipe.py")
    assert judged(tmp_path / "01_pipe.py").message == "01_pipe.py is not a plain file."


def test_a_file_of_another_version_or_topic_says_so(tmp_path):
    path = made(tmp_path)
    edit(path, ("question ", "question 0"))
    assert entry(path) is None  # its first line is no header any more
    edit(path, ("question 0", "question "))
    edit(path, (load(path).hash, "0" * 16))
    assert judged(path).message.endswith(f"chainrule practice {tmp_path} --topics logistic-1 --seed 3")  # fmt: skip
    edit(path, ("logistic-1,", "logistic-9,"))
    assert judged(path).message.startswith("There is no topic logistic-9.") or "logistic-9" in judged(path).message  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(0)", ""),
        ("raise ValueError('mine')", "mine"),
        ("dZ = (", "is not Python"),
    ],
)
def test_hostile_functions_are_answered(tmp_path, line, words):
    path = made(tmp_path, "backward-univariate")
    solve(path)
    edit(path, ("    # backward", f"    {line}\n    # backward"))
    verdict = judged(path, QUICK)
    assert verdict.state in ("wrong", "unreadable")
    assert words in " ".join([verdict.message, *(f"{r.blank} {r.message}" for r in verdict.remarks)])  # fmt: skip


def test_ctrl_c_ends_a_function_that_runs(tmp_path, monkeypatch):
    path = made(tmp_path, "backward-univariate")
    solve(path)
    edit(path, ("    # backward", "    while True: pass\n    # backward"))
    started = []
    begin = subprocess.Popen

    def kept(*args, **settings):
        started.append(begin(*args, **settings))
        return started[-1]

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sandbox.subprocess, "Popen", kept)
        patched.setattr(sandbox.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            judged(path, Limits(seconds=60))
    (process,) = started
    assert process.wait(timeout=30) != 0
    for pipe in (process.stdout, process.stderr):
        pipe.close()


# Watching


class Script:
    """Keys that do something to the files before each look; leaves at its end."""

    interactive = True

    def __init__(self, *actions):
        self.actions = list(actions)

    def read(self, seconds):
        if not self.actions:
            return "q"
        action = self.actions.pop(0)
        return action if isinstance(action, str) else (action() or "") and ""


def watching(folder, *actions):
    console = Console(width=100, file=io.StringIO())
    watch = Watch(console, entries(folder), Script(*actions), 1, QUICK)
    return watch, watch.run(), console.file.getvalue()


def test_the_next_exercise_comes_when_one_is_right_and_all_end_it(tmp_path):
    first, second = made(tmp_path), made(tmp_path, "univariate-3")
    watch, done, text = watching(tmp_path, lambda: solve(first), lambda: solve(second))
    assert done
    assert watch.states == ["right", "right"]
    assert text.index(first.name) < text.index(f"✓ {first.name} is right.") < text.index(second.name)  # fmt: skip


def test_progress_is_read_from_the_files(tmp_path):
    first, _ = solve(made(tmp_path)), made(tmp_path, "univariate-3")
    watch, done, _ = watching(tmp_path)
    assert not done
    assert (watch.place, watch.states) == (1, ["right", "open"])
    edit(first, ('"Z": ', '"Z": "9", "Y": '))
    assert watching(tmp_path)[0].states == ["unreadable", "open"]


def test_hints_open_one_by_one_and_close_when_something_else_is_wrong(tmp_path):
    path = made(tmp_path)
    watch, _, _ = watching(tmp_path, lambda: edit(path, ('"Z": ""', '"Z": "77"')), "h", "h")
    assert watch.level == 3
    again = (('"Z": "77"', '"Z": ""'), ('"A": ""', '"A": "88"'))
    watch, _, text = watching(tmp_path, "h", "h", lambda: edit(path, *again))
    assert watch.level == 1
    assert "The rule" not in text
    assert "Z = w X + b" in text


def test_keys_go_forward_back_and_to_the_list(tmp_path):
    made(tmp_path), made(tmp_path, "univariate-3")
    watch, _, text = watching(tmp_path, "n", "n", "p", "l", "x", "p", "?")
    assert watch.place == 0
    assert "Any key goes back" in text


def test_a_file_that_goes_and_comes_back_while_it_is_watched(tmp_path):
    path = made(tmp_path)
    content = path.read_bytes()
    watch, done, text = watching(
        tmp_path,
        path.unlink,
        lambda: path.write_bytes(b"answers = {}"),
        lambda: path.write_bytes(content),
        lambda: solve(path),
    )
    assert done
    assert watch.states == ["right"]
    assert f"{path.name} is gone. Put it back, or go on with another; chainrule practice" in text
    assert "Put it back: # chainrule practice: logistic-1, seed 3" in text.replace("\n", " ")


def test_a_long_list_shows_where_the_reader_is(tmp_path):
    for n in range(1, 41):
        source = made(tmp_path, seed=n)
    assert source.name == "40_logistic-1.py"
    _, _, text = watching(tmp_path, "p", "l")
    last = entries(tmp_path)[-1].path.name
    assert f"· {last}" in text
    assert "· 01_logistic-1.py" not in text


def test_another_exercise_that_is_saved_is_shown(tmp_path):
    made(tmp_path)
    second = made(tmp_path, "univariate-3")
    watch, _, _ = watching(tmp_path, lambda: edit(second, ('"L": ""', '"L": "1e9"')))
    assert watch.place == 1


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals here")
def test_single_keys_are_read_from_a_terminal_and_it_is_left_as_it_was(monkeypatch):
    import termios

    ours, theirs = os.openpty()
    with os.fdopen(theirs, "r") as terminal, os.fdopen(os.dup(theirs), "w") as out:
        monkeypatch.setattr("sys.stdin", terminal)
        monkeypatch.setattr("sys.stdout", out)
        before = termios.tcgetattr(terminal)
        with Keys() as keys:
            assert keys.interactive
            assert keys.read(0.01) == ""
            os.write(ours, b"hn")
            assert [keys.read(5), keys.read(5)] == ["h", "n"]
        assert termios.tcgetattr(terminal) == before
    os.close(ours)


# The command


def test_once_says_3_then_0_and_json_is_for_machines(tmp_path, capsys):
    folder = str(tmp_path / "p")
    call = ["practice", folder, "--topics", "logistic-1", "--seed", "3", "--once"]
    assert main(call) == 3
    assert "0 of 1 right" in capsys.readouterr().out
    path = tmp_path / "p" / "01_logistic-1.py"
    edit(path, ('"Z": ""', '"Z": "1e5"'))
    assert main([*call, "--json"]) == 3
    (data,) = json.loads(capsys.readouterr().out)["exercises"]
    assert (data["topic"], data["seed"], data["state"]) == ("logistic-1", 3, "wrong")
    edit(path, ('"Z": "1e5"', '"Z": ""'))
    solve(path)
    assert main(call[:2] + ["--once"]) == 0
    assert "1 of 1 right" in capsys.readouterr().out


def test_list_makes_nothing(tmp_path, capsys):
    assert main(["practice", str(tmp_path / "p"), "--list"]) == 0
    out = capsys.readouterr().out
    assert "logistic-1, logistic-3" in out
    assert "all of by-hand, graphs, formulas" in out
    assert not (tmp_path / "p").exists()


def test_errors_of_the_command(tmp_path, capsys):
    assert main(["practice", str(tmp_path), "--topics", "logistics-1"]) == 1
    assert "logistic-1" in capsys.readouterr().err
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["practice", str(tmp_path / "file"), "--once"]) == 1
    assert capsys.readouterr().err.endswith("file cannot be read: Not a directory. Name a folder.\n")  # fmt: skip


def test_ctrl_c_leaves(tmp_path, capsys, monkeypatch):
    def interrupted(self, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(Keys, "read", interrupted)
    assert main(["practice", str(tmp_path), "--topics", "logistic-1"]) == 0
    assert "Go on with: chainrule practice" in capsys.readouterr().out.replace("\n", " ")
