"""Published numbers: worked examples of courses and books, each in the model language, each to its printed digits."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.derive.bounded import evaluate

KNOWN = Path(__file__).parents[3] / "shared" / "known"


def read(name):
    path = KNOWN / name
    if not path.exists():
        pytest.skip(f"{path} is absent: it lies beside the checkout, not in it")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def circuits():
    return read("small_circuits.json")


@pytest.fixture(scope="module")
def mazur():
    return read("mazur_2015.json")


def printed(value):
    """The tolerance for a published decimal: one unit of its last digit, for it may be rounded or cut off."""
    return 10.0 ** -len(f"{value!r}".partition(".")[2]) if "e" not in f"{value!r}" else 1e-15


def close(got, published, tolerance=None):
    got, published = np.ravel(got), np.ravel(published).tolist()
    assert len(got) == len(published)
    for g, p in zip(got, published, strict=True):
        allowed = tolerance if tolerance is not None else printed(p)
        assert abs(g - p) <= allowed, (g, p)


# rounding of a few operations on numbers of size about 1, against a published float64
FULL = 4e-15


def scalars(text, **values):
    """Value and gradients of a formula of scalars."""
    model = cr.parse(text, {}, dict.fromkeys(values, ""))
    value, gradients = model.value_and_grad({}, values)
    return value, {name: float(g) for name, g in gradients.items()}


# -- single expressions
XYZ = "q = x + y; f = q * z"
REUSE = "f = (a * b) * (a + b)"


@cr.model
def micrograd(*, a: "", b: ""):
    """The expression of micrograd's README, names assigned again and again."""
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + cr.relu(b + a))
    d = d + (3 * d + cr.relu(b - a))
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    return g  # noqa: RET504 - names as in the README


MICROGRAD_TEST = "z = 2 * x + 2 + x; q = relu(z) + z * x; h = relu(z * z); y = h + q + q * x"
TANH_NEURON = "n = x1 * w1 + x2 * w2 + b; o = tanh(n)"
NEURON = cr.parse("s = w[0] * x[0] + w[1] * x[1] + w[2]; f = sigmoid(s)", {}, {"w": "3", "x": "2"})
SOFTMAX = cr.parse("p = softmax(f); L = -sum(y * log(p))", {"y": "k"}, {"f": "k"})


def test_cs231n_xyz(circuits):
    k = circuits["cs231n_xyz"]
    value, gradients = scalars(XYZ, x=k["x"], y=k["y"], z=k["z"])
    assert value == k["value"]  # whole numbers: exact
    assert gradients == k["grad"]


def test_cs231n_neuron(circuits):
    k = circuits["cs231n_neuron"]
    value, gradients = NEURON.value_and_grad({}, {"w": k["w"], "x": k["x"]})
    # the notes print dw[0] = -0.20 and dx[1] = -0.59 to two digits
    for source, tolerance in ((k["published"], 0.01), (k["ours"], FULL)):
        close(value, source["f"], tolerance)
        close(gradients["w"], source["dw"], tolerance)
        close(gradients["x"], source["dx"], tolerance)


def test_cs231n_softmax_gradient(circuits):
    k = circuits["cs231n_softmax_grad"]
    y = np.eye(3)[k["correct_class"]]
    _, gradients = SOFTMAX.value_and_grad({"y": y}, {"f": np.log(k["p"])})
    close(gradients["f"], k["published_df"], FULL)


def test_micrograd(circuits):
    k = circuits["micrograd_readme"]
    value, gradients = micrograd.value_and_grad({}, {"a": k["a"], "b": k["b"]})
    got = [value, float(gradients["a"]), float(gradients["b"])]
    close(got, [k["g"], k["dg_da"], k["dg_db"]])
    np.testing.assert_allclose(got, k["ours"], rtol=FULL)


def test_micrograd_sanity_check(circuits):
    k = circuits["micrograd_sanity"]
    value, gradients = scalars(MICROGRAD_TEST, x=k["x"])
    assert (value, gradients["x"]) == (k["y"], k["dy_dx"])


def test_reuse_adds_contributions(circuits):
    k = circuits["reuse_bug"]
    assert scalars("b = a + a", a=3.0)[1] == {"a": k["correct"]} != {"a": k["buggy_overwrite"]}
    assert scalars(REUSE, a=-2.0, b=3.0)[1] == k["correct2"]


