"""Every engine runs the same descent: NumPy, JAX and moments agree to rounding, whatever the method and the batches."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import models
from chainrule.derive.instances import instance, sizes_for
from chainrule.engines import moments
from chainrule.engines.batches import Batches, order
from chainrule.engines.choose import prepare
from chainrule.engines.curvature import Curvature
from chainrule.engines.flat import Flat
from chainrule.engines.jax_loop import JaxEngine
from chainrule.engines.numpy_loop import NumpyEngine
from chainrule.engines.quadratic import QuadraticPath, is_linear
from chainrule.engines.work import Position, Work
from chainrule.errors import DataError

METHODS = [
    cr.GradientDescent(0.05, clip_norm=0.5, weight_decay=0.01),
    cr.Momentum(cr.Cosine(0.05, 30)),
    cr.RMSprop(0.01, centered=True, momentum=0.5, epsilon=0.1),
    cr.Adam(0.02),
]


def arrays_of(model, seed=1, **sizes):
    found = {**sizes_for(model.graph.dims, seed), **sizes}
    flat = {k: np.array(v) for k, v in instance(model.graph, found, seed).items()}

    def group(shapes):
        return {
            name: [flat[f"{name}[{i}]"] for i in range(len(shape))]
            if isinstance(shape, list)
            else flat[name]
            for name, shape in shapes.items()
        }

    return group(model.data), group(model.parameters)


def work_of(model, optimizer, batch=None, seed=1, dtype="float64", **sizes):
    data, params = arrays_of(model, seed, **sizes)
    batches = None
    if batch:
        m = sizes["m"]
        batches = Batches(m, batch, 5, {k: s.index("m") for k, s in model.data.items() if "m" in s})
    work = Work(model.derivation.program(), data, optimizer, Flat(params), batches, dtype)
    return work, Position.start(work, params)


@pytest.mark.parametrize("optimizer", METHODS, ids=repr)
@pytest.mark.parametrize("batch", [None, 8, 7, 23], ids=lambda b: f"batch {b}")
@pytest.mark.parametrize("name", ["two_layer_sigmoid", "softmax_classifier", "deep"])
def test_jax_follows_numpy(name, batch, optimizer):
    work, start = work_of(models.names()[name], optimizer, batch, m=24)
    ours = NumpyEngine(work).advance(start, 5, 4, None)
    theirs = JaxEngine(work).advance(start, 5, 4, None)
    # 20 steps, every operation rounded by both in float64: 1e-11 is room for the order of sums in matrix products
    for a, b in (
        (ours.losses, theirs.losses),
        (ours.rows, theirs.rows),
        (ours.norms, theirs.norms),
    ):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(ours.end.row(), theirs.end.row(), rtol=1e-11, atol=1e-12)
    assert ours.end.step == theirs.end.step == 20


@pytest.mark.parametrize("Engine", [NumpyEngine, JaxEngine])
def test_stretches_of_any_length_give_the_same_bits(Engine):
    work, start = work_of(cr.models.perceptron, cr.Adam(0.02), 7, m=24)
    engine = Engine(work)
    whole = engine.advance(start, 1, 24, None)
    position, losses = start, []
    for windows, length in ((1, 1), (3, 2), (1, 5), (2, 6)):
        part = engine.advance(position, windows, length, None)
        assert np.array_equal(part.rows[0], position.row())
        losses.append(part.losses)
        position = part.end
    assert np.array_equal(position.row(), whole.end.row())
    assert np.array_equal(np.concatenate(losses), whole.losses)


@pytest.mark.parametrize("Engine", [NumpyEngine, JaxEngine])
def test_a_threshold_stops_where_the_gradient_is_small(Engine):
    work, start = work_of(cr.models.multivariate, cr.GradientDescent(0.1), m=24)
    engine = Engine(work)
    free = engine.advance(start, 60, 1, None)
    limit = float(np.sqrt(free.norms[30] * free.norms[31]))  # between those of steps 30 and 31
    for windows, length in ((60, 1), (4, 16), (1, 60)):
        found = engine.advance(start, windows, length, limit)
        assert found.settled
        assert found.end.step == len(found.losses) == 31
        assert np.array_equal(found.end.vector, free.rows[31])
    assert not engine.advance(start, 1, 31, limit).settled


@pytest.mark.parametrize("Engine", [NumpyEngine, JaxEngine])
def test_float32(Engine):
    work, start = work_of(cr.models.two_layer_sigmoid, cr.Adam(0.02), m=24, dtype="float32")
    work = Work(
        work.program, {k: v.astype("float32") for k, v in work.data.items()},
        work.optimizer, work.flat, None, "float32",
    )  # fmt: skip
    found = Engine(work).advance(start, 2, 10, None)
    assert found.end.vector.dtype == found.rows.dtype == np.float32
    wide, at = work_of(cr.models.two_layer_sigmoid, cr.Adam(0.02), m=24)
    exact = NumpyEngine(wide).advance(at, 2, 10, None)
    # 20 steps with 24 bits: about 2e-6 per number
    np.testing.assert_allclose(found.end.vector, exact.end.vector, rtol=2e-4, atol=2e-5)


# -- batches
def test_an_epoch_runs_once_through_all_examples():
    batches = Batches(23, 5, 7, {"X": 1})
    assert (batches.per_epoch, batches.short) == (5, 3)
    for epoch in range(3):
        seen = [batches.indices(epoch * 5 + k) for k in range(5)]
        assert [len(x) for x in seen] == [5, 5, 5, 5, 3]
        assert sorted(np.concatenate(seen)) == list(range(23))
    assert not np.array_equal(batches.indices(0), batches.indices(5))
    assert not np.array_equal(order(7, 0, 23), order(8, 0, 23))
    assert np.array_equal(batches.table(3, 4)[1, :3], batches.indices(4))


def test_the_order_of_an_epoch_is_fixed_for_ever():
    """Numbers of the first version: pages and saved runs rely on them."""
    assert order(0, 0, 8).tolist() == [2, 6, 0, 4, 3, 7, 5, 1]


# -- moments
LINEAR = ["univariate", "multivariate", "two_layer_linear", "ridge"]


@cr.model
def deep_linear(X: "n m", Y: "k m", *, W: ["h n", "h h", "k h"], b: "k 1"):
    """Three linear layers, a bias, a penalty, and a sum of the residuals themselves."""
    A = X
    for w in W:
        A = w @ A
    R = A + b - Y
    return cr.sum(R * R) / (2 * X.shape[1]) + 0.1 * cr.l2(W[0]) + 0.01 * cr.mean(R)


@cr.model
def rows_first(X: "m n", y: "m", *, w: "n", b: ""):
    """Examples as rows, one-dimensional arrays."""
    return cr.mean((X @ w + b - y) ** 2)


@cr.model
def root(X: "n m", Y: "1 m", *, w: "1 n"):
    """The root of the mean squared error: not quadratic, but a function of the second moments all the same."""
    return cr.sqrt(cr.mean((w @ X - Y) ** 2))


RECOGNISED = {
    **{k: models.names()[k] for k in LINEAR},
    "deep_linear": deep_linear,
    "rows": rows_first,
    "root": root,
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_moments_follow_the_data(name):
    model = RECOGNISED[name]
    data, params = arrays_of(model, m=60)
    data = {k: v * 3.0 + 20.0 for k, v in data.items()}  # far from centred
    flat = Flat(params)
    scale = Curvature(model.derivation, data, flat).largest(params)
    method = cr.Momentum(0.1 / scale, 0.8)
    direct = prepare(model.derivation, data, flat, method, engine="numpy", m=60)
    small = prepare(model.derivation, data, flat, method, engine="moments", m=60)
    assert small.name == "moments"
    assert all(np.size(x) < 60 * 8 for x in small.work.data.values())
    start = Position.start(direct.work, params)
    a, b = (ready.engine.advance(start, 30, 1, None) for ready in (direct, small))
    np.testing.assert_allclose(b.losses, a.losses, rtol=1e-11)
    largest = np.abs(a.rows).max()
    np.testing.assert_allclose(b.rows, a.rows, rtol=1e-9, atol=1e-11 * largest)


@pytest.mark.parametrize("name", sorted(set(models.names()) - set(LINEAR)))
def test_moments_are_refused_where_predictions_are_not_linear(name):
    found = moments.recognised(models.names()[name].graph, 50)
    assert isinstance(found, str), name
    assert found


@pytest.mark.parametrize(
    "loss",
    [
        lambda w, X, Y: cr.mean(abs(w @ X - Y)),
        lambda w, X, Y: cr.mean((w @ X**2 - Y) ** 2),
        lambda w, X, Y: cr.mean((w @ X - Y) ** 4),
        lambda w, X, Y: cr.mean((w @ X) ** 2 * Y),
        lambda w, X, Y: cr.mean(w @ X) ** 2 + cr.max(Y),
        lambda w, X, Y: cr.mean((w @ X - Y) ** 2) + cr.mean(X.T @ X),
    ],
)
def test_moments_are_refused_for_what_they_do_not_tell(loss):
    @cr.model
    def odd(X: "n m", Y: "1 m", *, w: "1 n"):
        return loss(w, X, Y)

    assert isinstance(moments.recognised(odd.graph, 50), str)


def test_asking_for_moments_in_vain_says_why():
    model = cr.models.logistic
    data, params = arrays_of(model, m=40)
    with pytest.raises(DataError, match=r"sigmoid is not linear in the examples along m"):
        prepare(model.derivation, data, Flat(params), cr.Adam(), engine="moments", m=40)
    line = cr.models.multivariate
    data, params = arrays_of(line, m=40)
    batches = Batches(40, 8, 0, {"X": 1, "Y": 1})
    given = {"engine": "moments", "batches": batches, "m": 40}
    with pytest.raises(DataError, match="a batch size was given"):
        prepare(line.derivation, data, Flat(params), cr.Adam(), **given)


def test_the_second_moments_are_kept_and_read_in_blocks(monkeypatch):
    monkeypatch.setattr(moments, "BLOCK", 7)
    model = cr.models.multivariate
    data, _ = arrays_of(model, m=50)
    found = moments.recognised(model.graph, 50)
    small = moments.shrink(found, data)

    def second(arrays):
        rows = np.vstack([arrays["X"], arrays["Y"], arrays.get("ones", np.ones(50))[None, :]])
        return rows @ rows.T

    np.testing.assert_allclose(second(small), second(data), rtol=1e-12, atol=1e-12)


# -- a quadratic loss: any step at once
LINEAR_METHODS = [
    cr.GradientDescent(0.05),
    cr.Momentum(0.02, 0.9),
    cr.Momentum(0.02, 0.9, form="velocity"),
    cr.Nesterov(0.02, 0.9),
]


@pytest.mark.parametrize("optimizer", LINEAR_METHODS, ids=repr)
def test_a_jump_lands_where_the_steps_lead(optimizer):
    model = models.names()["ridge"]
    work, start = work_of(model, optimizer, m=30)
    curvature = Curvature(model.derivation, work.data, work.flat)
    path = QuadraticPath(curvature, optimizer, start)
    walked = NumpyEngine(work).advance(start, 400, 1, None)
    for step in (0, 1, 2, 17, 399):
        np.testing.assert_allclose(path.at(step).row(), walked.rows[step], rtol=1e-10, atol=1e-12)
    far = path.at(10**9)
    slope = model.value_and_grad(work.data, work.flat.split(far.vector))[1]
    assert np.linalg.norm(work.flat.join(slope)) < 1e-12


def test_slow_directions_keep_their_digits():
    """One number with curvature 1e-9: after t steps the distance is (1 - 1e-9)^t, known to all digits."""

    @cr.model
    def flat_bowl(*, a: "", b: ""):
        return 0.5 * (a**2 + 1e-9 * b**2)

    optimizer = cr.GradientDescent(1.0)
    params = {"a": 1.0, "b": 1.0}
    layout = Flat(params)
    work = Work(flat_bowl.derivation.program(), {}, optimizer, layout)
    path = QuadraticPath(
        Curvature(flat_bowl.derivation, {}, layout), optimizer, Position.start(work, params)
    )
    for t in (1, 1000, 10**8, 10**9):
        exact = np.exp(t * np.log1p(-1e-9))
        assert path.at(t).vector[1] == pytest.approx(exact, rel=1e-12)
        assert path.at(t).vector[0] == pytest.approx(0.0, abs=1e-15)


def test_which_updates_are_linear():
    assert all(is_linear(o) for o in LINEAR_METHODS)
    others = [cr.Adam(), cr.GradientDescent(0.1, weight_decay=0.1), cr.RMSprop(), cr.AdaGrad(), cr.GradientDescent(cr.Cosine(0.1, 5)),
              cr.GradientDescent(0.1, clip_norm=1.0)]  # fmt: skip
    assert not any(is_linear(o) for o in others)


# -- curvature
def test_lanczos_finds_the_ends_of_the_spectrum():
    model = cr.models.multivariate
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 300)) * np.geomspace(1, 5, 120)[:, None]
    data = {"X": X, "Y": rng.standard_normal((1, 300))}
    params = {"w": np.zeros((1, 120)), "b": np.zeros(())}
    curvature = Curvature(model.derivation, data, Flat(params))
    exact = np.linalg.eigvalsh(curvature.hessian(params))
    rows = np.vstack([X, np.ones(300)])
    np.testing.assert_allclose(exact, np.linalg.eigvalsh(2 * rows @ rows.T / 300), rtol=1e-9)
    low, high = curvature.extremes(params)
    assert high == pytest.approx(exact[-1], rel=1e-8)
    assert low == pytest.approx(exact[0], rel=1e-6)


def test_auto_chooses_by_the_work():
    model = cr.models.two_layer_sigmoid
    data, params = arrays_of(model, m=40)
    few = prepare(model.derivation, data, Flat(params), cr.Adam(), steps=10, m=40)
    many = prepare(model.derivation, data, Flat(params), cr.Adam(), steps=10**7, m=40)
    assert (few.name, many.name) == ("numpy", "jax")
    assert "compil" in few.why
    assert "compil" in many.why


def test_auto_without_jax(monkeypatch):
    from chainrule.engines import choose

    monkeypatch.setattr(choose, "find_spec", lambda name: None)
    model = cr.models.two_layer_sigmoid
    data, params = arrays_of(model, m=40)
    found = prepare(model.derivation, data, Flat(params), cr.Adam(), steps=10**7, m=40)
    assert found.name == "numpy"
    assert "chainrule[jax]" in found.why
