"""log Σ exp, written out: announced, and computed without overflow."""

import numpy as np
import pytest

import chainrule as cr

TEXTS = {
    "columns": "S = sum(exp(Z), axis=0); V = log(S); L = mean(V - sum(Y * Z, axis=0))",
    "one formula": "L = mean(log(sum(exp(Z), axis=0, keepdims=True)) - sum(Y * Z, axis=0, keepdims=True))",
    "everything": "L = log(sum(exp(Z))) - sum(Y * Z)",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_the_gradient_is_softmax_minus_labels_at_any_size(name, scale):
    model = cr.parse(TEXTS[name], data={"Y": "k m"}, parameters={"Z": "k m"})
    Z = scale * np.array([[1.0, 0.3], [0.0, -0.2], [-1.0, 0.9]])
    Y = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    axis = None if name == "everything" else 0
    P = np.exp(Z - Z.max(axis, keepdims=True))
    P /= P.sum(axis, keepdims=True)
    expected = (P - Y) / (1 if name == "everything" else 2)
    with np.errstate(all="raise", under="ignore"):
        loss, grads = model.value_and_grad({"Y": Y}, {"Z": Z})
    assert np.isfinite(loss)
    # Z - logsumexp(Z) carries the rounding of numbers as large as Z
    assert np.allclose(grads["Z"], expected, rtol=0, atol=1e-15 * max(scale, 10))


def test_it_is_announced_and_the_composed_form_is_shown():
    derivation = cr.derive(cr.parse(TEXTS["columns"], data={"Y": "k m"}, parameters={"Z": "k m"}))
    step = next(s for s in derivation.steps if s.target == "Z" or "log-sum-exp" in s.rule)
    assert "log-sum-exp" in step.rule
    assert "dS" in str(derivation)
    assert "logsumexp" in derivation.to("numpy")
