"""A classifier of three classes, as `chainrule open` shows it: the first class is told from the others."""

import re

import numpy as np
from browser.instrument import Reader, until

from chainrule import models
from chainrule.course.own import model_page
from chainrule.course.samples import sample
from chainrule.course.site import OWN, Course, write_assets

NAMES = ("elm", "fir", "oak")


def test_three_classes(visit, tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        f"{x:.3f},{y:.3f},{NAMES[k]}"
        for k, (a, b) in enumerate([(0, 0), (3, 0), (0, 3)])
        for x, y in rng.normal((a, b), 0.5, (20, 2))
    ]
    data = tmp_path / "trees.csv"
    data.write_text("\n".join(["girth,height,kind", *rows]))
    model = models.softmax_classifier
    course = Course()
    write_assets(course.assets, tmp_path)
    html = model_page(course, model, sample(model, data, "kind"), {})
    (tmp_path / OWN).write_text(html, encoding="utf-8")
    reader = Reader(visit(OWN, base=tmp_path.as_uri()))
    figure = reader.figure("Data and fit")
    assert " ".join(figure.locator(".classes").inner_text().split()) == "others elm"
    assert figure.locator(".point").count() == 60
    assert figure.locator(".hollow.point").count() == 40
    choice = figure.get_by_label("class of an added example")
    assert choice.locator("option").all_inner_texts() == list(NAMES)
    choice.select_option(label="oak")
    box = figure.locator("svg").bounding_box()
    reader.page.mouse.dblclick(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3)
    assert figure.locator(".hollow.point").count() == 41
    until(lambda: "added=" in reader.page.evaluate("location.hash"))
    added = re.search(r"added=([^&]*)", reader.page.evaluate("location.hash"))[1]
    assert added.split(",")[-3:] == ["0", "0", "1"]
