"""Tracing keeps the reader's names, and refuses what it cannot trace with a way out."""

import math

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import errors


def values(model):
    return [v.label for v in model.graph.values]


def test_assignments_keep_their_names():
    assert values(cr.models.two_layer_sigmoid) == ["Z1", "A1", "Y_hat", "L"]


def test_tuple_targets_loops_lists_and_helpers_keep_names():
    def layer(W, A, b):
        Z = W @ A + b
        return cr.tanh(Z)

    @cr.model
    def net(X: "n m", Y: "n m", *, W: ["n n", "n n"], b: ["n 1", "n 1"], c: "", d: ""):
        A = [X]
        for k in range(2):
            A.append(layer(W[k], A[k], b[k]))
        s, t = cr.exp(c), cr.exp(d)
        return cr.mean((s * A[-1] + t - Y) ** 2)

    assert values(net) == ["Z_1", "A[1]", "Z_2", "A[2]", "s", "t", "L"] or set(values(net)) == {
        "s",
        "Z_1",
        "A[1]",
        "Z_2",
        "A[2]",
        "t",
        "v1",
        "L",
    }


def test_a_reassigned_name_gets_a_suffix():
    @cr.model
    def twice(x: "m", *, w: ""):
        z = w * x
        z = cr.tanh(z)
        return cr.mean(z)

    assert values(twice) == ["z_1", "z_2", "L"]


def test_an_outer_name_wins_over_a_helpers():
    def helper(x):
        inner = cr.exp(x)
        return inner  # noqa: RET504 - the name is what is tested

    @cr.model
    def named(x: "m", *, w: ""):
        outer = helper(w * x)
        return cr.mean(outer)

    assert "outer" in values(named)
    assert "inner" not in values(named)


def test_explicit_names_win():
    @cr.model
    def explicit(x: "m", *, w: ""):
        z = cr.exp(w * x).named("score")
        return cr.mean(z)

    assert "score" in values(explicit)


def test_text_gives_the_same_graph_as_the_function():
    text = cr.parse(
        "Y_hat = w @ X + b; L = mean((Y_hat - Y)**2)",
        data={"X": "n_x m", "Y": "1 m"},
        parameters={"w": "1 n_x", "b": ""},
    )
    assert text.graph.loss is cr.models.multivariate.graph.loss


def test_three_ways_to_square_are_one_node():
    texts = (
        "D = a - b; L = mean(D*D)",
        "D = a - b; L = mean(D**2)",
        "D = a - b; L = mean(square(D))",
    )
    losses = {cr.parse(t, data={"a": "m"}, parameters={"b": "m"}).graph.loss for t in texts}
    assert len(losses) == 1


def test_data_without_parameters_vectors_and_scalars_work():
    rosenbrock = cr.parse(
        "L = (1 - x)**2 + 100*(y - x**2)**2", data={}, parameters={"x": "", "y": ""}
    )
    loss, grads = rosenbrock.value_and_grad({}, {"x": -1.2, "y": 1.0})
    assert math.isclose(loss, 24.2)
    assert math.isclose(grads["x"], -215.6)
    assert math.isclose(grads["y"], -88.0)
    vector = cr.parse(
        "p = X @ w; L = mean((p - y)**2)", data={"X": "m n", "y": "m"}, parameters={"w": "n"}
    )
    X, y, w = np.arange(6.0).reshape(3, 2), np.ones(3), np.array([0.5, -0.25])
    assert np.allclose(
        vector.value_and_grad({"X": X, "y": y}, {"w": w})[1]["w"], 2 / 3 * X.T @ (X @ w - y)
    )


def refused(body, message, error=errors.ChainRuleError, shapes=("n m", "1 m", "1 n")):
    x, y, w = shapes

    def bad(X: x, Y: y, *, w: w):  # type: ignore[valid-type]
        return body(X, Y, w)

    with pytest.raises(error) as caught:
        _ = cr.model(bad).graph
    assert message in str(caught.value)


def test_mismatched_dims_show_all_bindings():
    refused(
        lambda X, Y, w: cr.mean(X @ w),
        "the last dim of the first is m, the first of the second is 1",
        errors.ShapeError,
    )
    refused(
        lambda X, Y, w: cr.mean(X @ w),
        "Shapes so far: X (n, m), Y (1, m), w (1, n)",
        errors.ShapeError,
    )
    refused(
        lambda X, Y, w: cr.mean(X + w), "axis 1 is m in one and n in the other", errors.ShapeError
    )


