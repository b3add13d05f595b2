"""The command line: what it prints, its exit status, and that no mistake shows a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from chainrule.cli import main
from chainrule.course.lesson import read_lessons
from chainrule.course.site import lessons_folder
from chainrule.models import names
from chainrule.tables.table import find

MATHS = ("text", "latex", "typst", "mathml", "html")
CODE = ("numpy", "jax", "torch", "js", "tape")


class Said(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: object) -> Said:
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as leaving:  # argparse leaves by itself
            status = leaving.code if isinstance(leaving.code, int) else 1
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(status, said.out, said.err)

    return command


def refused(said: Said, *words: str, status: int = 1) -> None:
    """A mistake: the status, one message on stderr that names it, and no derivation."""
    assert said.status == status
    assert said.err.startswith("chainrule: " if status == 1 else "usage: chainrule")
    for word in words:
        assert word in said.err


def process(*arguments: object) -> Said:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", ENTRY, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


ENTRY = "import sys; from chainrule.cli import main; sys.exit(main())"


# the command itself


def test_no_command_prints_the_help(run: Command) -> None:
    said = run()
    assert said.status == 0
    assert all(word in said.out for word in ("derive", "fit", "models"))


def test_version(run: Command) -> None:
    assert re.fullmatch(r"chainrule \d+\.\d+\.\d+\n", run("--version").out)


def test_models_lists_every_model_and_data_set(run: Command) -> None:
    said = run("models")
    assert said.status == 0
    for name in (*names(), "penguins.csv", "diabetes.csv", "motorcycle.csv", "old_faithful.csv"):
        assert name in said.out


@pytest.mark.parametrize("arguments", [["nope"], ["derive"], ["fit", "univariate", "x.csv"]])
def test_wrong_usage(run: Command, arguments: list[str]) -> None:
    refused(run(*arguments), status=2)


# derive


@pytest.mark.parametrize("format", [*MATHS, *CODE])
@pytest.mark.parametrize("name", names())
def test_every_model_in_every_format(run: Command, name: str, format: str) -> None:
    said = run("derive", name, "--to", format)
    assert (said.status, said.err) == (0, "")
    marks = {
        "text": f"{name}\n",
        "latex": r"\begin{",
        "typst": "$",
        "mathml": "<math",
        "html": "<",
        "numpy": "import numpy",
        "jax": "jax.numpy",
        "torch": "import torch",
        "js": "export function lossAndGradients",
        "tape": "{",
    }
    assert marks[format] in said.out
    if format in ("numpy", "jax", "torch"):
        compile(said.out, name, "exec")
        assert "def loss_and_gradients(" in said.out
    if format == "tape":
        assert json.loads(said.out)


def test_text_of_the_multivariate_model(run: Command) -> None:
    out = run("derive", "multivariate").out
    for step in ("dŶ = 2/m (Ŷ − Y)", "dw = dŶ Xᵀ", "(1, n_x) = (1, m)(m, n_x)"):
        assert step in out


@pytest.mark.parametrize(
    ("convention", "step"),
    [("mean", "dŶ = 2/m (Ŷ − Y)"), ("sum", "dŶ = 2 (Ŷ − Y)"), ("half-mean", "dŶ = 1/m (Ŷ − Y)")],
)
def test_the_convention_changes_the_formula(run: Command, convention: str, step: str) -> None:
    said = run("derive", "multivariate", "--convention", convention)
    assert said.status == 0
    assert step in said.out


def test_examples_as_rows(run: Command) -> None:
    out = run("derive", "multivariate", "--examples", "rows").out
    for piece in ("X (m, n_x)", "w (n_x, 1)", "Ŷ  = X w + b", "dw = Xᵀ dŶ"):
        assert piece in out
    assert "dŶ Xᵀ" not in out


def test_partial_notation(run: Command) -> None:
    out = run("derive", "multivariate", "--notation", "partial").out
    assert "∂L/∂w = ∂L/∂Ŷ Xᵀ" in out
    assert "dw =" not in out


def test_wrt_leaves_the_other_steps_out(run: Command) -> None:
    out = run("derive", "two_layer_sigmoid", "--wrt", "Z1").out
    assert "dZ₁ =" in out
    assert "dA₁ =" in out
    assert "dW₁ =" not in out
    assert "dw₂ =" not in out


def test_set_an_option(run: Command) -> None:
    assert "dA₁ ∘ A₁ ∘ (1 − A₁)" in run("derive", "perceptron").out
    assert "dA₁ ∘ (1 − A₁²)" in run("derive", "perceptron", "--set", "hidden=tanh").out
    assert run("derive", "ridge", "--set", "strength=0.25").out != run("derive", "ridge").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["multivariat"], ["'multivariat'", "Did you mean 'multivariate'?"]),
        (["univariate", "--to", "pdf"], ["unknown format: 'pdf'", "latex"]),
        (["univariate", "--wrt", "W9"], ["'W9'", "y_hat, w, b"]),
        (["univariate", "--convention", "median"], ["'median'", "half-mean"]),
        (["univariate", "--examples", "diagonal"], ["'diagonal'", "columns, rows"]),
        (["univariate", "--notation", "dot"], ["'dot'", "partial"]),
        (["perceptron", "--set", "hiden=tanh"], ["'hiden'", "hidden"]),
        (["perceptron", "--set", "hidden=tahn"], ["'tahn'"]),
        (["perceptron", "--set", "hidden"], ["NAME=VALUE"]),
        (["univariate", "--set", "a=1"], ["'a'", "none"]),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else None,
)
def test_derive_refuses(run: Command, arguments: list[str], words: list[str]) -> None:
    said = run("derive", *arguments)
    refused(said, *words)
    assert said.out == ""


# model files

LINE = '''
import chainrule as cr

@cr.model
def line(x: "1 m", y: "1 m", *, slope: "", start: ""):
    """A line."""
    guess = slope * x + start
    return cr.mean((guess - y) ** 2)
'''
PLAIN = """
def plain(x: "1 m", *, w: ""):
    z = w * x
    return (z * z).mean() if False else __import__("chainrule").sum(z * z)
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def writer(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def test_a_model_in_a_file(run: Command, write: Callable[..., Path]) -> None:
    path = write(LINE)
    named = run("derive", f"{path}:line")
    assert (named.status, named.err) == (0, "")
    assert "dslope" in named.out
    assert run("derive", path).out == named.out  # the only model there


def test_a_plain_function_in_a_file(run: Command, write: Callable[..., Path]) -> None:
    said = run("derive", f"{write(PLAIN)}:plain")
    assert (said.status, said.err) == (0, "")
    assert "dw" in said.out


def test_fit_a_model_from_a_file(run: Command, write: Callable[..., Path]) -> None:
    said = run("fit", f"{write(LINE)}:line", "old_faithful.csv", "--target", "waiting_min")
    assert (said.status, said.err) == (0, "")
    assert "closed form" in said.out


@pytest.mark.parametrize(
    ("text", "function", "words"),
    [
        ("1 / 0\n", "f", ["ZeroDivisionError", "line 1"]),
        ("import sys\nsys.exit(3)\n", "f", ["SystemExit", "3"]),
        ("def f(:\n", "f", ["SyntaxError", "line 1"]),
        ("import nothing_of_this_name\n", "f", ["nothing_of_this_name"]),
        ("x = 1\n", "f", ["no 'f'", "none"]),
        ("x = 1\n", "", ["no single model", "none"]),
        ("f = 3\n", "f", ["no 'f'"]),
        (LINE, "lin", ["no 'lin'", "line"]),
        (LINE + LINE.replace("def line", "def other"), "", ["line, other"]),
        ("def f(x):\n    return x\n", "f", ["without a shape"]),
        (LINE.replace("cr.mean", "cr.maen"), "line", ["maen"]),
        (LINE.replace("slope * x", "slope * missing"), "line", ["missing"]),
        (LINE.replace("guess - y", "guess @ y"), "line", ["@"]),
        ("", "f", ["no 'f'"]),
    ],
    ids=["raises", "exits", "syntax", "import", "without", "without-name", "number", "misspelt",
         "two", "no-shape", "no-function", "name-error", "shapes", "empty"],
)  # fmt: skip
def test_a_model_file_that_is_wrong(
    run: Command, write: Callable[..., Path], text: str, function: str, words: list[str]
) -> None:
    path = write(text)
    refused(run("derive", f"{path}:{function}" if function else path), *words)


def test_a_model_file_that_is_not_there(run: Command, tmp_path: Path) -> None:
    refused(run("derive", f"{tmp_path}/gone.py:f"), "there is no file", "gone.py")
    refused(run("derive", f"{tmp_path}/gone.py"), "there is no file", "gone.py")
    refused(run("derive", f"{tmp_path}:f"), "there is no file")


# fit


def closed_line(table: str, target: str) -> tuple[list[str], np.ndarray]:
    """Least squares on the raw columns: the features, and [intercept, slopes]."""
    read = find(table)
    features = [name for name in read.names if name != target]
    rows = read.numeric([*features, target])
    design = np.vstack([np.ones(read.n_rows), rows[:-1]]).T
    return features, np.linalg.lstsq(design, rows[-1], rcond=None)[0]


@pytest.mark.parametrize(
    ("model", "table", "target"),
    [
        ("univariate", "old_faithful.csv", "waiting_min"),
        ("multivariate", "diabetes.csv", "progression"),
    ],
)
def test_fit_reaches_least_squares(run: Command, model: str, table: str, target: str) -> None:
    said = run("fit", model, table, "--target", target)
    assert (said.status, said.err) == (0, "")
    features, wanted = closed_line(table, target)
    line = next(x for x in said.out.splitlines() if x.startswith(f"  {target} = "))
    start, *terms = re.split(r" (?=[+-] )", line.split(" = ")[1])
    slopes = {}
    for term in terms:
        sign, size, feature = re.fullmatch(r"([+-]) (\S+) · (\S+)", term).groups()  # type: ignore[union-attr]
        slopes[feature] = float(sign + size)
    found = [float(start), *(slopes[name] for name in features)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    gap = float(re.search(r"farthest parameter (\S+) away", said.out).group(1))  # type: ignore[union-attr]
    assert gap < 1e-6


def losses(out: str) -> tuple[float, float]:
    found = re.search(r"^loss (\S+) -> (\S+)$", out, re.MULTILINE)
    assert found
    return float(found.group(1)), float(found.group(2))


def test_fit_a_network_lowers_the_loss(run: Command) -> None:
    arguments = ("fit", "two_layer_sigmoid", "motorcycle.csv", "--target", "acceleration_g",
                 "--size", "n_h=8", "--steps", 200)  # fmt: skip
    said = run(*arguments)
    assert (said.status, said.err) == (0, "")
    before, after = losses(said.out)
    assert after < 0.8 * before
    assert "stopped after 200 steps" in said.out
    again = run(*arguments)
    assert losses(again.out) == (before, after)  # the seed is fixed
    assert losses(run(*arguments, "--seed", 1).out) != (before, after)


TWO = "a,b,kind\n1,2,no\n2,1,no\n3,5,yes\n2,7,yes\n4,4,no\n5,9,yes\n1,6,no\n,3,yes\n3,1,yes\n"


def test_logistic_on_two_classes(run: Command, write: Callable[..., Path]) -> None:
    path = write(TWO, "two.csv")
    refused(run("fit", "logistic", path, "--target", "kind"), "missing", "--drop-missing")
    arguments = ("fit", "logistic", path, "--target", "kind", "--drop-missing", "--steps", 500)
    said = run(*arguments)
    assert (said.status, said.err) == (0, "")
    assert "dropped 1 rows" in said.out or "dropped 1 row " in said.out
    assert "yes counts as 1, no as 0" in said.out
    before, after = losses(said.out)
    assert after < before
    assert "no counts as 1, yes as 0" in run(*arguments, "--positive", "no").out
    refused(run(*arguments, "--positive", "maybe"), "'maybe'", "no and yes")


def test_logistic_on_penguins(run: Command) -> None:
    base = ("fit", "logistic", "penguins.csv", "--features", "bill_length_mm, bill_depth_mm",
            "--drop-missing", "--steps", 300)  # fmt: skip
    said = run(*base, "--target", "sex")
    assert (said.status, said.err) == (0, "")
    assert "dropped 11 rows" in said.out
    before, after = losses(said.out)
    assert after < min(before, 0.5)
    refused(run(*base, "--target", "species"), "3 classes", "Adelie, Chinstrap, Gentoo")


def test_softmax_on_penguins(run: Command) -> None:
    said = run("fit", "softmax_classifier", "penguins.csv", "--target", "species", "--features",
               "bill_length_mm,bill_depth_mm", "--drop-missing", "--steps", 500)  # fmt: skip
    assert (said.status, said.err) == (0, "")
    assert "one-hot over Adelie, Chinstrap, Gentoo" in said.out
    assert losses(said.out)[1] < 0.1


@pytest.mark.parametrize(
    ("text", "extra", "words"),
    [
        ("a,c,y\n1,x,1\n2,y,2\n3,z,4\n", [], ["'c'", "'x'", "--features a"]),
        ("a,c,y\n1,2,1\n2,oops,2\n3,4,4\n", [], ["line 3", "'oops'"]),
        ("a,c,y\n1,2,1\n2,,2\n3,4,4\n", [], ["1 missing value", "line 3", "--drop-missing"]),
        ("a,c,y\n1,,1\n2,,2\n", ["--drop-missing"], ["no row", "complete"]),
        ("a,c,y\n1,5,1\n2,5,2\n3,5,4\n", [], ["'c'", "5 in every row"]),
        ("a,y\n1,5\n2,5\n3,5\n", [], ["'y'", "5 in every row"]),
        ("a,y\n1,inf\n2,5\n3,5\n", [], ["not finite"]),
        ("a,y\n1,2\n2,3,4\n", [], ["line 3", "3 values"]),
        ("a,a,y\n1,2,3\n", [], ["both called 'a'"]),
        ("a,y\n", [], ["no rows"]),
        ("", [], ["empty"]),
        ("y\n1\n2\n", [], ["no column is left"]),
        ("a,b\n1,2\n2,3\n", [], ["no column 'y'", "a, b"]),
        ("a,y\n1,2\n2,3\n", ["--features", "b"], ["no column 'b'"]),
        ("a,y\n1,2\n2,3\n", ["--features", "a,y"], ["'y'", "both"]),
    ],
    ids=["text", "one-text", "missing", "all-missing", "constant", "constant-target", "infinite",
         "ragged", "twice", "header-only", "empty", "only-target", "no-target", "no-feature",
         "target-as-feature"],
)  # fmt: skip
def test_data_that_cannot_be_used(
    run: Command, write: Callable[..., Path], text: str, extra: list[str], words: list[str]
) -> None:
    path = write(text, "table.csv")
    refused(run("fit", "multivariate", path, "--target", "y", *extra), *words)


@pytest.mark.parametrize(
    ("model", "arguments", "words"),
    [
        ("multivariate", ["gone.csv", "--target", "y"], ["gone.csv"]),
        ("multivariate", ["diabetes.csv", "--target", "progresion"], ["no column", "progression"]),
        ("multivariat", ["diabetes.csv", "--target", "progression"], ["Did you mean"]),
        ("matrix_factorization", ["diabetes.csv", "--target", "age"], ["two in all"]),
        ("univariate", ["diabetes.csv", "--target", "age"], ["1 column", "--features"]),
    ],
)
def test_fit_refuses(run: Command, model: str, arguments: list[str], words: list[str]) -> None:
    refused(run("fit", model, *arguments), *words)


DIABETES = ("fit", "multivariate", "diabetes.csv", "--target", "progression")


def test_a_learning_rate_that_diverges(run: Command) -> None:
    said = run(*DIABETES, "--learning-rate", 10)
    refused(said, "diverged", "above 2/λmax = 0.2485")
    assert "closed form" not in said.out


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_the_border_that_it_names_is_the_border(run: Command, factor: float) -> None:
    """Below 2/λmax the descent converges, above it diverges: λmax from the data's own Gram matrix."""
    table = find("diabetes.csv")
    X = table.numeric([name for name in table.names if name != "progression"])
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    largest = 2 * np.linalg.eigvalsh(X @ X.T / table.n_rows).max()
    said = run(*DIABETES, "--learning-rate", factor * 2 / largest, "--steps", 5000)
    assert said.status == (0 if factor < 1 else 1)
    assert ("diverged" in said.err) == (factor > 1)


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "-inf"])
def test_a_learning_rate_that_makes_no_sense(run: Command, rate: str) -> None:
    refused(run(*DIABETES, f"--learning-rate={rate}"), "learning rate", "positive")


