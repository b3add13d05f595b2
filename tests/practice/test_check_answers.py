"""What a backward pass may return and be written with, what is said about it, and how much of it at a time."""

import itertools
import json
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.cli import main
from chainrule.errors import DataError, UnknownNameError
from chainrule.models import logistic, multivariate, two_layer_sigmoid, univariate


def parts(X, Y, w, b):
    dZ = (1 / (1 + np.exp(-(w @ X + b))) - Y) / X.shape[1]
    return dZ @ X.T, dZ.sum()


class Pair(NamedTuple):
    dw: object
    db: object


@dataclass
class Held:
    w: object
    b: object


@pytest.mark.parametrize(
    "form",
    [
        lambda w, b: {"w": w, "b": b},
        lambda w, b: {"dw": w, "db": b},
        lambda w, b: {"grad_b": b, "grad_w": w},
        lambda w, b: {"grads": {"w": w, "b": b}, "loss": 0.5},
        lambda w, b: (w, b),
        lambda w, b: [w, b],
        lambda w, b: (0.5, w, b),
        lambda w, b: (0.5, {"w": w, "b": b}),
        lambda w, b: ({"w": w, "b": b}, 0.5),
        lambda w, b: (w.tolist(), float(b)),
        Pair,
        Held,
    ],
)
def test_gradients_may_be_returned_in_any_form(form):
    assert cr.check(logistic, lambda X, Y, w, b: form(*parts(X, Y, w, b))).ok
    report = cr.check(logistic, lambda X, Y, w, b: form(*(2 * g for g in parts(X, Y, w, b))))
    assert {f.mistake for f in report.findings} == {"extra-factor-2"}


def in_jax(X, Y, w, b):
    return jax.grad(lambda p: jnp.mean(jnp.logaddexp(0, p[0] @ X + p[1]) - Y * (p[0] @ X + p[1])))(
        (w, b)
    )


def in_torch(X, Y, w, b):
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    Z = w @ X + b
    torch.nn.functional.binary_cross_entropy_with_logits(Z, Y).backward()
    return {"w": w.grad, "b": b.grad}


def sums_in_jax(X, Y, w, b):
    dZ = jax.nn.sigmoid(w @ X + b) - Y
    return {"w": dZ @ X.T, "b": jnp.sum(dZ)}


def sums_in_torch(X, Y, w, b):
    dZ = torch.sigmoid(w @ X + b) - Y
    return {"w": dZ @ X.T, "b": dZ.sum()}


def test_functions_of_jax_and_pytorch_are_read():
    assert cr.check(logistic, in_jax, arrays="jax").ok
    assert cr.check(logistic, in_torch, arrays="torch").ok
    assert cr.check(logistic, in_torch).ok  # its library is found out
    for function, arrays in ((sums_in_jax, "jax"), (sums_in_torch, "torch")):
        found = cr.check(logistic, function, arrays=arrays).findings
        assert [(f.target, f.mistake) for f in found] == [("Z", "missing-1-over-m")]


def test_float32_is_judged_as_float32():
    def single(X, Y, w, b):
        return [np.float32(g) for g in parts(*map(np.float32, (X, Y, w, b)))]

    def off(X, Y, w, b, by=1e-5):
        return [g * (1 + by) for g in parts(X, Y, w, b)]

    report = cr.check(logistic, single)
    assert report.ok
    assert "single-precision" in report.about
    assert not cr.check(logistic, off).ok
    near = cr.check(logistic, lambda X, Y, w, b: off(X, Y, w, b, 1e-8))
    assert near.ok  # as an epsilon against overflow leaves it
    assert "agree to 7 digits, not to the last" in near.notes[0]


def test_an_unknown_array_library_is_refused():
    with pytest.raises(UnknownNameError, match="unknown array library: 'cupy'"):
        cr.check(logistic, parts, arrays="cupy")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w, b: {"w": w}, "the gradient of b was not returned"),
        (lambda w, b: {"w": w, "b": None}, "the gradient of b is None"),
        (lambda w, b: {"weights": w, "offset": b}, "none of these is a gradient of w, b"),
        (lambda w, b: (w,), "returned 1 arrays, and the model has 2 parameters: w, b"),
        (lambda w, b: w, "returned one ndarray"),
        (lambda w, b: None, "returned nothing"),
        (lambda w, b: {"w": w, "b": "0.5"}, "of type str"),
        (lambda w, b: {"w": w + 1j, "b": b}, "not of real numbers"),
        (lambda w, b: {"w": w[0], "b": b}, "the shape is (n_x,) instead of (1, n_x)"),
        (lambda w, b: {"w": w.T, "b": b}, "the result came out as (n_x, 1)"),
        (lambda w, b: {"w": np.tile(w, 2), "b": b}, "its shape is"),
        (lambda w, b: {"w": w * np.nan, "b": b}, "not finite"),
    ],
)
def test_wrong_keys_and_shapes_are_answered(change, said):
    report = cr.check(logistic, lambda X, Y, w, b: change(*parts(X, Y, w, b)))
    assert not report.ok
    assert said in " ".join(str(report).split())


def test_arguments_that_fit_nothing_are_an_error():
    with pytest.raises(DataError, match=r"takes \(a, c\), and the model has the arguments"):
        cr.check(logistic, lambda a, c: None)


def test_arguments_changed_in_place_are_noted():
    def centres(X, Y, w, b):
        w += 0.0  # the same numbers: not a change
        answer = parts(X, Y, w, b)
        X -= X.mean(axis=1, keepdims=True)
        return answer

    report = cr.check(logistic, centres)
    assert report.ok
    assert [n for n in report.notes if "changes its argument X in place" in n]

    def centres_first(X, Y, w, b):
        X -= X.mean(axis=1, keepdims=True)
        return parts(X, Y, w, b)

    assert cr.check(logistic, centres_first).findings[0].mistake == "changed-in-place"


