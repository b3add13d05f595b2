"""A checker of contracts, after web/src/contract.ts; and a small interpreter of op tapes in NumPy, written without the engine's."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from string import ascii_letters

import numpy as np

STAGES = ("symbol", "rule", "cached", "simplified", "reason")
LANGUAGES = ("numpy", "jax", "torch", "js")


def check(document):
    """Raise an AssertionError that names the first thing that is not as contract.ts says."""
    json.dumps(document, allow_nan=False)
    keys(
        document,
        "version model title examples features target prediction kind values variants methods data start facts",
    )
    assert document["version"] == 1
    assert document["kind"] in ("regression", "classification", "other")
    labels = values(document["values"])
    data = [v["label"] for v in document["values"] if v["kind"] == "data"]
    learned = [v["label"] for v in document["values"] if v["kind"] == "parameter"]
    assert document["prediction"] in {*labels, ""}
    assert document["variants"], "no variant"
    seen = set()
    for variant in document["variants"]:
        check_variant(variant, labels, data, learned)
        seen.add((variant["convention"], variant["examples"]))
    assert len(seen) == len(document["variants"]), "two variants of one convention"
    assert document["methods"][0]["key"] == "gradient-descent"
    for method in document["methods"]:
        check_method(method)
    keys(document["data"], "name source arrays features targets units classes")
    assert set(document["data"]["arrays"]) == set(data)
    assert len(document["data"]["classes"]) != 1
    start = document["start"]
    keys(start, "seed params init method steps batchSize")
    assert set(start["params"]) == set(learned)
    assert [x["label"] for x in start["init"]] == learned
    assert [x["stream"] for x in start["init"]] == list(range(len(learned)))
    assert all(x["kind"] in ("zeros", "normal") and x["fan"] >= 1 for x in start["init"])
    assert start["method"] in [m["key"] for m in document["methods"]]
    keys(document["facts"], "largestCurvature smallestCurvature quadratic optimum")


def keys(given, names):
    assert set(given) == set(names.split()), set(given) ^ set(names.split())


def values(given):
    labels = [v["label"] for v in given]
    assert len(set(labels)) == len(labels), "two values of one label"
    levels = {v["label"]: v["level"] for v in given}
    for v in given:
        keys(v, "label kind shape mathml reads level op")
        maths(v["mathml"])
        assert f'data-node="{v["label"]}"' in v["mathml"]
        deepest = max((levels[label] for label in v["reads"]), default=-1)
        assert v["level"] == deepest + 1, f"{v['label']} stands at level {v['level']}"
        assert bool(v["op"]) == (v["kind"] in ("value", "loss"))
    assert [v["kind"] for v in given].count("loss") == 1
    return labels


def check_variant(variant, labels, data, learned):
    keys(variant, "convention examples rows tape forward programs")
    assert variant["convention"] in ("mean", "sum", "half-mean")
    assert variant["examples"] in ("columns", "rows")
    keys(variant["programs"], "numpy jax torch js latex")
    tape = variant["tape"]
    assert {x["name"] for x in tape["inputs"]} == {*data, *learned}
    assert set(tape["gradients"]) == set(learned)
    assert [row["number"] for row in variant["rows"]] == list(range(1, len(variant["rows"]) + 1))
    for row in variant["rows"]:
        keys(row, "number target of backward mathml text shapes rules reuses stages code")
        assert row["target"] in tape["names"], f"the tape has no {row['target']}"
        assert row["of"] in labels
        assert (row["target"] == f"d{row['of']}") == row["backward"]
        assert all(x in tape["names"] or x in labels for x in row["reuses"])
        maths(row["mathml"])
        keys(row["code"], " ".join(LANGUAGES))
        for language, line in row["code"].items():
            assert " = " in line, (language, line)
        for stage in row["stages"]:
            keys(stage, "name mathml words")
            assert stage["name"] in STAGES
            assert stage["mathml"] or stage["words"], "an empty stage"
            maths(stage["mathml"])
        order = [STAGES.index(stage["name"]) for stage in row["stages"]]
        assert order == sorted(order)
        assert not row["backward"] or {"symbol", "rule", "cached"} <= {
            s["name"] for s in row["stages"]
        }


def check_method(method):
    keys(method, "key title slots settings learningRate tape phases")
    assert method["learningRate"] > 0
    names = {x["name"] for x in method["tape"]["inputs"]}
    assert (
        {"w", "dw", "alpha", *method["slots"]}
        <= names
        <= {"w", "dw", "alpha", "t", "norm", *method["slots"]}
    )
    assert set(method["tape"]["gradients"]) == {"w", *method["slots"]}
    assert method["phases"][-1]["target"] == "w" or method["key"] == "adamw"
    for phase in method["phases"]:
        keys(phase, "target mathml numpy")
        maths(phase["mathml"])


def maths(text):
    """Parse MathML; raise if it is no well-formed XML."""
    ET.fromstring(f"<mrow>{text}</mrow>")


# -- tapes
UNARY = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "square": np.square, "tanh": np.tanh, "abs": np.abs, "sign": np.sign,
    "sigmoid": lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
    "softplus": lambda z: np.logaddexp(0, z), "reciprocal": lambda z: 1 / z, "relu": lambda z: np.maximum(z, 0),
    "huber": lambda z: np.where(np.abs(z) <= 1, z * z / 2, np.abs(z) - 0.5), "step": lambda z: (z > 0).astype(float), "heaviside": lambda z: (z > 0).astype(float),
}  # fmt: skip
BINARY = {"maximum": np.maximum, "minimum": np.minimum, "pow": np.power}


def run_tape(tape, arrays):
    """Return every named value of a tape."""
    slots, sizes = {}, {}
    for x in tape["inputs"]:
        slots[x["slot"]] = np.asarray(arrays[x["name"]], dtype=float)
        sizes.update(zip(x["shape"], slots[x["slot"]].shape, strict=True))
    sizes.update((d, int(d)) for d in list(sizes) if d.isdigit())
    with np.errstate(all="ignore"):
        for op in tape["ops"]:
            args = [slots[a] for a in op["args"]]
            shape = tuple(int(d) if d.isdigit() else sizes[d] for d in op["shape"])
            slots[op["slot"]] = np.broadcast_to(operate(op, args, sizes, shape), shape)
    return {name: slots[slot] for name, slot in tape["names"].items()}


def operate(op, args, sizes, shape):
    if op["kind"] == "ein":
        return ein(op, args, sizes, shape)
    if op["kind"] == "add":
        return sum(args)
    if op["kind"] == "select":
        return np.take(args[0], op["index"], axis=op["axis"])
    if op["kind"] == "place":
        found = np.zeros(shape)
        found[(slice(None),) * op["axis"] + (op["index"],)] = args[0]
        return found
    if op["kind"] == "axis":
        return along(op, args[0])
    numbers = {k: float(Fraction(v)) for k, v in op["parameters"].items()}
    if op["op"] == "power":
        return args[0] ** numbers["exponent"]
    if op["op"] == "clip":
        return np.clip(args[0], numbers["low"], numbers["high"])
    return UNARY[op["op"]](*args) if len(args) == 1 else BINARY[op["op"]](*args)


def along(op, x):
    axes = tuple(op["axes"])
    top = np.max(x, axis=axes, keepdims=True)
    if op["op"] == "max":
        return top
    if op["op"] == "softmax":
        return np.exp(x - top) / np.sum(np.exp(x - top), axis=axes, keepdims=True)
    total = top + np.log(np.sum(np.exp(x - top), axis=axes, keepdims=True))
    return total if op["op"] == "logsumexp" else x - total


def ein(op, args, sizes, shape):
    c = op["coefficient"]
    scale = float(Fraction(int(c["numerator"]), int(c["denominator"])))
    for dim, power in c["dims"].items():
        scale *= (int(dim) if dim.isdigit() else sizes[dim]) ** float(Fraction(power))
    held = {x for word in op["letters"] for x in word}
    word = ["".join(ascii_letters[x] for x in letters) for letters in op["letters"]]
    out = "".join(ascii_letters[x] for x in op["out"] if x in held)
    found = np.einsum(f"{','.join(word)}->{out}", *args) if args else np.ones(())
    at = tuple(slice(None) if x in held else None for x in op["out"])
    return scale * found[at]
