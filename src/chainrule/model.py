"""Model: a function under `@cr.model`. Traced once; its numbers come from the emitted NumPy program that `derive` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

from chainrule import ops
from chainrule.derive.instances import DOMAINS
from chainrule.derive.prediction import prediction
from chainrule.emit import program as programs
from chainrule.errors import ShapeError, UnknownNameError, unknown
from chainrule.explain.derivation import Derivation, derive_graph
from chainrule.graph import nodes
from chainrule.graph.nodes import Name
from chainrule.graph.signature import shapes_of, signature
from chainrule.graph.text import read_model
from chainrule.graph.trace import Graph, Shapes, Trace, run_traced
from chainrule.start import bind_sizes, check_arrays, initial_parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, Any]
    Gradients = dict[str, Any]


class Model:
    """A model and its loss: what `@cr.model` makes of a function.

    `data`, `parameters`: shapes by name. `dims`: all dims. `options`: keyword arguments with a default and no shape.
    """

    def __init__(
        self, graph: Callable[[Model], Graph], name: str, about: str, options: Mapping[str, Any]
    ) -> None:
        self._trace = graph
        self.name = name
        self.options = dict(options)
        self.__doc__ = about
        self.__name__ = name

    @cached_property
    def graph(self) -> Graph:
        """The expression graph, traced on first use."""
        return self._trace(self)

    @property
    def data(self) -> dict[str, Shapes]:
        """The shapes of the data arrays by name."""
        return dict(self.graph.data)

    @property
    def parameters(self) -> dict[str, Shapes]:
        """The shapes of the parameters by name; a list of shapes for a list of arrays."""
        return dict(self.graph.parameters)

    @property
    def dims(self) -> list[str]:
        """The names of all dims."""
        return self.graph.dims

    @property
    def prediction(self) -> str:
        """The name of the value that `predict` returns."""
        return prediction(self.graph).label

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the gradients, as written."""
        return derive_graph(self.graph, None, None, None, "d")

    def with_options(self, **options: Any) -> Model:
        """Return the model with other options: `perceptron.with_options(hidden=cr.tanh)`."""
        for name in options:
            if name not in self.options:
                raise unknown(f"option of {self.name}", name, self.options)
        return Model(self._trace, self.name, self.__doc__ or "", {**self.options, **options})

    def init(
        self,
        data_or_sizes: Mapping[str, Any] | None = None,
        seed: int = 0,
        scheme: str = "fan-in",
        **sizes: int,
    ) -> dict[str, Any]:
        """Return random starting parameters.

        Weights are normal with mean 0; parameters that are only ever added (biases) start at 0.

        Args:
            data_or_sizes: sizes by dim name, or the data (then sizes that the data do not tell are given by name).
            seed: an integer; the same seed gives the same numbers everywhere.
            scheme: the variance of weights: "fan-in" 1/fan-in (LeCun), "xavier" 2/(fan-in + fan-out), "he" 2/fan-in,
                "normal" 1, "zeros" 0. The fan-in of a weight is how many numbers it is summed over.
            **sizes: sizes by dim name, such as n_h=16.

        Returns:
            {name: float64 array}, lists of arrays where the model takes a list.

        Raises:
            ShapeError: a size is missing or contradicts the data.
        """
        return initial_parameters(
            self.graph, bind_sizes(self.graph, data_or_sizes or {}, sizes), seed, scheme
        )

    def loss(self, data: Arrays, params: Arrays) -> float:
        """Return the loss at given data and parameters."""
        return float(self._run(self.loss_program, data, params))

    def value_and_grad(self, data: Arrays, params: Arrays) -> tuple[float, Gradients]:
        """Return the loss and its gradient: (L, {"W1": dL/dW1, ...}), each gradient of its parameter's shape."""
        loss, gradients = self._run(self._gradient_program, data, params)
        return float(loss), gradients

    def slope_at(self, data: Arrays, params: Arrays) -> Callable[[Arrays], tuple[float, Gradients]]:
        """Return a function of the parameters that gives loss and gradient at fixed data, checked once: for long loops."""
        arrays = check_arrays(self.graph, data, params)
        fixed = {name: arrays[name] for name in self.data}
        program = self._gradient_program

        def slope(current: Arrays) -> tuple[float, Gradients]:
            loss, gradients = program.run({**fixed, **current})
            return float(loss), gradients

        return slope

    def predict(self, data: Arrays, params: Arrays) -> NDArray[np.float64]:
        """Return the prediction; the target may be left out of the data."""
        import numpy as np

        return np.asarray(self._run(self._prediction_program, data, params, partial=True))

    def __call__(self, *data: Any, **params: Any) -> float:
        """Return the loss for arrays given as the function takes them."""
        return self.loss(dict(zip(self.data, data, strict=False)), params)

    def __repr__(self) -> str:
        return f"<model {self.name}: {', '.join(self.data)} | {', '.join(self.parameters)}>"

    @cached_property
    def _gradient_program(self) -> programs.Callable_:
        return programs.compiled(self.derivation.program())

    @cached_property
    def loss_program(self) -> programs.Callable_:
        """The compiled program of the loss alone."""
        return self._values_program(self.derivation.stable_loss())

    @cached_property
    def _prediction_program(self) -> programs.Callable_:
        return self._values_program(prediction(self.graph))

    def _values_program(self, output: Name) -> programs.Callable_:
        values = [n for n in nodes.topological([output]) if isinstance(n, Name)]
        return programs.compiled(programs.build(self.name, self.graph, output, values, {}, []))

    def _run(
        self, program: programs.Callable_, data: Arrays, params: Arrays, partial: bool = False
    ) -> Any:
        arrays = check_arrays(self.graph, data, params, program.needs if partial else None)
        return program.run(arrays)