@pytest.mark.parametrize("steps", ["0", "-5"])
def test_a_number_of_steps_that_makes_no_sense(run: Command, steps: str) -> None:
    refused(run(*DIABETES, f"--steps={steps}"), "at least 1")


@pytest.mark.parametrize("option", ["--learning-rate=fast", "--steps=1.5", "--seed=x"])
def test_an_option_that_is_not_a_number(run: Command, option: str) -> None:
    refused(run(*DIABETES, option), option.split("=")[0], status=2)


NETWORK = ("fit", "two_layer_sigmoid", "motorcycle.csv", "--target", "acceleration_g")


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([], ["n_h", "not known"]),
        (["n_h=0"], ["n_h=0"]),
        (["n_h=-1"], ["DIM=N"]),
        (["n_h"], ["DIM=N"]),
        (["n_h=²"], ["DIM=N"]),  # "²".isdigit() is true, int("²") is not a number
        (["n_h=8", "n_z=8"], ["n_z"]),
        (["n_h=8", "n_x=2"], ["n_x"]),
    ],
    ids=lambda x: " ".join(x) or "none" if isinstance(x, list) else None,
)
def test_sizes_that_are_wrong(run: Command, sizes: list[str], words: list[str]) -> None:
    refused(run(*NETWORK, *(f"--size={size}" for size in sizes)), *words)


