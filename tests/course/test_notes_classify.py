"""The room `classify`: what Python prepares for the pages on logistic regression and the perceptron, against other ways to it."""

import gzip
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.course.lesson import read_lessons
from chainrule.course.notes import classify, classify_layers, rooms
from chainrule.course.notes.widget import FACTS, WIDGETS, Place, find
from chainrule.course.rendering import Renderer
from chainrule.course.site import inline, lessons_folder
from chainrule.derive.bounded import evaluate
from chainrule.derive.instances import agree, instance, sizes_for

ROOM = [name for name in WIDGETS if name.startswith("classify/")]
PLACE = Place({}, lambda text: text)


@pytest.mark.parametrize("name", ROOM)
def test_documents_are_plain_and_the_same_every_time(name):
    assert rooms.ROOMS
    made = find(name)({}, PLACE)
    text = json.dumps([made.document, made.shared], allow_nan=False)
    again = find(name)({}, PLACE)
    assert json.dumps([again.document, again.shared]) == text
    assert all(height > 100 for height in made.height)


def test_the_room_has_all_its_drawings():
    kinds = "nodes classes collapse boundary squared overflow cells network matrices check starts overfit"
    assert sorted(ROOM) == sorted(f"classify/{kind}" for kind in kinds.split())


def test_the_collapse_shows_its_lines_and_can_compute_each():
    made = find("classify/collapse")({}, PLACE)
    lines = made.document["lines"]
    assert lines[-1]["text"] == "dZ = 1/m (A − Y)"
    assert set(made.document["tape"]["gradients"]) == {f"line{i}" for i in range(len(lines))}
    assert made.fallback.count("<tr>") == len(lines) + 1


def test_more_than_two_classes_are_the_engines_lines_and_the_collapse_holds():
    document = find("classify/classes")({}, PLACE).document
    texts = [row["text"] for row in document["rows"]]
    assert texts[-3] == "dZ = P ∘ (dP − 𝟏_(n_y)ᵀ (dP ∘ P)) = 1/m (P − Y)"
    assert [row["shape"] for row in document["rows"]][-3:] == ["n_y × m", "n_y × n_x", "n_y × 1"]
    # what the lesson says of the bracket, in numbers
    rng = np.random.default_rng(0)
    Z, Y, m = rng.normal(size=(3, 4)), np.eye(3)[:, [0, 2, 1, 0]], 4
    P = np.exp(Z) / np.exp(Z).sum(axis=0)
    dP = -Y / P / m
    np.testing.assert_allclose((dP * P).sum(axis=0), -1 / m)
    _, gradients = classify.several().value_and_grad({"Y": Y}, {"Z": Z})
    np.testing.assert_allclose(gradients["Z"], P * (dP + 1 / m), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradients["Z"], (P - Y) / m, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ROOM)
def test_a_reader_without_scripts_has_numbers_or_equations(name):
    fallback = find(name)({}, PLACE).fallback
    assert "<table>" in fallback or "<pre>" in fallback
    assert "nan" not in fallback


def test_the_loop_and_the_batch_are_the_emitted_lines():
    document = find("classify/cells")({}, PLACE).document
    assert document["batch"][-2:] == ["dw = dZ @ X.T", "db = np.sum(dZ)"]
    rng = np.random.default_rng(0)
    X, Y, w = rng.normal(size=(2, 5)), np.array([[1.0, 0, 0, 1, 1]]), rng.normal(size=(1, 2))
    gradients = cr.models.logistic.value_and_grad({"X": X, "Y": Y}, {"w": w, "b": 0.3})[1]
    given = {"X": X, "Y": Y, "b": 0.3, "m": 5, "np": np, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    one = {**given, "w": w[0], "dw_all": np.zeros(2)}
    exec("\n".join(document["loop"]), one)  # our own text, emitted
    assert one["dw_all"] == pytest.approx(gradients["w"][0], rel=1e-12)
    many = {**given, "w": w}
    exec("\n".join(document["batch"]), many)
    assert many["dw"] == pytest.approx(gradients["w"], rel=1e-12)


@pytest.mark.parametrize("model", [classify.score(), classify.composed()])
def test_the_composed_and_the_fused_form_are_one_function(model):
    Z, Y = np.array([[-3.0, 0.2, 5.0]]), np.array([[1.0, 0.0, 1.0]])
    A = 1 / (1 + np.exp(-Z))
    loss, gradients = model.value_and_grad({"Y": Y}, {"Z": Z})
    assert loss == pytest.approx(-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)), rel=1e-12)
    assert gradients["Z"] == pytest.approx((A - Y) / 3, rel=1e-12)


