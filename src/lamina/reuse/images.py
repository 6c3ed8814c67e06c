"""Images of another size."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import validate_data

from lamina.checks import Number
from lamina.errors import DataError, InvalidParameter

_is_width = Number(1, whole=True).allows


class ResizeImages(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Rows that are images of one size, made rows that are images of another by linear interpolation.

    Parameters
    ----------
    given : tuple (height, width) or (height, width, channels)
        Size of the images that come in; each row is one, line by line, or has this shape.
    wanted : tuple of as many
        Size of the images that go out, such as the one that a source of :class:`FineTuneClassifier` was trained on.

    Raises
    ------
    DataError
        If the rows do not have as many columns as an image has pixels.

    Examples
    --------
    >>> ResizeImages((2, 2), (4, 4)).fit_transform([[0.0, 0.0, 1.0, 1.0]]).shape
    (1, 16)
    """

    def __init__(self, given: tuple[int, ...] = (28, 28), wanted: tuple[int, ...] = (28, 28)) -> None:
        self.given = given
        self.wanted = wanted

    def fit(self, X: Any, y: Any = None) -> ResizeImages:
        """Check the sizes; there is nothing to learn."""
        for name, size in (("given", self.given), ("wanted", self.wanted)):
            if not isinstance(size, tuple | list) or len(size) not in (2, 3) or not all(map(_is_width, size)):
                raise InvalidParameter(
                    f"ResizeImages expects {name} to be a size such as (28, 28), or (28, 28, 3) with channels. "
                    f"Received {name}={size!r}."
                )
        if len(self.given) != len(self.wanted) or tuple(self.given[2:]) != tuple(self.wanted[2:]):
            raise InvalidParameter(
                f"ResizeImages changes height and width alone. Received given={self.given} and wanted={self.wanted}."
            )
        self._rows(X, reset=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Rows of shape (n_samples, pixels of a wanted image)."""
        X = self._rows(X, reset=False)
        images = X.reshape(len(X), *self.given)
        resized = jax.image.resize(images, (len(X), *self.wanted), "linear")
        return np.asarray(resized, X.dtype).reshape(len(X), -1)

    @property
    def _n_features_out(self) -> int:
        return math.prod(self.wanted)

    def _rows(self, X: Any, reset: bool) -> np.ndarray:
        if np.ndim(X) > 2:
            X = np.reshape(X, (len(X), -1))
        X = validate_data(self, X, reset=reset, dtype=(np.float64, np.float32))
        if X.shape[1] != math.prod(self.given):
            raise DataError(
                f"Images of {' x '.join(map(str, self.given))} have {math.prod(self.given)} pixels, but the rows have "
                f"{X.shape[1]} columns. Give the size of the images that come in as `given`."
            )
        return X
