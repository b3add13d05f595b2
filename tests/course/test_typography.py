"""What stays together at the end of a line."""

import pytest

from chainrule.course.typography import code, held, title

MATH = "<math><mi>w</mi></math>"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("It takes 12 ms.", "It takes 12\xa0ms."),
        ("5.237 × 10⁷ steps", "5.237\xa0×\xa010⁷ steps"),
        ("mean 0 and deviation 1. What", "mean 0 and deviation\xa01. What"),
        ("the loss of chapter 2, on", "the loss of chapter\xa02, on"),
        ("comes dy = 2. What", "comes dy\xa0=\xa02. What"),
        ("(n_x, m)", "(n_x,\xa0m)"),
        ("272 eruptions: its slope", "272 eruptions: its slope"),
        ("in 50 parameters", "in 50 parameters"),
        ("<code>a = 2</code>", "<code>a = 2</code>"),
        ('<a href="#x = 2">a</a>', '<a href="#x = 2">a</a>'),
        (f"so {MATH} is", f"so {MATH} is"),
        (f"weights ({MATH}), and", f'weights <span class="glue">({MATH}),</span> and'),
        (f"{MATH} = −1.507, and", f'<span class="glue">{MATH} =\xa0−1.507,</span> and'),
        (f"{MATH} = 2.2 × 10⁻⁵", f'<span class="glue">{MATH} =\xa02.2\xa0×\xa010⁻⁵</span>'),
    ],
)
def test_what_belongs_together_stays_on_one_line(given, kept):
    assert held(given) == kept


def test_short_code_is_not_broken_and_long_code_may_be():
    assert code("dw = dZ @ X.T") == '<code class="glue">dw = dZ @ X.T</code>'
    assert code("L = np.mean(np.logaddexp(0, Z) - Y * Z)").startswith("<code>")


def test_a_hyphened_word_of_a_title_is_not_torn():
    assert title("The two-layer perceptron") == (
        'The <span class="glue">two-layer</span> perceptron'
    )
