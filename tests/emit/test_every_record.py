"""Every record of the table, and every built-in model, in every maths tongue, judged by that tongue's own reader."""

import xml.etree.ElementTree as ET

import typst
from emit.test_latex import refused_by_katex
from properties.test_table import GRAPHS

from chainrule import models
from chainrule.explain.derivation import Derivation
from chainrule.explain.formulas import render

DERIVATIONS = {
    **{name: Derivation(graph) for name, graph in GRAPHS.items()},
    **{name: model.derivation for name, model in models.names().items()},
}
STEPS = [(name, s) for name, d in DERIVATIONS.items() for s in (*d.forward, *d.steps)]


def test_katex_accepts_every_step():
    assert refused_by_katex([render(step.as_equation(), "latex") for _, step in STEPS]) == ""
    assert (
        refused_by_katex([render(step.as_equation(), "latex", "partial") for _, step in STEPS])
        == ""
    )


def test_typst_compiles_every_page():
    text = "\n\n".join(derivation.to("typst") for derivation in DERIVATIONS.values())
    assert typst.compile(text.encode()).startswith(b"%PDF")


def test_every_step_is_well_formed_mathml_that_knows_its_target():
    for name, step in STEPS:
        body = f"<math>{render(step.as_equation(), 'mathml')}</math>"
        labels = {node.get("data-node") for node in ET.fromstring(body).iter()}
        assert step.node.label in labels, name


def test_every_step_reads_as_text_of_its_own():
    for name, derivation in DERIVATIONS.items():
        equations = [step.equation for step in (*derivation.forward, *derivation.steps)]
        assert len(set(equations)) == len(equations), name
        assert all(" = " in equation and "None" not in equation for equation in equations), name
