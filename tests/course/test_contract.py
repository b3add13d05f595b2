"""The contract of every built-in model: its schema, and every number recomputed."""

import copy
from xml.etree.ElementTree import ParseError

import numpy as np
import pytest
from course.check import check, run_tape

import chainrule as cr
from chainrule import models
from chainrule.course.contract import Settings, contract, written_convention
from chainrule.course.methods import OPTIMIZERS, update_program
from chainrule.course.samples import MOST, made_up, sample, title
from chainrule.emit import program as programs
from chainrule.errors import DataError, UnknownNameError
from chainrule.explain.derivation import derive_graph
from chainrule.models.gallery import deep_mlp
from chainrule.threefry import normal

HIDDEN = {"n_h": 3, "n_1": 3, "n_2": 4, "n_3": 3, "d_k": 2, "k": 2}


def opened(model):
    sizes = {dim: n for dim, n in HIDDEN.items() if dim in model.dims}
    data = made_up(model, **sizes)
    return data, contract(model, data, **sizes)


@pytest.fixture(scope="module")
def documents():
    return {name: opened(model) for name, model in models.names().items()}


def spread(group):
    found = {}
    for name, value in group.items():
        many = (
            isinstance(value, list) and np.ndim(value[0]) > 0 and isinstance(value[0], np.ndarray)
        )
        found.update({f"{name}[{i}]": x for i, x in enumerate(value)} if many else {name: value})
    return found


def grouped(model, params):
    return {
        name: [np.array(params[f"{name}[{i}]"]) for i in range(len(shape))]
        if isinstance(shape, list)
        else np.array(params[name])
        for name, shape in model.parameters.items()
    }


@pytest.mark.parametrize("name", models.names())
def test_every_model_fits_the_schema(name, documents):
    check(documents[name][1])


@pytest.mark.parametrize("name", models.names())
def test_the_teaching_tape_gives_the_models_own_numbers(name, documents):
    model, (data, document) = models.names()[name], documents[name]
    params = grouped(model, document["start"]["params"])
    loss, gradients = model.value_and_grad(data.arrays, params)
    tape = document["variants"][0]["tape"]
    found = run_tape(tape, {**document["data"]["arrays"], **document["start"]["params"]})
    label = next(v["label"] for v in document["values"] if v["kind"] == "loss")
    np.testing.assert_allclose(found[label], loss, rtol=1e-12)
    for key, value in spread(gradients).items():
        size = np.abs(value).max(initial=0.0)
        np.testing.assert_allclose(found[f"d{key}"], value, rtol=1e-12, atol=1e-12 * size)
    predicted = model.predict(data.arrays, params)
    np.testing.assert_allclose(found[document["prediction"]], predicted, rtol=1e-12)


