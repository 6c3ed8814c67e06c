"""How the outputs of every hidden layer are distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.checks import Number, check_value
from lamina.data.rows import check_rows
from lamina.errors import DataError
from lamina.models import Sequential
from lamina.models.arrays import check_inputs
from lamina.neural_network.inputs import dense_rows
from lamina.plotting.display import BLUE, GREY, Display, Panel, dress


class ActivationHistogramDisplay(Display):
    """Histograms of the outputs of every hidden layer.

    Parameters
    ----------
    outputs : mapping of str to array
        Outputs by the name of the layer.
    bins : int, default=40
        Bars of each histogram, between the layer's least and greatest output.

    Attributes
    ----------
    layers : list of str
        Names of the layers.
    density : ndarray of shape (n_layers, bins)
        Heights of the bars; the area of a layer's bars is 1.
    edges : ndarray of shape (n_layers, bins + 1)
        Where the bars begin and end.
    mean, std : ndarray of shape (n_layers,)
        Mean and deviation of the outputs.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Raises
    ------
    DataError
        If there is no layer, or outputs are not finite.

    Examples
    --------
    >>> display = ActivationHistogramDisplay({"dense": [0, 0, 0, 2]}, bins=2)
    >>> display.density.tolist(), display.edges.tolist()
    ([[0.75, 0.25]], [[0.0, 1.0, 2.0]])
    """

    columns: ClassVar[int] = 3

    def __init__(self, outputs: Mapping[str, Any], bins: int = 40) -> None:
        check_value(type(self).__name__, "bins", bins, Number(1, whole=True))
        arrays = {name: np.asarray(output, dtype=float).ravel() for name, output in outputs.items()}
        if not arrays:
            raise DataError("There is no hidden layer. Expected a network with at least one layer before the last.")
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                raise DataError(f"Outputs of layer {name} are not finite. Look at the training: its weights exploded.")
        self.layers = list(arrays)
        histograms = [np.histogram(array, bins, density=True) for array in arrays.values()]
        self.density = np.array([density for density, _ in histograms])
        self.edges = np.array([edges for _, edges in histograms])
        self.mean = np.array([array.mean() for array in arrays.values()])
        self.std = np.array([array.std() for array in arrays.values()])

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, bins: int = 40) -> Self:
        """Take the outputs of all layers but the last.

        They are those of a prediction. Layers that then pass their inputs on unchanged, such as dropout, are left out.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or Sequential
            With weights.
        X : array-like of shape (n_samples, n_features)
            The rows.
        bins : int, default=40
            Bars of each histogram.

        Returns
        -------
        ActivationHistogramDisplay
        """
        if isinstance(estimator, Sequential):
            return cls(_hidden_outputs(estimator, check_inputs(estimator, X)), bins)
        check_is_fitted(estimator)
        model = estimator.model_
        rows = dense_rows(check_rows(estimator, X, reset=False)).astype(model.weight_dtype)
        return cls(_hidden_outputs(model, rows), bins)

    @property
    def size(self) -> tuple[float, float]:
        n_rows = -(-len(self.layers) // self.columns)
        return 3.0 * min(len(self.layers), self.columns) + 0.5, 2.2 * n_rows + 0.4

    def _panels(self) -> Sequence[Panel]:
        return [partial(self._draw_layer, number) for number in range(len(self.layers))]

    def _draw_layer(self, number: int, axes: Any) -> None:
        density, edges, mean = self.density[number], self.edges[number], self.mean[number]
        axes.stairs(density, edges, fill=True, color=BLUE)
        axes.axvline(mean, color=GREY, linestyle=":", linewidth=1.3)
        title = f"{self.layers[number]}\nmean {mean:.2g}, deviation {self.std[number]:.2g}"
        dress(axes, "output", "density" if number % self.columns == 0 else "", title)


def _hidden_outputs(model: Sequential, x: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by the name of the layer, of those that change something."""
    outputs = {}
    for name, layer in model.named_layers[:-1]:
        given, x = x, np.asarray(layer(x))
        if not np.array_equal(given.ravel(), x.ravel()):
            outputs[name] = x
    return outputs
