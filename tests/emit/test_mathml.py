"""MathML Core that is well formed and says which node each part shows."""

from xml.etree import ElementTree

import pytest
from emit.test_layout import DZ2, EXAMPLES, W1, X, value

from chainrule.emit import forms, mathml
from chainrule.emit.layout import Fenced, Fraction, Layout, Operator, Row, Symbol, parts_of
from chainrule.emit.notation.writer import notation
from chainrule.emit.walk import bottom_up

CORE = {
    "math", "mi", "mn", "mo", "mtext", "mrow", "mfrac", "msup", "msub", "msubsup", "msqrt", "mspace", "mover",
    "munder", "munderover",
}  # fmt: skip
CHILDREN = {
    "mfrac": 2,
    "msup": 2,
    "msub": 2,
    "msubsup": 3,
    "mover": 2,
    "munder": 2,
    "munderover": 3,
}


def parsed(form: forms.Form, gradients: str = "d") -> ElementTree.Element:
    return ElementTree.fromstring(f"<math>{mathml.render(notation(form, gradients))}</math>")


@pytest.mark.parametrize("gradients", ["d", "partial"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_only_core_elements_rightly_filled(name: str, gradients: str) -> None:
    for element in parsed(EXAMPLES[name], gradients).iter():
        assert element.tag in CORE
        if element.tag in CHILDREN:
            assert len(element) == CHILDREN[element.tag]
        if element.tag in ("mi", "mn", "mo"):
            assert element.text
            assert not len(element)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_leaf_says_which_node_it_shows(name: str) -> None:
    root = parsed(EXAMPLES[name])
    shown = [x.get("data-node") for x in root.iter() if x.get("data-node")]

    def collect(layout: Layout, below: list[list[str]]) -> list[str]:
        own = [layout.node] if layout.node else []
        return own + [label for part in below for label in part]

    labels = bottom_up(notation(EXAMPLES[name]), parts_of, collect)
    assert sorted(map(str, shown)) == sorted(labels)
    assert labels or name == "constant"
    assert all(
        x.get("data-role") in ("data", "parameter", "value", "gradient")
        for x in root.iter()
        if x.get("data-node")
    )


def test_a_transposed_parameter() -> None:
    assert mathml.render(notation(forms.Transposed(("n", "h"), W1))) == (
        '<msubsup data-node="W1" data-role="parameter"><mi>W</mi><mn>1</mn><mi mathvariant="normal">T</mi></msubsup>'
    )


def test_factors_that_would_run_into_each_other_stand_apart() -> None:
    d, x = Symbol("y", prefix="d"), Symbol("x")
    half = Fraction(Symbol("a"), Symbol("b"))
    for parts, gaps in (((x, x), 0), ((x, d), 1), ((half, half, d), 2), ((Operator("−"), half), 0)):
        root = ElementTree.fromstring(mathml.render(Row(parts)))
        assert len(root.findall("mspace")) == gaps


def test_brackets_are_no_taller_than_what_is_between_them() -> None:
    half = Fraction(Symbol("a"), Symbol("b"))
    low, high = (mathml.render(Fenced(body)) for body in (Symbol("x"), half))
    assert low.count('stretchy="false"') == 2
    assert "stretchy" not in high


def test_an_equation() -> None:
    shown = mathml.equation(notation(DZ2), [notation(X), notation(W1)])
    root = ElementTree.fromstring(shown)
    assert root.get("display") == "block"
    assert [x.text for x in root.iter("mo")] == ["=", "="]


def test_names_are_escaped() -> None:
    root = parsed(value('<"&'))
    assert [x.get("data-node") for x in root.iter("mi")] == ['<"&']
