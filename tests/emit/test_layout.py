"""The layout tree: names, brackets, letters. `EXAMPLES` are the forms that the tongues' tests print."""

from fractions import Fraction

import pytest

from chainrule.emit import forms, text
from chainrule.emit.forms import Form
from chainrule.emit.layout import Symbol
from chainrule.emit.notation.writer import notation
from chainrule.emit.numbers import written
from chainrule.emit.symbols import symbol, symbol_of
from chainrule.graph import nodes
from chainrule.graph.coefficient import MINUS_ONE, Coefficient, coefficient, exact


def given(label: str, *shape: str, role: str = "data") -> Form:
    return forms.Leaf(shape, nodes.input_node(label, shape, role))


def weight(label: str, *shape: str) -> Form:
    return given(label, *shape, role="parameter")


def value(label: str, *shape: str) -> Form:
    return forms.Leaf(shape, nodes.named(label, nodes.input_node("q", shape, "data")))


def gradient(label: str, *shape: str) -> Form:
    inner = nodes.input_node("q", shape, "data")
    return forms.Leaf(shape, nodes.named(f"d{label}", inner, "gradient", label))


def matmul(left: Form, right: Form) -> Form:
    return forms.MatMul((left.shape[0], right.shape[-1]), left, right)


def turned(body: Form) -> Form:
    return forms.Transposed(body.shape[::-1], body)


def times(*factors: Form) -> Form:
    return forms.Hadamard(max((x.shape for x in factors), key=len), factors)


def over(above: Form, below: Form) -> Form:
    return times(above, op("reciprocal", below))


def op(name: str, *args: Form, **parameters: float | Fraction) -> Form:
    fixed = tuple((key, exact(number)) for key, number in parameters.items())
    return forms.Applied(args[0].shape, name, args, fixed)


def scaled(body: Form, number: float | Fraction, **dims: int) -> Form:
    return forms.Scaled(body.shape, coefficient(number, **dims), body)


def minus(body: Form) -> Form:
    return forms.Scaled(body.shape, MINUS_ONE, body)


def plus(*terms: Form) -> Form:
    return forms.Sum(terms[0].shape, terms)


def filled(number: float, *shape: str) -> Form:
    return forms.Filled(shape, coefficient(number))


def total(body: Form, *axes: int) -> Form:
    kept = tuple(dim for axis, dim in enumerate(body.shape) if axis not in axes)
    return forms.SumOver(kept, body, axes, False)


def along(name: str, body: Form, *axes: int) -> Form:
    return forms.AlongAxes(body.shape, name, body, axes)


W1, W2, B1 = weight("W1", "h", "n"), weight("W2", "k", "h"), weight("b1", "h", "1")
X, Y, B = given("X", "n", "m"), given("Y", "1", "m"), given("B", "m", "k")
A, Y_HAT, A1, Z1 = (
    value("A", "1", "m"),
    value("Y_hat", "1", "m"),
    value("A1", "h", "m"),
    value("Z1", "h", "m"),
)
DZ2, LAM, S, P = gradient("Z2", "k", "m"), weight("lam"), value("s"), weight("x")
ONE = filled(1, "1", "m")
PRODUCT = forms.Einsum(("n", "k"), (X, B), ((0, 2), (2, 1)), (0, 1))