@overload
def model(function: Callable[..., Any]) -> Model: ...
@overload
def model(
    *, domains: Mapping[str, str] | None = None, prediction: str = ""
) -> Callable[[Callable[..., Any]], Model]: ...
def model(
    function: Callable[..., Any] | None = None,
    *,
    domains: Mapping[str, str] | None = None,
    prediction: str = "",
) -> Any:
    """Make a model of a function that computes a loss.

    Positional arguments are data, keyword-only arguments parameters, each annotated with its shape: dims separated by
    spaces, "" for a scalar, a list of shapes for a list of arrays. A keyword-only argument with a default and no shape
    is an option. The function is called once, on symbols; variables keep their names.

    Args:
        function: the function.
        domains: what values an input takes, where the model does not imply it: "real", "positive", "probability",
            "label" (0 or 1), "one-hot", "count".
        prediction: the name of the value that `predict` returns. Without it, the last data argument is the target, and
            the prediction is the last value that is learned and does not read it.

    Returns:
        A Model.

    Raises:
        TraceError: an argument without a shape, *args or **kwargs; while tracing: see chainrule.errors.

    >>> import chainrule as cr
    >>> @cr.model
    ... def line(x: "1 m", y: "1 m", *, w: "", b: ""):
    ...     y_hat = w * x + b
    ...     return cr.mean((y_hat - y) ** 2)
    >>> print(cr.derive(line).grad("b"))
    Σᵢ dŷᵢ
    """
    if function is None:
        return partial(_model_of, domains=domains or {}, predicts=prediction)
    return _model_of(function, domains or {}, prediction)


def _model_of(function: Callable[..., Any], domains: Mapping[str, str], predicts: str) -> Model:
    data, parameters, options = signature(function)
    for name, domain in domains.items():
        if name not in data and name not in parameters:
            raise unknown("input in domains", name, [*data, *parameters])
        if domain not in DOMAINS:
            raise unknown(f"domain of {name}", domain, DOMAINS)
    about = (function.__doc__ or "").strip().split("\n")[0]

    def trace_now(model: Model) -> Graph:
        trace = Trace(data, parameters, ops.FUNCTIONS)
        positional = [trace.argument(name, shape) for name, shape in data.items()]
        keywords = {name: trace.argument(name, shape) for name, shape in parameters.items()}
        result = run_traced(function, trace, positional, {**keywords, **model.options})
        return trace.finish(
            model.name, data, parameters, result,
            about=about, domains=dict(domains), predicts=predicts,
        )  # fmt: skip

    return Model(trace_now, function.__name__, about, options)


def parse(
    text: str,
    data: Mapping[str, Any],
    parameters: Mapping[str, Any],
    name: str = "model",
    prediction: str = "",
) -> Model:
    """Make a model of text: assignments separated by ; or new lines, ending in the loss. Nothing is executed.

    Args:
        text: for instance "Y_hat = w @ X + b; L = mean((Y_hat - Y)**2)".
        data: shapes by name, as in {"X": "n_x m", "Y": "1 m"}.
        parameters: shapes by name; a list of shapes for a list of arrays.
        name: what the model is called.
        prediction: the name of the value that `predict` returns, as in `model`.

    Returns:
        A Model.

    Raises:
        ParseError: the text is not in the formula language; says which piece and why.
    """
    shapes = [{k: shapes_of(v, k) for k, v in group.items()} for group in (data, parameters)]
    return from_graph(
        read_model(text, shapes[0], shapes[1], ops.FUNCTIONS, name, predicts=prediction)
    )


def from_graph(graph: Graph) -> Model:
    """Return the model of a graph that is there already: read from text, or from a saved run."""
    return Model(lambda _: graph, graph.name, graph.about, {})


def derive(
    model: Model | Callable[..., Any],
    *,
    wrt: str | None = None,
    convention: str | None = None,
    examples: str | None = None,
    notation: str = "d",
) -> Derivation:
    """Derive all gradients of a model: dL/dV for every named value and parameter, in steps.

    Args:
        model: a Model, or a function that `@cr.model` would accept.
        wrt: only the steps that lead to this value's or parameter's gradient.
        convention: "mean", "sum" or "half-mean" for the loss's own reduction over the data; None as written.
        examples: "columns" or "rows"; None as written.
        notation: "d" for dW1, "partial" for ∂L/∂W1.

    Returns:
        A Derivation.

    Raises:
        UnknownNameError: wrt, convention, examples or notation is not known.
    """
    if not isinstance(model, Model):
        if not callable(model):
            raise UnknownNameError(
                f"{model!r} is not a model. Pass a function under @cr.model, or cr.parse(...)."
            )
        model = _model_of(model, {}, "")
    if wrt is None and convention is None and examples is None and notation == "d":
        return model.derivation
    return derive_graph(model.graph, wrt, convention, examples, notation)


__all__ = ["Model", "ShapeError", "derive", "model", "parse"]
