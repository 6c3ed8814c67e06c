"""What every metric is: a score of predictions, inside compiled code, over any number of batches."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.losses import aligned
from lamina.losses.base import row_means
from lamina.recipe import Recipe
from lamina.registry import Registry, snake_case


def weighted_mean(values, weight):
    """Mean over rows with row weights; padded rows weigh 0 (their values may be anything, even NaN)."""
    return jnp.sum(jnp.where(weight != 0, values, 0) * weight) / jnp.sum(weight)


def ratio(part, whole):
    """part / whole, and 0 where there is no whole."""
    return part / jnp.where(whole == 0, 1, whole)


class Metric(Recipe):
    """A score that adds up over batches: ``value(sums(batch 1) + sums(batch 2) + ...)``.

    A mean over rows defines `score` alone; anything else defines `size`, `sums` and `value`.

    By itself, a metric adds batches up with `update_state`, says their score with `result`, and forgets them with
    `reset_state`; a call adds a batch and says the result.

    Parameters
    ----------
    name : str, optional
        Its name in the history; by default that of the class in lower case.

    Examples
    --------
    >>> class Positive(Metric):
    ...     def score(self, y_true, y_pred):
    ...         return y_pred > 0
    >>> float(Positive()([[0], [0]], [[1.0], [-1.0]]))
    0.5
    >>> metric = Positive()
    >>> for outputs in ([[1.0], [-1.0]], [[2.0], [3.0]]):
    ...     metric.update_state([0, 0], outputs)
    >>> float(metric.result())
    0.75
    """

    labels: ClassVar[tuple[str, ...]] = ("name",)
    #: whether more is better
    greater_is_better: ClassVar[bool] = True

    def __init__(self, *, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)

    def score(self, y_true, y_pred):
        """Values of shape (n_samples, ...), from targets and predictions that are aligned."""
        raise NotImplementedError(f"{type(self).__name__} defines neither score(y_true, y_pred) nor sums and value.")

    def per_row(self, y, p):
        """One value per row, from targets and predictions."""
        return row_means(self.score(*aligned(y, p)).astype(p.dtype))

    def size(self, y) -> int:
        """How many numbers `sums` gives, for targets like y."""
        return 2

    def sums(self, y, p, weight):
        """What a batch adds, of shape (size,); padded rows weigh 0."""
        values = jnp.where(weight != 0, self.per_row(y, p), 0)
        return jnp.stack([jnp.sum(values * weight), jnp.sum(weight).astype(values.dtype)])

    def value(self, sums):
        """The score of everything that was added up; 0 of nothing."""
        return ratio(sums[0], sums[1])

    def of_rows(self, y, p, weight):
        """The score of one set of rows."""
        return self.value(self.sums(y, p, weight))

    # -- outside of training --------------------------------------------------------------------------------------

    #: what was added up since the last reset
    total: jax.Array | None = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch, given as anything like arrays."""
        y, p = jnp.asarray(y_true), jnp.asarray(y_pred)
        weight = jnp.ones(len(p), p.dtype) if sample_weight is None else jnp.asarray(sample_weight, p.dtype).ravel()
        sums = self.sums(y, p, weight)
        self.total = sums if self.total is None else self.total + sums

    def result(self) -> jax.Array:
        """The score of everything that was added; 0 of nothing."""
        return jnp.zeros(()) if self.total is None else self.value(self.total)

    def reset_state(self) -> None:
        """Forget everything that was added."""
        self.total = None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        """Add a batch; the score of everything that was added."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


class Unweighted(Metric):
    """A metric for which every row counts once, whatever its weight; only rows of weight 0 are left out.

    Parameters
    ----------
    metric : Metric
        The metric.
    """

    def __init__(self, metric: Metric) -> None:
        super().__init__(name=metric.name)
        self.metric = metric

    def size(self, y) -> int:
        return self.metric.size(y)

    def sums(self, y, p, weight):
        return self.metric.sums(y, p, (weight != 0).astype(weight.dtype))

    def value(self, sums):
        return self.metric.value(sums)

    def of_rows(self, y, p, weight):
        return self.metric.of_rows(y, p, (weight != 0).astype(weight.dtype))


#: metrics by name, with their default parameters
METRICS: Registry[Metric] = Registry("metric")


def enter(*names: str):
    """Decorate a class of metrics to enter one with default parameters under its own names and under `names`."""

    def decorate(metric_class):
        metric = metric_class()
        for name in (metric.name, metric_class.__name__, *names):
            METRICS.add(name, metric)
        return metric_class

    return decorate