# as a process


def test_a_process_says_the_same(run: Command) -> None:
    said = process("derive", "univariate")
    assert (said.status, said.err) == (0, "")
    assert said.out == run("derive", "univariate").out


def test_a_process_fails_without_a_traceback() -> None:
    said = process(*DIABETES, "--learning-rate", "10")
    assert said.status == 1
    assert said.err.startswith("chainrule: the descent diverged")
    assert "Traceback" not in said.err
    assert process("derive").status == 2


def test_deriving_is_done_without_numpy() -> None:
    program = "from chainrule.cli import main; import sys; main(['derive', 'perceptron'])\n"
    program += "print({'numpy', 'rich', 'jax'} & set(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, timeout=120
    )
    assert done.stderr.decode().strip() == "set()"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with head")
@pytest.mark.parametrize(
    "command",
    ["derive perceptron | head -n 1", "derive deep --to html | head -c 10", "models | head -n 1",
     "derive univariate | true", "fit univariate old_faithful.csv --target waiting_min | true"],
)  # fmt: skip
def test_a_reader_that_leaves_early(command: str) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    line = f"set -o pipefail; {sys.executable} -X utf8 -c {ENTRY!r} {command}"
    done = subprocess.run([bash, "-c", line], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0


# fit, predict and compare: saved runs

HELMET = ("fit", "two_layer_sigmoid", "motorcycle.csv", "--target", "acceleration_g", "--size", "n_h=6",
          "--optimizer", "adam", "--learning-rate", 0.05, "--batch-size", 32)  # fmt: skip


def test_fit_saves_and_resumes(run: Command, tmp_path: Path) -> None:
    said = run(*HELMET, "--epochs", 20, "--save", tmp_path / "a")
    assert (said.status, said.err) == (0, "")
    assert "Adam(learning_rate=0.05)" in said.out
    assert "batches of 32, seed 0" in said.out
    assert "stopped after 100 steps" in said.out
    assert f"saved in {tmp_path / 'a'}" in said.out
    more = run(*HELMET, "--epochs", 30, "--save", tmp_path / "a", "--resume")
    assert "resumed after 100 steps" in more.out
    once = run(*HELMET, "--epochs", 30)
    assert losses(more.out) == losses(once.out)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_fit_on_an_engine(run: Command, engine: str) -> None:
    said = run(*HELMET, "--steps", 40, "--engine", engine)
    assert f"engine {engine}: asked for" in said.out


def test_fit_with_settings(run: Command) -> None:
    said = run(*HELMET, "--steps", 5, "--with", "beta1=0.8", "--with", "bias_correction=false")
    assert "Adam(learning_rate=0.05, beta1=0.8, bias_correction=False)" in said.out
    refused(run(*HELMET, "--with", "beta3=0.8"), "Adam has no 'beta3'. It takes: learning_rate")
    refused(run(*HELMET, "--with", "beta1"), "--with beta1: write NAME=VALUE")
    refused(run(*HELMET, "--with", "beta1=2"), "beta1 is 2.0")
    refused(run(*NETWORK, "--size=n_h=3", "--optimizer", "adma"), "Did you mean 'adam'")


def test_fit_prints_json_for_machines(run: Command) -> None:
    said = run("fit", "univariate", "old_faithful.csv", "--target", "waiting_min", "--json")
    assert (said.status, said.err) == (0, "")
    found = json.loads(said.out)
    assert found["stopped"] == "settled"
    assert found["parameters"]["w"] == pytest.approx(found["closed_form"]["w"], abs=1e-9)
    assert found["in_units_of_the_data"][0].startswith("waiting_min = ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--batch-size", "0"], ["batch size is 0"]),
        (["--batch-size", "134"], ["batch_size is 134, and there are 133 examples"]),
        (["--epochs", "0"], ["number of epochs is 0"]),
        (["--epochs", "3", "--steps", "3"], ["Give one of them"]),
        (["--resume"], ["--save DIR"]),
        (["--engine", "gpu"], ["unknown engine", "numpy"]),
        (["--dtype", "float8"], ["unknown dtype"]),
        (["--engine", "moments"], ["engine=\"moments\" does not fit"]),
        (["--patience", "0"], ["number of patience is 0"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_fit_refuses_what_does_not_fit(
    run: Command, arguments: list[str], words: list[str]
) -> None:
    refused(run(*NETWORK, "--size=n_h=3", *arguments), *words)


def test_the_closed_form_says_what_its_condition_number_means(run: Command) -> None:
    given = ("fit", "multivariate", "diabetes.csv", "--target", "progression", "--optimizer", "closed-form")  # fmt: skip
    said = run(*given).out
    assert (
        "condition number of the columns 21.68: the closed form keeps about 14 of 16 digits" in said
    )
    assert json.loads(run(*given, "--json").out)["condition"] == pytest.approx(21.68, abs=0.01)


def test_predict(run: Command, tmp_path: Path) -> None:
    run("fit", "multivariate", "diabetes.csv", "--target", "progression", "--save", tmp_path / "d")
    said = run("predict", tmp_path / "d", "diabetes.csv")
    assert (said.status, said.err) == (0, "")
    header, *rows = said.out.splitlines()
    assert header == "progression"
    features, wanted = closed_line("diabetes.csv", "progression")
    exact = wanted[0] + wanted[1:] @ find("diabetes.csv").numeric(features)
    np.testing.assert_allclose([float(x) for x in rows], exact, rtol=1e-6)
    said = run("predict", tmp_path / "d", "diabetes.csv", "--to", tmp_path / "out.csv")
    assert said.out == f"442 predictions in {tmp_path / 'out.csv'}\n"
    assert (tmp_path / "out.csv").read_text().splitlines() == [header, *rows]
    refused(run("predict", tmp_path / "d", "old_faithful.csv"), "no column 'age'")
    refused(run("predict", tmp_path / "gone", "diabetes.csv"), "no such folder")
    refused(
        run("predict", tmp_path / "d", "diabetes.csv", "--to", tmp_path / "no" / "x.csv"),
        "cannot be written",
    )


def test_predict_classes(run: Command, tmp_path: Path) -> None:
    arguments = ("fit", "softmax_classifier", "penguins.csv", "--target", "species", "--features",
                 "bill_length_mm,bill_depth_mm", "--drop-missing", "--steps", 300, "--save", tmp_path / "p")  # fmt: skip
    run(*arguments)
    table = tmp_path / "new.csv"
    table.write_text("bill_length_mm,bill_depth_mm\n39.1,18.7\n50.0,15.2\n")
    assert run("predict", tmp_path / "p", table).out.splitlines() == ["species", "Adelie", "Gentoo"]
    said = run("predict", tmp_path / "p", table, "--probabilities").out.splitlines()
    assert said[0] == "species Adelie,species Chinstrap,species Gentoo"
    assert sum(map(float, said[1].split(","))) == pytest.approx(1)


def test_compare(run: Command, tmp_path: Path) -> None:
    for name, rate in (("slow", 0.001), ("fast", 0.05)):
        run(*HELMET, "--epochs", 20, "--learning-rate", rate, "--save", tmp_path / name)
    figure = tmp_path / "losses.png"
    said = run("compare", tmp_path / "slow", tmp_path / "fast", "--figure", figure)
    assert (said.status, said.err) == (0, "")
    header, slow, fast, mark, drawn = said.out.splitlines()
    assert header.split()[:3] == ["run", "model", "optimizer"]
    assert "Adam()" in slow
    assert "*" in fast
    assert "*" not in slow
    assert mark == "* the lowest loss"
    assert drawn == f"figure in {figure}"
    assert figure.read_bytes().startswith(b"\x89PNG")
    refused(run("compare", tmp_path / "slow", tmp_path / "gone"), "no such folder")
    refused(run("compare", tmp_path / "slow", "--figure", tmp_path / "x.doc"), ".png, .svg or .pdf")


def test_a_divergent_fit_is_kept_and_exits_non_zero(run: Command, tmp_path: Path) -> None:
    said = run(*DIABETES, "--learning-rate", 10, "--save", tmp_path / "d")
    refused(said, "diverged", f"What was done is in {tmp_path / 'd'}")


def test_ctrl_c_saves_and_says_so(tmp_path: Path) -> None:
    import signal
    import time

    command = [sys.executable, "-X", "utf8", "-c", ENTRY, *map(str, HELMET), "--steps", "2000000",
               "--engine", "numpy", "--save", str(tmp_path / "r")]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "r" / "run.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted" in out
    assert f"saved in {tmp_path / 'r'}" in out


def test_numpy_alone_is_enough(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("jax", "matplotlib", "matplotlib.figure", "pyarrow", "torch"):
        monkeypatch.setitem(sys.modules, package, None)
    said = run(*HELMET, "--epochs", 3, "--save", tmp_path / "a")
    assert (said.status, said.err) == (0, "")
    assert run("predict", tmp_path / "a", "motorcycle.csv").status == 0
    refused(run(*HELMET, "--epochs", 3, "--engine", "jax"), "pip install 'chainrule[jax]'")
    refused(run("compare", tmp_path / "a", "--figure", tmp_path / "x.png"), "'chainrule[plot]'")
    refused(run("fit", "multivariate", tmp_path / "x.parquet", "--target", "y"), "no file")


# the course


def test_build_writes_the_course(run: Command, tmp_path: Path) -> None:
    said = run("build", tmp_path / "site")
    assert (said.status, said.err) == (0, "")
    assert f"open {tmp_path / 'site' / 'index.html'}" in said.out
    pages = sorted(p.name for p in (tmp_path / "site").glob("*.html"))
    chapters = read_lessons(lessons_folder())
    assert len(pages) == len(chapters) + 1
    assert "1-univariate-regression.html" in pages
    single = run("build", tmp_path / "one", "--single-file")
    assert single.out.startswith(f"{len(pages)} files in ")
    (tmp_path / "file").write_text("")
    refused(run("build", tmp_path / "file"), "file")


def test_open_serves_until_ctrl_c(tmp_path: Path) -> None:
    import signal
    import urllib.request

    command = [sys.executable, "-X", "utf8", "-c", ENTRY, "open", "univariate", "--data", "old_faithful.csv",
               "--target", "waiting_min", "--no-browser", "--port", "8477"]  # fmt: skip
    environment = {**os.environ, "CHAINRULE_CACHE": str(tmp_path)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    lines = []
    while "chainrule is open at" not in (line := process.stdout.readline()):
        lines.append(line)
        assert process.poll() is None, lines
    address = re.search(r"http://127\.0\.0\.1:\d+/\S*", line).group(0)  # type: ignore[union-attr]
    with urllib.request.urlopen(address, timeout=30) as page:
        assert "waiting" in page.read().decode()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)  # a loaded machine may be building pages
    assert process.returncode == 0, err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], ["nope"]),
        (["univariate", "--data", "gone.csv", "--target", "y"], ["gone.csv"]),
        (["univariate", "--data", "old_faithful.csv", "--target", "wait"], ["no column 'wait'"]),
        (["two_layer_sigmoid", "--size", "n_h"], ["DIM=N"]),
    ],
)
def test_open_refuses(run: Command, arguments: list[str], words: list[str]) -> None:
    refused(run("open", *arguments, "--no-browser"), *words)
