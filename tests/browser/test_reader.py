"""A reader in every chapter that has an instrument: everything can be done, and what is shown is what Python computes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser.reader import (
    DERIVED,
    INSTRUMENTS,
    close,
    number,
    press,
    python_run,
    ready,
    rows,
    said,
    slide,
    step,
    title,
    until,
    whole_run,
)

from chainrule.course.scope import Case
from chainrule.emit import program as programs
from chainrule.engines.flat import Flat
from chainrule.graph import nodes
from chainrule.graph.nodes import Name
from chainrule.graph.trace import Graph

each = pytest.mark.parametrize("lesson", INSTRUMENTS, ids=title)
each_derived = pytest.mark.parametrize("lesson", DERIVED, ids=title)


def page_of(lesson):
    return f"{lesson.slug}.html"


# -- the transport
@each
def test_step_back_scrub_play(lesson, visit):
    page = visit(page_of(lesson), "#step=0")
    ready(page)
    start, at_start = said(page), rows(page)
    press(page, "one step")
    assert step(page) == 1
    assert said(page) != start
    press(page, "one step")
    press(page, "one step back")
    press(page, "one step back")
    assert (step(page), said(page), rows(page)) == (0, start, at_start)
    slide(page, "step", 7)
    assert step(page) == 7
    press(page, "play")
    until(page, "+document.querySelector('input.scrub').value > 8")
    press(page, "pause")
    press(page, "back to the start")
    assert said(page) == start


@each
def test_everything_can_be_changed(lesson, visit):
    page = visit(page_of(lesson), "#step=3")
    ready(page)

    def changed(act):
        before = page.evaluate("location.hash")
        act()
        until(page, "(before) => location.hash !== before", before)

    changed(lambda: slide(page, "learning rate", 400))
    changed(
        lambda: (
            page.get_by_label("learning rate, as a number").fill("0.031")
            or page.keyboard.press("Enter")
        )
    )
    assert "rate=0.031" in page.evaluate("location.hash")
    changed(lambda: page.locator(".settings select").first.select_option("rmsprop"))
    assert "method=rmsprop" in page.evaluate("location.hash")
    changed(lambda: page.locator(".settings select").nth(1).select_option("32"))
    assert "batch=32" in page.evaluate("location.hash")
    choice = page.get_by_label("convention of the loss")
    if choice.count():
        before = rows(page)
        changed(lambda: choice.select_option("sum"))
        assert "convention=sum" in page.evaluate("location.hash")
        assert rows(page) != before
    changed(lambda: page.locator("input.seed").fill("5") or page.keyboard.press("Enter"))
    assert "seed=5" in page.evaluate("location.hash")
    changed(lambda: press(page, "new start"))
    assert "seed=6" in page.evaluate("location.hash")


# -- the pictures
@each
def test_drag_a_point_and_click_the_landscape(lesson, visit):
    page = visit(page_of(lesson), "#step=5")
    instrument = ready(page)
    before = said(page)
    landscape = instrument.locator(".landscape svg")
    landscape.scroll_into_view_if_needed()
    box = landscape.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3)
    until(page, "location.hash.includes('start=')")
    assert step(page) == 0
    moved = said(page)
    assert moved != before
    point = instrument.locator("circle.point").nth(3)
    if instrument.locator("svg[role=application]").count() < 2:
        return  # predictions against truth: there is nothing to drag
    point.scroll_into_view_if_needed()
    at = point.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 40, steps=4)
    page.mouse.up()
    until(page, "location.hash.includes('moved=')")
    assert said(page) != moved
    press(page, "as given")
    until(page, "!location.hash.includes('moved=')")
    assert said(page) == moved


@each_derived
def test_a_row_opens_to_its_last_stage_and_its_finite_differences(lesson, visit):
    page = visit(page_of(lesson), "#step=2")
    ready(page)
    target = f"d{next(iter(lesson.case.model.parameters))}"
    row = page.locator(f'[data-row="{target}"]')
    if row.locator(".toggle").get_attribute("aria-expanded") == "false":
        row.locator(".toggle").click()
    row.get_by_text("in numbers").wait_for()
    row.get_by_role("button", name=re.compile("check this number by nudging")).click()
    row.get_by_text(re.compile("They agree to [3-9]|They agree to 1")).wait_for()
    row.get_by_role("img", name="error of the nudge against its size").wait_for()
    assert "undefined" not in row.inner_text()
    assert "NaN" not in row.inner_text()


# -- links
@each
def test_a_permalink_gives_the_very_same_numbers(lesson, visit):
    page = visit(page_of(lesson), "#step=0")
    ready(page)
    page.locator(".settings select").nth(1).select_option("16")
    page.locator("input.seed").fill("3")
    page.keyboard.press("Enter")
    slide(page, "step", 9)
    until(page, "location.hash.includes('step=9')")
    run, shown, hash = whole_run(page), rows(page), page.evaluate("location.hash")
    again = visit(page_of(lesson), hash)
    ready(again)
    assert step(again) == 9
    assert rows(again) == shown
    assert whole_run(again) == run


@each_derived
def test_a_teachers_link_takes_controls_away(lesson, visit):
    page = visit(page_of(lesson), "#step=4")
    ready(page)
    press(page, "a teacher's link")
    dialog = page.get_by_role("dialog")
    for control in ("the learning rate", "the method", "the derivation"):
        dialog.get_by_label(f"without {control}").check()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_role("button", name="Copy the link").click()
    dialog.get_by_text(re.compile("copied", re.I)).wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    told = visit(page_of(lesson), "#" + link.partition("#")[2])
    ready(told)
    assert step(told) == 4
    assert told.get_by_role("slider", name="learning rate").count() == 0
    assert told.locator("[data-row]").count() == 0
    assert told.locator(".settings select").count() == 2  # batch and speed


# -- data
def own_table(lesson, m):
    random = np.random.default_rng(1)
    names = [*lesson.case.sample.features, *lesson.case.sample.targets]
    body = random.normal(size=(m, len(names))).round(3)
    if lesson.case.document["kind"] == "classification":
        body[:, -1] = np.arange(m) % 2
    lines = [",".join(f"c{k}" for k in range(len(names)))]
    return "\n".join([*lines, *(",".join(map(str, row)) for row in body)])


@each
def test_own_data_pasted_and_from_a_file(lesson, visit, tmp_path):
    page = visit(page_of(lesson), "#step=2")
    ready(page)
    before = said(page)
    press(page, "table, own data")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Your own data").click()
    dialog.get_by_label("table, with commas, semicolons or tabs").fill(own_table(lesson, 40))
    dialog.get_by_role("button", name=re.compile("Use these")).click()
    dialog.get_by_text(re.compile("40 examples")).first.wait_for()
    page.keyboard.press("Escape")
    assert said(page) != before
    path = tmp_path / "own.csv"
    path.write_text(own_table(lesson, 25))
    press(page, "table, own data")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Your own data").click()
    dialog.get_by_label("CSV file").set_input_files(path)
    dialog.get_by_role("button", name=re.compile("Use these")).click()
    dialog.get_by_text(re.compile("25 examples")).first.wait_for()


# -- numbers
@each
@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_whole_run_is_pythons(lesson, batch_size, visit):
    steps = lesson.case.document["start"]["steps"]
    batch = "all" if batch_size is None else batch_size
    page = visit(page_of(lesson), f"#step=0&batch={batch}&open=")
    ready(page)
    shown = whole_run(page)
    run = python_run(lesson, batch_size)
    flat = Flat(lesson.case.start)
    assert shown["steps"] == steps
    for k in range(steps + 1):
        expected = flat.join(run.at(k))
        assert close(shown["path"][k], expected, 1e-12 * (1 + k)), k
    seen = shown["losses"] if batch_size is None else shown["batchLosses"]
    assert close(seen[:steps], run.losses[:steps], 1e-11)


@each_derived
def test_every_row_of_the_derivation_is_pythons(lesson, visit):
    case = lesson.case
    run = python_run(lesson, None)
    page = visit(page_of(lesson), "#step=0&batch=all")
    ready(page)
    steps = case.document["start"]["steps"]
    for k in (0, 1, steps // 2, steps):
        slide(page, "step", k)
        until(page, "(k) => document.querySelector('.count b').textContent === String(k)", k)
        checked = 0
        values = all_values(case, run.at(k))
        for target, text in rows(page).items():
            try:
                exact = number(text)
            except ValueError:
                continue  # a range of rounded numbers stands for a matrix
            expected = np.asarray(values[target])
            if expected.size == 1:
                checked += 1
                scale = max(abs(expected.item()), 1e-3 * abs(np.asarray(values["L"]).item()))
                assert abs(exact - expected.item()) <= 1e-11 * scale, (k, target)
        assert checked >= 2


def all_values(case: Case, params):
    """Return every named value and every gradient, by Python's own program of them."""
    graph, gradients = case.model.graph, case.model.derivation.backward.gradients.values()
    order = [
        n
        for n in nodes.topological([graph.loss, *(g.node for g in gradients)])
        if isinstance(n, Name)
    ]
    named = {n.label: n for n in order}
    arguments = {**graph.data, **dict.fromkeys(named, ())}
    shown = Graph(graph.name, arguments, graph.parameters, graph.loss)
    program = programs.build("values", shown, graph.loss, order, named, [], False)
    found = programs.compiled(program).run({**case.sample.arrays, **params})
    return {**found, **params}
