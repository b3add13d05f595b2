"""The calculations of families 1 and 2: a model, its sizes, what is asked. No number is held here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule import models
from chainrule.model import Model, parse


@dataclass(frozen=True)
class Task:
    """What is to be computed: a model, its sizes, the values that are asked for (all others are written out)."""

    family: int
    variant: str
    model: Model
    sizes: Mapping[str, int]
    asked: tuple[str, ...]
    title: str
    note: str = "The model is"

    @property
    def topic(self) -> str:
        """The model's name."""
        return self.model.name


def _scalar(variant: str, text: str, data: str, parameters: str, asked: str, title: str) -> Task:
    known, learned = (dict.fromkeys(names.split(), "") for names in (data, parameters))
    model = parse(text, known, learned, name=variant)
    note = "Where a value is used twice, its gradients add up. The graph is"
    return Task(2, variant, model, {}, tuple(asked.split()), title, note)


TASKS = {
    task.variant: task
    for task in (
        Task(1, "logistic-1", models.logistic, {"n_x": 2, "m": 1}, ("Z", "A", "L", "dZ", "dw", "db"), "Logistic regression, one example"),
        Task(1, "logistic-3", models.logistic, {"n_x": 1, "m": 3}, ("Z", "A", "L", "dZ", "dw", "db"), "Logistic regression, three examples"),
        Task(1, "univariate-3", models.univariate, {"m": 3}, ("y_hat", "L", "dy_hat", "dw", "db"), "One line through three points"),
        Task(1, "multivariate-3", models.multivariate, {"n_x": 2, "m": 3}, ("Y_hat", "L", "dY_hat", "dw", "db"), "Two features, three examples"),
        Task(1, "two-layer-linear-2", models.two_layer_linear, {"n_x": 1, "n_h": 2, "m": 2}, ("Y_hat", "L", "dY_hat", "dw2", "db2", "dH", "dW1"), "Two linear layers"),
        Task(1, "two-layer-sigmoid-1", models.two_layer_sigmoid, {"n_x": 1, "n_h": 2, "m": 1}, ("Z1", "A1", "Y_hat", "L", "dY_hat", "dw2", "dZ1", "dW1"), "Two layers with a sigmoid"),
        Task(1, "perceptron-2-2-1", models.perceptron, {"n_x": 2, "n_h": 2, "m": 1}, ("Z1", "A1", "A2", "L", "dZ2", "dw2", "dZ1", "dW1"), "A 2-2-1 network"),
        _scalar("used-twice", "a = x * w; c = a + w; L = a * c", "x", "w", "a c L da dc dw", "A value used twice"),
        _scalar("two-paths", "p = x * y; s = x + y; L = p * s", "", "x y", "p s L dp ds dx dy", "Two paths from each input"),
        _scalar("sigmoid-in-stages", "z = w * x + b; e = exp(-z); d = 1 + e; a = 1 / d; L = (a - y)**2", "x y", "w b", "z e d a L da dd de dz dw db", "The sigmoid in stages"),
        _scalar("diamond", "u = w * x + b; p = u**2; q = sigmoid(u); L = p * q", "x", "w b", "u p q L dp dq du dw db", "A diamond"),
        _scalar("three-uses", "h = tanh(w * x); f = h * w; L = (f - y)**2 + w * h", "x y", "w", "h f L df dh dw", "A weight used three times"),
    )
}  # fmt: skip
