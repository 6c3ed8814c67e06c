"""Scores of predicted numbers that are no mean over rows."""

from __future__ import annotations

import math

import jax.numpy as jnp

from lamina.losses import MeanSquaredError, aligned
from lamina.metrics.base import Metric, enter, ratio


@enter("rmse", "RMSE")
class RootMeanSquaredError(Metric):
    """``sqrt(mean((y - p)²))``.

    Examples
    --------
    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]]))
    5.0
    """

    greater_is_better = False

    def per_row(self, y, p):
        return MeanSquaredError().per_row(y, p)

    def value(self, sums):
        return jnp.sqrt(super().value(sums))


@enter("r2")
class R2Score(Metric):
    """Coefficient of determination, ``1 - sum((y - p)²) / sum((y - mean(y))²)``, averaged over outputs.

    A target that never changes scores 1 when it is met exactly and 0 otherwise, as in scikit-learn. Of one set of rows
    the mean is subtracted first; over batches the sums of y and y² lose digits where the mean is large.

    Examples
    --------
    >>> float(R2Score()([[1.0], [2.0], [3.0]], [[1.0], [2.0], [4.0]]))
    0.5
    """

    def of_rows(self, y, p, weight):
        y, p, w = self._rows(y, p, weight)
        mean = jnp.sum(y * w, axis=0) / jnp.sum(w)
        residual, total = jnp.sum(jnp.square(y - p) * w, axis=0), jnp.sum(jnp.square(y - mean) * w, axis=0)
        return jnp.where(jnp.all(jnp.isfinite(p)), self._score(residual, total), jnp.nan)

    def size(self, y) -> int:
        return 1 + 3 * math.prod(y.shape[1:])

    def sums(self, y, p, weight):
        y, p, w = self._rows(y, p, weight)
        columns = (y, jnp.square(y), jnp.square(y - p))
        return jnp.concatenate([jnp.sum(w)[None], *(jnp.sum(column * w, axis=0) for column in columns)])

    def value(self, sums):
        linear, square, residual = sums[1:].reshape(3, -1)
        total = square - ratio(linear * linear, sums[0])
        rounding = 4 * jnp.finfo(sums.dtype).eps * square
        return self._score(residual, jnp.where(total > rounding, total, 0))

    @staticmethod
    def _rows(y, p, weight):
        """Targets, predictions and weights of shape (n, outputs), (n, outputs) and (n, 1); padded rows are 0."""
        y, p = aligned(y, p)
        kept = (weight != 0)[:, None]
        flat = (a.reshape(a.shape[0], -1).astype(p.dtype) for a in (y, p, weight))
        return tuple(jnp.where(kept, a, 0) for a in flat)

    @staticmethod
    def _score(residual, total):
        constant = jnp.where(residual == 0, 1.0, 0.0)
        return jnp.where(total == 0, constant, 1 - residual / jnp.where(total == 0, 1, total)).mean()