def test_accidental_broadcasts_are_refused():
    refused(
        lambda X, Y, w: cr.mean(X - Y), "with m on two axes", errors.ShapeError, ("m 1", "1 m", "")
    )
    refused(
        lambda X, Y, w: cr.mean(X - Y), "with m on two axes", errors.ShapeError, ("m 1", "m", "")
    )


def test_losses_that_cannot_be_descended():
    refused(lambda X, Y, w: w @ X - Y, "the loss has shape (1, m), not ()", errors.LossError)
    refused(lambda X, Y, w: cr.mean(X), "the parameter w is never used", errors.LossError)
    refused(lambda X, Y, w: 3.0, "the model returned float, not a traced value", errors.LossError)


def test_foreign_functions_name_ours():
    refused(
        lambda X, Y, w: np.exp(X),
        "np.exp cannot take a traced value: its derivative would be lost. Write cr.exp(...) instead.",
        errors.TraceError,
    )
    refused(lambda X, Y, w: np.mean(X), "Write cr.mean(...) instead.", errors.TraceError)
    refused(
        lambda X, Y, w: torch.sigmoid(X),
        "torch.sigmoid cannot take a traced value",
        errors.TraceError,
    )
    refused(
        lambda X, Y, w: X.sum(),
        "a traced value has no .sum. Write cr.sum(...) instead.",
        errors.TraceError,
    )
    refused(lambda X, Y, w: np.arctan(X), "chainrule has no operation 'arctan'", errors.TraceError)
    refused(lambda X, Y, w: np.asarray(X), "cannot become a NumPy array", errors.TraceError)
    refused(
        lambda X, Y, w: X * np.ones(3),
        "a NumPy array cannot be mixed with a traced value",
        errors.TraceError,
    )
    refused(lambda X, Y, w: math.exp(w), "the math module cannot take it", errors.TraceError)


def test_python_control_flow_and_writes_are_refused():
    def branch(X, Y, w):
        return cr.mean(X) if cr.mean(X) > 0 else cr.mean(Y)

    def write(X, Y, w):
        X[0] = 1.0
        return cr.mean(X)

    refused(branch, "a traced value has no truth value", errors.TraceError)
    refused(write, "cannot be written in place", errors.TraceError)


def test_names_that_clash():
    refused(
        lambda X, Y, w: cr.mean(cr.exp(w @ X).named("Y")),
        "the name 'Y' is taken",
        errors.NameClashError,
    )
    with pytest.raises(errors.NameClashError, match="'w' is both data and a parameter"):
        cr.parse("L = mean(w)", data={"w": "m"}, parameters={"w": "m"})
    with pytest.raises(errors.NameClashError, match="assigned twice"):
        cr.parse("z = w; z = z * x; L = mean(z)", data={"x": "m"}, parameters={"w": ""})


def test_signatures_that_lack_shapes():
    with pytest.raises(errors.TraceError, match="takes X without a shape"):
        cr.model(lambda X: X)
    with pytest.raises(errors.TraceError, match=r"\*args or \*\*kwargs"):
        cr.model(lambda *X: X)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the model text is empty"),
        ("L = ", "line 1 cannot be read"),
        ("L = __import__('os').system('ls')", "calls something that is not a function of the table"),
        ("L = open('x')", "there is no function 'open'"),
        ("L = mean(q)", "'q' is not known here"),
        ("L = w.real", "is not part of the formula language"),
        ("L = w ^ 2", "^, which is not a power here; write **"),
        ("import os", "is not an assignment"),
        ("L = [w for w in x]", "is not part of the formula language"),
        ("L = w + 9**99", "too large"),
        ("L = (" * 90 + "w" + ")" * 90 + "." + "T" * 3, "cannot be read"),
        ("L = 1/0 * w", "cannot be computed"),
    ],
)  # fmt: skip
def test_bad_model_text(text, message):
    with pytest.raises(errors.ChainRuleError) as caught:
        cr.parse(text, data={"x": "m"}, parameters={"w": "m"})
    assert message in str(caught.value)


def test_a_huge_constant_does_not_hang():
    with pytest.raises(errors.TraceError, match="is too large to be a constant"):
        cr.parse("L = mean(w) * (9**9)**(9**9)", data={}, parameters={"w": "m"})
    with pytest.raises(errors.TraceError, match="is too large to be a constant"):
        cr.parse("L = mean(w) * 9**9**9", data={}, parameters={"w": "m"})
