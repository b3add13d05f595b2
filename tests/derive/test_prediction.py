"""Which value is the prediction: found from the graph, or named by the reader; and which data are the target."""

import numpy as np
import pandas as pd
import pytest

import chainrule as cr
from chainrule.derive.prediction import features_of, target_of
from chainrule.errors import DataError, UnknownNameError
from chainrule.graph.plain import from_plain, to_plain

X = np.array([[0.0, 1.0, 2.0, 3.0]])
Y = 2 * X + 1
WEIGHTS = np.array([[1.0, 1.0, 0.5, 0.0]])


@cr.model(prediction="Y_hat")
def weighted(X: "1 m", Y: "1 m", s: "1 m", *, w: "", b: ""):
    """Weighted regression: the last data argument is no target."""
    Y_hat = w * X + b
    return cr.sum(s * (Y_hat - Y) ** 2)


@cr.model(prediction="Y_hat")
def target_first(Y: "1 m", X: "1 m", *, w: "", b: ""):
    Y_hat = w * X + b
    return cr.mean((Y_hat - Y) ** 2)


@cr.model
def unnamed(X: "1 m", Y: "1 m", *, w: "", b: ""):
    Y_hat = w * X + b
    return cr.mean((Y_hat - Y) ** 2)


PARAMS = {"w": 2.0, "b": 1.0}


@pytest.mark.parametrize("model", [weighted, target_first, unnamed])
def test_a_prediction_needs_the_features_alone(model):
    assert model.prediction == "Y_hat"
    assert np.array_equal(model.predict({"X": X}, PARAMS), Y)
    assert features_of(model.graph) == "X"


def test_the_target_is_the_last_that_the_prediction_leaves_out():
    assert target_of(target_first.graph) == "Y"
    assert target_of(unnamed.graph) == "Y"
    assert target_of(cr.parse("L = sum((w - a)**2)", {"a": ""}, {"w": ""}).graph) == "a"


def test_runs_and_saved_runs_predict_it(tmp_path):
    data = {"X": X, "Y": Y, "s": WEIGHTS}
    run = cr.fit(weighted, data, optimizer=cr.GradientDescent(0.1), steps=2000, save=tmp_path / "r")
    np.testing.assert_allclose(run.predict(X), Y, rtol=1e-9)
    assert np.array_equal(cr.load(tmp_path / "r").predict(X), run.predict(X))


def test_a_table_fills_the_target_wherever_it_stands():
    frame = pd.DataFrame({"x": X[0], "y": Y[0]})
    run = cr.fit(target_first, frame, target="y", optimizer=cr.ClosedForm())
    np.testing.assert_allclose(run.predict(frame), Y[0], rtol=1e-12)


def test_text_models_name_theirs():
    text = "Y_hat = w * X + b; R = Y_hat - Y; L = sum(s * R**2)"
    shapes = {"X": "1 m", "Y": "1 m", "s": "1 m"}
    model = cr.parse(text, shapes, {"w": "", "b": ""}, prediction="Y_hat")
    assert np.array_equal(model.predict({"X": X}, PARAMS), Y)
    with pytest.raises(UnknownNameError) as error:
        cr.parse(text, shapes, {"w": "", "b": ""}, prediction="Y_hut")
    assert str(error.value) == (
        "unknown value for prediction: 'Y_hut'. Did you mean 'Y_hat'? Known: Y_hat, R, L."
    )


def test_it_is_saved_with_the_model():
    document = to_plain(weighted.graph)
    assert from_plain(document).predicts == "Y_hat"
    assert "prediction" not in to_plain(unnamed.graph)  # documents of before are as they were
    document["prediction"] = "Z"
    with pytest.raises(DataError, match=r"'prediction' of the document names 'Z', which is no val"):
        from_plain(document)
