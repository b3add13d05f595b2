"""The public face: right and wrong passes, hostile files, printed numbers, finite differences."""

import json
import os
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule.cli import main
from chainrule.modelfile import find_model
from chainrule.practice.check import check_file
from chainrule.practice.sandbox import Limits

RIGHT = """
def backward(x, y, w, b):
    d = 2 * (w * x + b - y) / x.size
    return (d * x).sum(), d.sum()
"""


def written(folder, body):
    path = folder / "mine.py"
    path.write_text(body, encoding="utf-8")
    return str(path)


def hostile(folder, line):
    body = f"import os, sys\ndef backward(x, y, w, b):\n    {line}\n    return 0.0, 0.0\n"
    seconds = 1.5 if line.startswith("while True") else 60.0  # enough to fill the memory under load
    return check_file("univariate", written(folder, body), limits=Limits(seconds, 2**28))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("while True: pass", ": timeout"),
        ("os._exit(0)", ""),
        ("sys.exit(3)", ""),
        ("raise ValueError('mine')", "mine"),
        ("return float('nan'), float('nan')", ""),
        ("return 'a', 'b'", ""),
        ("return None", ""),
        ("print('x' * 5_000_000)", ""),
        ("backward(x, y, w, b)", "recursion"),
        ("a = [b'x' * 10**7 for _ in iter(int, 1)]", "line 3: out-of-memory"),
        ("a = []\n    while True: a.append(b'x' * 10**7)", "line 4: out-of-memory"),
        ("a = []\n    while True: a.append([1.0] * 10**6)", "line 4: out-of-memory"),
        ("a = {}\n    while True: a[len(a)] = [1.0] * 10**6", "line 4: out-of-memory"),
        ("while True: a = [*range(9999)]", ": timeout"),
    ],
)
def test_hostile_files_are_answered(tmp_path, line, said):
    report = hostile(tmp_path, line)
    assert not report.ok
    assert report.findings
    assert said in str(report).lower()
    assert len(report.output) <= 10_000


def test_a_file_that_was_changed_within_a_second_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "mine.py"
    model = "import chainrule as cr\n@cr.model\ndef f(x: 'm', *, w: ''):\n    return cr.mean((w * x) ** {})\n"
    shown = []
    for power in (2, 4):
        path.write_text(model.format(power))
        os.utime(path, (1e9, 1e9))
        shown.append(str(cr.derive(find_model(f"{path}:f"))))
    assert shown[0] != shown[1]
    assert not (tmp_path / "__pycache__").exists()


def test_the_command_says_right_and_not_right(tmp_path, capsys):
    path = written(tmp_path, RIGHT)
    assert main(["check", "univariate", f"{path}:backward", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    path = written(tmp_path, RIGHT.replace("2 *", "1 *"))
    assert main(["check", "univariate", path, "--hints", "1"]) == 3
    assert "Not right" in capsys.readouterr().out
    assert main(["check", "univariate", str(tmp_path / "none.py")]) == 1
    assert "there is no file" in capsys.readouterr().err


def test_finite_differences_are_public():
    point = np.array([1.0, -3.0])
    assert cr.check_gradients(lambda x: (x**2).sum(), lambda x: 2 * x, point).ok
    assert not cr.check_gradients(lambda x: (x**2).sum(), lambda x: 2.0001 * x, point).ok


def test_a_well_known_worked_example_used_updated_weights():
    """Matt Mazur, A Step by Step Backpropagation Example (17 Mar 2015): its printed numbers."""
    model = cr.parse(
        "H = sigmoid(W1 @ X + b1); A = sigmoid(W2 @ H + b2); L = 0.5 * sum((Y - A)**2)",
        data={"X": "n_x m", "Y": "n_y m", "b1": "", "b2": ""},
        parameters={"W1": "n_h n_x", "W2": "n_y n_h"},
    )
    data = {"X": [[0.05], [0.1]], "Y": [[0.01], [0.99]], "b1": 0.35, "b2": 0.6}
    params = {"W1": [[0.15, 0.2], [0.25, 0.3]], "W2": [[0.4, 0.45], [0.5, 0.55]]}
    losses = {0: "0.298371109", 1: "0.291027924"}
    report = cr.check_published(model, data, params, learning_rate=0.5, losses=losses)
    assert [f.mistake for f in report.findings] == ["already-updated-weights"]
    right = {0: "0.298371109", 1: "0.291027774"}
    assert cr.check_published(model, data, params, learning_rate=0.5, losses=right).ok
