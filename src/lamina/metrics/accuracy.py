"""Shares of right answers."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.checks import Number, check_value
from lamina.losses import is_class
from lamina.metrics.base import Metric, enter


@enter()
class CategoricalAccuracy(Metric):
    """Share of rows whose most probable class is the true one; targets are one-hot.

    Examples
    --------
    >>> p = [[0.1, 0.9], [0.8, 0.2]]
    >>> float(CategoricalAccuracy()([[0, 1], [0, 1]], p))
    0.5
    """

    def score(self, y_true, y_pred):
        return y_pred.argmax(-1) == y_true.argmax(-1)


@enter()
class SparseCategoricalAccuracy(Metric):
    """Share of rows whose most probable class is the true one; targets are class numbers from 0.

    Examples
    --------
    >>> float(SparseCategoricalAccuracy()([1, 1], [[0.1, 0.9], [0.8, 0.2]]))
    0.5
    """

    def score(self, y_true, y_pred):
        numbers = y_true[..., 0] if y_true.ndim == y_pred.ndim else y_true
        return y_pred.argmax(-1) == numbers.astype(jnp.int32)


@enter()
class BinaryAccuracy(Metric):
    """Share of outputs that are on the right side of the threshold; labels are 0 and 1.

    Parameters
    ----------
    threshold : float, default=0.5
        What a prediction of label 1 lies above.
    name : str, optional
        Its name in the history.

    Examples
    --------
    >>> float(BinaryAccuracy()([[0, 1]], [[0.1, 0.2]]))
    0.5
    """

    def __init__(self, threshold: float = 0.5, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.threshold = check_value("BinaryAccuracy", "threshold", threshold, Number(0, 1))

    def score(self, y_true, y_pred):
        return (y_pred > self.threshold) == y_true.astype(y_pred.dtype)


@enter()
class ExactMatch(Metric):
    """Share of rows in which every label is on the right side of 1/2.

    Examples
    --------
    >>> float(ExactMatch()([[0, 1]], [[0.1, 0.2]]))
    0.0
    """

    def per_row(self, y, p):
        return jnp.all((p > 0.5) == (y > 0.5), axis=-1).astype(p.dtype)


def _among_the_first(is_true, p, k: int):
    """Whether fewer than k classes are more probable than the true one; a NaN is no probability."""
    of_true = jnp.max(jnp.where(is_true, p, -jnp.inf), axis=-1, keepdims=True)
    return jnp.sum(~(p <= of_true), axis=-1) < k


class _TopK(Metric):
    def __init__(self, k: int = 5, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.k = check_value(type(self).__name__, "k", k, Number(1, whole=True))


@enter()
class TopKCategoricalAccuracy(_TopK):
    """Share of rows whose true class is among the k most probable ones; targets are one-hot.

    Parameters
    ----------
    k : int, default=5
        How many guesses count.
    name : str, optional
        Its name in the history.

    Examples
    --------
    >>> p = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
    >>> float(TopKCategoricalAccuracy(k=2)([[0, 1, 0], [0, 0, 1]], p))
    0.5
    """

    def score(self, y_true, y_pred):
        return _among_the_first(is_class(y_true.argmax(-1), y_pred), y_pred, self.k)


@enter()
class SparseTopKCategoricalAccuracy(_TopK):
    """Share of rows whose true class is among the k most probable ones; targets are class numbers from 0.

    Parameters
    ----------
    k : int, default=5
        How many guesses count.
    name : str, optional
        Its name in the history.

    Examples
    --------
    >>> p = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]]
    >>> float(SparseTopKCategoricalAccuracy(k=2)([1, 2], p))
    0.5
    """

    def score(self, y_true, y_pred):
        return _among_the_first(is_class(y_true, y_pred), y_pred, self.k)
