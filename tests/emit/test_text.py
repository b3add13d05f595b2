"""Formulas in a terminal, as a textbook prints them."""

import pytest
from emit.test_layout import EXAMPLES

from chainrule.emit import text
from chainrule.emit.notation.writer import notation

EXPECTED = {
    "linear": "W₁ X + b₁",
    "sigmoid": "σ(Z₁)",
    "squared error": "1/m ‖Ŷ − Y‖²",
    "residual": "2/m (Ŷ − Y)",
    "weights": "dZ₂ A₁ᵀ",
    "bias": "dZ₂ 𝟏ₘ",
    "column sums": "𝟏ₖᵀ dZ₂",
    "hidden": "(W₂ᵀ dZ₂) ∘ (1 − A₁²)",
    "cross-entropy": "−1/m Σᵢ (Y ∘ log(A) + (1 − Y) ∘ log(1 − A))ᵢ",
    "divisions": "−Y/A + (1 − Y)/(1 − A)",
    "decay": "λ/(2m) ‖W₁‖²",
    "lasso": "λ Σᵢⱼ |(W₁)ᵢⱼ|",
    "vector sum": "Σᵢ |Aᵢ|",
    "rows": "Y Aᵀ",
    "columns": "uᵀ v",
    "flat": "uᵀ v",
    "einsum": "Σₗ Xᵢₗ Bₗⱼ",
    "einsum inside": "−(Σₗ Xᵢₗ Bₗⱼ)ᵢⱼ ∘ C",
    "leaky": "leaky(Z₁; 0.01)",
    "clip": "clip(Z₁; −1, 1)",
    "step": "[Z₁ > 0]",
    "compare": "[s ≥ x]",
    "cube": "(s + x)³",
    "inverse root": "s^(−1/2)",
    "variable power": "s^x",
    "root rule": "1/(2 √s)",
    "tiny": "√(s + 10⁻⁸)",
    "softmax": "softmax(Z₁)",
    "softmax of rows": "softmaxₘ(Z₁)",
    "maximum": "max_(h,m)(Z₁)",
    "picked": "x₀",
    "picked column": "(W₁)_(:,2)",
    "placed": "put₀(s + x)",
    "rosenbrock": "(1 − s)² + 100 (x − s²)²",
    "per root": "1/√m A",
    "two dims": "1/(m nₓ) Σᵢⱼ Xᵢⱼ",
    "word": "1/(2m) ‖residual‖²",
    "ones": "X (2 𝟏ₘ)",
    "stretched": "Σᵢⱼ (b₁)ᵢ",
    "normalised": "(X − μ)/σ",
    "matrix of divisions": "(Ŷ/A) Xᵀ",
    "squared gradient": "(dx)²",
    "nested numbers": "2 · 3 s",
    "number inside": "Y ∘ (2 A)",
    "difference inside": "s − (x − λ)",
    "three axes": "(Σⱼ Tᵢⱼₖ)ᵢₖ",
    "constant": "2m",
    "absolute error": "Σᵢ |(Ŷ − Y)ᵢ|",
    "scaled lasso": "(λ Σᵢⱼ |(W₁)ᵢⱼ|) ‖b₁‖²",
    "where": "where(s, x, λ)",
    "square turned": "(X²)ᵀ",
    "exponential": "−2 exp(−s)",
}


def test_every_example_is_expected() -> None:
    assert EXPECTED.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_formula_reads_as_in_a_textbook(name: str) -> None:
    assert text.render(notation(EXAMPLES[name])) == EXPECTED[name]


def test_different_formulas_print_differently() -> None:
    printed = [text.render(notation(form)) for form in EXAMPLES.values()]
    assert len(set(printed)) == len(printed) - 1  # columns and flat are the same product


def test_subscripts_that_unicode_lacks() -> None:
    assert text.lowered("1") == "₁"
    assert text.lowered("xyz") == "_xyz"
    assert text.lowered("0,1") == "_(0,1)"
