"""A collapse written out line by line: every line is the same number, and the last is the engine's own."""

import pytest

import chainrule as cr
from chainrule.derive.bounded import evaluate
from chainrule.derive.cancel import cancelling
from chainrule.derive.instances import agree, instance, sizes_for
from chainrule.explain.formulas import Equation, render


def lines_of(model):
    backward = model.derivation.backward
    return cancelling(backward, backward.collapses[0])


def written(model):
    return [render(Equation(None, (line.formula,)), "text") for line in lines_of(model)]


def test_the_logistic_gradient_comes_down_to_a_difference():
    assert written(cr.models.logistic) == [
        "−1/m (Y − 1)/(1 − A) − (1/m Y)/A",
        "1/m ((1 − Y)/(1 − A) − Y/A)",
        "dA ∘ A ∘ (1 − A)",
        "1/m ((1 − Y)/(1 − A) − Y/A) ∘ A ∘ (1 − A)",
        "1/m ((1 − Y)/(1 − A) ∘ A ∘ (1 − A) − Y/A ∘ A ∘ (1 − A))",
        "1/m ((1 − Y) ∘ A − Y ∘ (1 − A))",
        "1/m (A − Y ∘ A − Y + Y ∘ A)",
        "1/m (A − Y)",
    ]


@pytest.mark.parametrize("name", ["logistic", "perceptron"])
def test_the_last_line_is_the_gradient_that_the_engine_keeps(name):
    model = cr.models.names()[name]
    lines = lines_of(model)
    kept = model.derivation.backward.gradients[lines[-1].of]
    assert lines[-1].formula is kept.formula
    assert lines[0].formula is model.derivation.backward.gradients[lines[0].of].raw


def test_scores_may_be_parameters_themselves():
    model = cr.parse(
        "A = sigmoid(Z); L = -sum(Y * log(A) + (1 - Y) * log(1 - A))",
        data={"Y": "1 m"},
        parameters={"Z": "1 m"},
    )
    assert written(model)[-1] == "A − Y"
    assert [line.of for line in lines_of(model)] == ["A"] * 2 + ["Z"] * 6


def test_other_patterns_have_no_lines():
    softmax = cr.models.softmax_classifier.derivation.backward
    assert softmax.collapses
    assert cancelling(softmax, softmax.collapses[0]) == []
    unnamed = cr.parse(
        "L = -mean(Y * log(sigmoid(w @ X)) + (1 - Y) * log(1 - sigmoid(w @ X)))",
        data={"X": "n m", "Y": "1 m"},
        parameters={"w": "1 n"},
    ).derivation.backward
    assert [cancelling(unnamed, c) for c in unnamed.collapses] == [[]] * len(unnamed.collapses)


def test_every_line_is_the_same_number():
    graph = cr.models.logistic.graph
    sizes = sizes_for(graph.dims, 7)
    inputs = instance(graph, sizes, 7)
    formulas = [line.formula for line in lines_of(cr.models.logistic) if line.of == "Z"]
    first, *others = evaluate(formulas, inputs, sizes)
    assert all(agree(first, other) for other in others)