def test_a_mistake_changes_what_comes_after_it_and_nothing_else():
    bugs = {bug["key"]: bug for bug in find("classify/check")({}, PLACE).document["bugs"]}
    assert set(bugs) == {"slope", "mean", "sign", "twice"}
    backward = classify_layers.models.perceptron.derivation.backward
    graph = classify_layers.models.perceptron.graph
    for _, _, target, formula in classify_layers._mistakes():
        wrong = classify_layers.mistaken(backward, target, formula)
        right = {label: g.node for label, g in backward.gradients.items()}
        sizes = sizes_for(graph.dims, 0)
        inputs = instance(graph, sizes, 0)
        changed = {
            label
            for label in ("w2", "b2", "W1", "b1")
            if not agree(*evaluate([wrong[label], right[label]], inputs, sizes))
        }
        assert changed == ({"w2", "b2", "W1", "b1"} if target == "Z2" else {"W1", "b1"})


def test_the_penalty_holds_the_network_back():
    found = classify_layers.overfitting()
    alone, held = found["at0"], found["at2"]
    assert alone["train"] < 0.01 < 1 < alone["valid"]
    assert held["valid"] < 0.3 < 2 * held["train"]
    assert alone["best_step"] < 100  # it was better long before the end
    assert found["at5"]["train"] > found["at0"]["train"] + 0.5  # too much of it says nothing


def test_the_deep_stack_is_differentiated_as_numpy_would():
    model = classify_layers.deep("tanh")
    rng = np.random.default_rng(0)
    params = {f"W{k}": rng.normal(size=(3, 3)) for k in range(1, classify_layers.DEPTH + 1)}
    X, Y = rng.normal(size=(3, 5)), rng.normal(size=(3, 5))
    A = X
    for W in params.values():
        A = np.tanh(W @ A)
    loss, gradients = model.value_and_grad({"X": X, "Y": Y}, params)
    assert loss == pytest.approx(np.mean((A - Y) ** 2), rel=1e-12)
    step = 1e-6
    for name in ("W1", "W6"):
        for sign in (1, -1):
            params[name][1, 2] += sign * step
            moved = model.loss({"X": X, "Y": Y}, params)
            params[name][1, 2] -= sign * step
            assert sign * (moved - loss) / step == pytest.approx(gradients[name][1, 2], rel=1e-3, abs=1e-6)  # fmt: skip


def test_the_golden_numbers_are_up_to_date():
    folder = Path(__file__).parents[2] / "contract"
    spec = importlib.util.spec_from_file_location("classify_numbers", folder / "classify.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = json.loads((folder / "classify.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(module.document()))
    same(kept, now, "")


def same(kept, now, where):
    """Equal, numbers to the rounding that another machine's sums and exponentials make in sixty steps."""
    if isinstance(kept, dict):
        assert list(kept) == list(now), where
        for key in kept:
            same(kept[key], now[key], f"{where}.{key}")
    elif isinstance(kept, list):
        assert len(kept) == len(now), where
        for i, (a, b) in enumerate(zip(kept, now, strict=True)):
            same(a, b, f"{where}[{i}]")
    elif isinstance(kept, float):
        assert now == pytest.approx(kept, rel=1e-7, abs=1e-12), where
    else:
        assert kept == now, where


@pytest.mark.parametrize(("number", "drawings"), [(6, 7), (7, 6)])
def test_a_page_is_light_and_its_links_lead_to_its_drawings(number, drawings):
    lesson = next(x for x in read_lessons(lessons_folder()) if x.number == number)
    page = Renderer(lesson).render()
    documents = "".join(map(inline, page.documents.values()))
    assert len(gzip.compress((page.body + documents).encode())) < 120_000
    linked = set(re.findall(r'class="do" href="#(?:(\w+)~)?', page.body))
    places = set(re.findall(r'class="widget" id="(\w+)"', page.body))
    assert len(places) == drawings
    assert linked <= {"", *places}
    assert page.rooms == ("classify",)


def test_what_chapter_6_says_of_its_penguins():
    found = FACTS["penguins"](), FACTS["squared"](), FACTS["overflow"]()
    penguins, squared, overflow = found
    assert (penguins["first"], penguins["second"]) == (151, 68)
    assert penguins["wrong"] == 6  # as an independent Newton iteration has it
    assert squared["entropy_wrong"] < 10 < 60 < squared["squared_wrong"]
    assert overflow["most"] == pytest.approx(709.78, abs=0.01)
    assert "logaddexp" in overflow["code"]
