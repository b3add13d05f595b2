"""Chapter 8: what its widgets get is what the optimizers and the models are."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.course.lesson import read_lessons
from chainrule.course.methods import update_program
from chainrule.course.notes import optimizer_facts, optimizer_methods, optimizer_terrain, optimizers
from chainrule.course.notes.widget import Place, find
from chainrule.course.scope import Setting
from chainrule.course.site import lessons_folder
from chainrule.emit import program as programs
from chainrule.errors import UnknownNameError
from chainrule.fit.fitting import fit
from chainrule.optim.optimizer import gradient_norm
from chainrule.optim.schedule import StepDecay

PLACE = Place({}, float)
KINDS = ("batch", "step", "race", "rates", "rules", "schedules", "variants")


@pytest.mark.parametrize("kind", KINDS)
def test_a_widget_has_what_it_names(kind):
    made = find(f"optimizers/{kind}")({"name": f"optimizers/{kind}"}, PLACE)
    json.dumps([made.document, made.shared], allow_nan=False)
    one = made.document.get("terrain")
    wanted = made.document.get("terrains") or ([one] if one else [])
    assert {f"optimizers-{key}" for key in wanted} | {"optimizers-methods"} == set(made.shared)
    keys = {one["key"] for one in made.shared["optimizers-methods"]["methods"]}
    assert set(made.document.get("methods", ())) <= keys
    assert {x for p in made.document.get("pairs", ()) for x in (p["left"], p["right"])} <= keys
    assert "<math" in made.fallback


def test_an_unknown_terrain_is_told():
    with pytest.raises(UnknownNameError, match="unknown terrain: 'ravin'"):
        find("optimizers/batch")({"terrain": "ravin"}, PLACE)


@pytest.mark.parametrize("key", optimizer_methods.METHODS)
def test_a_rule_with_its_settings_open_is_the_optimizer(key):
    _, optimizer, free = optimizer_methods.METHODS[key]
    run = programs.compiled(update_program(optimizer, free)).run
    w = {"w": np.array([1.5, -2.0])}
    state = optimizer.init(w)
    for t in range(1, 4):
        dw = {"w": np.array([0.3 * t, -1.0])}
        arrays = {"w": w["w"], "dw": dw["w"], **{s: state[s]["w"] for s in optimizer.slots}}
        numbers = {name: getattr(optimizer, name) for name in free}
        found = run({**arrays, **numbers, "alpha": 0.1, "t": float(t), "norm": gradient_norm(dw)})
        w, state = optimizer.update(w, dw, state)
        np.testing.assert_allclose(found["w"], w["w"], rtol=1e-14)
        for slot in optimizer.slots:
            np.testing.assert_allclose(found[slot], state[slot]["w"], rtol=1e-14)


def test_what_libraries_disagree_on_comes_from_the_documentation():
    assert "Keras" in optimizer_methods.method("adam")["differs"]
    assert "Source" not in optimizer_methods.method("adam")["differs"]
    assert all(optimizer_methods.method(key)["differs"] for key in optimizer_methods.METHODS)


@pytest.mark.parametrize("key", optimizer_terrain.TERRAINS)
def test_the_lowest_point_has_no_slope(key):
    found = optimizer_terrain.document(key)
    case = optimizer_terrain.case(key)
    sizes = [part["size"] for part in found["layout"]]
    assert sum(sizes) == len(found["start"])
    if found["optimum"] is None:
        return
    params = {
        part["label"]: np.reshape(
            found["optimum"][part["start"] : part["start"] + part["size"]], part["shape"]
        )
        for part in found["layout"]
    }
    loss, slopes = case.model.value_and_grad(case.sample.arrays, params)
    assert max(float(np.max(np.abs(g))) for g in slopes.values()) < 1e-12
    assert loss <= case.model.loss(case.sample.arrays, case.start)


def test_ravines_have_the_curvature_that_they_are_said_to_have():
    for key in ("ravine", "turned"):
        np.testing.assert_allclose(optimizer_terrain.spectrum(key), [1, 25], rtol=1e-12)
    x = optimizer_terrain.case("line").sample.arrays["x"][0]
    hessian = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1]])
    np.testing.assert_allclose(
        optimizer_terrain.spectrum("line"), np.linalg.eigvalsh(hessian), rtol=1e-12
    )
    assert optimizer_terrain.spectrum("bend") is None


CHAPTERS = {1: "line", 2: "patients", 3: "linear", 4: "bend", 6: "species", 7: "moons"}
FOUND = {x.number: x for x in read_lessons(lessons_folder()) if x.number in CHAPTERS}


@pytest.mark.parametrize("number", FOUND)
def test_the_terrain_of_a_chapter_is_that_chapters(number):
    theirs = Setting.of(FOUND[number].front)
    ours = optimizer_terrain.case(CHAPTERS[number]).setting
    for name in ("model", "data", "target", "features", "sizes"):
        assert getattr(theirs, name) == getattr(ours, name)
    assert tuple(theirs.classes) == ours.classes
    assert {k: tuple(v) for k, v in theirs.scale.items()} == dict(ours.scale)


def test_terrain_without_data_can_be_fitted():
    case = optimizer_terrain.case("plateau")
    run = fit(
        case.model, {}, params=case.start, steps=50, engine="numpy",
        optimizer=optimizers.METHODS["adam"].optimizer,
    )  # fmt: skip
    assert run.losses[-1] < run.losses[0] / 10


def test_the_golden_descents_are_those_of_the_optimizers():
    folder = Path(__file__).parents[2] / "contract"
    spec = importlib.util.spec_from_file_location("golden_optimizers", folder / "optimizers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = json.loads((folder / "optimizers.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(module.whole()))
    assert kept["methods"] == now["methods"], "write it anew: python contract/optimizers.py"
    for before, after in zip(kept["runs"], now["runs"], strict=True):
        assert {k: before[k] for k in ("terrain", "method", "batch")} == {
            k: after[k] for k in ("terrain", "method", "batch")
        }
        # other machines round sums and powers in another way, and thirty steps carry it on
        np.testing.assert_allclose(before["final"], after["final"], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(before["losses"], after["losses"], rtol=1e-9)
    for before, after in zip(kept["rates"], now["rates"], strict=True):
        assert before["radius"] == pytest.approx(after["radius"], abs=1e-7)


def test_momentum_pays_for_the_root_of_the_condition():
    for name, make in optimizer_facts.rates().items():
        found = make()
        condition = found["condition"]
        plain = (condition - 1) / (condition + 1)
        heavy = (condition**0.5 - 1) / (condition**0.5 + 1)
        assert found["plain"]["radius"] == pytest.approx(plain, rel=1e-9), name
        # where momentum is best its matrix has a double root, known to half of the digits
        assert found["momentum"]["radius"] == pytest.approx(heavy, rel=1e-6), name


def test_momentum_bears_a_larger_rate_on_the_ravine():
    found = optimizer_facts.rates()["ravine"]()
    limit, beta = found["heavy_limit"], 0.9
    assert limit == pytest.approx(found["limit"] * (1 + beta))
    for share, flies in ((0.999, False), (1.001, True)):
        radius = optimizer_facts.slowest("momentum", share * limit, beta, "ravine")
        assert (radius > 1) == flies


def test_steps_down_are_shown_without_the_guard_that_programs_keep():
    found = optimizer_methods.method("step")
    assert "<mi data-node=\"t\" data-role=\"data\">t</mi><mo>−</mo><mn>1</mn>" in found["phases"][0]["mathml"]  # fmt: skip
    assert "t - 0.5" in found["code"]["numpy"]
    for every in range(1, 200):
        rates = [StepDecay(1.0, 0.5, every).at(t) for t in (1, every, every + 1, 2 * every + 1)]
        assert rates == [1.0, 1.0, 0.5, 0.25]


def test_a_line_says_what_its_data_were_standardised_by():
    units = optimizer_terrain.document("line")["units"]
    assert units == [{"mean": 2, "deviation": 1}, {"mean": 70, "deviation": 10}]
    assert optimizer_terrain.document("ravine")["units"] == []
