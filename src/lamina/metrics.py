"""Scores of predictions, inside compiled code: ``metric(y, prediction, row_weight) -> scalar``, higher is better."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from lamina.registry import Registry

METRICS: Registry[Callable[[jax.Array, jax.Array, jax.Array], jax.Array]] = Registry("metric")


def weighted_mean(values, weight):
    """Mean over rows with row weights; padded rows weigh 0 (their values may be anything, even NaN)."""
    return jnp.sum(jnp.where(weight != 0, values, 0) * weight) / jnp.sum(weight)


@METRICS.register("categorical_accuracy")
def categorical_accuracy(y, p, weight):
    """Share of rows whose most probable class is the true one."""
    return weighted_mean((p.argmax(-1) == y.argmax(-1)).astype(p.dtype), weight)


@METRICS.register("binary_accuracy")
def binary_accuracy(y, p, weight):
    """Share of rows in which every label is on the right side of 1/2."""
    return weighted_mean(jnp.all((p > 0.5) == (y > 0.5), axis=-1).astype(p.dtype), weight)


@METRICS.register("r2")
def r2(y, p, weight):
    """Coefficient of determination, averaged over outputs; NaN when a prediction is not finite."""
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
