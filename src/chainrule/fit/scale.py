"""Standardised columns, and the way back: what a fit in their units says in the units of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError
from chainrule.fit.arrange import placed, roles
from chainrule.fit.report import number
from chainrule.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Standardisation:
    """The mean and standard deviation of each column, by which it becomes (x - mean) / deviation.

    `features`, `targets`: their names. Labels are not scaled: then there are no targets here.

    Differs: deviations divide by m, as scikit-learn's StandardScaler does; R's scale divides by m - 1.
    """

    features: tuple[str, ...]
    targets: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    target_means: tuple[float, ...]
    target_deviations: tuple[float, ...]

    @classmethod
    def of(
        cls, inputs: Array, features: Sequence[str], outputs: Array | None, targets: Sequence[str]
    ) -> Standardisation:
        """Measure columns.

        Args:
            inputs: the features, shape (features, rows).
            features: their names.
            outputs: the targets, shape (targets, rows); None if they are labels.
            targets: their names.

        Returns:
            Their means and standard deviations.

        Raises:
            DataError: a column is the same in every row.
        """
        scaled = () if outputs is None else tuple(targets)
        rest = ((), ()) if outputs is None else _moments(outputs, targets)
        return cls(tuple(features), scaled, *_moments(inputs, features), *rest)

    def apply(self, inputs: Array, outputs: Array) -> tuple[Array, Array]:
        """Return features (features, rows) and targets (targets, rows) in standardised units."""
        scaled = self.apply_features(inputs)
        if not self.targets:
            return scaled, outputs
        return scaled, (outputs - _column(self.target_means)) / _column(self.target_deviations)

    def apply_features(self, inputs: Array) -> Array:
        """Return features (features, rows) in standardised units."""
        return (inputs - _column(self.means)) / _column(self.deviations)

    def undo_targets(self, outputs: Array) -> Array:
        """Return predictions (targets, rows) in the data's units; labels stay as they are."""
        if not self.targets:
            return outputs
        return outputs * _column(self.target_deviations) + _column(self.target_means)

    def lines(self) -> list[str]:
        """Return a line per scaled column: its name, mean and standard deviation."""
        names = (*self.features, *self.targets)
        means = (*self.means, *self.target_means)
        deviations = (*self.deviations, *self.target_deviations)
        wide = max(map(len, names))
        return [
            f"{name:<{wide}}  {number(mean)}, {number(deviation)}"
            for name, mean, deviation in zip(names, means, deviations, strict=True)
        ]

    def undo_line(self, slopes: Array, intercepts: Array) -> tuple[Array, Array]:
        """Return the line y = slopes x + intercepts, of standardised columns, in the data's units.

        Args:
            slopes: shape (targets, features).
            intercepts: shape (targets,).

        Returns:
            Slopes and intercepts, of the same shapes.

        >>> scaling = Standardisation(("x",), ("y",), (10.0,), (2.0,), (100.0,), (6.0,))
        >>> scaling.undo_line(np.array([[1.0]]), np.array([0.5]))  # 100 + 6 ((x - 10) / 2 + 0.5)
        (array([[3.]]), array([73.]))
        """
        steep = slopes * _column(self.target_deviations) / np.array(self.deviations)
        lifted = np.array(self.target_means) + np.array(self.target_deviations) * intercepts
        return steep, lifted - steep @ np.array(self.means)

    def undo(self, model: Model, params: Mapping[str, Any]) -> list[str] | None:
        """Return what a model fitted to the standardised columns predicts, in the data's units.

        Returns:
            "target = intercept + slope · feature ...", one per target; None where the prediction is
            not a line in the features, or the targets are labels.
        """
        line = _line(model, params, self.features)
        if line is None or len(line[1]) != len(self.targets):
            return None
        slopes, intercepts = self.undo_line(*line)
        return [
            " ".join([target, "=", number(start), *map(_term, row, self.features)])
            for target, start, row in zip(self.targets, intercepts, slopes, strict=True)
        ]


def _moments(rows: Array, names: Sequence[str]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    for name, row in zip(names, rows, strict=True):
        if row.min() == row.max():
            raise DataError(
                f"column {name!r} is {number(row[0])} in every row, so it cannot be standardised. "
                "Choose another column, or leave the columns as they are with --raw."
            )
    return tuple(rows.mean(axis=1).tolist()), tuple(rows.std(axis=1).tolist())


def _line(
    model: Model, params: Mapping[str, Any], features: Sequence[str]
) -> tuple[Array, Array] | None:
    """Return slopes (targets, features) and intercepts of the prediction; None if it is no line.

    Found by asking for predictions at 0 and at the unit vectors, and checked at points near and far.
    """
    n = len(features)
    probes = np.random.default_rng(0).normal(size=(n, 6)) * [1, 1, 10, 10, 100, 100]
    asked = np.hstack([np.zeros((n, 1)), np.eye(n), probes])
    X, Y, examples = roles(model)
    data = {X: placed(asked, X, model, examples, list(features), "--features")}
    with np.errstate(all="ignore"):  # an exponential may overflow at a far probe: it is no line
        found = model.predict(data, params)
    said = np.atleast_2d(found if model.data[Y][-1] == examples else found.T)
    if said.shape[1] != asked.shape[1] or not np.isfinite(said).all():
        return None
    start = said[:, 0]
    slopes = said[:, 1 : n + 1] - start[:, None]
    off = np.abs(slopes @ asked + start[:, None] - said).max()
    # 1e-9: far above the rounding of some sums of n terms, far below any bend between 1 and 100
    return (slopes, start) if off <= 1e-9 * np.abs(said).max() else None


def _column(numbers: Sequence[float]) -> Array:
    return np.array(numbers)[:, None]


def _term(slope: float, feature: str) -> str:
    return f"{'-' if slope < 0 else '+'} {number(abs(slope))} · {feature}"
