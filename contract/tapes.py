"""Writes contract/tapes.json: op tapes of the course's models with data and the right answers. `make contract`.

Both test suites read it: Python checks that it is up to date, JavaScript links and runs every tape.
"""

import json
from pathlib import Path
from typing import Any

from chainrule import models
from chainrule.derive.bounded import evaluate
from chainrule.derive.instances import instance, sizes_for

HERE = Path(__file__).parent


def case(name: str, seed: int) -> dict[str, Any]:
    """Return a model's tape, random inputs, and loss and gradients by the bounded evaluator (not by the tape)."""
    model = models.names()[name]
    graph, backward = model.graph, model.derivation.backward
    sizes = sizes_for(graph.dims, seed)
    inputs = instance(graph, sizes, seed)
    labels = [node.name for node in graph.inputs if node.role == "parameter"]
    loss, *gradients = evaluate(
        [graph.loss, *(backward.gradients[x].node for x in labels)], inputs, sizes
    )
    return {
        "name": name,
        "tape": model.derivation.to("tape"),
        "sizes": sizes,
        "inputs": inputs,
        "loss": loss.nested(),
        "gradients": {x: g.nested() for x, g in zip(labels, gradients, strict=True)},
    }


def text() -> str:
    """Return the file's text."""
    cases = [case(name, seed) for seed, name in enumerate(models.names())]
    return json.dumps(cases, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "tapes.json").write_text(text(), encoding="utf-8")