def test_karpathy_tanh_neuron(circuits):
    k = circuits["karpathy_tanh_neuron"]
    (x1, x2), (w1, w2) = k["x"], k["w"]
    value, gradients = scalars(TANH_NEURON, x1=x1, x2=x2, w1=w1, w2=w2, b=k["b"])
    close(value, k["o"], FULL)
    for name, expected in k["grads"].items():
        # b is printed to 16 digits, and 1 - tanh² of it is 1/2 only so far: 1e-15 times the weights
        assert math.isclose(gradients[name], expected, abs_tol=4 * FULL), name


# -- Nielsen: one neuron, plain gradient descent
QUADRATIC = cr.parse(
    "a = sigmoid(w * x + b); C = (y - a)**2 / 2", {"x": "", "y": ""}, {"w": "", "b": ""}
)
CROSS_ENTROPY = cr.parse(
    "a = sigmoid(w * x + b); C = -(y * log(a) + (1 - y) * log(1 - a))", {"x": "", "y": ""}, {"w": "", "b": ""}
)  # fmt: skip


def nielsen(model, w, b, rate, epochs):
    """The neuron's output before and after descent."""
    data = {"x": 1.0, "y": 0.0}
    params = {"w": float(w), "b": float(b)}
    before = 1 / (1 + math.exp(-params["w"] - params["b"]))
    for _ in range(epochs):
        _, gradients = model.value_and_grad(data, params)
        params = {k: v - rate * float(gradients[k]) for k, v in params.items()}
    return before, 1 / (1 + math.exp(-params["w"] - params["b"]))


def test_nielsen_single_neuron(circuits):
    k = circuits["nielsen_single_neuron"]
    for run in k["quadratic_eta_0_15_300_epochs"]:
        before, after = nielsen(QUADRATIC, run["w"], run["b"], 0.15, 300)
        close([before, after], [run["published_start"], run["published_end"]], 0.005)  # two digits
        close([before, after], run["ours"], 5e-5)  # four digits
    for run in k["cross_entropy_eta_0_005"]:
        assert abs(nielsen(CROSS_ENTROPY, run["w"], run["b"], 0.005, 300)[1] - run["ours_after_300"]) <= 5e-5  # fmt: skip


# -- Goodfellow, Bengio, Courville: the network that computes XOR
XOR = cr.parse(
    "H = relu(W.T @ X + c); Y_hat = w.T @ H + b; L = mean((Y_hat - Y)**2)",
    {"X": "n_x m", "Y": "1 m"}, {"W": "n_x n_h", "c": "n_h 1", "w": "n_h 1", "b": ""},
)  # fmt: skip
XOR_INPUTS = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])


def test_goodfellow_xor(circuits):
    k = circuits["goodfellow_xor"]
    params = {"W": k["W"], "c": np.reshape(k["c"], (2, 1)), "w": np.reshape(k["w"], (2, 1)), "b": k["b"]}  # fmt: skip
    expected = [k["outputs"][f"{int(a)}{int(b)}"] for a, b in XOR_INPUTS.T]
    assert XOR.predict({"X": XOR_INPUTS}, params).tolist() == [expected]
    loss, gradients = XOR.value_and_grad({"X": XOR_INPUTS, "Y": [expected]}, params)
    assert loss == 0
    assert all(not np.any(g) for g in gradients.values())  # the minimum


# -- Mazur: two layers of two logistic units, b1 and b2 shared and fixed
def network(b1, b2):
    """The network with its biases among the data (None) or the parameters (their shape)."""
    text = "Z1 = W1 @ X + b1; A1 = sigmoid(Z1); Z2 = W2 @ A1 + b2; A2 = sigmoid(Z2); E = sum((T - A2)**2) / 2"
    data, parameters = {"X": "n_x 1"}, {"W1": "n_h n_x", "W2": "n_y n_h"}
    for name, shape in (("b1", b1), ("b2", b2)):
        (data if shape is None else parameters)[name] = shape or ""
    return cr.parse(text, {**data, "T": "n_y 1"}, parameters)  # the target is the last of the data


FIXED = network(None, None)
MAZUR_DATA = {"X": [[0.05], [0.1]], "T": [[0.01], [0.99]], "b1": 0.35, "b2": 0.6}
MAZUR_WEIGHTS = {"W1": [[0.15, 0.2], [0.25, 0.3]], "W2": [[0.4, 0.45], [0.5, 0.55]]}


