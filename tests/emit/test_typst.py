"""Typst maths, compiled with Typst itself."""

import pytest
import typst as compiler
from emit.test_layout import EXAMPLES, value

from chainrule.emit import typst
from chainrule.emit.notation.writer import notation

EXPECTED = {
    "linear": "W_1 X + b_1",
    "squared error": "frac(1, m) thin norm(hat(Y) - Y)^2",
    "weights": "upright(d)Z_2 thin A_1^top",
    "bias": "upright(d)Z_2 thin bold(1)_m",
    "hidden": "(W_2^top thin upright(d)Z_2) compose (1 - A_1^2)",
    "divisions": "-frac(Y, A) + frac(1 - Y, 1 - A)",
    "leaky": r'op("leaky") (Z_1\; 0.01)',
    "root rule": "frac(1, 2 sqrt(s))",
    "word": 'frac(1, 2 m) thin norm("residual")^2',
}


def compiled(formulas: list[str]) -> bytes:
    return compiler.compile("\n\n".join(f"$ {formula} $" for formula in formulas).encode())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_formula_is_plain_typst(name: str) -> None:
    assert typst.render(notation(EXAMPLES[name])) == EXPECTED[name]


def test_every_formula_compiles() -> None:
    labels = [
        "Omicron",
        "two_words_here",
        "Ŷ",
        "a_b_c",
        "varying[0][1]",
        "w_bar",
        "x_dot",
        "z_tilde",
        "loss_hat",
    ]
    strange = [typst.render(notation(value(label))) for label in labels]
    formulas = [
        typst.render(notation(form, way)) for form in EXAMPLES.values() for way in ("d", "partial")
    ]
    assert compiled([*formulas, *strange]).startswith(b"%PDF")


def test_a_wrong_formula_does_not_compile() -> None:
    with pytest.raises(Exception, match="unknown variable"):
        compiled(["residual"])
