"""What the units of the first layer look for: their weights as images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.checks import Number, check_value
from lamina.errors import DataError, InvalidParameter
from lamina.models import Sequential
from lamina.plotting.display import DIVERGING, Display, Panel, dress


class FirstLayerWeightsDisplay(Display):
    """The weights of every unit of the first layer, laid out as the pixels of the inputs.

    White is 0; the units share one scale of colours, around 0.

    Parameters
    ----------
    images : array of shape (n_units, height, width)
        Weights.

    Attributes
    ----------
    images : ndarray of shape (n_units, height, width)
        As given.
    axes_ : tuple of matplotlib Axes
        What `plot` drew on.
    figure_ : matplotlib Figure
        The figure around them.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from lamina import MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> model = MLPClassifier((20,), tol=10, n_iter_no_change=1).fit(X, y)  # stops soon
    >>> FirstLayerWeightsDisplay.from_estimator(model).images.shape
    (20, 8, 8)
    """

    def __init__(self, images: Any) -> None:
        self.images = np.asarray(images)

    @classmethod
    def from_estimator(cls, estimator: Any, shape: tuple[int, int] | None = None, max_units: int = 64) -> Self:
        """Take the first layer's weights.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or Sequential
            With weights.
        shape : (int, int), optional
            Height and width of the images that are the inputs; by default that of the model's inputs, or a square.
        max_units : int, default=64
            How many units to show, from the first.

        Returns
        -------
        FirstLayerWeightsDisplay

        Raises
        ------
        InvalidParameter
            If the inputs don't fill that shape.
        DataError
            If the first layer with weights is not a dense one.
        """
        check_value(cls.__name__, "max_units", max_units, Number(1, whole=True))
        if isinstance(estimator, Sequential):
            kernel, known = _first_kernel(estimator), estimator.input_shape
        else:
            check_is_fitted(estimator)
            kernel, known = estimator.coefs_[0], None
        height, width = shape or (known if known is not None and len(known) == 2 else _square(len(kernel)))
        if height * width != len(kernel):
            raise InvalidParameter(
                f"The first layer has {len(kernel)} inputs, which are no image of {height} by {width}. "
                "Pass shape=(height, width)."
            )
        return cls(kernel.T[:max_units].reshape(-1, height, width))

    @property
    def size(self) -> tuple[float, float]:
        n_rows, n_columns = self._grid
        height, width = self.images.shape[1:]
        return 7.0, min(5.8 * n_rows * height / (n_columns * width), 20.0) + 0.5

    @property
    def _grid(self) -> tuple[int, int]:
        """Rows and columns of images."""
        n_columns = math.ceil(math.sqrt(len(self.images)))
        return -(-len(self.images) // n_columns), n_columns

    def _panels(self) -> Sequence[Panel]:
        return [self._draw_images]

    def _draw_images(self, axes: Any) -> None:
        widest = np.abs(self.images).max()
        dress(axes, title="weights of the first layer, unit by unit")
        axes.grid(False)
        axes.patch.set_visible(False)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        picture = axes.imshow(self._mosaic(), cmap=DIVERGING, vmin=-widest, vmax=widest, interpolation="nearest")
        self.figure_.colorbar(picture, ax=axes, label="weight", shrink=0.8)

    def _mosaic(self) -> np.ndarray:
        """All images in one array, with empty lines between them."""
        (n_rows, n_columns), (height, width) = self._grid, self.images.shape[1:]
        tiles = np.full((n_rows * n_columns, height + 1, width + 1), np.nan)
        tiles[: len(self.images), :height, :width] = self.images
        rows = tiles.reshape(n_rows, n_columns, height + 1, width + 1).transpose(0, 2, 1, 3)
        return rows.reshape(n_rows * (height + 1), n_columns * (width + 1))[:-1, :-1]


def _square(n_inputs: int) -> tuple[int, int]:
    side = math.isqrt(n_inputs)
    if side * side != n_inputs:
        raise InvalidParameter(
            f"The first layer has {n_inputs} inputs, which fill no square. Pass shape=(height, width)."
        )
    return side, side


def _first_kernel(model: Sequential) -> np.ndarray:
    """The weights of a model's first layer that has any."""
    weights: dict[str, Any] = next((params for params in model.open().params.values() if params), {})
    kernel = np.asarray(weights.get("kernel", np.empty(0)))
    if kernel.ndim != 2:
        raise DataError("The first layer with weights is not a dense one, so it has no images to show.")
    return kernel