def descend(model, data, params, steps, rate=0.5):
    params = {k: np.asarray(v, dtype=float) for k, v in params.items()}
    slope = model.slope_at(data, params)
    for _ in range(steps):
        _, gradients = slope(params)
        params = {k: v - rate * gradients[k] for k, v in params.items()}
    return slope(params)[0], params


def inner(model, data, params, *labels):
    """Named values and gradients (dZ1), as the derivation has them."""
    backward = model.derivation.backward.gradients
    values = {v.label: v for v in model.graph.values}
    nodes = [values[x] if x in values else backward[x[1:]].node for x in labels]
    arrays = {k: np.asarray(v, dtype=float).tolist() for k, v in {**data, **params}.items()}
    sizes = {"n_x": 2, "n_h": 2, "n_y": 2}
    return [np.array(b.values).reshape(b.shape) for b in evaluate(nodes, arrays, sizes)]


def with_updated_weights(rate=0.5):
    """E after one step of the known bug: the hidden layer's gradient taken through the weights W2 already updated."""
    _, updated = descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 1, rate)
    A1, dZ2 = inner(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, "A1", "dZ2")
    dW1 = (updated["W2"].T @ dZ2 * A1 * (1 - A1)) @ np.transpose(MAZUR_DATA["X"])
    wrong = {"W1": np.array(MAZUR_WEIGHTS["W1"]) - rate * dW1, "W2": updated["W2"]}
    return FIXED.loss(MAZUR_DATA, wrong)


def test_mazur_inputs_are_the_published_ones(mazur):
    k = mazur["inputs"]
    close(MAZUR_DATA["X"], k["i"], 0)
    close(MAZUR_DATA["T"], k["target"], 0)
    close([*np.ravel(MAZUR_WEIGHTS["W1"]), *np.ravel(MAZUR_WEIGHTS["W2"])], [k[f"w{i}"] for i in range(1, 9)], 0)  # fmt: skip
    assert (MAZUR_DATA["b1"], MAZUR_DATA["b2"], k["lr"]) == (k["b1"], k["b2"], 0.5)


def test_mazur_forward(mazur):
    k = mazur["published_forward"]
    Z1, A1, Z2, A2, E = inner(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, "Z1", "A1", "Z2", "A2", "E")
    close([Z1[0, 0], *A1[:, 0], Z2[0, 0], *A2[:, 0]], [k[x] for x in ("net_h1", "out_h1", "out_h2", "net_o1", "out_o1", "out_o2")])  # fmt: skip
    close((np.array(MAZUR_DATA["T"]) - A2) ** 2 / 2, [k["E_o1"], k["E_o2"]])
    close(E, k["E_total"])
    close(FIXED.loss(MAZUR_DATA, MAZUR_WEIGHTS), k["E_total"])


def test_mazur_backward(mazur):
    k = mazur["published_backward"]
    A1, A2, dA2, dZ2, dA1 = inner(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, "A1", "A2", "dA2", "dZ2", "dA1")
    _, gradients = FIXED.value_and_grad(MAZUR_DATA, MAZUR_WEIGHTS)
    close(dA2[0], k["dE_dout_o1"])
    close(A2[0] * (1 - A2[0]), k["dout_dnet_o1"])
    close(dZ2[0], k["dE_dnet_o1"])
    close(dA1[0], k["dE_dout_h1"])
    close(A1[0] * (1 - A1[0]), k["dout_dnet_h1"])
    close(gradients["W2"][0, 0], k["dE_dw5"])
    close(gradients["W1"][0, 0], k["dE_dw1"])


def test_mazur_update(mazur):
    k = mazur["published_update"]
    _, params = descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 1)
    close([*params["W1"].ravel(), *params["W2"].ravel()], [k[f"w{i}"] for i in range(1, 9)])


def test_mazur_descent(mazur):
    k = mazur["correct"]
    close(descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 1)[0], k["E_after_1_step"], FULL)
    close(descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 2)[0], k["E_after_2_steps"], FULL)
    error, params = descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 10_000)
    # 10,000 roundings of 1e-16 in each weight
    assert math.isclose(error, k["E_after_10000_steps"], rel_tol=1e-9)
    close(FIXED.predict(MAZUR_DATA, params), k["outputs_after_10000"], 1e-12)


