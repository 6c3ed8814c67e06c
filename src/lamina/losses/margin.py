"""Losses of margins."""

from __future__ import annotations

import jax.numpy as jnp

from lamina.losses.base import LOSS_CLASSES, PairedLoss


def _shortfall(y_true, y_pred):
    """How far each output falls short of the margin; labels are -1 and 1, or 0 and 1."""
    return jnp.maximum(1 - jnp.where(y_true == 0, -1, y_true) * y_pred, 0)


@LOSS_CLASSES.register("Hinge", "hinge")
class Hinge(PairedLoss):
    """The mean over outputs of ``max(1 - y p, 0)``, with labels -1 and 1; a label 0 counts as -1.

    References
    ----------
    Cortes & Vapnik, Support-vector networks (1995).

    Examples
    --------
    >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
    1.0
    """

    def call(self, y_true, y_pred):
        return jnp.mean(_shortfall(y_true, y_pred), axis=-1)


@LOSS_CLASSES.register("SquaredHinge", "squared_hinge")
class SquaredHinge(PairedLoss):
    """The mean over outputs of ``max(1 - y p, 0)²``, with labels -1 and 1; a label 0 counts as -1.

    Examples
    --------
    >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
    1.25
    """

    def call(self, y_true, y_pred):
        return jnp.mean(jnp.square(_shortfall(y_true, y_pred)), axis=-1)


@LOSS_CLASSES.register("CategoricalHinge", "categorical_hinge")
class CategoricalHinge(PairedLoss):
    """``max(1 + max_k[(1 - y_k) p_k] - sum_k y_k p_k, 0)``, with one-hot y.

    References
    ----------
    Crammer & Singer, On the algorithmic implementation of multiclass kernel-based vector machines (2001).

    Examples
    --------
    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]]))
    0.75
    """

    def call(self, y_true, y_pred):
        right = jnp.sum(y_true * y_pred, axis=-1)
        wrong = jnp.max((1 - y_true) * y_pred, axis=-1)
        return jnp.maximum(wrong - right + 1, 0)