@pytest.mark.parametrize("name", models.names())
def test_forward_mode_meets_the_gradient(name, documents):
    """The tangent of the loss along a direction is the gradient times it; that of any value is its difference quotient's limit."""
    document = documents[name][1]
    loss = next(v["label"] for v in document["values"] if v["kind"] == "loss")
    variant = document["variants"][0]
    arrays = {**document["data"]["arrays"], **document["start"]["params"]}
    along = {
        key: normal(3, k, np.size(value)).reshape(np.shape(value))
        for k, (key, value) in enumerate(document["start"]["params"].items())
    }
    directions = {"v_" + key.replace("[", "_").rstrip("]"): v for key, v in along.items()}
    read = {x["name"] for x in variant["forward"]["inputs"]}
    found = run_tape(
        variant["forward"], {k: v for k, v in {**arrays, **directions}.items() if k in read}
    )
    gradients = run_tape(variant["tape"], arrays)
    terms = [np.sum(gradients[f"d{key}"] * v) for key, v in along.items()]
    np.testing.assert_allclose(
        found[
            next(
                n
                for n, s in variant["forward"]["names"].items()
                if s == variant["forward"]["gradients"][loss]
            )
        ],
        sum(terms),
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize("name", models.names())
def test_every_variant_is_the_derivation_of_its_convention(name, documents):
    model, document = models.names()[name], documents[name][1]
    arrays = {**document["data"]["arrays"], **document["start"]["params"]}
    first = document["variants"][0]
    assert first["convention"] == written_convention(model.graph)
    for variant in document["variants"]:
        turned = variant["examples"] != first["examples"]
        derivation = derive_graph(
            model.graph, None, variant["convention"], variant["examples"], "d"
        )
        given = {k: np.transpose(v) if turned else np.array(v) for k, v in arrays.items()}
        found = run_tape(variant["tape"], given)
        program = programs.compiled(derivation.program())
        held = {}
        for key, shape in (*model.data.items(), *model.parameters.items()):
            many = isinstance(shape, list)
            held[key] = [given[f"{key}[{i}]"] for i in range(len(shape))] if many else given[key]
        loss, gradients = program.run(held)
        np.testing.assert_allclose(found[derivation.graph.loss.label], loss, rtol=1e-12)
        for key, value in spread(gradients).items():
            size = np.abs(value).max(initial=0.0)
            np.testing.assert_allclose(found[f"d{key}"], value, rtol=1e-12, atol=1e-12 * size)


@pytest.mark.parametrize("name", models.names())
def test_the_code_of_every_step_stands_in_the_program(name, documents):
    for variant in documents[name][1]["variants"]:
        missing = set()
        for row in variant["rows"]:
            for language, lines in row["code"].items():
                written = [line.strip() for line in variant["programs"][language].split("\n")]
                if not all(any(x.startswith(line) for x in written) for line in lines.split("\n")):
                    missing.add(row["target"])
        said = {
            r["target"] for r in variant["rows"] if any("leave" in s["words"] for s in r["stages"])
        }
        assert missing <= said


def test_a_deep_network_gets_the_model_as_written():
    model = deep_mlp(50)
    sizes = {dim: 2 for dim in model.dims if dim.startswith("n_")}
    data = made_up(model, **sizes)
    document = contract(model, data, **{k: v for k, v in sizes.items() if k not in ("n_x", "n_y")})
    check(document)
    assert len(document["variants"]) == 1
    assert document["values"][-1]["level"] == 100


def test_a_model_without_data_or_prediction():
    model = cr.parse("L = (a - 1)**2 + 10 * (b - a**2)**2", data={}, parameters={"a": "", "b": ""})
    document = contract(model, {}, params={"a": -1.0, "b": 1.0})
    check(document)
    assert (document["prediction"], document["kind"], document["examples"]) == ("", "other", None)
    assert document["facts"]["optimum"] is None


def test_an_unnamed_prediction_gets_a_name():
    model = cr.parse(
        "L = mean((w * x - y)**2)", data={"x": "1 m", "y": "1 m"}, parameters={"w": ""}
    )
    document = contract(model, {"x": [[1.0, 2.0]], "y": [[2.0, 4.0]]})
    check(document)
    found = run_tape(document["variants"][0]["tape"], {**document["data"]["arrays"], "w": 3.0})
    np.testing.assert_allclose(found[document["prediction"]], [[3.0, 6.0]])


def test_one_row_of_data():
    document = contract(models.univariate, {"x": [[1.0]], "y": [[2.0]]})
    check(document)


# -- methods
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_an_update_tape_with_alpha_as_input_is_the_optimizer(key):
    optimizer = OPTIMIZERS[key][1]
    tape = programs.write(update_program(optimizer), "tape")
    rng = np.random.default_rng(0)
    params, state = {"w": rng.normal(size=5)}, optimizer.init({"w": np.zeros(5)})
    w, slots = params["w"], {slot: np.zeros(5) for slot in optimizer.slots}
    for t in range(1, 6):
        dw = rng.normal(size=5)
        params, state = optimizer.update(params, {"w": dw}, state)
        given = {"w": w, "dw": dw, **slots, "alpha": 0.1, "t": float(t)}
        found = run_tape({**tape, "names": tape["gradients"]}, given)
        w, slots = found["w"], {slot: found[slot] for slot in slots}
        np.testing.assert_allclose(w, params["w"], rtol=1e-13)


def test_learning_rates_follow_the_curvature():
    document = contract(models.univariate, sample(models.univariate, "old_faithful", "waiting_min"))
    rates = {m["key"]: m["learningRate"] for m in document["methods"]}
    assert rates["gradient-descent"] == pytest.approx(
        0.5
    )  # standardised: the Hessian is 2 times the unit matrix
    assert rates["momentum"] == pytest.approx(0.05)
    given = contract(models.univariate, sample(models.univariate, "old_faithful", "waiting_min"),
                     settings=Settings(method="adam", learning_rate=0.3))  # fmt: skip
    assert {m["key"]: m["learningRate"] for m in given["methods"]}["adam"] == 0.3


# -- facts
def test_facts_of_a_bowl_are_least_squares():
    data = sample(models.multivariate, "diabetes", "progression")
    document = contract(models.multivariate, data)
    X, Y = data.arrays["X"], data.arrays["Y"]
    A = np.vstack([X, np.ones(X.shape[1])]).T
    expected, *_ = np.linalg.lstsq(A, Y[0], rcond=None)
    facts = document["facts"]
    np.testing.assert_allclose(facts["optimum"]["params"]["w"][0], expected[:-1], atol=1e-10)
    values = np.linalg.eigvalsh(2 * A.T @ A / X.shape[1])
    np.testing.assert_allclose(
        [facts["smallestCurvature"], facts["largestCurvature"]], values[[0, -1]], rtol=1e-9
    )
    assert facts["quadratic"]


# -- data
def test_a_shipped_data_set_brings_names_units_and_its_source():
    found = contract(models.univariate, sample(models.univariate, "old_faithful", "waiting_min"))[
        "data"
    ]
    assert found["name"] == "Old Faithful"
    assert "Azzalini and Bowman 1990" in found["source"]
    assert (found["features"], found["targets"]) == (["eruption (min)"], ["waiting (min)"])
    assert found["units"]["waiting (min)"]["mean"] == pytest.approx(70.897, abs=1e-3)


def test_columns_on_a_scale_of_ones_own():
    found = sample(
        models.univariate, "old_faithful", "waiting_min", scale={"waiting_min": (70.0, 10.0)}
    )
    plain = sample(models.univariate, "old_faithful", "waiting_min", standardise=False)
    np.testing.assert_allclose(found.arrays["y"] * 10 + 70, plain.arrays["y"])
    np.testing.assert_allclose(found.arrays["x"], plain.arrays["x"])


def test_too_many_examples_are_thinned_and_it_is_said(tmp_path):
    rows = "\n".join(f"{i},{2 * i + i % 7}" for i in range(MOST + 1000))
    (tmp_path / "many.csv").write_text(f"x,y\n{rows}\n")
    found = sample(models.univariate, tmp_path / "many.csv", "y")
    assert found.arrays["x"].shape == (1, MOST)
    assert "sample of 20,000 of its 21,000" in found.source


def test_labels_bring_their_classes(tmp_path):
    (tmp_path / "two.csv").write_text("a,b,kind\n1,2,yes\n2,1,no\n3,5,yes\n4,1,no\n")
    found = contract(models.logistic, sample(models.logistic, tmp_path / "two.csv", "kind"))
    assert found["data"]["classes"] == ["no", "yes"]
    assert found["kind"] == "classification"


def test_titles():
    assert [title(x) for x in ("waiting_min", "bmi", "flipper_length_mm")] == [
        "waiting (min)",
        "bmi",
        "flipper length (mm)",
    ]


# -- the start
def test_init_says_how_a_seed_makes_the_start():
    document = contract(
        models.two_layer_sigmoid, sample(models.two_layer_sigmoid, "diabetes", "progression"), n_h=4
    )
    for one in document["start"]["init"]:
        given = np.array(document["start"]["params"][one["label"]])
        drawn = normal(0, one["stream"], given.size).reshape(given.shape) / np.sqrt(one["fan"])
        expected = drawn if one["kind"] == "normal" else np.zeros(given.shape)
        np.testing.assert_allclose(
            given, expected, rtol=4e-16
        )  # sqrt(1/fan) and 1/sqrt(fan) differ by a rounding


def test_wrong_settings_are_refused():
    data = {"x": [[1.0, 2.0]], "y": [[2.0, 4.0]]}
    with pytest.raises(UnknownNameError, match="Did you mean 'adam'"):
        contract(models.univariate, data, settings=Settings(method="adm"))
    with pytest.raises(DataError, match="number of steps is 0"):
        contract(models.univariate, data, settings=Settings(steps=0))


# -- words
def words(name, target):
    document = opened(models.names()[name])[1]
    row = next(r for r in document["variants"][0]["rows"] if r["target"] == target)
    return " ".join(stage["words"] for stage in row["stages"])


def test_reasons_say_why():
    assert "Why this transpose: dW₁ must have the shape of W₁, (n_h, n_x)" in words(
        "two_layer_sigmoid", "dW1"
    )
    assert "b₁ was broadcast over m" in words("two_layer_sigmoid", "db1")
    assert "it is the loss itself" in words("univariate", "dy_hat")
    assert "Nothing flows on from here to x" in words("univariate", "dy_hat")
    assert "A is used twice" in words("logistic", "dA")
    assert "The programs leave dA out" in words("logistic", "dA")


# -- the checker
@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("facts"),
        lambda d: d["values"][-1].update(level=99),
        lambda d: d["variants"][0]["rows"][0].update(mathml="<mi>x"),
        lambda d: d["variants"][0]["tape"]["names"].pop("dw"),
        lambda d: d["methods"][0].update(learningRate=-1),
        lambda d: d["start"]["params"].pop("w"),
        lambda d: d["variants"].append(d["variants"][0]),
        lambda d: d["variants"][0]["rows"][2]["stages"][0].update(name="magic"),
    ],
)  # fmt: skip
def test_the_checker_rejects_a_wrong_document(spoil, documents):
    wrong = copy.deepcopy(documents["univariate"][1])
    spoil(wrong)
    with pytest.raises((AssertionError, KeyError, ParseError)):
        check(wrong)
