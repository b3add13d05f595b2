"""Names end up in programs that are executed: none can be more than a name."""

import pytest

import chainrule as cr
from chainrule.errors import ChainRuleError

LINE = "y_hat = w * x; L = mean((y_hat - y)**2)"
SHAPES = {"x": "1 m", "y": "1 m"}
DATA = {"x": [[1.0, 2.0]], "y": [[2.0, 4.0]]}


@pytest.mark.parametrize("name", ['x"""\nraise SystemExit(3)\n"""', "a\nb", "a\0b"])
def test_a_models_name_is_printable(name):
    with pytest.raises(ChainRuleError, match="printable"):
        cr.parse(LINE, data=SHAPES, parameters={"w": ""}, name=name)


@pytest.mark.parametrize(
    "name", ['x"""; raise SystemExit(3); """', "x\\", '"', "é ∂", "*/ alert(1)"]
)
def test_a_models_name_is_only_a_title(name):
    model = cr.parse(LINE, data=SHAPES, parameters={"w": ""}, name=name)
    assert model.loss(DATA, {"w": 2.0}) == 0.0
    for format in ("numpy", "jax", "torch", "js"):
        program = cr.derive(model).to(format)
        assert program.split("\n")[0].startswith(('"""', "// "))
        if format != "js":
            compile(program, "<program>", "exec")


@pytest.mark.parametrize("name", ["x=print(1)", "x, *y", "lambda", "x y", "", "x\ny"])
def test_an_inputs_name_is_an_identifier(name):
    with pytest.raises(ChainRuleError, match="write a Python identifier"):
        cr.parse("L = mean(w)", data={name: "1 m"}, parameters={"w": "1 m"})