EXAMPLES: dict[str, Form] = {
    "linear": plus(matmul(W1, X), forms.Broadcast(("h", "m"), B1)),
    "sigmoid": op("sigmoid", Z1),
    "squared error": scaled(total(op("square", plus(Y_HAT, minus(Y))), 0, 1), 1, m=-1),
    "residual": scaled(plus(Y_HAT, minus(Y)), 2, m=-1),
    "weights": matmul(DZ2, turned(A1)),
    "bias": total(DZ2, 1),
    "column sums": total(DZ2, 0),
    "hidden": times(matmul(turned(W2), DZ2), plus(filled(1, "h", "m"), minus(op("square", A1)))),
    "cross-entropy": scaled(
        total(plus(times(Y, op("log", A)), times(plus(ONE, minus(Y)), op("log", plus(ONE, minus(A))))), 0, 1),
        -1,
        m=-1,
    ),
    "divisions": plus(minus(over(Y, A)), over(plus(ONE, minus(Y)), plus(ONE, minus(A)))),
    "decay": scaled(times(LAM, total(op("square", W1), 0, 1)), 0.5, m=-1),
    "lasso": times(LAM, total(op("abs", W1), 0, 1)),
    "vector sum": total(op("abs", A), 0, 1),
    "rows": total(times(Y, A), 0, 1),
    "columns": total(times(given("u", "n", "1"), given("v", "n", "1")), 0, 1),
    "flat": forms.MatMul((), given("u", "m"), given("v", "m")),
    "einsum": PRODUCT,
    "einsum inside": minus(times(PRODUCT, given("C", "n", "k"))),
    "leaky": op("leaky_relu", Z1, slope=0.01),
    "clip": op("clip", Z1, low=-1, high=1),
    "step": op("step", Z1),
    "compare": op("greater_equal", S, P),
    "cube": op("power", plus(S, P), exponent=3),
    "inverse root": op("power", S, exponent=Fraction(-1, 2)),
    "variable power": op("pow", S, P),
    "root rule": scaled(op("reciprocal", op("sqrt", S)), 0.5),
    "tiny": op("sqrt", plus(S, filled(1e-8))),
    "softmax": along("softmax", Z1, 0),
    "softmax of rows": along("softmax", Z1, 1),
    "maximum": along("max", Z1, 0, 1),
    "picked": forms.Picked((), weight("x", "2"), 0, 0),
    "picked column": forms.Picked(("h",), W1, 1, 2),
    "placed": forms.Placed(("2",), plus(S, P), 0, 0),
    "rosenbrock": plus(
        op("square", plus(filled(1), minus(S))),
        scaled(op("square", plus(P, minus(op("square", S)))), 100),
    ),
    "per root": forms.Scaled(A.shape, Coefficient(Fraction(1), (("m", Fraction(-1, 2)),)), A),
    "two dims": scaled(total(X, 0, 1), 1, m=-1, n_x=-1),
    "word": scaled(total(op("square", value("residual", "k", "m")), 0, 1), Fraction(1, 2), m=-1),
    "ones": matmul(X, filled(2, "m", "1")),
    "stretched": total(forms.Broadcast(("h", "m"), B1), 0, 1),
    "normalised": over(plus(X, minus(given("mu", "n", "1"))), given("sigma", "n", "1")),
    "matrix of divisions": matmul(over(Y_HAT, A), turned(X)),
    "squared gradient": op("square", gradient("x")),
    "nested numbers": scaled(scaled(S, 3), 2),
    "number inside": times(Y, scaled(A, 2)),
    "difference inside": plus(S, minus(plus(P, minus(LAM)))),
    "three axes": total(given("T", "a", "b", "c"), 1),
    "constant": total(filled(2, "1", "m"), 1),
    "absolute error": total(op("abs", plus(Y_HAT, minus(Y))), 0, 1),
    "scaled lasso": times(times(LAM, total(op("abs", W1), 0, 1)), total(op("square", B1), 0, 1)),
    "where": op("where", S, P, LAM),
    "square turned": turned(op("square", X)),
    "exponential": scaled(op("exp", minus(S)), -2),
}  # fmt: skip


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("W1", Symbol("W", "", ("1",))),
        ("W12", Symbol("W", "", ("12",))),
        ("Z_1", Symbol("Z", "", ("1",))),
        ("A[1]", Symbol("A", "", ("1",))),
        ("Y_hat", Symbol("Y", "hat")),
        ("w_bar_2", Symbol("w", "bar", ("2",))),
        ("n_x", Symbol("n", "", ("x",))),
        ("sigma", Symbol("σ")),
        ("Omega", Symbol("Ω")),
        ("lambda_", Symbol("λ")),
        ("w_alpha", Symbol("w", "", ("α",))),
        ("residual", Symbol("residual")),
        ("beta1", Symbol("β", "", ("1",))),
        ("Ŷ", Symbol("Y", "hat")),
        ("_", Symbol("_")),
    ],
)
def test_names_become_symbols(label: str, expected: Symbol) -> None:
    assert symbol(label) == expected


def test_labels_of_nodes_are_kept() -> None:
    for form in (W1, X, A, DZ2):
        assert isinstance(form, forms.Leaf)
    assert symbol_of(nodes.input_node("W1", ("h",), "parameter")).node == "W1"
    shown = symbol_of(nodes.named("dW1", nodes.input_node("q", (), "data"), "gradient", "W1"))
    assert (shown.node, shown.role) == ("dW1", "gradient")
    assert isinstance(shown, Symbol)
    assert (shown.prefix, shown.base) == ("d", "W")


def test_a_gradient_can_be_a_partial_derivative() -> None:
    assert text.render(notation(EXAMPLES["weights"], gradients="partial")) == "∂L/∂Z₂ A₁ᵀ"
    assert text.render(notation(turned(DZ2), "partial", "loss")) == "(∂loss/∂Z₂)ᵀ"


def test_index_letters_avoid_names_in_use() -> None:
    assert text.render(
        notation(total(times(given("i", "p"), given("j", "p"), X), 0, 1))
    ).startswith("Σₖₗ")


def test_a_long_chain_needs_no_recursion() -> None:
    form = S
    for _ in range(20_000):
        form = op("sigmoid", form)
    assert text.render(notation(form)).count("σ") == 20_000


def test_a_shared_form_is_written_once() -> None:
    form = S
    for _ in range(20):
        form = plus(op("sigmoid", form), op("tanh", form))
    assert notation(form)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, ("0", "1", 0)), (0.5, ("1", "2", 0)), (0.01, ("0.01", "1", 0)), (0.2, ("0.2", "1", 0)),
        (Fraction(1, 3), ("1", "3", 0)), (1e-8, ("1", "1", -8)), (2.5e-8, ("2.5", "1", -8)),
        (3e-4, ("0.0003", "1", 0)), (1.5, ("3", "2", 0)), (10**12, ("1", "1", 12)),
        (1_000_000, ("1000000", "1", 0)), (Fraction(1, 1024), ("1", "1024", 0)),
    ],
)  # fmt: skip
def test_numbers_print_as_they_were_typed(number: float | Fraction, expected: object) -> None:
    assert written(exact(number)) == expected
