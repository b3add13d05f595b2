"""The derivations of the course's models, word for word. Look at the page before you accept a change."""

from pathlib import Path

import pytest

import chainrule as cr
from chainrule import models

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("model", models.COURSE, ids=lambda m: m.name)
def test_the_page_reads_as_it_did(model):
    assert str(cr.derive(model)) == (GOLDEN / f"{model.name}.txt").read_text(encoding="utf-8")


# What the course says must come out, in the order of its text: (step's target, last right-hand side).
COURSE_EQUATIONS = {
    "univariate": [("y_hat", "2/m (ŷ − y)"), ("w", "dŷ xᵀ"), ("b", "Σᵢ")],
    "multivariate": [("Y_hat", "2/m (Ŷ − Y)"), ("w", "dŶ Xᵀ"), ("b", "Σᵢ")],
    "two_layer_linear": [("Y_hat", "2/m (Ŷ − Y)"), ("w2", "dŶ Hᵀ"), ("b2", "Σᵢ"), ("H", "w₂ᵀ dŶ"), ("W1", "dH Xᵀ"), ("b1", "dH 𝟏ₘ")],
    "two_layer_sigmoid": [
        ("Y_hat", "2/m (Ŷ − Y)"), ("w2", "dŶ A₁ᵀ"), ("b2", "Σᵢ"), ("A1", "w₂ᵀ dŶ"), ("Z1", "dA₁ ∘ A₁ ∘ (1 − A₁)"), ("W1", "dZ₁ Xᵀ"), ("b1", "dZ₁ 𝟏ₘ"),
    ],
    "logistic": [("A", "1/m ((1 − Y)/(1 − A) − Y/A)"), ("Z", "1/m (A − Y)"), ("w", "dZ Xᵀ"), ("b", "Σᵢ")],
    "perceptron": [
        ("A2", "1/m ((1 − Y)/(1 − A₂) − Y/A₂)"), ("Z2", "1/m (A₂ − Y)"), ("w2", "dZ₂ A₁ᵀ"), ("b2", "Σᵢ"), ("A1", "w₂ᵀ dZ₂"),
        ("Z1", "dA₁ ∘ A₁ ∘ (1 − A₁)"), ("W1", "dZ₁ Xᵀ"), ("b1", "dZ₁ 𝟏ₘ"),
    ],
    "softmax_classifier": [("P", "−1/m Y/P"), ("Z", "1/m (P − Y)"), ("W", "dZ Xᵀ"), ("b", "dZ 𝟏ₘ")],
}  # fmt: skip


@pytest.mark.parametrize("name", COURSE_EQUATIONS)
def test_the_courses_equations_come_out_in_order(name):
    steps = cr.derive(models.names()[name]).steps
    assert [step.target for step in steps] == [target for target, _ in COURSE_EQUATIONS[name]]
    for step, (_, right) in zip(steps, COURSE_EQUATIONS[name], strict=True):
        assert step.equation.split(" = ")[-1].startswith(right)
        assert step.shape == dict(zip([*(v.label for v in models.names()[name].graph.values), *(i.name for i in models.names()[name].graph.inputs)],
                                      [*(v.shape for v in models.names()[name].graph.values), *(i.shape for i in models.names()[name].graph.inputs)],
                                      strict=True))[step.target]  # fmt: skip
