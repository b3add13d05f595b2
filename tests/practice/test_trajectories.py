"""Trajectories: nothing that a reader sees of a question names its answer, and former links bring the same question back."""

import pytest

import chainrule as cr
from chainrule.errors import UnknownNameError
from chainrule.practice.questions import paths
from chainrule.practice.questions.bank import named, variants
from chainrule.practice.terminal.exercises import chosen, exercise

SEEDS = range(6)
METHODS = [name.replace(" ", "-").lower() for name in paths.MADE]


def test_of_one_seed_the_topics_have_all_methods_in_an_order_of_its_own():
    orders = {tuple(paths.method_of(v, seed) for v in paths.VARIANTS) for seed in range(40)}
    assert all(sorted(order) == sorted(paths.MADE) for order in orders)
    assert len(orders) > 10
    for place in range(4):
        assert {order[place] for order in orders} == set(paths.MADE)


@pytest.mark.parametrize("variant", paths.VARIANTS)
def test_names_do_not_tell_the_answer(variant):
    answers = set()
    for seed in SEEDS:
        one = cr.question(variant, seed=seed)
        seen = " ".join([one.key, one.title, one.topic, *(b.id for b in one.blanks)]).lower()
        assert not any(name in seen for name in METHODS)
        for blank in one.blanks:
            assert [o.id for o in blank.options] == list("abcd"[: len(blank.options)])
        answers.add(one.blank("method").answer)
    assert len(answers) > 1


@pytest.mark.parametrize("method", paths.MADE)
def test_a_former_name_brings_the_same_question_back(method):
    former = f"path-{method.replace(' ', '-').lower()}"
    for seed in SEEDS:
        one = cr.question(former, seed=seed)
        assert one.variant in paths.VARIANTS
        assert one == cr.question(one.variant, seed=seed) == named(f"7/{former}/{seed}")
        right = next(o for o in one.blank("method").options if o.id == one.blank("method").answer)
        assert right.pieces == (method,)


# seed, the first weight and gradient, the learning rate: of links that were given away under the former names
GIVEN = {
    "path-gradient-descent": (3, "5.9", "5.31", 0.4),
    "path-momentum": (5, "4.7", "1.41", 1.4),
    "path-rmsprop": (1, "-5.8", "-5.8", 0.4),
    "path-adam": (2, "-2.7", "-6.48", 0.3),
}


@pytest.mark.parametrize(("former", "given"), GIVEN.items())
def test_the_numbers_of_former_links_stay(former, given):
    seed, weight, gradient, rate = given
    one = cr.question(former, seed=seed)
    assert one.statement[1].rows[0] == (("0",), (weight,), (gradient,))
    assert float(one.blank("rate").answer) == rate


def test_a_former_name_is_refused_where_no_seed_can_bring_it_back():
    assert not set(paths.FORMER) & set(variants())
    said = "The topic 'path-adam' named its own answer, and is gone. Trajectories of all methods are in: trajectory-1, trajectory-2, trajectory-3, trajectory-4."
    for refused in (
        lambda: chosen("logistic-1,path-adam"),
        lambda: exercise("path-adam", 3),
        lambda: cr.sheet(["path-adam"], day="2026-12-01"),
    ):
        with pytest.raises(UnknownNameError) as caught:
            refused()
        assert str(caught.value) == said


@pytest.mark.parametrize(
    ("topic", "seed"), [("trajectory-1", 796), ("trajectory-2", 158), ("trajectory-4", 975)]
)
def test_no_trajectory_rests_where_a_step_is_divided_by_its_slope(topic, seed):
    slopes = [float(row[2][0]) for row in cr.question(topic, seed=seed).statement[1].rows]
    assert min(map(abs, slopes[:2])) > 1e-6 * abs(slopes[0])