def test_mazur_descent_with_biases(mazur):
    k = mazur["correct"]
    data = {x: MAZUR_DATA[x] for x in ("X", "T")}
    shared = {**MAZUR_WEIGHTS, "b1": 0.35, "b2": 0.6}
    own = {**MAZUR_WEIGHTS, "b1": [[0.35]] * 2, "b2": [[0.6]] * 2}
    for model, params, key in (
        (network("", ""), shared, "shared_biases"),
        (network("n_h 1", "n_y 1"), own, "per_neuron_biases"),
    ):
        close(descend(model, data, params, 1)[0], k[f"E_after_1_step_with_{key}_updated"], FULL)


def test_mazur_published_error_is_that_of_a_known_bug(mazur):
    wrong = mazur["published_WRONG"]["E_after_1_step"]
    right = descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 1)[0]
    assert abs(right - wrong) > 100 * printed(wrong)
    close(with_updated_weights(), wrong)


def test_key_figures_without_any_file():
    # CS231n, Backpropagation, Intuitions (cs231n.github.io/optimization-2): x = -2, y = 5, z = -4
    assert scalars(XYZ, x=-2.0, y=5.0, z=-4.0) == (-12.0, {"x": -4.0, "y": -4.0, "z": 3.0})
    # the same notes' neuron, f = 0.73, dx = [0.39, -0.59]; dw to two digits
    value, gradients = NEURON.value_and_grad({}, {"w": [2.0, -3.0, -3.0], "x": [-1.0, -2.0]})
    close([value, *gradients["x"], *gradients["w"]], [0.73, 0.39, -0.59, -0.20, -0.39, 0.20], 0.005)
    # CS231n, Putting it together (neural-networks-case-study): p = [0.2, 0.3, 0.5], class 1
    _, gradients = SOFTMAX.value_and_grad({"y": [0.0, 1.0, 0.0]}, {"f": np.log([0.2, 0.3, 0.5])})
    close(gradients["f"], [0.2, -0.7, 0.5], FULL)
    # karpathy/micrograd README: g, dg/da, dg/db at a = -4, b = 2
    value, gradients = micrograd.value_and_grad({}, {"a": -4.0, "b": 2.0})
    close([value, gradients["a"], gradients["b"]], [24.7041, 138.8338, 645.5773])
    # Karpathy, The spelled-out intro to neural networks: the tanh neuron
    _, gradients = scalars(TANH_NEURON, x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6.881373587019543)
    close([gradients[x] for x in ("x1", "w1", "x2", "w2")], [-1.5, 1.0, 0.5, 0.0], 4 * FULL)
    # Nielsen, Neural networks and deep learning, chapter 3: outputs 0.82 -> 0.09 and 0.98 -> 0.20
    close(nielsen(QUADRATIC, 0.6, 0.9, 0.15, 300), [0.82, 0.09], 0.005)
    close(nielsen(QUADRATIC, 2.0, 2.0, 0.15, 300), [0.98, 0.20], 0.005)
    # Goodfellow, Bengio and Courville, Deep learning, section 6.1: XOR
    params = {"W": np.ones((2, 2)), "c": [[0.0], [-1.0]], "w": [[1.0], [-2.0]], "b": 0.0}
    assert XOR.predict({"X": XOR_INPUTS}, params).tolist() == [[0.0, 1.0, 1.0, 0.0]]
    # Mazur, A step by step backpropagation example (2015): E, dE/dw5, dE/dw1, and E after one step done right
    value, gradients = FIXED.value_and_grad(MAZUR_DATA, MAZUR_WEIGHTS)
    close([value, gradients["W2"][0, 0], gradients["W1"][0, 0]], [0.298371109, 0.082167041, 0.000438568])  # fmt: skip
    close(descend(FIXED, MAZUR_DATA, MAZUR_WEIGHTS, 1)[0], 0.29102777369359933, FULL)
    close(with_updated_weights(), 0.291027924)  # what the page prints


def test_the_comparison_can_fail():
    with pytest.raises(AssertionError):
        close(0.291027774, 0.291027924)
    with pytest.raises(AssertionError):
        close([1.0, 2.0], [1.0])
