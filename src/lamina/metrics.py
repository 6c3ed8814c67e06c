"""Scores of predictions, inside compiled code, over any number of batches."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.recipe import Recipe
from lamina.registry import Registry


def weighted_mean(values, weight):
    """Mean over rows with row weights; padded rows weigh 0 (their values may be anything, even NaN)."""
    return jnp.sum(jnp.where(weight != 0, values, 0) * weight) / jnp.sum(weight)


class Metric(Recipe):
    """A score that adds up over batches: ``value(sums(batch 1) + sums(batch 2) + ...)``.

    A mean over rows defines `per_row` alone; anything else defines `sums` and `value`.
    """

    #: how many numbers `sums` gives
    size = 2

    def per_row(self, y, p):
        """One value per row, from targets and predictions of shape (n_samples, n_outputs)."""
        raise NotImplementedError

    def sums(self, y, p, weight):
        """What a batch adds, of shape (size,); padded rows weigh 0."""
        values = jnp.where(weight != 0, self.per_row(y, p), 0)
        return jnp.stack([jnp.sum(values * weight), jnp.sum(weight).astype(values.dtype)])

    def value(self, sums):
        """The score of everything that was added up; 0 of nothing."""
        return sums[0] / jnp.where(sums[1] == 0, 1, sums[1])

    def __call__(self, y, p, weight):
        """The score of one set of rows."""
        return self.value(self.sums(y, p, weight))


METRICS: Registry[Metric] = Registry("metric")


class CategoricalAccuracy(Metric):
    """Share of rows whose most probable class is the true one; targets are one-hot."""

    def per_row(self, y, p):
        return (p.argmax(-1) == y.argmax(-1)).astype(p.dtype)


class ExactMatch(Metric):
    """Share of rows in which every label is on the right side of 1/2."""

    def per_row(self, y, p):
        return jnp.all((p > 0.5) == (y > 0.5), axis=-1).astype(p.dtype)


class R2(Metric):
    """Coefficient of determination, averaged over outputs; NaN when a prediction is not finite."""

    def __call__(self, y, p, weight):
        y = y.astype(p.dtype)
        w = jnp.where(weight != 0, weight, 0)[:, None]
        kept = w != 0
        mean = jnp.sum(jnp.where(kept, y, 0) * w, axis=0) / jnp.sum(w)
        residual = jnp.sum(jnp.where(kept, (y - p) ** 2, 0) * w, axis=0)
        total = jnp.sum(jnp.where(kept, (y - mean) ** 2, 0) * w, axis=0)
        # a constant target scores 1 when met exactly and 0 otherwise, as in scikit-learn
        constant = jnp.where(residual == 0, 1.0, 0.0)
        score = jnp.where(total == 0, constant, 1 - residual / jnp.where(total == 0, 1, total)).mean()
        return jnp.where(jnp.all(jnp.isfinite(jnp.where(kept, p, 0))), score, jnp.nan)


METRICS.add("categorical_accuracy", CategoricalAccuracy())
METRICS.add("binary_accuracy", ExactMatch())
METRICS.add("r2", R2())
