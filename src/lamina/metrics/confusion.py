"""Scores made of counts: right and wrong, positive and negative."""

from __future__ import annotations

import math

import jax.numpy as jnp

from lamina.checks import Is, Name, Number, check_value
from lamina.errors import DataError
from lamina.losses import aligned
from lamina.metrics.base import Metric, enter, ratio


def paired_rows(metric: Metric, y, p, weight):
    """Labels, predictions and weights of shape (n, outputs), (n, outputs) and (n, 1); padded rows are 0."""
    y, p = aligned(y, p)
    if y.shape != p.shape:
        raise DataError(
            f"{type(metric).__name__} needs a label of 0 or 1 for each output. Received targets of shape {y.shape} and "
            f"outputs of shape {p.shape}. Give one-hot targets."
        )
    rows, kept = p.shape[0], (weight != 0)[:, None]
    p = jnp.where(kept, p.reshape(rows, -1), 0)
    y = jnp.where(kept, y.reshape(rows, -1) != 0, False).astype(p.dtype)
    return y, p, weight[:, None].astype(p.dtype)


class _Hits(Metric):
    """A share of the hits: the outputs above the threshold whose label is 1."""

    def __init__(
        self, thresholds: float | None = None, class_id: int | None = None, *, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        owner = type(self).__name__
        self.thresholds = check_value(owner, "thresholds", thresholds, Is(None), Number(0, 1))
        self.class_id = check_value(owner, "class_id", class_id, Is(None), Number(0, whole=True))

    def whole(self, actual, predicted):
        """Which outputs the hits are a share of."""
        raise NotImplementedError

    def sums(self, y, p, weight):
        actual, p, w = paired_rows(self, y, p, weight)
        predicted = (p > (0.5 if self.thresholds is None else self.thresholds)).astype(p.dtype)
        if self.class_id is not None:
            actual, predicted = (a[:, self.class_id, None] for a in (actual, predicted))
        return jnp.stack([jnp.sum(actual * predicted * w), jnp.sum(self.whole(actual, predicted) * w)])


@enter()
class Precision(_Hits):
    """Share of label 1 among the outputs above the threshold; 0 if there are none.

    Parameters
    ----------
    thresholds : float, optional
        What a prediction of label 1 lies above, by default 0.5.
    class_id : int, optional
        The only output to look at; by default all outputs count together.
    name : str, optional
        Its name in the history.

    Examples
    --------
    >>> y, p = [0, 1, 1], [[0.6], [0.7], [0.2]]
    >>> float(Precision()(y, p))
    0.5
    """

    def whole(self, actual, predicted):
        return predicted


@enter()
class Recall(_Hits):
    """Share of outputs above the threshold among those with label 1; 0 if there are none.

    Parameters
    ----------
    thresholds : float, optional
        What a prediction of label 1 lies above, by default 0.5.
    class_id : int, optional
        The only output to look at; by default all outputs count together.
    name : str, optional
        Its name in the history.

    Examples
    --------
    >>> y, p = [1, 1, 1, 1], [[0.6], [0.7], [0.8], [0.2]]
    >>> float(Recall()(y, p))
    0.75
    """

    def whole(self, actual, predicted):
        return actual


@enter("f1")
class F1Score(Metric):
    """The harmonic mean of precision and recall, ``2 hits / (predicted + actual)``; targets are one-hot or 0 and 1.

    Parameters
    ----------
    average : {"macro", "micro", "weighted"}, default="macro"
        The mean over classes; or the score of all classes counted together; or the mean weighted by how often each
        class is true. (A history holds numbers, so there is no array of one score per class.)
    threshold : float, optional
        What a prediction of label 1 lies above. By default the most probable class is the predicted one, and a single
        output is compared with 0.5.
    name : str, optional
        Its name in the history.

    References
    ----------
    van Rijsbergen, Information Retrieval (1979).

    Examples
    --------
    >>> y, p = [0, 1, 1], [[0.6], [0.7], [0.2]]
    >>> float(F1Score()(y, p))
    0.5
    """

    def __init__(self, average: str = "macro", threshold: float | None = None, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.average = check_value("F1Score", "average", average, Name(("macro", "micro", "weighted")))
        self.threshold = check_value("F1Score", "threshold", threshold, Is(None), Number(0, 1))

    def size(self, y) -> int:
        return 3 * math.prod(y.shape[1:])

    def sums(self, y, p, weight):
        actual, p, w = paired_rows(self, y, p, weight)
        if self.threshold is None and p.shape[1] > 1:
            predicted = p == p.max(axis=1, keepdims=True)
        else:
            predicted = p > (0.5 if self.threshold is None else self.threshold)
        counts = (actual * predicted, predicted, actual)
        return jnp.concatenate([jnp.sum(count * w, axis=0) for count in counts])

    def value(self, sums):
        hits, predicted, actual = sums.reshape(3, -1)
        if self.average == "micro":
            hits, predicted, actual = hits.sum(), predicted.sum(), actual.sum()
        scores = ratio(2 * hits, predicted + actual)
        if self.average == "weighted":
            return ratio(jnp.sum(scores * actual), jnp.sum(actual))
        return scores.mean()
