"""LaTeX that KaTeX accepts in its strictest mode."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from emit.test_layout import DZ2, EXAMPLES, total, turned, value

from chainrule.emit import latex
from chainrule.emit.notation.writer import notation

WEB = Path(__file__).parents[2] / "web"
EXPECTED = {
    "linear": r"W_{1} X + b_{1}",
    "sigmoid": r"\sigma(Z_{1})",
    "squared error": r"\frac{1}{m} \left\lVert \hat{Y} - Y \right\rVert^{2}",
    "residual": r"\frac{2}{m} (\hat{Y} - Y)",
    "weights": r"\mathrm{d}Z_{2} A_{1}^{\top}",
    "bias": r"\mathrm{d}Z_{2} \mathbf{1}_{m}",
    "hidden": r"(W_{2}^{\top} \mathrm{d}Z_{2}) \circ (1 - A_{1}^{2})",
    "divisions": r"-\frac{Y}{A} + \frac{1 - Y}{1 - A}",
    "decay": r"\frac{\lambda}{2 m} \left\lVert W_{1} \right\rVert^{2}",
    "vector sum": r"\sum_{i} \lvert A_{i} \rvert",
    "leaky": r"\operatorname{leaky}(Z_{1}; 0.01)",
    "inverse root": r"s^{-1/2}",
    "matrix of divisions": r"\left( \frac{\hat{Y}}{A} \right) X^{\top}",
}
CHECK = """
import katex from "katex";
import { readFileSync } from "node:fs";
for (const text of JSON.parse(readFileSync(0, "utf8")))
  try { katex.renderToString(text, { strict: "error", throwOnError: true }); }
  catch (error) { console.log(`${text}: ${error.message}`); }
"""


def refused_by_katex(formulas: list[str]) -> str:
    """Return what KaTeX says against the formulas, "" when it accepts all."""
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules/katex").is_dir():
        pytest.skip("node or web/node_modules/katex is missing: run `npm ci` in web/")
    done = subprocess.run(
        [node, "--input-type=module", "-e", CHECK],
        input=json.dumps(formulas), cwd=WEB, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("name", EXPECTED)
def test_a_formula_is_plain_latex(name: str) -> None:
    assert latex.render(notation(EXAMPLES[name])) == EXPECTED[name]


def test_a_partial_derivative() -> None:
    shown = latex.render(notation(turned(DZ2), "partial"))
    assert shown == r"\left( \frac{\partial L}{\partial Z_{2}} \right)^{\top}"


def test_katex_accepts_every_formula() -> None:
    labels = [
        "Omicron",
        "epsilon",
        "two_words_here",
        "Ŷ",
        "a_b_c",
        "varying[0][1]",
        "log_sum",
        "loss_hat",
    ]
    strange = [latex.render(notation(value(label))) for label in labels]
    formulas = [
        latex.render(notation(form, way)) for form in EXAMPLES.values() for way in ("d", "partial")
    ]
    assert refused_by_katex([*formulas, *strange, latex.render(notation(total(DZ2, 0, 1)))]) == ""


def test_katex_would_refuse_a_wrong_formula() -> None:
    assert "W_{1}_{2}" in refused_by_katex([r"W_{1}_{2}", r"\frac{1}{m}"])