def slips(X, Y, W1, b1, w2, b2):
    m = X.shape[1]
    A1 = 1 / (1 + np.exp(-(W1 @ X + b1)))
    dY_hat = (w2 @ A1 + b2 - Y) * 2 / m
    dZ1 = (w2.T @ dY_hat) * A1
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=0, keepdims=True),
        "w2": dY_hat @ A1.T,
        "b2": -dY_hat.sum(),
    }


def test_several_independent_mistakes_are_all_named():
    found = [(f.target, f.mistake) for f in cr.check(two_layer_sigmoid, slips).findings]
    expected = {("b2", "sign"), ("Z1", "missing-factor"), ("b1", "wrong-axis")}
    assert set(found) == expected


def test_facts_alone_where_nothing_known_explains():
    def squared(X, Y, w, b):
        gw, gb = parts(X, Y, w, b)
        return {"w": gw * abs(gw) ** 0.3, "b": gb}

    report = cr.check(logistic, squared)
    (finding,) = report.findings
    assert (finding.target, finding.mistake) == ("w", None)
    assert finding.facts == ["all signs are right"]
    assert "no known mistake explains it" in finding.title


def test_hints_open_level_by_level():
    report = cr.check(two_layer_sigmoid, slips)
    assert [len(f.hints) for f in report.findings] == [4] * len(report.findings)
    assert len(report.hints(1)) == len(report.findings)
    assert len(report.hints(4)) == 4 * len(report.findings)
    texts = [report.text(level) for level in range(5)]
    assert all(len(a) < len(b) for a, b in itertools.pairwise(texts))
    first = report.findings[0]
    where, rule, example, fix = first.hints
    assert where.startswith("Look at d")
    assert first.equation in rule
    assert "by the rule" in example
    assert "In NumPy:" in fix
    assert fix not in report.text(3)


OWN_MODEL = """
import chainrule as cr

@cr.model
def cubic(x: "1 m", y: "1 m", *, a: "", c: ""):
    y_hat = a * x**3 + c * x
    return cr.mean((y_hat - y) ** 2)
"""
OWN_BACKWARD = """
def backward(x, y, a, c):
    d = 2 * (a * x**3 + c * x - y) / x.size
    return {"a": (d * x**3).sum(), "c": (d * x).sum()}

def squared(x, y, a, c):
    d = 2 * (a * x**3 + c * x - y) / x.size
    return {"a": (d * x**2).sum(), "c": (d * x).sum()}
"""


def test_the_command_judges_a_readers_own_model(tmp_path, capsys):
    model, mine = tmp_path / "model.py", tmp_path / "mine.py"
    model.write_text(OWN_MODEL, encoding="utf-8")
    mine.write_text(OWN_BACKWARD, encoding="utf-8")
    assert main(["check", f"{model}:cubic", str(mine)]) == 0
    assert "Right: da and dc" in capsys.readouterr().out
    assert main(["check", f"{model}:cubic", f"{mine}:squared", "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert [(f["target"], f["mistake"]) for f in report["findings"]] == [("a", "wrong-exponent")]
    assert len(report["findings"][0]["hints"]) == 4
    assert main(["check", f"{model}:cubic", f"{mine}:none"]) == 1
    assert "Functions there: backward, squared" in capsys.readouterr().err
    assert main(["check", "no_such_model", str(mine)]) == 1
    assert main(["check", f"{model}:cubic", str(mine), "--arrays", "cupy"]) == 1
    assert "unknown array library: 'cupy'" in capsys.readouterr().err


def test_the_command_passes_arrays_of_a_library(tmp_path, capsys):
    mine = tmp_path / "mine.py"
    body = """
    import torch

    def backward(x, y, w, b):
        d = torch.mul(2, w * x + b - y) / x.numel()
        return torch.sum(d * x), torch.sum(d)
    """
    mine.write_text("\n".join(line[4:] for line in body.split("\n")), encoding="utf-8")
    for more in ([], ["--arrays", "torch"]):
        assert (
            main(["check", "univariate", str(mine), "--memory", "8", "--seconds", "100", *more])
            == 0
        )
    assert (
        main(
            [
                "check",
                "univariate",
                str(mine),
                "--memory",
                "8",
                "--seconds",
                "100",
                "--arrays",
                "numpy",
            ]
        )
        == 3
    )
    assert "TypeError" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "os.fork()",  # two processes come back: one answers
        "os.fork() or os._exit(0)",
        "x.fill(0.0)",
        'sys.stdout.write(\'{"missing": "x"}\\n\')',  # looks like an answer
        "sys.setrecursionlimit(10**6)",
        "sys.settrace(None)",
    ],
)
def test_odd_files_are_judged_all_the_same(tmp_path, line, capsys):
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import os, sys\n"
        "def backward(x, y, w, b):\n"
        "    d = 2 * (w * x + b - y) / x.size\n"
        "    answer = (d * x).sum(), d.sum()\n"
        f"    {line}\n"
        "    return answer\n",
        encoding="utf-8",
    )
    assert main(["check", "univariate", str(mine)]) == 0, capsys.readouterr().out


def test_data_may_be_given():
    rng = np.random.default_rng(0)
    data = {"X": rng.normal(size=(2, 7)), "Y": rng.normal(size=(1, 7))}

    def backward(X, Y, w, b):
        assert np.array_equal(X, data["X"])
        d = 2 * (w @ X + b - Y) / 7
        return d @ X.T, d.sum()

    assert cr.check(multivariate, backward, data=data).ok
    assert not cr.check(univariate, lambda x, y, w, b: (0.0 * w, 0.0 * b)).ok
